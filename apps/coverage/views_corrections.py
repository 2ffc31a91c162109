"""更正说明: what was wrong in a closed quarter, said by one person and approved by another."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from apps.core.clock import minute
from apps.core.errors import DomainError
from apps.core.guard import resolve_scope
from apps.core.views import ActionView, DetailPage, FormPage, ObjectMixin

from . import permissions, services
from .forms import CORRECTABLE, CorrectionForm, shown
from .models import Correction, Snapshot, SnapshotRow


def report_of(snapshot: Snapshot) -> str:
    """The report page of a closed period."""
    return f"/coverage/?org={snapshot.org.code}&period={snapshot.period}"


class CorrectionCreateView(ObjectMixin, FormPage):
    """更正说明: what was wrong in a closed quarter, and why."""

    permission = permissions.CORRECT
    form_class = CorrectionForm
    title = "提出更正说明"
    lead = "封存的数据不会改动。更正说明由另一人批准后编号，附在该期的每一份报表之后。"
    submit_label = "提交，等待批准"
    success_message = "已提出，等待批准。"

    def get_queryset(self) -> Any:
        return Snapshot.objects.all()

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [
            {"label": "两个覆盖", "url": "/coverage/"},
            {"label": str(self.object), "url": report_of(self.object)},
        ]

    def get_cancel_url(self) -> str:
        return report_of(self.object)

    def perform(self, form: Any) -> Correction:
        facts = form.facts()
        text = facts["enterprise"].strip()
        rows = list(
            SnapshotRow.objects.filter(snapshot=self.object).filter(Q(name=text) | Q(credit_code=text.upper()))[:2]
        )
        if len(rows) != 1:
            raise DomainError("封存名单中没有这家企业（或有同名企业），请填写统一社会信用代码。", field="enterprise")
        row, field = rows[0], facts["field"]
        change = {
            "enterprise_id": row.enterprise_id, "enterprise": row.name, "field": CORRECTABLE[field],
            "before": shown(field, getattr(row, field)), "after": facts["after"].strip(),
        }  # fmt: skip
        if change["before"] == change["after"]:
            raise DomainError("更正后的内容与封存的内容相同。", field="after")
        return services.propose_correction(
            snapshot=self.object, reason=facts["reason"], changes=[change], actor=self.request.user
        )


class CorrectionView(DetailPage):
    """One correction: what, why, who; and the button for whoever may approve it."""

    permission = permissions.VIEW
    template_name = "coverage/correction.html"

    def get_queryset(self) -> Any:
        return Correction.objects.select_related("snapshot__org")

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        snapshot = self.object.snapshot
        return [{"label": "两个覆盖", "url": "/coverage/"}, {"label": str(snapshot), "url": report_of(snapshot)}]

    def get_badges(self) -> list[dict[str, str]]:
        done = self.object.approved_at is not None
        return [{"text": "已批准" if done else "待批准", "tone": "success" if done else "warning"}]

    def get_facts(self) -> list[dict[str, Any]]:
        c = self.object
        return [
            {"label": "期间", "value": str(c.snapshot)},
            {"label": "提出", "value": f"{c.author_name} {minute(c.created_at)}"},
            {"label": "批准", "value": f"{c.approver_name} {minute(c.approved_at)}".strip()},
            {"label": "更正原因", "value": c.reason, "wide": True},
        ]  # fmt: skip

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        c = self.object
        scope = resolve_scope(self.request.user, permissions.APPROVE)
        may_approve = (
            c.approved_at is None and c.author_id != self.request.user.pk and scope.covers(c.snapshot.org.path)
        )
        headers = [{"label": "企业"}, {"label": "项目"}, {"label": "封存的内容"}, {"label": "更正后的内容"}]
        rows = [[{"text": each[name]} for name in ("enterprise", "field", "before", "after")] for each in c.changes]
        return super().get_context_data(
            may_approve=may_approve, is_own=c.author_id == self.request.user.pk and c.approved_at is None,
            table={"headers": headers, "rows": rows}, **kwargs,
        )  # fmt: skip


class CorrectionApproveView(ObjectMixin, ActionView):
    """Approve somebody else's correction."""

    permission = permissions.APPROVE
    success_message = "已批准并编号。"

    def get_queryset(self) -> Any:
        return Correction.objects.all()

    def perform(self) -> Correction:
        return services.approve_correction(correction=self.object, actor=self.request.user)

    def get_back_url(self) -> str:
        return self.object.get_absolute_url()
