"""The vote record of an election: who should attend, the secret ballot in totals, who is elected, and who may vote."""

import dataclasses
import datetime

import pytest

from apps.branches import headcount
from apps.branches.headcount import voters_of
from apps.branches.models import Election, ElectionCandidate
from apps.branches.rules.elections import CandidatePost, ElectionState, ExclusionReason
from apps.branches.services import elections, votes
from apps.core.errors import DomainError

from .electing import (
    NAMES,
    TODAY,
    VOTES,
    ballots,
    began,
    planned,
    taken_to,
)

State = ElectionState
DAY = datetime.timedelta(days=1)


class TestTheVote:
    @pytest.fixture
    def hold(self, at, secretary):
        election = at(State.NOTIFIED)

        def record(reason="", timing_document="", **given):
            return votes.record_vote(
                election=election, vote=ballots(election, **given), today=TODAY, actor=secretary, reason=reason,
                timing_document=timing_document,
            )  # fmt: skip

        return record

    @pytest.mark.parametrize(("present", "enough"), [(19, False), (20, True), (21, True)])
    def test_four_fifths_of_the_expected_must_be_there(self, hold, present, enough):
        given = {"present": present, "issued": present, "returned": present, "valid": present}
        if enough:
            assert hold(**given).expected == 25
        else:
            with pytest.raises(DomainError, match="未达到五分之四（至少20人），不能进行选举"):
                hold(**given)

    def test_those_who_may_be_left_out_need_a_document_and_lower_the_quorum(self, hold):
        left = votes.Exclusion(ExclusionReason.AWAY, 3, "园党发〔2026〕8号")
        given = {"present": 18, "issued": 18, "returned": 18, "valid": 18, "got": {**VOTES, "王一": 18, "赵四": 5}}
        with pytest.raises(DomainError, match="须有上级同意和大会通过的文件"):
            hold(**given, exclusions=[dataclasses.replace(left, document="")])
        election = hold(**given, exclusions=[left])
        assert election.expected == 22
        assert [(each.reason, each.people, each.document) for each in election.exclusions.all()] == [
            ("away", 3, "园党发〔2026〕8号")
        ]

    def test_more_left_out_than_there_are_is_impossible(self, hold):
        with pytest.raises(DomainError, match="合计多于"):
            hold(exclusions=[votes.Exclusion(ExclusionReason.FRAIL, 26, "文")])

    @pytest.mark.parametrize(
        ("given", "sentence"),
        [
            ({"present": 26}, "多于应到会有表决权的25人"),
            ({"issued": 23}, "发出选票23张，多于实到22人"),
            ({"returned": 23}, "选举无效，应重新选举"),
            ({"valid": 23, "returned": 22}, "有效票23张，多于收回的22张"),
            ({"got": {**VOTES, "王一": 22}}, "王一得票22张，多于有效票21张"),
            ({"got": {**VOTES, "张三": 21, "赵四": 20}}, "每张至多选3名"),
        ],
    )
    def test_numbers_that_cannot_be_are_refused_with_a_sentence(self, hold, given, sentence):
        with pytest.raises(DomainError, match=sentence):
            hold(**given)

    def test_a_tie_for_the_last_seat_is_decided_by_a_second_ballot(self, hold):
        got = {"王一": 18, "李二": 17, "张三": 12, "赵四": 12}
        with pytest.raises(DomainError, match="张三、赵四得票相等（12票）"):
            hold(got=got)
        pks = {each.name: each.pk for each in ElectionCandidate.objects.all()}
        second = {"张三": 8, "赵四": 13}
        election = hold(votes={pks[name]: (n, second.get(name)) for name, n in got.items()})
        won = election.candidates.filter(is_elected=True).values_list("name", flat=True)
        assert set(won) == {"王一", "李二", "赵四"}

    def test_an_empty_seat_asks_for_a_reason(self, hold):
        got = {**VOTES, "张三": 11}
        with pytest.raises(DomainError, match="缺额1名"):
            hold(got=got)
        election = hold(got=got, reason="经到会党员同意，名额减为2名")
        assert election.candidates.filter(is_elected=True).count() == 2
        assert "名额减为2名" in election.reason

    def test_somebody_written_in_can_be_elected(self, hold):
        got = {**VOTES, "张三": 5, "赵四": 3}
        election = hold(got=got, written_in=[votes.WrittenIn(CandidatePost.MEMBER, "吴七", 15)])
        assert election.candidates.get(name="吴七").is_elected
        assert not election.candidates.get(name="吴七").is_nominated

    def test_a_candidate_is_not_written_in_beside_the_own_line(self, hold):
        with pytest.raises(DomainError, match="另选他人与候选人同名"):
            hold(written_in=[votes.WrittenIn(CandidatePost.MEMBER, "王一", 1)])

    def test_every_candidate_needs_a_number(self, hold):
        with pytest.raises(DomainError, match="得票数"):
            hold(votes={})

    def test_a_record_is_written_anew_until_it_is_reported(self, hold):
        hold()
        election = hold(got={**VOTES, "赵四": 7})
        assert election.candidates.get(name="赵四").votes == 7
        assert election.candidates.count() == 4

    def test_the_record_keeps_totals_and_no_names_of_voters(self, hold):
        columns = {field.name for field in Election._meta.fields} | {f.name for f in ElectionCandidate._meta.fields}
        assert not {"voter", "voter_name", "ballot"} & columns
        assert hold().valid == 21

    def test_a_vote_after_its_time_needs_approval(self, park, secretary, officer):
        began(park.branch_a, officer, since=datetime.date(2023, 11, 1))
        election = taken_to(State.PLANNED, planned(park.branch_a, secretary, planned_on=datetime.date(2026, 10, 30)),
                            secretary, officer)  # fmt: skip
        election = elections.request_election(
            election=election, on=datetime.date(2026, 9, 1), document="", today=TODAY, actor=secretary
        )
        election = elections.consent_election(
            election=election, on=datetime.date(2026, 9, 9), document="复", today=TODAY, actor=officer
        )
        election = elections.notify_election(
            election=election, on=datetime.date(2026, 10, 9), planned_on=datetime.date(2026, 11, 9), today=TODAY,
            candidates={CandidatePost.MEMBER: NAMES}, actor=secretary,
        )  # fmt: skip
        facts = {"election": election, "vote": ballots(election, held_on=datetime.date(2026, 11, 9)), "today": TODAY,
                 "actor": secretary}  # fmt: skip
        with pytest.raises(DomainError, match="属延期换届"):
            votes.record_vote(**facts)
        assert votes.record_vote(**facts, timing_document="延3号").timing_document == "延3号"


class TestVoters:
    def test_the_rosters_below_are_added_up_and_gaps_are_named(self, park, roster):
        roster({"JYA": 9})
        known = voters_of(park.committee, TODAY)
        assert (known.formal, known.source) == (9, "党员名册（2026-11-22在册正式党员），其中1个党支部没有名册，请核对")

    def test_one_roster_is_named_with_its_day(self, park, roster):
        roster({"JYA": 9})
        assert voters_of(park.branch_a, TODAY).source == "党员名册（2026-11-22在册正式党员）"

    def test_without_a_roster_nobody_knows(self, park, monkeypatch):
        monkeypatch.setattr(headcount, "_finders", [])
        assert voters_of(park.branch_a, TODAY) == headcount.Voters(None, "还没有党员名册，请按实际人数填写")

    def test_only_one_finder_can_be_registered(self, monkeypatch):
        monkeypatch.setattr(headcount, "_finders", [])

        def find(orgs, on):
            return {}

        headcount.register_headcount(find)
        headcount.register_headcount(find)
        with pytest.raises(ValueError, match="twice"):
            headcount.register_headcount(lambda orgs, on: {})
