"""换届台账 and the registering of terms."""

from __future__ import annotations

from typing import Any

from apps.core.errors import DomainError
from apps.core.views import EditPage, LedgerView, may

from .forms.terms import TermForm
from .ledgers.terms import MissingTermLedger, TermLedger
from .models import PartyOrg, Term
from .permissions import KEEP_TERMS
from .rules.terms import TERM, TERM_NOTICE
from .services.terms import change_term, check_elects, record_term

TERMS = {"label": "换届", "url": "/terms/?now=1"}


class TermListView(LedgerView):
    """换届台账."""

    ledger = TermLedger

    def get_actions(self) -> list[dict[str, Any]]:
        actions = [{"label": "换届选举", "url": "/elections/"}, {"label": "未登记届期的组织", "url": "/terms/missing/"}]
        if may(self.request.user, KEEP_TERMS):
            actions.append({"label": "导入", "url": "/imports/branches.terms/"})
        return actions


class MissingTermView(LedgerView):
    """Organisations that elect and have no term registered: for them nothing can be reminded of."""

    ledger = MissingTermLedger

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [TERMS]


class TermNewView(EditPage):
    """登记届期 of one organisation: `pk` names the organisation."""

    permission = KEEP_TERMS
    form_class = TermForm
    submit_label = "登记"
    success_message = "已登记。"

    def get_queryset(self) -> Any:
        return PartyOrg.objects.all()

    def get_title(self) -> str:
        return f"登记届期：{self.object}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [TERMS, {"label": str(self.object), "url": self.object.get_absolute_url()}]

    def get_initial(self) -> dict[str, Any]:
        last = Term.objects.filter(org=self.object).order_by("-number").first()
        return {"number": last.number + 1 if last else 1}

    def get_locked(self) -> str:
        return not_electing(self.object)

    def get_basis(self) -> list[Any]:
        return [TERM]

    def get_cancel_url(self) -> str:
        return f"{self.object.get_absolute_url()}#terms"

    def perform(self, form: Any) -> Any:
        return record_term(org=self.object, **form.facts(), today=self.today, actor=self.request.user)


class TermEditView(EditPage):
    """更正届期."""

    permission = KEEP_TERMS
    form_class = TermForm
    success_message = "已更正。"

    def get_queryset(self) -> Any:
        return Term.objects.select_related("org")

    def get_title(self) -> str:
        return f"更正届期：{self.object.org}{self.object}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [TERMS, {"label": str(self.object.org), "url": self.object.org.get_absolute_url()}]

    def get_basis(self) -> list[Any]:
        return [TERM, TERM_NOTICE]

    def perform(self, form: Any) -> Any:
        facts = form.facts()
        facts["expires_on"] = facts["expires_on"] or self.object.expires_on
        return change_term(
            term=self.object, changes=facts, version=form.cleaned_data["version"], today=self.today,
            actor=self.request.user,
        )  # fmt: skip


def not_electing(org: PartyOrg) -> str:
    """Why this organisation has no elections; empty where it has."""
    try:
        check_elects(org)
    except DomainError as error:
        return error.sentence
    return ""
