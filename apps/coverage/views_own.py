"""Pages beside the report: corrections of closed quarters, and the versions of the definition."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import Http404
from django.utils import timezone
from django.utils.functional import cached_property

from apps.core.errors import DomainError
from apps.core.guard import may, resolve_scope
from apps.core.views import ActionView, DetailPage, FormPage, PageView

from . import definitions, permissions, services
from .forms import CORRECTABLE, CorrectionForm, DefinitionForm, shown
from .models import Correction, DefinitionVersion, Snapshot, SnapshotRow


class CorrectionCreateView(FormPage):
    """更正说明: what was wrong in a closed quarter, and why."""

    permission = permissions.CORRECT
    form_class = CorrectionForm
    title = "提出更正说明"
    lead = "封存的数据不会改动。更正说明由另一人批准后编号，附在该期的每一份报表之后。"
    submit_label = "提交，等待批准"
    success_message = "已提出，等待批准。"

    @cached_property
    def snapshot(self) -> Snapshot:
        found = Snapshot.objects.filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [
            {"label": "两个覆盖", "url": "/coverage/"},
            {"label": str(self.snapshot), "url": report_of(self.snapshot)},
        ]

    def get_cancel_url(self) -> str:
        return report_of(self.snapshot)

    def perform(self, form: Any) -> Correction:
        facts = form.facts()
        text = facts["enterprise"].strip()
        rows = list(
            SnapshotRow.objects.filter(snapshot=self.snapshot).filter(Q(name=text) | Q(credit_code=text.upper()))[:2]
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
            snapshot=self.snapshot, reason=facts["reason"], changes=[change], actor=self.request.user
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
            {"label": "提出", "value": f"{c.author_name} {timezone.localtime(c.created_at):%Y-%m-%d %H:%M}"},
            {"label": "批准", "value": f"{c.approver_name} {timezone.localtime(c.approved_at):%Y-%m-%d %H:%M}"
             if c.approved_at else ""},
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


class CorrectionApproveView(ActionView):
    """Approve somebody else's correction."""

    permission = permissions.APPROVE
    success_message = "已批准并编号。"

    @cached_property
    def correction(self) -> Correction:
        found = Correction.objects.filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found

    def perform(self) -> Correction:
        return services.approve_correction(correction=self.correction, actor=self.request.user)

    def get_back_url(self) -> str:
        return self.correction.get_absolute_url()


class DefinitionListView(PageView):
    """口径: every version, in force or not, with the numbers of today."""

    permission = permissions.VIEW
    template_name = "coverage/definitions.html"
    title = "覆盖口径"
    lead = "每份报表都写明所用的口径。口径不修改，只新增和停用，往期报表不受影响。"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [{"label": "两个覆盖", "url": "/coverage/"}]

    def get_actions(self) -> list[dict[str, Any]]:
        return (
            [{"label": "新增口径", "url": "/coverage/definitions/new/"}]
            if may(self.request.user, permissions.DEFINE)
            else []
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        thresholds = definitions.thresholds_on(self.today)
        rows = [
            {"row": row, "text": row.filled(thresholds).describe(),
             "in_force": row.since <= self.today and (row.until is None or row.until > self.today)}
            for row in DefinitionVersion.objects.all()
        ]  # fmt: skip
        return super().get_context_data(rows=rows, thresholds=thresholds, **kwargs)


class DefinitionCreateView(FormPage):
    """A new definition."""

    permission = permissions.DEFINE
    form_class = DefinitionForm
    title = "新增覆盖口径"
    success_message = "口径已新增。"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [{"label": "两个覆盖", "url": "/coverage/"}, {"label": "覆盖口径", "url": "/coverage/definitions/"}]

    def get_cancel_url(self) -> str:
        return "/coverage/definitions/"

    def perform(self, form: Any) -> str:
        facts = form.facts()
        services.add_definition(actor=self.request.user, version=facts.pop("edition"), **facts)
        return "/coverage/definitions/"


def report_of(snapshot: Snapshot) -> str:
    """The report page of a closed period."""
    return f"/coverage/?org={snapshot.org.code}&period={snapshot.period}"
