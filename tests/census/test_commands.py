"""`census open|status|close`: what operators and checks rely on."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command

from apps.census.models import CensusRound
from apps.core.scoping import unscoped


@pytest.fixture
def census(cast, capsys):
    """Run the command as somebody; returns (exit code, the JSON object or None, what went to stderr)."""

    def run(action, *, user="park_officer", org="JY", period="2026Q4", as_json=True):
        args = [action, "--org", org, "--period", period, "--as", user, *(["--json"] if as_json else [])]
        code = 0
        capsys.readouterr()
        try:
            call_command("census", *args)
        except SystemExit as end:
            code = end.code
        except CommandError as error:
            return error.returncode, None, str(error)
        captured = capsys.readouterr()
        return code, json.loads(captured.out) if captured.out and as_json else captured.out, captured.err

    return run


def test_open_status_and_close_tell_the_same_round(census, unchanged, cast, return_of):
    code, body, _ = census("status")
    assert (code, body["state"], body["expected"], body["not_started"]) == (0, "open", 3, 3)
    unchanged(cast.enterprise_a)
    _, body, _ = census("status")
    assert (body["submitted"], body["on_time"], body["reported"], body["outstanding"]) == (1, 1, 1, 2)
    code, body, _ = census("close")
    assert (code, body["state"], body["submitted"], body["not_started"]) == (0, "closed", 1, 2)
    assert {"round", "period", "org", "draft", "returned", "approved", "due_on"} <= set(body)


def test_opening_again_adds_nothing(census):
    assert census("open")[1]["added"] == 3
    code, body, _ = census("open")
    assert (code, body["added"], body["created"]) == (0, 0, False)


@pytest.mark.parametrize(("period", "kind"), [("2026", "year"), ("2026-11", "campaign"), ("2026q4", "quarter")])
def test_the_period_says_what_kind_of_round_it_is(census, period, kind):
    assert census("open", period=period)[0] == 0
    with unscoped("test"):
        assert CensusRound.objects.get().kind == kind


def test_closing_a_closed_one_is_exit_code_1_with_the_sentence(census, census_round):
    census("close")
    code, _, error = census("close")
    assert code == 1
    assert error.strip() == "2026年第四季度已于2026年11月22日由李明关闭，不能重复关闭。"
    assert census("open")[0] == 1


@pytest.mark.parametrize(("change", "said"), [
    ({"user": "nobody"}, "没有可用的账号"), ({"user": "auditor"}, "没有这项权限"), ({"org": "YY"}, "不在该账号的范围内"),
    ({"period": "2026Q5"}, "无法识别的期间"), ({"period": "2027Q1"}, "尚未开始"),
])  # fmt: skip
def test_a_wrong_call_is_exit_code_2_with_a_sentence(census, change, said):
    code, body, error = census("open", **change)
    assert (code, body) == (2, None)
    assert said in error


def test_a_status_without_a_round_is_a_wrong_call(census):
    assert census("status")[0] == 2


def test_for_people_it_is_one_sentence(census, census_round):
    assert "应报 3，已报 0" in census("status", as_json=False)[1]
