"""Users and their dated roles: who may open accounts, give and take roles, and when it holds."""

import datetime

import pytest
from django.test import Client

from apps.accounts import services
from apps.accounts.models import RoleAssignment, User
from apps.core.errors import Conflict, DomainError
from apps.core.models import AuditEntry, Parameter

TODAY = datetime.date(2026, 11, 22)
DAY = datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def _today(time_machine_at_noon):
    """Services are told the day; pages and the resolver read the clock."""


@pytest.fixture
def time_machine_at_noon():
    import time_machine

    with time_machine.travel("2026-11-22 12:00+08:00", tick=False):
        yield


def fresh(user):
    """The user as the next request would load it, without roles read before."""
    return User.objects.get(pk=user.pk)


def grant(cast, actor, user, role, org, since=TODAY, until=None):
    return services.grant_role(
        user=user, role=role, org=org, since=since, until=until, today=TODAY, actor=fresh(actor)
    )


def end(cast, actor, user, until=TODAY, role=None):
    rows = RoleAssignment.objects.filter(user=user)
    found = (rows.filter(role=role) if role else rows).get()
    return services.end_grant(grant=found, until=until, today=TODAY, actor=fresh(actor))


def code_of(refused):
    return refused.value.code


@pytest.mark.parametrize("role", ["branch_secretary", "branch_clerk", "instructor"])
def test_a_park_officer_gives_branch_roles_below_the_own_node(cast, role):
    given = grant(cast, cast.users.park_officer, cast.users.visitor, role, cast.branch_b)
    assert given.granted_by_name == "李明"
    entry = AuditEntry.objects.get(action="grant.given")
    assert entry.org_path == cast.branch_b.path
    assert "冯访客" in entry.summary


@pytest.mark.parametrize("role", ["park_officer", "authority_officer", "auditor", "system_admin"])
def test_a_park_officer_gives_no_role_of_the_own_level_or_above(cast, role):
    with pytest.raises(DomainError) as refused:
        grant(cast, cast.users.park_officer, cast.users.visitor, role, cast.park_org)
    assert code_of(refused) == "not_grantable"


@pytest.mark.parametrize("place", ["sibling_org", "sibling_branch", "authority"])
def test_a_park_officer_gives_nothing_outside_the_own_subtree(cast, place):
    with pytest.raises(DomainError) as refused:
        grant(cast, cast.users.park_officer, cast.users.visitor, "branch_clerk", getattr(cast, place))
    assert code_of(refused) == "not_grantable"


def test_the_department_appoints_park_officers_and_a_system_administrator_appoints_everybody(cast):
    grant(cast, cast.users.authority_officer, cast.users.visitor, "park_officer", cast.sibling_org)
    other = User.objects.create(username="auditor2", display_name="审计二")
    grant(cast, cast.users.system_admin, other, "auditor", cast.authority)
    with pytest.raises(DomainError):
        grant(cast, cast.users.authority_officer, other, "system_admin", cast.authority)


@pytest.mark.parametrize("actor", ["park_officer", "system_admin"])
def test_nobody_gives_a_role_to_oneself(cast, actor):
    user = getattr(cast.users, actor)
    with pytest.raises(DomainError) as refused:
        grant(cast, user, user, "branch_clerk", cast.branch_a)
    assert code_of(refused) == "own_grant"


def test_administration_audit_and_business_are_not_given_to_one_person(cast):
    with pytest.raises(DomainError) as refused:
        grant(cast, cast.users.system_admin, cast.users.park_officer, "system_admin", cast.authority)
    assert code_of(refused) == "duties_not_separate"
    assert "GB/T 22239" in str(refused.value.basis)


def test_the_separation_of_duties_is_a_parameter(cast):
    Parameter.objects.create(code="accounts.separate_duties", value=False, since=TODAY, source="小单位经批准兼任")
    assert grant(cast, cast.users.system_admin, cast.users.park_officer, "system_admin", cast.authority)


def test_roles_of_different_duties_may_follow_each_other(cast):
    end(cast, cast.users.authority_officer, cast.users.park_officer, until=TODAY + DAY)
    assert grant(cast, cast.users.system_admin, cast.users.park_officer, "auditor", cast.authority, TODAY + DAY)


def test_the_same_role_at_the_same_place_is_not_given_twice_for_the_same_time(cast):
    with pytest.raises(DomainError) as refused:
        grant(cast, cast.users.park_officer, cast.users.secretary_a, "branch_secretary", cast.branch_a)
    assert code_of(refused) == "already_granted"


def test_a_role_ends_after_it_began_and_not_at_a_dissolved_organisation(cast):
    with pytest.raises(DomainError, match="晚于"):
        grant(cast, cast.users.park_officer, cast.users.visitor, "branch_clerk", cast.branch_b, TODAY, TODAY)
    cast.branch_b.ended_on = TODAY
    with pytest.raises(DomainError, match="撤销"):
        grant(cast, cast.users.park_officer, cast.users.visitor, "branch_clerk", cast.branch_b)


def test_a_role_that_ends_today_is_gone_on_the_next_request(client, cast):
    client.force_login(cast.users.secretary_a)
    assert client.get("/orgs/").status_code == 200
    end(cast, cast.users.park_officer, cast.users.secretary_a)
    assert client.get("/orgs/").status_code == 403


def test_a_role_that_ends_tomorrow_still_holds_today(client, cast):
    end(cast, cast.users.park_officer, cast.users.secretary_a, until=TODAY + DAY)
    client.force_login(cast.users.secretary_a)
    assert client.get("/orgs/").status_code == 200


def test_a_role_of_the_future_does_not_hold_yet_and_is_withdrawn_without_a_trace_of_having_held(client, cast):
    grant(cast, cast.users.park_officer, cast.users.visitor, "branch_clerk", cast.branch_b, TODAY + DAY)
    client.force_login(cast.users.visitor)
    assert client.get("/orgs/").status_code == 403
    end(cast, cast.users.park_officer, cast.users.visitor)
    assert not RoleAssignment.objects.filter(user=cast.users.visitor).exists()
    assert AuditEntry.objects.filter(action="grant.ended").exists()


def test_a_role_is_not_ended_in_the_past_nor_twice_nor_by_somebody_who_could_not_give_it(cast):
    with pytest.raises(DomainError, match="不能早于今天"):
        end(cast, cast.users.park_officer, cast.users.secretary_a, until=TODAY - DAY)
    with pytest.raises(DomainError) as refused:
        end(cast, cast.users.park_officer, cast.users.authority_officer)
    assert code_of(refused) == "not_grantable"
    end(cast, cast.users.park_officer, cast.users.secretary_a)
    with pytest.raises(DomainError, match="已于"):
        end(cast, cast.users.park_officer, cast.users.secretary_a)


def test_the_last_system_administrator_stays(cast):
    with pytest.raises(DomainError) as refused:
        end(cast, cast.users.system_admin, cast.users.system_admin)
    assert code_of(refused) == "last_administrator"


def test_nobody_ends_the_own_last_administrator_role_but_a_colleague_may(cast):
    colleague = User.objects.create(username="admin2", display_name="管理二")
    grant(cast, cast.users.system_admin, colleague, "system_admin", cast.authority)
    with pytest.raises(DomainError) as refused:
        end(cast, cast.users.system_admin, cast.users.system_admin)
    assert code_of(refused) == "own_last_grant"
    end(cast, colleague, cast.users.system_admin)
    with pytest.raises(DomainError):
        services.disable_user(user=colleague, today=TODAY, actor=fresh(cast.users.system_admin))


@pytest.mark.parametrize("service", [services.disable_user, services.enable_user])
def test_an_officer_does_not_touch_the_account_of_somebody_with_more(cast, service):
    with pytest.raises(DomainError) as refused:
        service(user=cast.users.system_admin, today=TODAY, actor=fresh(cast.users.park_officer))
    assert code_of(refused) == "not_administrable"


def test_an_officer_does_not_reset_the_password_of_somebody_with_a_role_elsewhere_too(cast):
    grant(cast, cast.users.authority_officer, cast.users.secretary_a, "branch_clerk", cast.sibling_branch)
    with pytest.raises(DomainError) as refused:
        services.reset_password(
            user=cast.users.secretary_a, password="x", today=TODAY, actor=fresh(cast.users.park_officer)
        )
    assert code_of(refused) == "not_administrable"
    assert "丁公司" not in refused.value.message


def test_two_who_correct_the_same_account_see_both_values(cast):
    user, officer = cast.users.secretary_a, fresh(cast.users.park_officer)
    facts = {"email": "", "phone": "", "today": TODAY, "actor": officer, "version": 1}
    services.update_user(user=user, display_name="王书记一", **facts)
    with pytest.raises(Conflict) as refused:
        services.update_user(user=user, display_name="王书记二", **facts)
    assert ("姓名", "王书记一", "王书记二") in refused.value.rows


def new_user(client, cast, **changes):
    facts = {
        "username": "chen", "display_name": "陈书记", "role": "branch_secretary", "org": cast.branch_b.pk,
        "since": "2026-11-22",
    }  # fmt: skip
    return client.post("/accounts/new/", {**facts, **changes})


def test_a_new_account_shows_its_password_once_and_must_change_it(client, cast):
    client.force_login(cast.users.park_officer)
    token = "6f1b6d1e-8b0e-4f5e-9a44-0a8c3c1d2e3f"
    page = new_user(client, cast, submission=token)
    assert page.status_code == 200
    password = page.context["secret"]
    assert password in page.content.decode()
    user = User.objects.get(username="chen")
    assert password not in client.get(user.get_absolute_url()).content.decode()
    again = new_user(client, cast, submission=token)
    assert again.url == user.get_absolute_url()
    newcomer = Client()
    newcomer.post("/signin/", {"username": "chen", "password": password})
    assert newcomer.get("/orgs/").url.startswith("/password/")


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("username", "SECRETARY_A", "已经存在"),
        ("username", "a b", "只能用"),
        ("display_name", "　", "姓名"),
        ("role", "park_officer", "选择"),
        ("until", "2026-11-22", "晚于"),
        ("phone", "abc", "电话号码"),
    ],
)
def test_an_account_that_cannot_be_opened_says_why_and_leaves_nothing(client, cast, field, value, sentence):
    client.force_login(cast.users.park_officer)
    before = User.objects.count()
    response = new_user(client, cast, **{field: value})
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert User.objects.count() == before


def test_an_organisation_outside_the_scope_cannot_be_chosen(client, cast):
    client.force_login(cast.users.park_officer)
    foreign = new_user(client, cast, org=cast.sibling_branch.pk)
    missing = new_user(client, cast, org=999_999)
    assert foreign.context["form"].errors["org"] == missing.context["form"].errors["org"]


def test_a_park_officer_sees_the_users_of_the_own_subtree_only(client, cast):
    client.force_login(cast.users.park_officer)
    page = client.get("/accounts/").content.decode()
    assert "王书记" in page
    assert "周部长" not in page
    assert "冯访客" not in page
    hidden = client.get(f"/accounts/{cast.users.authority_officer.pk}/")
    missing = client.get("/accounts/999999/")
    assert hidden.status_code == missing.status_code == 404


def test_a_system_administrator_sees_all_accounts_and_no_business_rows(client, cast):
    client.force_login(cast.users.system_admin)
    page = client.get("/accounts/").content.decode()
    assert "冯访客" in page
    assert "周部长" in page
    assert client.get("/orgs/").status_code == 403
    assert client.get("/accounts/orgs/?q=子公司").json()["results"]


@pytest.mark.parametrize("who", ["secretary_a", "clerk_a1", "instructor", "auditor", "visitor"])
def test_others_do_not_reach_the_accounts(client, cast, who):
    client.force_login(getattr(cast.users, who))
    for page in ("/accounts/", "/accounts/new/", f"/accounts/{cast.users.visitor.pk}/", "/accounts/orgs/"):
        assert client.get(page).status_code == 403, page
    assert client.post(f"/accounts/{cast.users.visitor.pk}/disable/").status_code == 403


def test_roles_outside_the_scope_are_not_listed(client, cast):
    grant(cast, cast.users.authority_officer, cast.users.secretary_a, "branch_clerk", cast.sibling_branch)
    client.force_login(cast.users.park_officer)
    page = client.get(f"/accounts/{cast.users.secretary_a.pk}/").content.decode()
    assert "子公司党支部" in page
    assert "丁公司" not in page
    outside = RoleAssignment.objects.get(user=cast.users.secretary_a, org=cast.sibling_branch)
    assert client.get(f"/accounts/grants/{outside.pk}/end/").status_code == 404


def test_the_buttons_of_an_account_do_what_they_say(client, cast):
    client.force_login(cast.users.park_officer)
    user = cast.users.secretary_a
    base = user.get_absolute_url()
    assert client.post(f"{base}disable/").url == base
    assert not fresh(user).is_active
    client.post(f"{base}enable/")
    assert fresh(user).is_active
    client.post(f"{base}edit/", {"display_name": "王建国", "phone": "13800001234", "version": 1})
    assert "王建国" in client.get(base).content.decode()
    assert "13800001234" not in client.get(base).content.decode()
    client.post(f"{base}grant/", {"role": "instructor", "org": cast.branch_a.pk, "since": "2026-11-22"})
    held = RoleAssignment.objects.get(user=user, role="instructor")
    assert client.post(f"/accounts/grants/{held.pk}/end/", {"until": "2026-11-30"}).url == base
    page = client.post(f"{base}reset/", {})
    assert fresh(user).check_password(page.context["secret"])


@pytest.mark.parametrize(
    "query", ["", "?role=branch_secretary", "?role=none", "?state=disabled", "?q=王", "?order=new"]
)
def test_the_list_of_users_takes_its_filters_in_constant_queries(client, cast, query, django_assert_max_num_queries):
    client.force_login(cast.users.system_admin)
    for number in range(60):
        user = User.objects.create(username=f"user{number}", display_name="新人")
        RoleAssignment.objects.create(user=user, role="branch_secretary", org=cast.branch_a, since=TODAY)
    with django_assert_max_num_queries(14):
        assert client.get(f"/accounts/{query}").status_code == 200


class TestAtAnOrganisationThatEnds:
    def end_all(self, cast, org, on):
        return services.end_grants_at(org=org, on=on, today=TODAY, actor=cast.users.park_officer)

    def test_every_role_there_ends_with_it_and_nowhere_else(self, cast):
        on = TODAY - 3 * DAY
        assert self.end_all(cast, cast.branch_a, on) == 2
        assert set(RoleAssignment.objects.filter(org=cast.branch_a).values_list("until", flat=True)) == {on}
        assert RoleAssignment.objects.get(user=cast.users.secretary_b).until is None
        assert AuditEntry.objects.filter(action="grant.ended").count() == 2

    def test_a_role_that_began_later_never_held_and_one_that_had_ended_stays_as_it_was(self, cast):
        RoleAssignment.objects.filter(user=cast.users.secretary_a).update(until=TODAY - 9 * DAY)
        RoleAssignment.objects.filter(user=cast.users.clerk_a1).update(since=TODAY)
        assert self.end_all(cast, cast.branch_a, TODAY - DAY) == 1
        assert RoleAssignment.objects.get(user=cast.users.secretary_a).until == TODAY - 9 * DAY
        assert not RoleAssignment.objects.filter(user=cast.users.clerk_a1).exists()

    def test_the_last_system_administrator_keeps_the_organisation_alive(self, cast):
        with pytest.raises(DomainError) as refused:
            self.end_all(cast, cast.authority, TODAY)
        assert code_of(refused) == "last_administrator"
        assert RoleAssignment.objects.get(user=cast.users.auditor).until is None
