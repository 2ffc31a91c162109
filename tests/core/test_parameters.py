"""Parameters: the value of a day and of a node."""

import datetime

import pytest
from django.db import connection

from apps.core import parameters
from apps.core.errors import DomainError
from apps.core.models import AuditEntry, Parameter

CODE = "branches.committee_members"
FIRST, SECOND = datetime.date(2026, 1, 1), datetime.date(2026, 7, 1)


def in_force(on, org_path=""):
    return parameters.value(CODE, on=on, org_path=org_path)


def set_to(cast, value, since, org=None, **given):
    return parameters.set_parameter(
        code=CODE, value=value, since=since, source="园党发〔2026〕1号", actor=cast.users.authority_officer,
        org_path=org.path if org else "", org_name=str(org or ""), **given,
    )  # fmt: skip


def test_a_declared_parameter_has_its_default_as_a_row(db):
    assert Parameter.objects.get(code=CODE).value == 100
    assert in_force(SECOND) == 100


def test_seeding_again_adds_nothing(db):
    before = Parameter.objects.count()
    parameters.seed()
    assert Parameter.objects.count() == before


def test_an_undeclared_parameter_is_a_programming_error(db):
    with pytest.raises(KeyError):
        parameters.value("nobody.declared", on=FIRST)


def test_last_years_report_keeps_last_years_threshold(cast):
    set_to(cast, 80, SECOND)
    assert in_force(SECOND - datetime.timedelta(days=1)) == 100
    assert in_force(SECOND) == 80


def test_before_its_first_row_a_parameter_has_its_default(cast):
    assert in_force(datetime.date(1990, 1, 1)) == 100


def test_the_nearest_node_wins_even_over_a_later_row_above(cast):
    set_to(cast, 60, FIRST, cast.park_org)
    set_to(cast, 80, SECOND)
    assert in_force(SECOND, cast.branch_a.path) == 60
    assert in_force(SECOND, cast.park_org.path) == 60
    assert in_force(SECOND, cast.sibling_branch.path) == 80
    assert in_force(SECOND, cast.authority.path) == 80


def test_a_day_has_one_value_for_a_node(cast):
    set_to(cast, 80, FIRST)
    with pytest.raises(DomainError, match="换一个生效日期"):
        set_to(cast, 90, FIRST)
    set_to(cast, 90, FIRST, cast.park_org)


@pytest.mark.parametrize(("value", "fits"), [(2, False), (3, True), (5000, True), (5001, False)])
def test_a_value_keeps_within_its_limits(cast, value, fits):
    if fits:
        assert set_to(cast, value, FIRST).value == value
    else:
        with pytest.raises(DomainError):
            set_to(cast, value, FIRST)
        assert not AuditEntry.objects.exists()


def test_setting_one_leaves_an_entry_with_node_and_author(cast):
    row = set_to(cast, 80, SECOND, cast.park_org)
    entry = AuditEntry.objects.get(action="parameter.set")
    assert (row.author_name, entry.org_path) == ("周部长", cast.park_org.path)
    assert "80" in entry.summary


def test_several_values_cost_one_query(cast, django_assert_num_queries):
    with django_assert_num_queries(1):
        parameters.values(list(parameters.registry), on=FIRST, org_path=cast.branch_a.path)


def test_a_code_is_declared_once():
    with pytest.raises(ValueError, match="twice"):
        parameters.declare(parameters.registry[CODE])


def asked_in_sql(code, on, org_path):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {parameters.sql_value(code, org_path='%(path)s')}", {"today": on, "path": org_path})
        return cursor.fetchone()[0]


def test_report_sql_reads_the_value_that_pages_read(cast):
    set_to(cast, 60, FIRST, cast.park_org)
    set_to(cast, 70, SECOND, cast.station)
    set_to(cast, 80, SECOND)
    days = [FIRST - datetime.timedelta(days=1), FIRST, SECOND - datetime.timedelta(days=1), SECOND]
    orgs = [cast.authority, cast.park_org, cast.committee, cast.station, cast.branch_a, cast.sibling_branch]
    for on in [datetime.date(1990, 1, 1), *days]:
        for path in ["", *(org.path for org in orgs)]:
            assert asked_in_sql(CODE, on, path) == in_force(on, path), (on, path)


def test_report_sql_reads_the_default_where_nobody_ever_set_one(db):
    Parameter.objects.all().delete()
    assert asked_in_sql(CODE, FIRST, "") == 100
    with pytest.raises(KeyError):
        parameters.sql_value("nobody.declared")
