"""The patrol: what it finds it keeps, what it no longer finds it resolves, and a rule that fails stops no other."""

from __future__ import annotations

import datetime
import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.branches.tree import move
from apps.core.scoping import unscoped
from apps.enterprises.models import Condition, Enterprise
from apps.patrol import registry
from apps.patrol.models import PatrolHit, PatrolRun
from apps.patrol.patrolling import run_patrol
from apps.patrol.rules import PatrolLevel
from tests.cast import SINCE

from .conftest import DAY, REMARKED, TODAY, hits, rule_called


class TestFinding:
    def test_a_finding_names_its_rule_subject_organisation_value_and_limit(self, cast, remarks, remark):
        remark("停用", cast.enterprise_a)
        (run,) = run_patrol(TODAY)
        assert (run.found, run.new, run.resolved, run.problem) == (1, 1, 0, "")
        (hit,) = hits()
        assert (hit.rule, hit.subject_type, hit.subject_id) == (
            remarks.code,
            "enterprises.enterprise",
            cast.enterprise_a.pk,
        )
        assert (hit.org, hit.org_path) == (cast.branch_a, cast.branch_a.path)
        assert (hit.title, hit.value, hit.limit) == (cast.enterprise_a.name, "停用", "不得有备注")
        assert (hit.url, hit.first_found_on, hit.resolved_on) == (f"/enterprises/{cast.enterprise_a.pk}/", TODAY, None)

    def test_running_twice_changes_nothing(self, cast, remarks, remark):
        remark("停用", cast.enterprise_a, cast.enterprise_b)
        run_patrol(TODAY)
        before = hits()
        (run,) = run_patrol(TODAY)
        assert (run.found, run.new, run.resolved) == (2, 0, 0)
        assert [vars(a) | {"_state": 0} for a in hits()] == [vars(b) | {"_state": 0} for b in before]

    def test_the_next_night_says_the_same_finding_again_and_not_a_new_one(self, cast, remarks, remark):
        remark("停用", cast.enterprise_a)
        run_patrol(TODAY)
        (run,) = run_patrol(TODAY + DAY)
        assert (run.new, run.resolved) == (0, 0)
        (hit,) = hits()
        assert (hit.first_found_on, hit.resolved_on) == (TODAY, None)

    def test_a_finding_says_what_is_true_now(self, cast, remarks, remark):
        remark("停用", cast.enterprise_a)
        run_patrol(TODAY)
        remark("待查", cast.enterprise_a)
        run_patrol(TODAY)
        (hit,) = hits()
        assert hit.value == "待查"

    def test_the_day_decides_and_not_the_clock(self, cast, remarks, remark):
        remark("停用", cast.enterprise_a)
        (early,) = run_patrol(SINCE - DAY)
        (late,) = run_patrol(SINCE)
        assert (early.found, late.found) == (0, 1)

    def test_a_patrol_of_an_earlier_day_does_not_turn_the_days_around(self, cast, remarks, remark):
        remark("停用", cast.enterprise_a)
        run_patrol(TODAY)
        run_patrol(TODAY - DAY)
        assert [hit.first_found_on for hit in hits()] == [TODAY]
        remark("", cast.enterprise_a)
        run_patrol(TODAY - DAY)
        assert [hit.resolved_on for hit in hits()] == [TODAY]


class TestResolving:
    def test_what_is_mended_is_resolved_and_stays_as_history(self, cast, remarks, remark):
        remark("停用", cast.enterprise_a, cast.enterprise_b)
        run_patrol(TODAY)
        remark("", cast.enterprise_a)
        (run,) = run_patrol(TODAY + DAY)
        assert (run.found, run.resolved) == (1, 1)
        mended, standing = hits()
        assert mended.resolved_on == TODAY + DAY
        assert standing.resolved_on is None

    def test_what_comes_back_is_a_new_row(self, cast, remarks, remark):
        for day, text in ((0, "停用"), (1, ""), (2, "停用")):
            remark(text, cast.enterprise_a)
            run_patrol(TODAY + day * DAY)
        first, second = hits()
        assert (first.first_found_on, first.resolved_on) == (TODAY, TODAY + DAY)
        assert (second.first_found_on, second.resolved_on) == (TODAY + 2 * DAY, None)

    def test_what_a_rule_found_that_no_longer_exists_is_resolved(self, cast, remarks, remark, monkeypatch):
        remark("停用", cast.enterprise_a)
        run_patrol(TODAY)
        monkeypatch.setattr(registry, "registry", {})
        assert run_patrol(TODAY + DAY) == []
        assert [hit.resolved_on for hit in hits()] == [TODAY + DAY]

    def test_two_rules_about_one_subject_are_two_findings(self, cast, remarks, remark, monkeypatch):
        other = rule_called("test.other", REMARKED, PatrolLevel.USUAL)
        monkeypatch.setitem(registry.registry, other.code, other)
        remark("停用", cast.enterprise_a)
        run_patrol(TODAY)
        assert {hit.rule for hit in hits(resolved_on=None)} == {remarks.code, other.code}


class TestPlace:
    def test_a_moved_organisation_takes_its_findings_along(self, cast, remarks, remark):
        remark("停用", cast.enterprise_a)
        run_patrol(TODAY)
        with unscoped("test"):
            move(cast.branch_a, cast.committee)
        (hit,) = hits()
        assert hit.org_path == cast.branch_a.path
        with cast.within(cast.station):
            assert not PatrolHit.objects.exists()

    def test_a_subject_that_another_organisation_answers_for_is_listed_there_the_next_night(
        self, cast, remarks, remark
    ):
        remark("停用", cast.enterprise_a)
        run_patrol(TODAY)
        with unscoped("test"):
            row = Enterprise.objects.get(pk=cast.enterprise_a.pk)
            row.org = cast.branch_b
            row.save()
        (run,) = run_patrol(TODAY + DAY)
        assert (run.new, run.resolved) == (0, 0)
        (hit,) = hits()
        assert (hit.org, hit.org_path) == (cast.branch_b, cast.branch_b.path)

    def test_a_place_below_every_organisation_belongs_to_the_nearest_above(self, cast, remarks, monkeypatch):
        below = cast.branch_a.path + "00ZZ"
        sql = REMARKED.replace("e.org_path", f"'{below}' AS org_path").replace(
            "e.remark <> ''", f"e.id = {cast.enterprise_a.pk}"
        )
        odd = rule_called("test.odd", sql)
        monkeypatch.setitem(registry.registry, odd.code, odd)
        run_patrol(TODAY)
        (hit,) = hits(rule=odd.code)
        assert (hit.org, hit.org_path) == (cast.branch_a, cast.branch_a.path)

    def test_a_secretary_sees_the_own_branch_and_no_other(self, cast, remarks, remark):
        remark("停用", cast.enterprise_a, cast.enterprise_b, cast.enterprise_uncovered, cast.enterprise_sibling)
        run_patrol(TODAY)
        for org, seen in ((cast.branch_a, 1), (cast.station, 2), (cast.park_org, 3), (cast.authority, 4)):
            with cast.within(org):
                assert PatrolHit.objects.count() == seen, org


class TestFailure:
    BROKEN = "SELECT no_such_column FROM enterprises_enterprise"

    @pytest.fixture
    def broken(self, remarks, monkeypatch):
        rule = rule_called("test.broken", self.BROKEN)
        monkeypatch.setattr(registry, "registry", {rule.code: rule, remarks.code: remarks})
        return rule

    def test_a_rule_that_fails_stops_no_other_and_is_reported(self, cast, broken, remark):
        remark("停用", cast.enterprise_a)
        failed, fine = run_patrol(TODAY)
        assert failed.rule is broken
        assert "no_such_column" in failed.problem
        assert (fine.found, fine.problem) == (1, "")
        marks = {run.rule: run.is_broken for run in PatrolRun.objects.all()}
        assert marks == {broken.code: True, fine.rule.code: False}

    def test_a_rule_that_works_again_is_not_reported_any_more(self, cast, broken, monkeypatch):
        run_patrol(TODAY)
        mended = rule_called(broken.code, REMARKED)
        monkeypatch.setitem(registry.registry, broken.code, mended)
        run_patrol(TODAY)
        assert not PatrolRun.objects.get(rule=broken.code).is_broken

    def test_a_rule_that_fails_keeps_what_it_had_found(self, cast, remarks, remark, monkeypatch):
        remark("停用", cast.enterprise_a)
        run_patrol(TODAY)
        monkeypatch.setitem(registry.registry, remarks.code, rule_called(remarks.code, self.BROKEN))
        run_patrol(TODAY + DAY)
        assert [hit.resolved_on for hit in hits()] == [None]

    def test_a_rule_that_names_a_subject_twice_fails_as_a_whole(self, cast, remarks, remark, monkeypatch):
        twice = rule_called("test.twice", f"{REMARKED} UNION ALL {REMARKED}")
        monkeypatch.setitem(registry.registry, twice.code, twice)
        remark("停用", cast.enterprise_a)
        runs = {run.rule.code: run for run in run_patrol(TODAY)}
        assert runs[twice.code].problem
        assert {hit.rule for hit in hits()} == {remarks.code}


class TestSpeed:
    def test_the_number_of_statements_does_not_grow_with_the_findings(self, cast, remarks, remark):
        def statements() -> int:
            with CaptureQueriesContext(connection) as captured:
                run_patrol(TODAY)
            return len(captured)

        run_patrol(TODAY)
        remark("停用", cast.enterprise_a)
        few = statements()
        with unscoped("test"):
            crowd = Enterprise.objects.bulk_create(
                Enterprise(name=f"第{n}公司", org=cast.branch_b, park=cast.park, registered_on=SINCE, remark="停用")
                for n in range(60)
            )
            Condition.objects.bulk_create(Condition(enterprise=each, since=SINCE) for each in crowd)
        assert statements() == few
        assert len(hits()) == 61


class TestCommand:
    def test_it_says_in_json_what_each_rule_found(self, cast, remarks, remark):
        remark("停用", cast.enterprise_a)
        out = StringIO()
        call_command("run_patrol", "--json", stdout=out)
        body = json.loads(out.getvalue())
        assert body["on"] == TODAY.isoformat()
        assert (body["ok"], body["found"]) == (True, 1)
        assert body["rules"] == [
            {"rule": remarks.code, "label": remarks.label, "found": 1, "new": 1, "resolved": 0, "ok": True}
        ]

    def test_it_ends_with_1_and_says_why_when_a_rule_fails(self, cast, remarks, monkeypatch):
        broken = rule_called("test.broken", TestFailure.BROKEN)
        monkeypatch.setitem(registry.registry, broken.code, broken)
        out, err = StringIO(), StringIO()
        with pytest.raises(SystemExit) as ended:
            call_command("run_patrol", stdout=out, stderr=err)
        assert ended.value.code == 1
        assert "出错" in out.getvalue()
        assert "test.broken" in err.getvalue()

    def test_beat_runs_it_every_night(self, cast, remarks, remark):
        from apps.patrol.tasks import patrol
        from parkparty.celery import app

        names = {entry["task"] for entry in app.conf.beat_schedule.values()}
        assert patrol.name in names
        remark("停用", cast.enterprise_a)
        patrol()
        assert len(hits()) == 1


def test_every_rule_says_what_it_is_and_what_to_do():
    for rule in registry.in_order():
        assert rule.code.partition(".")[0] in rule.code
        assert rule.label
        assert rule.advice.endswith("。")
        assert str(rule.basis)
    assert len({rule.label for rule in registry.in_order()}) == len(registry.registry)


def test_a_rule_is_registered_once(remarks):
    with pytest.raises(ValueError, match="twice"):
        registry.register(remarks)


def test_every_registered_rule_runs(cast):
    assert {run.problem for run in run_patrol(datetime.date(2026, 11, 22))} == {""}
