"""The roster of the cast agrees with what the cast says of its enterprises."""

from __future__ import annotations

from apps.core.scoping import unscoped
from apps.enterprises.models import Condition
from apps.members.models import Member, Membership


def test_the_rosters_hold_as_many_full_members_as_the_enterprises_report(cast, roster, today):
    with unscoped("a test looks"):
        for name in ("enterprise_a", "enterprise_b", "enterprise_sibling"):
            enterprise = getattr(cast, name)
            reported = Condition.objects.as_of(today).get(enterprise=enterprise).formal_members
            rows = Membership.objects.as_of(today).formal(today).filter(enterprise=enterprise, org=enterprise.org)
            assert rows.count() == reported


def test_the_worker_elsewhere_works_in_one_branch_and_is_registered_in_another(cast, roster):
    assert roster.worker_elsewhere.employer == cast.enterprise_a
    assert roster.worker_elsewhere in roster.of_sibling
    with cast.within(cast.branch_a):
        assert not Member.objects.filter(pk=roster.worker_elsewhere.pk).exists()


def test_a_member_is_found_by_the_number_that_the_row_does_not_show(cast, roster):
    with cast.within(cast.branch_a):
        assert Member.objects.with_id_number(roster.worker_a1.id_number).get() == roster.worker_a1
