"""Merging, splitting, dissolving with everything taken along: nobody and nothing stays behind."""

import datetime

import pytest

from apps.accounts.models import RoleAssignment
from apps.branches import services
from apps.branches.history import event_text, shape_as_of
from apps.branches.models import OrgEvent, PartyOrg
from apps.branches.relocation import Relocation, _holdings, choices_of, not_taken, register_relocation, relocate
from apps.branches.rules.restructuring import MERGES
from apps.branches.services import Part
from apps.core.audit import verify
from apps.core.errors import Conflict, DomainError
from apps.core.models import AuditEntry
from apps.core.scoping import unscoped
from apps.enterprises.models import Enterprise, Establishment
from tests.racing import at_once

TODAY = datetime.date(2026, 11, 22)
DAY = datetime.date(2026, 11, 1)
EVE = DAY - datetime.timedelta(days=1)
COVERS = "enterprises.establishments"


@pytest.fixture
def park(cast):
    """The park officer at work inside the scope of the park."""
    with cast.within(cast.park_org):
        yield cast


def merge(cast, *sources, into, on=DAY, **given):
    return services.merge_organizations(
        sources=sources, target=into, on=on, today=TODAY, actor=cast.users.park_officer, **given
    )


def split(cast, org, *parts, on=DAY, **given):
    return services.split_organization(
        org=org, parts=parts, on=on, today=TODAY, actor=cast.users.park_officer, **given
    )  # fmt: skip


def everything(org):
    """What a split would pick to take all that the organisation holds."""
    return {holding.code: frozenset(pk for pk, _ in options) for holding, options in choices_of(org, TODAY)}


def fresh(org):
    return PartyOrg.objects.get(pk=org.pk)


class TestMerging:
    def test_the_source_ends_and_both_sides_tell_it(self, park):
        merge(park, park.branch_a, into=park.branch_b, document="园党发〔2026〕7号")
        assert fresh(park.branch_a).ended_on == DAY
        gone, stays = (OrgEvent.objects.get(org=org, kind="merged") for org in (park.branch_a, park.branch_b))
        assert event_text(gone) == "并入「中共丑寅联合支部委员会」；批复文号 园党发〔2026〕7号"
        assert event_text(stays) == "并入本组织：中共子公司支部委员会；批复文号 园党发〔2026〕7号"
        assert AuditEntry.objects.filter(action="org.merged").count() == 1
        assert verify()[1] is None

    def test_old_reports_keep_the_old_shape(self, park):
        before = shape_as_of(EVE)
        merge(park, park.branch_a, into=park.branch_b)
        assert shape_as_of(EVE) == before
        assert park.branch_a.pk not in shape_as_of(DAY)
        assert shape_as_of(DAY)[park.group_a.pk].parent == park.branch_b.pk

    def test_groups_enterprises_and_what_they_hold_go_along(self, park):
        merge(park, park.branch_a, into=park.branch_b)
        group, enterprise = fresh(park.group_a), Enterprise.objects.get(pk=park.enterprise_a.pk)
        assert (group.parent_id, group.path[:-4]) == (park.branch_b.pk, park.branch_b.path)
        assert (enterprise.org_id, enterprise.org_path) == (park.branch_b.pk, park.branch_b.path)

    def test_its_secretary_loses_the_role_on_that_day(self, park):
        merge(park, park.branch_a, into=park.branch_b)
        ended = RoleAssignment.objects.filter(org=park.branch_a).values_list("user__username", "until")
        assert dict(ended) == {"secretary_a": DAY, "clerk_a1": DAY}
        assert RoleAssignment.objects.filter(org=park.branch_b, until=None).exists()

    def test_several_go_over_at_once_or_none(self, park):
        third = services.found_organization(
            name="中共三公司支部委员会", kind="branch", parent=park.station, founded_on=TODAY, today=TODAY,
            actor=park.users.park_officer,
        )  # fmt: skip
        with pytest.raises(DomainError, match="不能早于"):
            merge(park, park.branch_a, third, into=park.branch_b)
        assert fresh(park.branch_a).ended_on is None
        merge(park, park.branch_a, third, into=park.branch_b, on=TODAY)
        event = OrgEvent.objects.get(org=park.branch_b)
        assert event.after["source_names"] == ["中共子公司支部委员会", "中共三公司支部委员会"]

    def test_an_organisation_does_not_go_over_into_itself_or_below_itself(self, park):
        with pytest.raises(DomainError, match="不能转到它自己"):
            merge(park, park.branch_a, into=park.branch_a)
        with pytest.raises(DomainError, match="党工委不能并入党委"):
            merge(park, park.park_org, into=park.committee)
        lower = services.found_organization(
            name="下级党委", kind="committee", parent=park.committee, founded_on=DAY, today=TODAY,
            actor=park.users.park_officer,
        )  # fmt: skip
        with pytest.raises(DomainError, match="在「甲园区企业党委」之下"):
            merge(park, park.committee, into=lower)

    def test_kinds_that_are_not_alike_do_not_merge(self, park):
        with pytest.raises(DomainError, match="党支部不能并入党委") as refusal:
            merge(park, park.branch_a, into=park.committee)
        assert refusal.value.basis.rule_id == "ZB-09"

    def test_every_kind_may_merge_with_something(self):
        assert all(MERGES.values())

    def test_the_same_source_twice_or_none_is_refused(self, park):
        for sources in ((), (park.branch_a, park.branch_a)):
            with pytest.raises(DomainError, match="每个只选一次"):
                merge(park, *sources, into=park.branch_b)

    def test_what_cannot_be_taken_along_refuses_the_whole(self, park):
        def stays(relocation):
            raise DomainError("有一件事带不走。")

        register_relocation("test.stuck", "难事", stays, lambda org, today: [])
        try:
            with pytest.raises(DomainError, match="带不走"):
                merge(park, park.branch_a, into=park.branch_b)
        finally:
            del _holdings["test.stuck"]
        assert fresh(park.branch_a).ended_on is None
        assert fresh(park.group_a).parent_id == park.branch_a.pk
        assert not OrgEvent.objects.exists()

    def test_an_enterprise_outside_the_scope_keeps_the_organisation_alive_without_being_named(self, cast):
        with unscoped("a test"):
            Establishment.objects.create(
                enterprise=cast.enterprise_sibling, org=cast.branch_a, form="industry", since=cast.branch_a.founded_on
            )
        with cast.within(cast.park_org), pytest.raises(DomainError, match="您范围以外的企业") as refusal:
            merge(cast, cast.branch_a, into=cast.branch_b)
        assert "丁" not in refusal.value.message

    def test_the_later_writer_is_told(self, park):
        with pytest.raises(Conflict):
            merge(park, park.branch_a, into=park.branch_b, version=9)


class TestSplitting:
    def test_the_part_takes_what_was_picked_and_no_more(self, park):
        Establishment.objects.create(
            enterprise=park.enterprise_uncovered, org=park.branch_b, form="joint", since=park.branch_b.founded_on
        )
        part = Part("中共卯公司支部委员会", "branch", {COVERS: frozenset({park.enterprise_uncovered.pk})})
        (new,) = split(park, park.branch_b, part)
        assert new.parent_id == park.station.pk
        assert Enterprise.objects.get(pk=park.enterprise_uncovered.pk).org_id == new.pk
        assert Enterprise.objects.get(pk=park.enterprise_b.pk).org_id == park.branch_b.pk
        assert fresh(park.branch_b).ended_on is None
        assert event_text(OrgEvent.objects.get(org=park.branch_b)) == "拆分设立：中共卯公司支部委员会"
        assert event_text(OrgEvent.objects.get(org=new)) == "由「丑寅联合党支部」拆分设立"
        assert new.pk not in shape_as_of(EVE)

    def test_it_may_end_with_the_split_when_nothing_is_left(self, park):
        split(park, park.branch_a, Part("中共子公司新支部委员会", "branch", everything(park.branch_a)), ends=True)
        assert fresh(park.branch_a).ended_on == DAY
        assert park.branch_a.pk in shape_as_of(EVE)
        assert not RoleAssignment.objects.filter(org=park.branch_a, until=None).exists()

    def test_it_does_not_end_while_something_is_left(self, park):
        part = Part("中共子公司新支部委员会", "branch", {COVERS: frozenset({park.enterprise_a.pk})})
        with pytest.raises(DomainError, match=r"下级党组织 1 个.*不能拆分"):
            split(park, park.branch_a, part, ends=True)
        assert not PartyOrg.objects.filter(name="中共子公司新支部委员会").exists()

    def test_a_part_that_takes_nothing_is_no_split(self, park):
        with pytest.raises(DomainError, match="没有从"):
            split(park, park.branch_a, Part("中共新支部委员会", "branch", {COVERS: frozenset()}))

    def test_what_has_left_meanwhile_or_was_never_there_is_refused(self, park):
        for picks in ({COVERS: frozenset({park.enterprise_b.pk})}, {COVERS: frozenset({10**9})}):
            with pytest.raises(DomainError, match="组建企业中有 1 项已不在"):
                split(park, park.branch_a, Part("中共新支部委员会", "branch", picks))
        with pytest.raises(DomainError, match="不认识的类别"):
            split(park, park.branch_a, Part("中共新支部委员会", "branch", {"no.such": frozenset({1})}))


class TestDissolvingWithAHandover:
    def test_everything_goes_to_the_chosen_organisation_first(self, park):
        services.dissolve_into(
            org=park.branch_a, target=park.branch_b, on=DAY, today=TODAY, actor=park.users.park_officer
        )
        assert fresh(park.branch_a).ended_on == DAY
        assert OrgEvent.objects.get(org=park.branch_a).kind == "dissolved"
        assert Enterprise.objects.get(pk=park.enterprise_a.pk).org_id == park.branch_b.pk
        assert not RoleAssignment.objects.filter(org=park.branch_a, until=None).exists()

    def test_a_committee_does_not_hand_over_to_what_is_below_it(self, park):
        with pytest.raises(DomainError, match="请先把它划转"):
            services.dissolve_into(
                org=park.station, target=park.branch_a, on=DAY, today=TODAY, actor=park.users.park_officer
            )
        assert fresh(park.station).ended_on is None


def test_every_role_ends_also_when_nothing_was_left_to_hand_over(park):
    RoleAssignment.objects.create(
        user=park.users.visitor, role="branch_clerk", org=park.group_a, since=datetime.date(2026, 1, 1)
    )
    services.dissolve_organization(org=park.group_a, on=DAY, today=TODAY, actor=park.users.park_officer)
    assert RoleAssignment.objects.get(org=park.group_a).until == DAY


def test_a_relocation_says_what_it_moved(park):
    given = Relocation(park.branch_a, park.branch_b, DAY, TODAY, park.users.park_officer)
    assert {"下级党组织": 1, "组建企业": 1}.items() <= relocate(given).items()
    assert "园区" not in relocate(given)


@pytest.mark.parametrize(
    ("days", "taken", "left"),
    [
        ((1, None), [], [(1, None)]),
        ((1, None), [(1, None)], []),
        ((1, None), [(5, None)], [(1, 5)]),
        ((1, 9), [(3, 5)], [(1, 3), (5, 9)]),
        ((3, 9), [(1, 4), (8, 20)], [(4, 8)]),
        ((3, 9), [(1, 3), (9, None)], [(3, 9)]),
        ((1, None), [(2, 3), (3, 4)], [(1, 2), (4, None)]),
    ],
)
def test_days_that_the_target_has_already_are_not_given_twice(days, taken, left):
    def dates(pair):
        return tuple(n and datetime.date(2026, 1, n) for n in pair)

    assert not_taken(dates(days), [dates(pair) for pair in taken]) == [dates(pair) for pair in left]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("second", ["merge back", "move below"])
def test_of_two_that_would_make_a_circle_one_is_refused(cast, second):
    with unscoped("a test of the tree"):
        left, right = (
            services.found_organization(
                name=name, kind="committee", parent=cast.park_org, founded_on=DAY, today=TODAY, actor=None
            ) for name in ("左党委", "右党委")
        )  # fmt: skip
    given = {"on": DAY, "today": TODAY, "actor": None}
    works = [
        lambda: services.merge_organizations(sources=[left], target=right, **given),
        (lambda: services.merge_organizations(sources=[right], target=left, **given)) if second == "merge back"
        else (lambda: services.move_organization(org=right, parent=left, **given)),
    ]  # fmt: skip
    results = at_once(*works)
    assert len([each for each in results if isinstance(each, DomainError)]) == 1
    with unscoped("a test of the tree"):
        for org in PartyOrg.objects.exclude(parent=None).select_related("parent"):
            assert org.path.startswith(org.parent.path)
            assert org.parent.ended_on is None or org.ended_on is not None
