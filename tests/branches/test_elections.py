"""换届选举, from the plan to the new term, and every way in which a step is refused."""

import datetime
import threading

import pytest
from django.db import close_old_connections, connection

from apps.branches.models import PartyOrg, Term
from apps.branches.rules.elections import CandidatePost, ElectionState, Meeting
from apps.branches.services import elections, votes
from apps.core.errors import Conflict, DomainError
from apps.core.models import AuditEntry
from apps.core.scoping import EVERYTHING, use_scope

from .electing import (
    BEGAN,
    CONSENTED,
    EXPIRY,
    NAMES,
    NOTIFIED,
    PLANNED,
    REPORTED,
    REQUESTED,
    TODAY,
    ballots,
    began,
    planned,
    taken_to,
)

State = ElectionState
DAY = datetime.timedelta(days=1)


class TestTheRoad:
    def test_from_the_plan_to_the_new_term(self, at, park):
        election = at(State.APPROVED)
        old, new = Term.objects.filter(org=park.branch_a).order_by("number")
        assert (old.until, new.number, new.since, new.expires_on) == (PLANNED, 4, PLANNED, datetime.date(2029, 11, 20))
        assert (new.seats, new.approval_document, new.result_document) == (3, "批〔2026〕5号", "报〔2026〕2号")
        assert (election.term, election.secretary, election.deputy) == (new, "王一", "李二")

    def test_every_step_leaves_its_entry_in_the_trail(self, at):
        at(State.APPROVED)
        actions = list(AuditEntry.objects.filter(action__startswith="election.").values_list("action", flat=True))
        steps = ["planned", "requested", "consented", "notified", "held", "reported", "approved"]
        assert actions[::-1] == [f"election.{step}" for step in steps]

    def test_the_first_election_of_an_organisation_opens_its_first_term(self, park, secretary, officer):
        election = taken_to(State.APPROVED, planned(park.branch_a, secretary), secretary, officer)
        assert election.number == 1
        assert Term.objects.get(org=park.branch_a).since == PLANNED

    def test_the_new_term_may_begin_on_another_day_with_a_reason_for_another_length(self, at, officer):
        election = at(State.REPORTED)
        facts = {"election": election, "on": TODAY, "document": "批", "today": TODAY, "actor": officer}
        shorter = datetime.date(2028, 11, 20)
        with pytest.raises(DomainError, match="填写别的日期请说明原因"):
            elections.approve_election(**facts, expires_on=shorter)
        term = elections.approve_election(**facts, expires_on=shorter, expiry_reason="与党委同步").term
        assert term.expires_on == shorter

    @pytest.mark.parametrize("state", [state for state in State if state not in (State.APPROVED, State.CANCELLED)])
    def test_an_election_under_way_can_be_cancelled_and_begun_again(self, at, state, secretary, park):
        election = at(state)
        facts = {"election": election, "on": TODAY, "today": TODAY, "actor": secretary}
        with pytest.raises(DomainError, match="原因"):
            elections.cancel_election(**facts, reason=" ")
        assert elections.cancel_election(**facts, reason="组织即将合并").state == State.CANCELLED
        assert planned(park.branch_a, secretary).state == State.PLANNED


class TestPlanning:
    @pytest.mark.parametrize("name", ["station", "group_a", "park_org"])
    def test_whoever_is_appointed_does_not_elect(self, park, secretary, name):
        with pytest.raises(DomainError, match="不进行换届选举"):
            planned(getattr(park, name), secretary)

    def test_a_temporary_branch_does_not_elect(self, park, secretary):
        PartyOrg.objects.filter(pk=park.branch_a.pk).update(kind="temporary_branch")
        with pytest.raises(DomainError, match="不进行换届选举"):
            planned(PartyOrg.objects.get(pk=park.branch_a.pk), secretary)

    def test_only_one_election_at_a_time(self, park, secretary):
        planned(park.branch_a, secretary)
        with pytest.raises(Conflict, match="已有一次换届选举正在办理"):
            planned(park.branch_a, secretary)

    def test_the_day_lies_in_the_running_term(self, park, secretary, officer):
        began(park.branch_a, officer)
        with pytest.raises(DomainError, match="须晚于本届起始日期"):
            planned(park.branch_a, secretary, planned_on=BEGAN)

    def test_a_number_that_stands_in_the_book_is_refused(self, park, secretary, officer):
        began(park.branch_a, officer)
        with pytest.raises(DomainError, match="第3届已经登记过"):
            planned(park.branch_a, secretary, number=3)

    @pytest.mark.parametrize(
        ("formal", "seats", "asked"), [(6, 0, False), (7, 0, True), (7, 2, True), (7, 3, False), (25, 8, True)]
    )
    def test_the_size_of_the_committee_is_asked_about_where_members_are_counted(
        self, park, secretary, roster, formal, seats, asked
    ):
        roster({"JYA": formal})
        if asked:
            with pytest.raises(DomainError) as refusal:
                planned(park.branch_a, secretary, seats=seats)
            assert (refusal.value.field, refusal.value.basis.rule_id[:2]) == ("reason", "ZW")
        assert planned(park.branch_a, secretary, seats=seats, reason="上级同意" if asked else "").seats == seats

    def test_a_small_congress_asks_for_a_reason(self, park, secretary, roster):
        roster({"JYA": 120})
        with pytest.raises(DomainError, match="不足500名"):
            planned(park.branch_a, secretary, meeting=Meeting.CONGRESS, seats=5)

    def test_a_plan_is_corrected_until_it_was_asked_about(self, park, secretary, at):
        election = at(State.PLANNED)
        change = {"planned_on": PLANNED + DAY, "seats": 5, "deputies": 0, "today": TODAY, "actor": secretary}
        assert elections.change_plan(election=election, **change).seats == 5
        asked = elections.request_election(election=election, on=REQUESTED, document="", today=TODAY, actor=secretary)
        with pytest.raises(Conflict, match="现在是「已请示」"):
            elections.change_plan(election=asked, **change)


class TestRequestAndConsent:
    def test_a_late_request_asks_for_a_reason_and_keeps_it(self, at, secretary):
        election = at(State.PLANNED)
        facts = {"election": election, "on": PLANNED - 10 * DAY, "document": "", "today": TODAY, "actor": secretary}
        with pytest.raises(DomainError, match="请示一般应在2026-10-20之前提出"):
            elections.request_election(**facts)
        assert elections.request_election(**facts, reason="书记调离").reason == "请示：书记调离"

    def test_a_consent_needs_its_document(self, at, officer):
        with pytest.raises(DomainError, match="批复文号"):
            elections.consent_election(
                election=at(State.REQUESTED), on=CONSENTED, document=" ", today=TODAY, actor=officer
            )

    @pytest.mark.parametrize(
        ("planned_on", "word"), [(datetime.date(2026, 8, 1), "提前换届"), (EXPIRY + DAY, "延期换届")]
    )
    def test_an_early_or_late_day_needs_the_approval_of_the_level_above(self, at, officer, planned_on, word):
        election = at(State.PLANNED, planned_on=planned_on)
        election = elections.request_election(
            election=election, on=datetime.date(2026, 6, 1), document="", today=TODAY, actor=officer
        )
        facts = {"election": election, "on": CONSENTED, "document": "复1号", "today": TODAY, "actor": officer}
        with pytest.raises(DomainError, match=word) as refusal:
            elections.consent_election(**facts)
        assert (refusal.value.field, refusal.value.basis.rule_id) == ("timing_document", "XJ-02")
        assert elections.consent_election(**facts, timing_document="延2号").timing_document == "延2号"

    def test_beyond_a_year_it_asks_why_as_well(self, at, officer):
        election = at(State.PLANNED, planned_on=datetime.date(2027, 12, 21))
        election = elections.request_election(election=election, on=REQUESTED, document="", today=TODAY, actor=officer)
        facts = {"election": election, "on": CONSENTED, "document": "复", "timing_document": "延", "today": TODAY,
                 "actor": officer}  # fmt: skip
        with pytest.raises(DomainError, match="一般不超过1年"):
            elections.consent_election(**facts)
        assert elections.consent_election(**facts, reason="疫情").state == State.CONSENTED

    def test_what_is_sent_back_is_mended_and_asked_again(self, at, secretary, officer):
        election = at(State.REQUESTED)
        with pytest.raises(DomainError, match="意见"):
            elections.send_back_election(election=election, reason="", actor=officer)
        election = elections.send_back_election(election=election, reason="请补充候选人名额", actor=officer)
        assert (election.state, election.sent_back) == (State.PLANNED, "请补充候选人名额")
        again = elections.request_election(
            election=election, on=REQUESTED, document="请2号", today=TODAY, actor=secretary
        )
        assert (again.state, again.sent_back) == (State.REQUESTED, "")

    @pytest.mark.parametrize("state", [State.PLANNED, State.CONSENTED, State.NOTIFIED, State.HELD])
    def test_only_what_waits_above_can_be_sent_back(self, at, officer, state):
        with pytest.raises(Conflict):
            elections.send_back_election(election=at(state), reason="退", actor=officer)


class TestOrder:
    def test_days_follow_each_other_and_today(self, at, officer):
        election = at(State.REQUESTED)
        facts = {"election": election, "document": "复", "today": TODAY, "actor": officer}
        with pytest.raises(DomainError, match="不能早于上一步"):
            elections.consent_election(**facts, on=REQUESTED - DAY)
        with pytest.raises(DomainError, match="不能晚于今天"):
            elections.consent_election(**facts, on=TODAY + DAY)
        assert elections.consent_election(**facts, on=REQUESTED).state == State.CONSENTED

    def test_a_step_cannot_be_left_out(self, at, officer):
        with pytest.raises(Conflict, match="现在是「已请示」，不能办理「已批准」"):
            elections.approve_election(
                election=at(State.REQUESTED), on=TODAY, document="批", today=TODAY, actor=officer
            )

    def test_the_second_of_two_who_consent_gets_a_conflict(self, at, officer):
        """Both opened the page while it was asked for; the second finds it done."""
        stale = at(State.REQUESTED)
        facts = {"on": CONSENTED, "today": TODAY, "actor": officer}
        elections.consent_election(election=stale, document="复1号", **facts)
        with pytest.raises(Conflict, match="现在是「已批复」"):
            elections.consent_election(election=stale, document="复2号", **facts)
        stale.refresh_from_db()
        assert stale.consent_document == "复1号"

    def test_an_ended_organisation_takes_no_step(self, at, officer, park):
        election = at(State.REQUESTED)
        PartyOrg.objects.filter(pk=park.branch_a.pk).update(ended_on=TODAY)
        with pytest.raises(DomainError, match="已于 2026-11-22 撤销"):
            elections.consent_election(election=election, on=CONSENTED, document="复", today=TODAY, actor=officer)

    def test_an_election_outside_the_scope_is_gone(self, at, cast, officer):
        election = at(State.REQUESTED)
        with cast.within(cast.branch_b), pytest.raises(DomainError, match="已不在您的范围内"):
            elections.consent_election(election=election, on=CONSENTED, document="复", today=TODAY, actor=officer)


class TestCandidates:
    def notify(self, election, actor, names=NAMES, **given):
        facts = {"on": NOTIFIED, "planned_on": PLANNED, "candidates": {CandidatePost.MEMBER: names}, **given}
        return elections.notify_election(election=election, today=TODAY, actor=actor, **facts)

    def test_too_few_for_a_choice_ask_for_a_reason(self, at, secretary):
        election = at(State.CONSENTED)
        with pytest.raises(DomainError, match="应选委员3名，候选人3名；差额不少于20%，至少4名"):
            self.notify(election, secretary, NAMES[:3])
        assert self.notify(election, secretary, NAMES[:3], reason="经上级同意").state == State.NOTIFIED

    def test_names_are_given_once_and_trimmed(self, at, secretary):
        election = at(State.CONSENTED)
        with pytest.raises(DomainError, match="同名"):
            self.notify(election, secretary, ["王一", " 王一 ", "张三", "赵四"])
        self.notify(election, secretary, ["　王一 ", "李二", "张三", "赵四", ""])
        assert [each.name for each in election.candidates.all()] == ["王一", "李二", "张三", "赵四"]

    def test_a_meeting_does_not_elect_the_secretary_of_a_committee(self, at, secretary):
        named = {CandidatePost.MEMBER: NAMES, CandidatePost.SECRETARY: ["王一"]}
        with pytest.raises(DomainError, match="不选举书记"):
            self.notify(at(State.CONSENTED), secretary, candidates=named)

    def test_without_a_committee_the_meeting_elects_the_secretary(self, at, secretary, officer, park):
        election = at(State.CONSENTED, seats=0, deputies=0)
        election = self.notify(election, secretary, candidates={CandidatePost.SECRETARY: ["王一"]})
        election = votes.record_vote(
            election=election, vote=ballots(election, voters=6, present=5, issued=5, returned=5, valid=5, got={"王一": 5}),
            today=TODAY, actor=secretary,
        )  # fmt: skip
        assert election.secretary == "王一"
        election = elections.report_election(election=election, on=REPORTED, document="", today=TODAY, actor=secretary)
        election = elections.approve_election(election=election, on=TODAY, document="批", today=TODAY, actor=officer)
        assert election.term.seats == 0

    def test_another_day_and_other_candidates_forget_the_votes(self, at, secretary):
        election = at(State.HELD)
        again = self.notify(election, secretary, ["王一", "李二", "孙五", "钱六"])
        assert (again.state, again.held_on, again.present) == (State.NOTIFIED, None, None)
        assert {each.votes for each in again.candidates.all()} == {None}

    def test_the_meeting_is_not_before_the_notice(self, at, secretary):
        with pytest.raises(DomainError, match="大会日期不能早于通知日期"):
            self.notify(at(State.CONSENTED), secretary, planned_on=NOTIFIED - DAY)


class TestTheReport:
    def report(self, election, actor, **given):
        facts = {"on": REPORTED, "document": "报", "secretary": "王一", **given}
        return elections.report_election(election=election, today=TODAY, actor=actor, **facts)

    @pytest.mark.parametrize(
        ("given", "sentence"),
        [
            ({"secretary": ""}, "请填写委员会选举产生的书记"),
            ({"secretary": "赵四"}, "赵四不在当选委员之中"),
            ({"deputies": ["王一"]}, "不能是同一人"),
            ({"deputies": ["李二", "张三"]}, "副书记名额1名，填写了2名"),
        ],
    )
    def test_the_committee_elects_from_among_its_members(self, at, secretary, given, sentence):
        with pytest.raises(DomainError, match=sentence):
            self.report(at(State.HELD), secretary, **given)

    def test_an_election_that_nobody_won_is_not_reported(self, at, secretary):
        election = at(State.NOTIFIED)
        votes.record_vote(
            election=election, vote=ballots(election, got=dict.fromkeys(NAMES, 5)), today=TODAY, actor=secretary,
            reason="另行选举",
        )  # fmt: skip
        with pytest.raises(DomainError, match="没有人当选"):
            self.report(election, secretary)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_consent_at_once_one_gets_a_conflict(cast):
    with use_scope(EVERYTHING):
        secretary, officer = cast.users.secretary_a, cast.users.park_officer
        election = taken_to(State.REQUESTED, planned(cast.branch_a, secretary), secretary, officer)
    barrier, outcomes = threading.Barrier(2), []

    def consent(document):
        try:
            barrier.wait(10)
            with use_scope(EVERYTHING):
                elections.consent_election(
                    election=election, on=CONSENTED, document=document, today=TODAY, actor=officer
                )
            outcomes.append("done")
        except Conflict:
            outcomes.append("conflict")
        finally:
            connection.close()
            close_old_connections()

    threads = [threading.Thread(target=consent, args=(f"复{n}号",)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == ["conflict", "done"]
