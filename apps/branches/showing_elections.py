"""An election as pages show it: its steps, what is due next and by when, the vote record in words."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any, Final

from .models import Election
from .parameters import election_thresholds
from .rules.elections import FINISHED, STEPS, ElectionState, Step, election_request_due, next_step
from .services.election_steps import open_term, seats_of

PATHS: Final = {
    ElectionState.REQUESTED: "request",
    ElectionState.CONSENTED: "consent",
    ElectionState.NOTIFIED: "notify",
    ElectionState.HELD: "vote",
    ElectionState.REPORTED: "report",
    ElectionState.APPROVED: "approve",
}
"""Where each step is taken, below the address of the election."""

BUTTONS: Final = {
    ElectionState.REQUESTED: "登记请示",
    ElectionState.CONSENTED: "批复",
    ElectionState.NOTIFIED: "确定候选人并通知",
    ElectionState.HELD: "填写选举记录",
    ElectionState.REPORTED: "报告结果",
    ElectionState.APPROVED: "批准，开始新一届",
}


@dataclass(frozen=True)
class Due:
    """What has to be done next: by whom, until when (None: promptly), where."""

    step: Step
    by: str
    due_on: datetime.date | None
    url: str
    button: str


def next_due(election: Election) -> Due | None:
    """The next step of an election; None when it is over."""
    step = next_step(ElectionState(election.state))
    if step is None:
        return None
    by = "上级党组织" if step.by_officer else str(election.org)
    url = f"{election.get_absolute_url()}{PATHS[step.state]}/"
    return Due(step, by, _due_on(election, step), url, BUTTONS[step.state])


def _due_on(election: Election, step: Step) -> datetime.date | None:
    if step.state is ElectionState.REQUESTED:
        today = election.planned_on
        return election_request_due(today, election_thresholds(on=today, org_path=election.org_path))
    if step.state in (ElectionState.CONSENTED, ElectionState.NOTIFIED, ElectionState.HELD):
        return election.planned_on
    return None


def step_bar(election: Election) -> list[dict[str, str]]:
    """The steps for the bar: done, now, or to come. A cancelled election stops where it was."""
    if election.state == ElectionState.CANCELLED:
        return [{"label": ElectionState.CANCELLED.label, "state": "now"}]
    reached = [step.state for step in STEPS].index(ElectionState(election.state))
    over = ElectionState(election.state) in FINISHED
    bar = []
    for position, step in enumerate(STEPS):
        done = position <= reached
        state = "done" if done else "now" if position == reached + 1 and not over else ""
        bar.append({"label": step.word, "state": state})
    return bar


def facts_of(election: Election) -> list[dict[str, Any]]:
    """What is known so far, step by step."""
    term = open_term(election.org) if ElectionState(election.state) not in FINISHED else None
    plan = f"委员{election.seats}名" if election.seats else "不设委员会，由大会直接选举书记"
    if election.deputies:
        plan += f"，副书记{election.deputies}名"
    facts: list[dict[str, Any]] = [
        {"label": "党组织", "value": election.org.name, "url": election.org.get_absolute_url()},
        {"label": "本届", "value": f"{term}，{term.expires_on:%Y-%m-%d} 届满" if term else ""},
        {"label": "选举产生", "value": f"第{election.number}届"},
        {"label": "选举方式", "value": election.get_meeting_display()},
        {"label": "名额", "value": plan},
        {"label": "计划选举日期", "value": election.planned_on},
        {"label": "请示", "value": _dated(election.requested_on, election.request_document)},
        {"label": "批复", "value": _dated(election.consented_on, election.consent_document)},
        {"label": "提前（延期）批准", "value": election.timing_document},
        {"label": "通知党员", "value": _dated(election.notified_on, election.notice), "wide": bool(election.notice)},
        {"label": "结果报告", "value": _dated(election.reported_on, election.result_document)},
        {"label": "批准", "value": _dated(election.approved_on, election.approval_document)},
        {"label": "取消", "value": _dated(election.cancelled_on, election.cancel_reason)},
        {"label": "情况说明", "value": election.reason, "wide": True},
    ]
    kept = ("党组织", "选举产生", "选举方式", "名额", "计划选举日期")
    return [fact for fact in facts if fact["value"] or fact["label"] in kept]


def _dated(day: datetime.date | None, text: str) -> str:
    return " ".join(filter(None, (day.isoformat() if day else "", text)))


def record_of(election: Election) -> list[dict[str, Any]]:
    """The numbers of the vote, for the page and for print."""
    if election.held_on is None:
        return []
    left_out = [
        {"label": f"不计入：{each.get_reason_display()}", "value": f"{each.people}人（{each.document}）"}
        for each in election.exclusions.all()
    ]
    return [
        {"label": "选举日期", "value": election.held_on},
        {"label": "主持人", "value": election.chair},
        {"label": "监票人", "value": election.scrutineers},
        {"label": "计票人", "value": election.tellers},
        {"label": "正式党员（代表）", "value": f"{election.voters}人", "hint": election.voters_source},
        *left_out,
        {"label": "应到会有表决权", "value": f"{election.expected}人"},
        {"label": "实到", "value": f"{election.present}人"},
        {"label": "发出选票", "value": f"{election.issued}张"},
        {"label": "收回选票", "value": f"{election.returned}张"},
        {"label": "有效票", "value": f"{election.valid}张"},
    ]


def candidate_rows(election: Election) -> list[list[dict[str, Any]]]:
    """Everybody who stood, the most votes first, and who is elected."""
    found = sorted(election.candidates.all(), key=lambda each: (each.post != "member", -(each.votes or 0), each.pk))
    rows: list[list[dict[str, Any]]] = []
    for each in found:
        name = each.name if each.is_nominated else f"{each.name}（另选他人）"
        votes = "" if each.votes is None else str(each.votes)
        if each.runoff is not None:
            votes += f"（再次投票 {each.runoff}）"
        mark: dict[str, Any] = {"text": ""}
        if each.votes is not None:
            mark = {"text": "当选", "badge": "success"} if each.is_elected else {"text": "未当选", "badge": "neutral"}
        rows.append([{"text": name}, {"text": each.get_post_display()}, {"text": votes, "numeric": True}, mark])
    return rows


def seats_text(election: Election) -> str:
    return "，".join(f"{post.label}{seats}名" for post, seats in seats_of(election).items())
