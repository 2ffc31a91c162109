"""Elections and terms in the browser and over the API: who may press what, what is said, what comes next."""

import pytest
from django.test import Client
from django.utils import timezone

from apps.branches.models import Election, PartyOrg, Term
from apps.branches.rules.elections import ElectionState
from apps.core.panels import HOME_TODO, ORG_PANELS, PanelContext, rendered
from apps.core.periods import add_months
from apps.core.scoping import unscoped

from .electing import NAMES, PLANNED, TODAY, VOTES, began, planned, taken_to

State = ElectionState


@pytest.fixture
def sign_in(cast):
    def client(username):
        found = Client()
        found.force_login(getattr(cast.users, username))
        return found

    return client


@pytest.fixture
def at(cast):
    """`at(state)`: an election of branch A, taken that far."""

    def reached(state, org="branch_a", **plan):
        with unscoped("test"):
            began(getattr(cast, org), cast.users.park_officer)
            election = planned(getattr(cast, org), cast.users.secretary_a, **plan)
            return taken_to(state, election, cast.users.secretary_a, cast.users.park_officer)

    return reached


def now(election):
    with unscoped("test"):
        return Election.objects.get(pk=election.pk)


def post(client, url, **data):
    return client.post(url, data)


@pytest.fixture(autouse=True)
def the_day(monkeypatch):
    monkeypatch.setattr(timezone, "localdate", lambda *args: TODAY)


class TestTheWholeWay:
    def test_a_secretary_and_an_officer_take_every_step_on_their_pages(self, cast, sign_in):
        with unscoped("test"):
            began(cast.branch_a, cast.users.park_officer)
        branch, park = sign_in("secretary_a"), sign_in("park_officer")
        base = f"/orgs/{cast.branch_a.pk}/"
        page = branch.get(base).content.decode()
        assert "本届任期2026-12-20届满，请筹备换届。" in page
        answer = post(branch, f"{base}elections/new/", number=4, planned_on="2026-11-20", meeting="assembly", seats=3,
                      deputies=1)  # fmt: skip
        url = answer.url
        assert "向上级请示" in branch.get(url).content.decode()
        assert post(branch, f"{url}request/", on="2026-10-12", document="请1号").url == url
        assert post(park, f"{url}consent/", on="2026-10-26", document="复9号").url == url
        names = "\n".join(NAMES)
        assert post(branch, f"{url}notify/", on="2026-11-10", planned_on="2026-11-20", member=names).url == url
        with unscoped("test"):
            election = Election.objects.get()
            votes = {f"votes_{each.pk}": VOTES[each.name] for each in election.candidates.all()}
        vote = {
            "held_on": "2026-11-20",
            "voters": 26,
            "present": 22,
            "issued": 22,
            "returned": 22,
            "valid": 21,
            **votes,
        }
        left_out = {"people_away": 1, "document_away": "复10号"}
        assert post(branch, f"{url}vote/", **vote, **left_out).url == url
        shown = branch.get(url).content.decode()
        assert "25人" in shown
        assert shown.count("未当选") == 1
        sheet = branch.get(f"{url}record/").content.decode()
        assert "换届选举记录" in sheet
        assert "外出6个月以上" in sheet
        assert post(branch, f"{url}report/", on="2026-11-21", secretary="王一", deputies=["李二"]).url == url
        assert post(park, f"{url}approve/", on="2026-11-22", document="批5号", since="2026-11-20").url == url
        assert "换届完成：书记王一，副书记李二，第4届自 2026年11月20日 起" in park.get(url).content.decode()
        with unscoped("test"):
            assert [term.number for term in Term.objects.filter(until=None)] == [4]

    def test_a_refusal_keeps_what_was_typed_and_names_its_basis(self, at, sign_in):
        election = at(State.NOTIFIED)
        with unscoped("test"):
            votes = {f"votes_{each.pk}": VOTES[each.name] for each in election.candidates.all()}
        numbers = {"voters": 30, "present": 22, "issued": 22, "returned": 22, "valid": 21}
        answer = post(
            sign_in("secretary_a"), f"{election.get_absolute_url()}vote/", held_on="2026-11-20", **numbers, **votes
        )
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "未达到五分之四（至少24人）" in page
        assert "选举工作条例》（到会和当选票数，条次待核）" in page
        assert 'value="30"' in page

    def test_the_vote_form_says_where_the_number_of_members_comes_from(self, at, sign_in, monkeypatch):
        from apps.branches import headcount

        monkeypatch.setattr(headcount, "_finders", [
            lambda orgs, on: {org.pk: headcount.Headcount(25, 2) for org in orgs if org.code == "JYA"}
        ])  # fmt: skip
        election = at(State.NOTIFIED)
        page = sign_in("secretary_a").get(f"{election.get_absolute_url()}vote/").content.decode()
        assert 'value="25"' in page
        assert "党员名册（2026-11-20在册正式党员）" in page

    def test_a_form_sent_twice_does_its_work_once(self, at, sign_in):
        election, client = at(State.PLANNED), sign_in("secretary_a")
        url = f"{election.get_absolute_url()}request/"
        token = client.get(url).context["form"].initial["submission"]
        for _ in range(2):
            answer = post(client, url, on="2026-10-12", document="请1号", submission=token, version=election.version)
            assert answer.status_code == 302
        assert now(election).version == election.version + 1


class TestWhoMayWhat:
    @pytest.mark.parametrize("step", ["consent", "approve", "return"])
    def test_a_branch_does_not_decide_about_itself(self, at, sign_in, step):
        election = at(State.REQUESTED)
        for username in ("secretary_a", "clerk_a1"):
            assert sign_in(username).get(f"{election.get_absolute_url()}{step}/").status_code == 403

    def test_another_branch_does_not_find_it(self, at, sign_in):
        election = at(State.REQUESTED)
        assert sign_in("secretary_b").get(election.get_absolute_url()).status_code == 404
        assert sign_in("secretary_b").get(f"{election.get_absolute_url()}request/").status_code == 404

    def test_an_officer_of_the_committee_does_not_decide_about_the_committee(self, at, sign_in, cast):
        """Whoever consents holds the right above the organisation, not at it."""
        from apps.accounts.models import RoleAssignment

        election = at(State.REQUESTED, org="committee")
        RoleAssignment.objects.filter(user=cast.users.park_officer).update(org=cast.committee)
        client, url = sign_in("park_officer"), f"{election.get_absolute_url()}consent/"
        assert "须由上级党组织" in client.get(url).content.decode()
        assert post(client, url, on="2026-10-26", document="复").status_code == 422
        assert now(election).state == State.REQUESTED
        given = {"on": "2026-10-26", "document": "复", "timing_document": "提1号", "reason": "党委班子调整"}
        assert post(sign_in("authority_officer"), url, **given).status_code == 302

    def test_an_instructor_reads_and_presses_nothing(self, at, sign_in):
        election = at(State.PLANNED)
        page = sign_in("instructor").get(election.get_absolute_url())
        assert page.status_code == 200
        assert "登记请示" not in page.content.decode()
        assert sign_in("instructor").get(f"{election.get_absolute_url()}request/").status_code == 403

    def test_only_officers_register_terms(self, cast, sign_in):
        url = f"/orgs/{cast.branch_a.pk}/terms/new/"
        assert sign_in("secretary_a").get(url).status_code == 403
        assert post(sign_in("park_officer"), url, number=1, since="2024-01-01").status_code == 302

    def test_an_organisation_that_does_not_elect_says_so(self, cast, sign_in):
        for part in ("terms/new/", "elections/new/"):
            page = sign_in("park_officer").get(f"/orgs/{cast.station.pk}/{part}")
            assert page.status_code == 200
            assert "不进行换届选举" in page.content.decode()


class TestTwoAtOnce:
    def test_the_second_of_two_officers_gets_409_and_is_told(self, at, sign_in):
        election = at(State.REQUESTED)
        url = f"{election.get_absolute_url()}consent/"
        first, second = sign_in("park_officer"), sign_in("authority_officer")
        assert post(first, url, on="2026-10-26", document="复1号", version=election.version).status_code == 302
        answer = post(second, url, on="2026-10-26", document="复2号", version=election.version)
        assert answer.status_code == 409
        assert "现在是「已批复」" in answer.content.decode()

    def test_a_page_opened_too_late_says_how_far_it_is(self, at, sign_in):
        page = sign_in("park_officer").get(f"{at(State.HELD).get_absolute_url()}consent/").content.decode()
        assert "这次换届现在是「已选举」，不能批复。" in page


def todos(cast, username):
    found = []
    for result in rendered(HOME_TODO, PanelContext(getattr(cast.users, username), TODAY)):
        found += result if isinstance(result, list) else [result]
    return [(item.title, item.button) for item in found]


class TestWhatIHaveToDo:
    def test_a_branch_is_told_to_begin_and_then_of_each_own_step(self, at, cast):
        with unscoped("test"):
            began(cast.branch_a, cast.users.park_officer)
        assert ("换届：子公司党支部", "发起换届") in todos(cast, "secretary_a")
        with unscoped("test"):
            planned(cast.branch_a, cast.users.secretary_a)
        assert ("向上级请示：子公司党支部第4届换届选举", "登记请示") in todos(cast, "clerk_a1")
        assert not [title for title, _ in todos(cast, "secretary_b") if "换届" in title]

    def test_an_officer_above_is_told_what_waits(self, at, cast):
        at(State.REQUESTED)
        assert ("上级批复：子公司党支部第4届换届选举", "批复") in todos(cast, "park_officer")
        assert ("上级批复：子公司党支部第4届换届选举", "批复") in todos(cast, "authority_officer")
        assert not [title for title, _ in todos(cast, "secretary_a") if "换届" in title]

    def test_officers_are_told_of_terms_that_are_over_and_missing(self, cast):
        with unscoped("test"):
            began(cast.branch_b, cast.users.park_officer, since=add_months(TODAY, -48))
        titles = [title for title, _ in todos(cast, "park_officer")]
        assert "1 个党组织已届满未换届" in titles
        assert "2 个党组织没有登记届期" in titles


class TestTheOrganisationsPage:
    def section(self, cast, username, org):
        with unscoped("test"):
            subject = PartyOrg.objects.get(pk=org.pk)
        found = rendered(ORG_PANELS, PanelContext(getattr(cast.users, username), TODAY, subject))
        return next((each for each in found if each["id"] == "terms"), None)

    def test_it_shows_terms_and_the_button_to_those_who_may(self, cast, at):
        with unscoped("test"):
            began(cast.branch_a, cast.users.park_officer)
        for username, may, keeps in (
            ("secretary_a", True, False),
            ("park_officer", True, True),
            ("instructor", False, False),
        ):
            section = self.section(cast, username, cast.branch_a)
            assert (section["may_elect"], section["keeps"]) == (may, keeps)
            assert section["finding"].code == "term_due"

    def test_a_station_has_none(self, cast):
        assert self.section(cast, "park_officer", cast.station) is None

    def test_a_running_election_is_shown_with_its_next_step(self, cast, at, sign_in):
        at(State.REQUESTED)
        page = sign_in("secretary_a").get(f"/orgs/{cast.branch_a.pk}/").content.decode()
        assert "下一步：上级批复（由上级党组织办理）" in page
        assert "发起换届" not in page


class TestTheAPI:
    def call(self, client, url, **data):
        return client.post(url, data, content_type="application/json")

    def test_from_the_plan_to_the_new_term(self, cast, sign_in):
        branch, park = sign_in("secretary_a"), sign_in("park_officer")
        org = f"/api/v1/orgs/{cast.branch_a.pk}"
        term = self.call(park, f"{org}/terms/", number=3, since="2023-12-20")
        assert (term.status_code, term.json()["expires_on"]) == (201, "2026-12-20")
        made = self.call(branch, f"{org}/elections/", planned_on=str(PLANNED), seats=3, deputies=1)
        assert (made.status_code, made.json()["next_step"], made.json()["number"]) == (201, "向上级请示", 4)
        url = f"/api/v1/elections/{made.json()['id']}"
        candidates = [{"post": "member", "names": list(NAMES)}]
        got = [{"name": name, "post": "member", "votes": votes} for name, votes in VOTES.items()]
        steps = [
            (branch, "request", {"on": "2026-10-12", "document": "请1号"}),
            (park, "consent", {"on": "2026-10-26", "document": "复1号"}),
            (branch, "notify", {"on": "2026-11-10", "planned_on": "2026-11-20", "candidates": candidates}),
            (branch, "vote", {"held_on": "2026-11-20", "voters": 25, "present": 22, "issued": 22, "returned": 22,
                              "valid": 21, "candidates": got}),
            (branch, "report", {"on": "2026-11-21", "secretary": "王一"}),
            (park, "approve", {"on": "2026-11-22", "document": "批1号"}),
        ]  # fmt: skip
        for client, step, data in steps:
            answer = self.call(client, f"{url}/{step}/", **data)
            assert answer.status_code == 200, (step, answer.json())
        body = branch.get(f"{url}/").json()
        assert (body["state_code"], body["next_step"], body["secretary"]) == ("approved", None, "王一")
        assert [each["elected"] for each in body["candidates"]] == [True, True, True, False]

    def test_refusals_have_codes_and_a_conflict_is_409(self, at, sign_in):
        election = at(State.REQUESTED)
        url, park = f"/api/v1/elections/{election.pk}", sign_in("park_officer")
        assert self.call(sign_in("secretary_a"), f"{url}/consent/", on="2026-10-26").status_code == 403
        assert self.call(sign_in("secretary_b"), f"{url}/cancel/", on="2026-10-26", reason="x").status_code == 404
        assert self.call(park, f"{url}/consent/", on="2026-10-26", document="复").status_code == 200
        answer = self.call(park, f"{url}/consent/", on="2026-10-26", document="复")
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
        answer = self.call(park, f"{url}/vote/", held_on="2026-11-20")
        assert answer.status_code == 400

    def test_unknown_candidates_are_refused(self, at, sign_in):
        election = at(State.NOTIFIED)
        given = {"held_on": "2026-11-20", "voters": 25, "present": 22, "issued": 22, "returned": 22, "valid": 21,
                 "candidates": [{"name": "无名氏", "post": "member", "votes": 1}]}  # fmt: skip
        answer = self.call(sign_in("secretary_a"), f"/api/v1/elections/{election.pk}/vote/", **given)
        assert (answer.status_code, "无名氏" in str(answer.json())) == (400, True)

    def test_the_list_answers_the_own_subtree(self, at, sign_in):
        at(State.PLANNED)
        assert [row["org_code"] for row in sign_in("secretary_a").get("/api/v1/elections/").json()["results"]] == [
            "JYA"
        ]
        assert sign_in("secretary_b").get("/api/v1/elections/").json()["results"] == []

    def test_what_is_sent_back_can_be_cancelled(self, at, sign_in):
        election = at(State.REQUESTED)
        url, park = f"/api/v1/elections/{election.pk}", sign_in("park_officer")
        assert self.call(park, f"{url}/return/", reason="名额不符").json()["state_code"] == "planned"
        answer = self.call(park, f"{url}/cancel/", on="2026-11-22", reason="合并")
        assert (answer.json()["state_code"], answer.json()["next_step"]) == ("cancelled", None)
