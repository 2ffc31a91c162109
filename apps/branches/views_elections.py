"""换届选举: the list, the page of one election with its steps, the vote record for print."""

from __future__ import annotations

from typing import Any

from apps.core.views import DetailPage, LedgerView

from .access_elections import may_decide, may_elect
from .ledgers.terms import ElectionLedger, election_tone
from .models import Election
from .permissions import VIEW
from .rules.elections import FINISHED, SENT_BACK, ElectionState
from .rules.voting import BALLOTS, ELECTION_VOTE
from .showing_elections import candidate_rows, facts_of, next_due, record_of, seats_text, step_bar
from .views_terms import TERMS

BASIS = (ELECTION_VOTE, BALLOTS)
ELECTIONS = {"label": "换届选举", "url": "/elections/"}
State = ElectionState


class ElectionListView(LedgerView):
    """换届选举台账."""

    ledger = ElectionLedger

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [TERMS]


class ElectionView(DetailPage):
    """One election: how far it has come, what is due next, the vote record."""

    permission = VIEW
    template_name = "branches/election.html"

    def get_queryset(self) -> Any:
        return Election.objects.select_related("org", "term")

    def get_badges(self) -> list[dict[str, str]]:
        return [{"text": self.object.get_state_display(), "tone": election_tone(self.object.state)}]

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [TERMS, ELECTIONS]

    def get_actions(self) -> list[dict[str, Any]]:
        row, user, base = self.object, self.request.user, self.object.get_absolute_url()
        acts, decides = may_elect(user, row.org), may_decide(user, row.org)
        state = State(row.state)
        wanted = [
            (row.held_on is not None, "打印选举记录", "record", {}),
            (acts and state is State.PLANNED, "修改计划", "plan", {}),
            (acts and state in (State.NOTIFIED, State.HELD), "重新确定候选人", "notify", {}),
            (acts and state is State.HELD, "修改选举记录", "vote", {}),
            (decides and state in SENT_BACK, "退回", "return", {}),
            ((acts or decides) and state not in FINISHED, "取消换届", "cancel", {"danger": True}),
        ]
        return [{"label": label, "url": f"{base}{name}/", **how} for fits, label, name, how in wanted if fits]

    def get_facts(self) -> list[dict[str, Any]]:
        return facts_of(self.object)

    def get_sections(self) -> list[dict[str, Any]]:
        row = self.object
        sections: list[dict[str, Any]] = []
        if record := record_of(row):
            sections.append({"id": "record", "title": "选举记录", "template": "branches/_facts_section.html",
                             "facts": record})  # fmt: skip
        if candidates := candidate_rows(row):
            headers = [
                {"label": "姓名"},
                {"label": "选举职务"},
                {"label": "得赞成票", "numeric": True},
                {"label": "结果"},
            ]
            sections.append({
                "id": "candidates", "title": "候选人和得票", "note": f"应选{seats_text(row)}",
                "template": "branches/_table_section.html", "table": {"headers": headers, "rows": candidates},
            })  # fmt: skip
        return sections

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        due, row, user = next_due(self.object), self.object, self.request.user
        may_act = due is not None and (may_decide if due.step.by_officer else may_elect)(user, row.org)
        chosen = {"书记": row.secretary, "副书记": row.deputy}
        won = "，".join(f"{label}{name}" for label, name in chosen.items() if name)
        return super().get_context_data(steps=step_bar(row), due=due, may_act=may_act, won=won, **kwargs)


class RecordSheetView(DetailPage):
    """The vote record for print."""

    permission = VIEW
    template_name = "branches/vote_record.html"

    def get_queryset(self) -> Any:
        return Election.objects.select_related("org")

    def get_title(self) -> str:
        return f"{self.object.org.name}第{self.object.number}届换届选举记录"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.object
        return super().get_context_data(
            record=record_of(row), candidates=candidate_rows(row), seats=seats_text(row), basis=BASIS, **kwargs
        )
