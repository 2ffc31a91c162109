"""Putting a finding off: with a reason, until a day, by an officer; and the patrol leaves it so."""

from __future__ import annotations

import pytest

from apps.core.errors import Conflict, DomainError
from apps.core.models import AuditEntry, Parameter
from apps.patrol import registry
from apps.patrol.models import PatrolHit
from apps.patrol.patrolling import run_patrol
from apps.patrol.rules import HitState, PatrolLevel
from apps.patrol.services import list_again, set_aside

from .conftest import DAY, TODAY, hits, rule_called

REASON = "企业正在搬迁，下月初再开会成立。"


@pytest.fixture
def hit(cast, remarks, remark):
    remark("停用", cast.enterprise_a)
    run_patrol(TODAY)
    with cast.within(cast.park_org):
        yield PatrolHit.objects.get()


def put_off(cast, hit, reason=REASON, days=30, **given):
    given = {"today": TODAY, "actor": cast.users.park_officer} | given
    return set_aside(hit=hit, reason=reason, until=TODAY + days * DAY, **given)


def listed(state, on=TODAY):
    return PatrolHit.objects.in_state(state, on).count()


class TestSettingAside:
    def test_it_is_off_the_list_until_the_day_and_back_on_it_from_then_on(self, cast, hit):
        put_off(cast, hit, days=30)
        for days, state in ((0, HitState.ASIDE), (29, HitState.ASIDE), (30, HitState.OPEN), (31, HitState.OPEN)):
            for each in HitState:
                assert listed(each, TODAY + days * DAY) == (each is state), (days, each)

    def test_the_trail_says_who_put_it_off_until_when_and_why(self, cast, hit):
        row = put_off(cast, hit)
        entry = AuditEntry.objects.get(action="patrol_hit.set_aside")
        assert (entry.actor_name, entry.org_path) == ("李明", cast.branch_a.path)
        assert REASON in entry.summary
        assert (row.dismissed_by, row.dismissed_reason, row.version) == (cast.users.park_officer, REASON, 2)

    def test_the_patrol_leaves_it_off(self, cast, hit):
        put_off(cast, hit)
        run_patrol(TODAY + DAY)
        assert (listed(HitState.ASIDE), listed(HitState.OPEN)) == (1, 0)

    def test_what_comes_back_after_it_was_resolved_is_on_the_list(self, cast, hit, remark):
        put_off(cast, hit)
        remark("", cast.enterprise_a)
        run_patrol(TODAY + DAY)
        remark("停用", cast.enterprise_a)
        run_patrol(TODAY + 2 * DAY)
        assert listed(HitState.OPEN, TODAY + 2 * DAY) == 1

    @pytest.mark.parametrize(("characters", "fits"), [(9, False), (10, True), (11, True)])
    def test_what_is_due_needs_a_reason_of_substance(self, cast, hit, characters, fits):
        reason = "，".join("企业正在搬迁下月再开会"[:characters])
        if fits:
            put_off(cast, hit, reason)
        else:
            with pytest.raises(DomainError, match="不少于10个字") as refused:
                put_off(cast, hit, reason)
            assert refused.value.field == "reason"
            assert not AuditEntry.objects.exists()

    def test_what_is_only_usual_is_put_off_with_a_word(self, cast, hit, monkeypatch):
        monkeypatch.setitem(registry.registry, hit.rule, rule_called(hit.rule, level=PatrolLevel.USUAL))
        assert put_off(cast, hit, "在办").dismissed_reason == "在办"
        with pytest.raises(DomainError, match="请说明"):
            put_off(cast, hit, "——")

    @pytest.mark.parametrize(("days", "fits"), [(0, False), (1, True), (89, True), (90, True), (91, False)])
    def test_for_no_longer_than_the_place_allows(self, cast, hit, days, fits):
        Parameter.objects.create(
            code="patrol.aside_days", org_path=cast.park_org.path, since=TODAY, value=90, source="试"
        )
        if fits:
            put_off(cast, hit, days=days)
        else:
            with pytest.raises(DomainError) as refused:
                put_off(cast, hit, days=days)
            assert refused.value.field == "until"

    def test_what_the_patrol_has_resolved_meanwhile_is_not_put_off(self, cast, hit, remark):
        remark("", cast.enterprise_a)
        run_patrol(TODAY)
        with pytest.raises(Conflict, match="已于 2026-11-22 消除"):
            put_off(cast, hit)

    def test_the_second_of_two_officers_sees_what_the_first_one_wrote(self, cast, hit):
        put_off(cast, hit, version=1)
        with pytest.raises(Conflict) as refused:
            put_off(cast, hit, "另一个完全不同的具体原因", version=1)
        assert ("暂缓原因", REASON, "另一个完全不同的具体原因") in refused.value.rows


class TestListingAgain:
    def test_it_is_back_on_the_list_at_once(self, cast, hit):
        put_off(cast, hit)
        row = list_again(hit=hit, today=TODAY, actor=cast.users.park_officer)
        assert (row.dismissed_reason, row.dismissed_by, row.dismissed_until) == ("", None, None)
        assert listed(HitState.OPEN) == 1
        assert AuditEntry.objects.filter(action="patrol_hit.listed_again").exists()

    @pytest.mark.parametrize(("days", "fits"), [(29, True), (30, False), (31, False)])
    def test_only_what_is_still_put_off(self, cast, hit, days, fits):
        put_off(cast, hit, days=30)
        if fits:
            list_again(hit=hit, today=TODAY + days * DAY, actor=cast.users.park_officer)
        else:
            with pytest.raises(Conflict):
                list_again(hit=hit, today=TODAY + days * DAY, actor=cast.users.park_officer)

    def test_what_was_never_put_off_is_refused(self, cast, hit):
        with pytest.raises(Conflict):
            list_again(hit=hit, today=TODAY, actor=cast.users.park_officer)
        assert [each.version for each in hits()] == [1]
