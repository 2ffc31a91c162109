"""Terms of office: registered, corrected, ended; what the book says about them and what it takes in."""

import datetime

import pytest
from django.db import IntegrityError, transaction

from apps.branches.ledgers import MissingTermLedger, TermLedger
from apps.branches.models import Election, PartyOrg, Term
from apps.branches.services import dissolve_organization, found_organization
from apps.branches.services.terms import change_term, end_terms
from apps.core.errors import Conflict, DomainError
from apps.core.models import AuditEntry
from apps.core.scoping import UnscopedQueryError, use_scope

from .electing import BEGAN, EXPIRY, TODAY, began, planned


def day(text):
    return datetime.date.fromisoformat(text)


@pytest.fixture
def park(cast):
    """The park officer at work, inside the scope of the park."""
    with cast.within(cast.park_org):
        yield cast


@pytest.fixture
def officer(cast):
    return cast.users.park_officer


class TestRegistering:
    def test_a_branch_serves_three_years_and_the_trail_says_so(self, park, officer):
        term = began(park.branch_a, officer)
        assert (term.expires_on, term.until, term.org_path) == (EXPIRY, None, park.branch_a.path)
        assert AuditEntry.objects.get(action="term.recorded").summary.endswith("第3届，自 2023-12-20 起")

    def test_a_committee_serves_five(self, park, officer):
        assert began(park.committee, officer).expires_on == day("2028-12-20")

    @pytest.mark.parametrize("name", ["station", "group_a", "park_org"])
    def test_whoever_is_appointed_has_no_term(self, park, officer, name):
        with pytest.raises(DomainError, match="不进行换届选举") as refusal:
            began(getattr(park, name), officer)
        assert refusal.value.basis

    def test_a_temporary_branch_has_no_term(self, park, officer):
        PartyOrg.objects.filter(pk=park.branch_a.pk).update(kind="temporary_branch")
        with pytest.raises(DomainError, match="不进行换届选举"):
            began(PartyOrg.objects.get(pk=park.branch_a.pk), officer)

    def test_another_length_needs_a_reason(self, park, officer):
        longer = EXPIRY + datetime.timedelta(days=30)
        with pytest.raises(DomainError, match="按规定 2026-12-20 届满") as refusal:
            began(park.branch_a, officer, expires_on=longer)
        assert refusal.value.field == "expiry_reason"
        assert began(park.branch_a, officer, expires_on=longer, expiry_reason="随党委同步换届").expires_on == longer

    def test_a_term_ends_where_the_next_begins(self, park, officer):
        old = began(park.branch_a, officer, number=2, since=day("2020-12-20"))
        began(park.branch_a, officer)
        old.refresh_from_db()
        assert old.until == BEGAN

    def test_an_older_term_registered_later_ends_where_the_known_one_begins(self, park, officer):
        began(park.branch_a, officer)
        assert began(park.branch_a, officer, number=2, since=day("2020-12-20")).until == BEGAN

    def test_numbers_follow_time(self, park, officer):
        began(park.branch_a, officer)
        with pytest.raises(DomainError, match="先后不符"):
            began(park.branch_a, officer, number=4, since=day("2020-12-20"))

    def test_one_number_stands_once(self, park, officer):
        began(park.branch_a, officer)
        with pytest.raises(DomainError, match="已登记过这一届"):
            began(park.branch_a, officer, since=day("2025-01-01"))

    def test_terms_never_overlap(self, park, officer):
        began(park.branch_a, officer)
        with pytest.raises(DomainError, match="时间重叠"):
            began(park.branch_a, officer, number=2, since=day("2020-12-20"), until=day("2024-01-01"))

    def test_the_database_itself_refuses_an_overlap(self, park, officer):
        """Negative control: the constraint stands without the service."""
        term = began(park.branch_a, officer)
        copy = Term(org=term.org, number=9, since=day("2025-01-01"), expires_on=day("2028-01-01"))
        with pytest.raises(IntegrityError), transaction.atomic():
            copy.save()

    def test_a_term_of_tomorrow_is_refused(self, park, officer):
        with pytest.raises(DomainError, match="不能晚于今天"):
            began(park.branch_a, officer, since=TODAY + datetime.timedelta(days=1))

    def test_the_term_of_an_ended_organisation_ends_with_it(self, park, officer):
        PartyOrg.objects.filter(pk=park.branch_a.pk).update(ended_on=day("2025-06-01"))
        org = PartyOrg.objects.get(pk=park.branch_a.pk)
        assert began(org, officer).until == day("2025-06-01")
        with pytest.raises(DomainError, match="已于 2025-06-01 撤销"):
            began(org, officer, number=4, since=day("2025-07-01"))


class TestCorrecting:
    def change(self, term, officer, version=None, **changes):
        return change_term(term=term, changes=changes, today=TODAY, actor=officer, version=version)

    def test_a_moved_beginning_moves_the_end_before_it(self, park, officer):
        old = began(park.branch_a, officer, number=2, since=day("2020-12-20"))
        term = began(park.branch_a, officer)
        self.change(term, officer, since=day("2023-12-27"), expires_on=day("2026-12-27"))
        old.refresh_from_db()
        assert old.until == day("2023-12-27")

    def test_it_says_what_was_changed_and_leaves_what_was_not(self, park, officer):
        term = began(park.branch_a, officer)
        self.change(term, officer, seats=5, note="")
        entry = AuditEntry.objects.get(action="term.changed")
        assert entry.summary == "修改「中共子公司支部委员会」第3届的委员人数"
        before = AuditEntry.objects.count()
        self.change(term, officer, seats=5)
        assert AuditEntry.objects.count() == before

    def test_the_later_of_two_editors_sees_both_values(self, park, officer):
        term = began(park.branch_a, officer)
        self.change(term, officer, version=1, seats=5)
        with pytest.raises(Conflict) as conflict:
            self.change(term, officer, version=1, seats=7)
        assert conflict.value.rows == [("委员人数", "5", "7")]

    def test_only_known_facts_can_be_changed(self, park, officer):
        with pytest.raises(TypeError):
            self.change(began(park.branch_a, officer), officer, org=park.branch_b)


class TestEnding:
    def test_what_ends_with_an_organisation(self, park, officer):
        term = began(park.branch_a, officer)
        election = planned(park.branch_a, officer)
        ended = end_terms(org=park.branch_a, on=TODAY, actor=officer)
        election.refresh_from_db()
        assert [each.until for each in ended] == [TODAY]
        assert ended == [term]
        assert (election.state, election.cancelled_on) == ("cancelled", TODAY)

    def test_other_organisations_keep_theirs(self, park, officer):
        term = began(park.branch_b, officer)
        end_terms(org=park.branch_a, on=TODAY, actor=officer)
        term.refresh_from_db()
        assert term.until is None

    def test_a_term_cannot_end_before_it_began(self, park, officer):
        began(park.branch_a, officer)
        with pytest.raises(DomainError, match="请核对日期"):
            end_terms(org=park.branch_a, on=BEGAN, actor=officer)

    def test_dissolving_ends_the_term(self, park, officer):
        org = found_organization(name="中共临江公司支部委员会", kind="branch", parent=park.station,
                                 founded_on=day("2023-01-01"), today=TODAY, actor=officer)  # fmt: skip
        term = began(org, officer)
        dissolve_organization(org=org, on=TODAY, today=TODAY, actor=officer)
        term.refresh_from_db()
        assert term.until == TODAY


def book(cast, *orgs, **params):
    with cast.within(*orgs):
        return list(TermLedger(params, today=TODAY).queryset())


class TestTheBook:
    def test_it_tells_how_each_term_stands(self, park, officer):
        began(park.branch_a, officer)
        began(park.branch_b, officer, since=day("2022-01-01"))
        began(park.committee, officer)
        found = {row.org.code: row.standing for row in book(park, park.park_org)}
        assert found == {"JYW": "running", "JYA": "due", "JYB": "overdue"}

    @pytest.mark.parametrize(
        ("standing", "codes"),
        [("needs", {"JYA", "JYB"}), ("late", {"JYB"}), ("due", {"JYA"}), ("overdue", {"JYB"}), ("expired", set())],
    )
    def test_filters_find_what_is_due_in_six_months_and_what_is_overdue(self, park, officer, standing, codes):
        began(park.branch_a, officer)
        began(park.branch_b, officer, since=day("2022-01-01"))
        began(park.committee, officer)
        assert {row.org.code for row in book(park, park.park_org, standing=standing)} == codes

    def test_as_of_a_day_shows_the_terms_and_states_of_that_day(self, park, officer):
        began(park.branch_a, officer, number=2, since=day("2020-12-20"))
        began(park.branch_a, officer)
        rows = book(park, park.park_org, as_of="2023-12-01")
        assert [(row.number, row.standing) for row in rows] == [(2, "due")]

    def test_it_shows_the_running_election_and_finds_who_has_none(self, park, officer):
        began(park.branch_a, officer)
        began(park.branch_b, officer)
        election = planned(park.branch_a, officer)
        rows = {row.org.code: row for row in book(park, park.park_org)}
        assert (rows["JYA"].election, rows["JYA"].election_state) == (election.pk, "planned")
        assert rows["JYB"].election is None
        assert [row.org.code for row in book(park, park.park_org, progress="none")] == ["JYB"]
        assert [row.org.code for row in book(park, park.park_org, progress="running")] == ["JYA"]

    def test_a_branch_sees_its_own_terms_only(self, park, officer):
        began(park.branch_a, officer)
        began(park.branch_b, officer)
        assert [row.org.code for row in book(park, park.branch_a)] == ["JYA"]

    def test_organisations_that_elect_and_have_no_term_are_listed(self, park, officer):
        began(park.branch_a, officer)
        found = [org.code for org in MissingTermLedger(today=TODAY).queryset()]
        assert found == ["JYW", "JYB"]


def test_a_running_election_stands_once(cast):
    with cast.within(cast.park_org):
        planned(cast.branch_a, cast.users.secretary_a)
        with pytest.raises(IntegrityError), transaction.atomic():
            Election(org=cast.branch_a, number=9, seats=3, planned_on=TODAY).save()


def test_nobody_reads_terms_without_a_scope(cast):
    with use_scope(None), pytest.raises(UnscopedQueryError):
        list(Term.objects.all())
