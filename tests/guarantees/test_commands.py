"""The operators' commands refuse in Chinese, on stderr, with exit code 2: no usage text alone, never a traceback."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command, load_command_class
from django.core.management.base import SystemCheckError
from django.db import OperationalError

from apps.core.commands import ActingCommand, OperatorCommand, wrong_call

OURS = {
    "core": ("import_ledger", "services", "verify_audit"), "census": ("census",), "ledgers": ("export_ledger",),
    "coverage": ("coverage_report",), "reminders": ("plan_reminders", "send_reminders"),
    "portal": ("load_demo", "demo_accounts", "generate_scale"), "accounts": ("create_admin",),
}  # fmt: skip


@pytest.mark.parametrize(("app", "name"), [(app, name) for app, names in OURS.items() for name in names])
def test_every_command_refuses_by_the_same_base(app, name):
    assert isinstance(load_command_class(f"apps.{app}", name), OperatorCommand)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (["census", "open"], "缺少参数：--period, --org, --as。"),
        (["census", "abolish", "--org", "JY", "--period", "2026Q4", "--as", "x"], "参数 action 不能是“abolish”"),
        (["load_demo", "--on", "2026-02-30"], "参数 --on 的值“2026-02-30”不正确。"),
        (["coverage_report", "--org", "JY", "--as", "x"], "须给出其中一个参数：--period --as-of。"),
        (["coverage_report", "--org", "JY", "--as", "x", "--period", "2026Q3", "--as-of", "2026-09-30"], "不能同时使用"),
        (["export_ledger", "enterprises.roster", "--org"], "参数 --org 后面缺少值。"),
        (["verify_audit", "--all"], "不认识的参数：--all。"),
    ],
)
def test_a_wrong_call_is_a_chinese_sentence_and_exit_code_2(call, sentence):
    with pytest.raises(CommandError) as refused:
        call_command(*call) if call[1:2] != ["--all"] else load_command_class("apps.core", "verify_audit").create_parser(
            "manage.py", "verify_audit"
        ).parse_args(["--all"])
    assert sentence in str(refused.value)
    assert refused.value.returncode == 2


def test_what_argparse_says_otherwise_is_quoted():
    assert wrong_call("conflicting things") == "命令的用法不对：conflicting things"


def test_a_command_without_its_database_says_so(monkeypatch):
    def away(*args, **options):
        raise OperationalError("connection refused")

    monkeypatch.setattr(ActingCommand, "_run", away)
    with pytest.raises(CommandError, match="数据库暂时无法连接") as refused:
        call_command("census", "status", "--org", "JY", "--period", "2026Q4", "--as", "x")
    assert refused.value.returncode == 2
    assert not isinstance(refused.value, SystemCheckError)


@pytest.mark.django_db
def test_the_accounts_of_the_demo_have_exactly_the_public_keys(monkeypatch, cast):
    from apps.portal.management.commands import demo_accounts

    row = {"username": "park", "password": "x", "role": "park_officer", "org": "JY", "label": "…", "org_name": "…"}
    monkeypatch.setattr(demo_accounts, "is_loaded", lambda: True)
    monkeypatch.setattr(demo_accounts.Command, "_rows", lambda self: [row])
    said = StringIO()
    call_command("demo_accounts", "--json", stdout=said)
    assert [set(each) for each in json.loads(said.getvalue())] == [{"username", "password", "role", "org"}]


@pytest.mark.parametrize("day", ["0001-01-01", "1990-01-01", "2019-12-31"])
def test_a_report_of_a_day_before_any_data_counts_nothing_and_has_no_rates(cast, day):
    said = StringIO()
    call_command("coverage_report", "--org", "JY", "--as", "park_officer", "--as-of", day, "--json", stdout=said)
    report = json.loads(said.getvalue())
    assert (report["enterprises"], report["uncovered"], report["excluded"]) == (0, 0, {})
    rates = ("organisation_rate", "work_rate", "single_rate", "single_rate_100")
    assert [report[name] for name in rates] == [None] * 4
