"""The pure rules of accounts: who gives what, duties apart, passwords at n-1, n and n+1."""

import datetime

import pytest

from apps.accounts.rules import (
    PasswordRule,
    character_classes,
    grantable_roles,
    may_administer,
    password_is_due,
    password_problems,
    separation_finding,
)
from apps.core import permissions as p

RULE = PasswordRule(length=10, classes=3, history=5, days=90)
PARK, BRANCH, SIBLING = "00010001", "000100010001", "00010002"


@pytest.mark.parametrize(("length", "good"), [(9, False), (10, True), (11, True)])
def test_a_password_has_at_least_ten_characters(length, good):
    assert (password_problems(("Ab1" * 4)[:length], "", RULE) == []) is good


@pytest.mark.parametrize(
    ("password", "classes"),
    [("abcdefghij", 1), ("abcdefghi1", 2), ("Abcdefghi1", 3), ("Abcdefgh1-", 4), ("abcdefg党建1", 3), ("", 0)],
)
def test_three_of_four_classes_are_asked_for(password, classes):
    assert character_classes(password) == classes
    problems = password_problems(password.ljust(10, "a"), "", RULE) if password else ["-"]
    assert (problems == []) is (classes >= 3)


@pytest.mark.parametrize("password", ["Li.Ming-2026", "my-LI.MING-1"])
def test_a_password_does_not_hold_the_account_name(password):
    assert password_problems(password, "li.ming", RULE) == ["密码不能包含账号名。"]
    assert password_problems(password, "other", RULE) == []


@pytest.mark.parametrize(("age", "due"), [(89, False), (90, True), (91, True)])
def test_a_password_is_due_after_ninety_days(age, due):
    today = datetime.date(2026, 11, 22)
    assert password_is_due(today - datetime.timedelta(days=age), RULE, today=today) is due


def test_a_password_of_unknown_age_or_without_a_limit_is_not_due():
    today = datetime.date(2026, 11, 22)
    assert not password_is_due(None, RULE, today=today)
    assert not password_is_due(datetime.date(2000, 1, 1), PasswordRule(10, 3, 5, 0), today=today)


def test_a_park_officer_gives_branch_roles_in_the_own_subtree_and_nothing_else():
    held = [(p.PARK_OFFICER, PARK)]
    assert grantable_roles(held, BRANCH) == {p.BRANCH_SECRETARY, p.BRANCH_CLERK, p.INSTRUCTOR, p.UNITED_FRONT_OFFICER}
    assert grantable_roles(held, SIBLING) == frozenset()
    assert grantable_roles(held, "0001") == frozenset()


def test_a_secretary_gives_nothing():
    assert grantable_roles([(p.BRANCH_SECRETARY, BRANCH)], BRANCH) == frozenset()


def test_a_system_administrator_gives_every_role_in_the_own_subtree():
    assert grantable_roles([(p.SYSTEM_ADMIN, "0001")], BRANCH) == set(p.ROLE_LABELS)
    assert grantable_roles([(p.SYSTEM_ADMIN, PARK)], SIBLING) == frozenset()


def test_nobody_administers_a_person_who_holds_more_than_one_could_give():
    officer = [(p.PARK_OFFICER, PARK)]
    assert may_administer(officer, [(p.BRANCH_SECRETARY, BRANCH)])
    assert not may_administer(officer, [(p.BRANCH_SECRETARY, BRANCH), (p.BRANCH_CLERK, SIBLING)])
    assert not may_administer(officer, [(p.PARK_OFFICER, PARK)])
    assert not may_administer(officer, [(p.SYSTEM_ADMIN, "0001")])


@pytest.mark.parametrize(
    ("role", "others", "refused"),
    [
        (p.SYSTEM_ADMIN, [p.PARK_OFFICER], True),
        (p.PARK_OFFICER, [p.AUDITOR], True),
        (p.AUDITOR, [p.SYSTEM_ADMIN], True),
        (p.SYSTEM_ADMIN, [p.SYSTEM_ADMIN], False),
        (p.BRANCH_SECRETARY, [p.INSTRUCTOR, p.PARK_OFFICER], False),
        (p.AUDITOR, [], False),
    ],
)
def test_administration_audit_and_business_are_three_people(role, others, refused):
    finding = separation_finding(role, others)
    assert (finding is not None) is refused
    if finding:
        assert finding.blocks
        assert finding.basis.rule_id == "AQ-07"
