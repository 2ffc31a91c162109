"""我的摸底: what a secretary, a clerk or an instructor answers, made for a phone."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Case, IntegerField, Value, When
from django.utils.functional import cached_property

from apps.core.keyset import page_of
from apps.core.views import ActionView, EditPage, ObjectMixin, PageView
from apps.enterprises.kinds import ContactMethod, UnbuiltReason
from apps.enterprises.models import Enterprise

from . import comparison, services
from .comparison import FACTS, Before
from .forms import ReturnForm, UnchangedForm
from .models import CensusReturn
from .permissions import ANSWER, VIEW
from .rules import CENSUS, CLEAR_FLAGS, FIVE_CLEAR, SECTION_FACTS, Section, State
from .services.moves import is_reopened
from .views_returns import ReturnMixin

MINE = "/census/mine/"
ON_A_PAGE = 20


class MineView(PageView):
    """What is due, one card for each enterprise: 本季无变化 is one press; the own enterprises of an instructor first."""

    permission = ANSWER
    template_name = "census/mine.html"
    title = "我的摸底"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        text = self.request.GET.get("q", "").strip()[:60]
        rows = self._rows()
        found = rows.filter(enterprise__in=Enterprise.objects.matching(text)) if text else rows
        page = page_of(found, ("rank", "round_id", "pk"), self.request.GET.dict(), ON_A_PAGE)
        cards = [self._card(row) for row in page.rows]
        return super().get_context_data(
            cards=cards, count=found.count(), done=self._done(), methods=ContactMethod.choices(),
            reasons=UnbuiltReason.choices(), page=page, q=text,
            **kwargs,
        )

    def _card(self, row: Any) -> dict[str, Any]:
        days = (self._due(row) - self.today).days
        return {"row": row, "token": uuid.uuid4(), "asks_reason": not row.covered and not row.unbuilt_reason,
                "days": days, "overdue": -days}  # fmt: skip

    def _rows(self) -> Any:
        own = CensusReturn.objects.all().assigned_to(self.request.user, self.today)
        rank = Case(
            When(own, state=State.RETURNED, then=Value(0)), When(own, then=Value(1)),
            When(state=State.RETURNED, then=Value(2)), default=Value(3), output_field=IntegerField(),
        )  # fmt: skip
        rows = CensusReturn.objects.outstanding(self.today).with_cover(self.today)
        rows = rows.select_related("round", "enterprise")
        return rows.annotate(rank=rank).order_by("rank", "round_id", "pk")

    def _due(self, row: CensusReturn) -> Any:
        return row.reopened_until if is_reopened(row, self.today) else row.round.due_on

    def _done(self) -> list[CensusReturn]:
        """What the user sent in lately, to look at or take back."""
        rows = CensusReturn.objects.waiting_for_review().filter(answered_by_id=self.request.user.pk)
        return list(rows.select_related("round", "enterprise").order_by("-submitted_on", "-pk")[:5])


class AnswerPage(ReturnMixin, EditPage):
    """What the two ways of answering share."""

    permission = ANSWER
    submit_label = "上报"

    def get_cancel_url(self) -> str:
        return MINE

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [{"label": "我的摸底", "url": MINE}]

    def get_locked(self) -> str:
        row = self.object
        if row.round.is_open or is_reopened(row, self.today):
            return ""
        return f"{row.round.closing_sentence()}。需要补报的，请联系{row.round.org}工作人员限期重新开放。"


class UnchangedView(AnswerPage):
    """本季无变化 as a page of its own: for whoever comes from a reminder, and where the one press lacks something."""

    form_class = UnchangedForm
    template_name = "census/unchanged.html"
    submit_label = "确认无变化并上报"

    @cached_property
    def standing(self) -> dict[str, Any]:
        """What is confirmed: the register and not a draft; of an enterprise that has left, what the return says."""
        return services.standing_facts(self.object, self.today) or {name: getattr(self.object, name) for name in FACTS}

    def get_title(self) -> str:
        return f"{self.object.enterprise.name} 本季无变化"

    def get_basis(self) -> list[Any]:
        return [CENSUS]

    def get_form_kwargs(self) -> dict[str, Any]:
        asks_reason = not self.object.covered and not self.standing["unbuilt_reason"]
        return {**super().get_form_kwargs(), "asks_reason": asks_reason}

    def get_initial(self) -> dict[str, Any]:
        return {"checked_on": self.today, "version": self.object.version}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        names = [*SECTION_FACTS[Section.OPERATIONS], "staff", *SECTION_FACTS[Section.MEMBERS]]
        facts = [{"label": _label(name), "value": comparison.shown(name, self.standing[name])} for name in names]
        if not self.object.covered and self.standing["unbuilt_reason"]:
            reason = comparison.shown("unbuilt_reason", self.standing["unbuilt_reason"])
            facts.append({"label": _label("unbuilt_reason"), "value": reason})
        return super().get_context_data(standing=facts, **kwargs)

    def perform(self, form: Any) -> str:
        row = services.answer_unchanged(
            census_return=self.object, today=self.today, actor=self.request.user,
            version=form.cleaned_data["version"], **form.facts(),
        )  # fmt: skip
        self.success_message = f"「{row.enterprise.name}」已上报：本季无变化。"
        return MINE


class FillView(AnswerPage):
    """The five sections, filled from the register and the last return; kept as a draft or sent in."""

    form_class = ReturnForm
    template_name = "census/fill.html"

    def get_title(self) -> str:
        return f"{self.object.enterprise.name} 摸底表"

    def get_basis(self) -> list[Any]:
        return [FIVE_CLEAR]

    @cached_property
    def last(self) -> Before:
        return comparison.before(self.object)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "covered": self.object.covered, "last": self.last}

    def get_initial(self) -> dict[str, Any]:
        initial = super().get_initial()
        clear = {name: True for name in CLEAR_FLAGS.values() if initial[name] is None}
        return {**initial, **clear, "checked_on": self.object.checked_on or self.today}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Counts what was filled in for the person and what is left."""
        names = [n for n in FACTS if not (self.object.covered and n in SECTION_FACTS[Section.UNBUILT])]
        filled = sum(getattr(self.object, name) not in (None, "") for name in names)
        left = ["摸排方式"] if not self.object.method else []
        if not self.object.covered and not self.object.unbuilt_reason:
            left.append("未建党组织原因")
        return super().get_context_data(filled=filled, left=left, comment=self._comment(), **kwargs)

    def _comment(self) -> str:
        return self.object.comment if self.object.state == State.RETURNED else ""

    def perform(self, form: Any) -> str:
        common: dict[str, Any] = {
            "census_return": self.object, "facts": form.facts(), "today": self.today, "actor": self.request.user,
            "version": form.cleaned_data["version"],
        }  # fmt: skip
        if "draft" in self.request.POST:
            row = services.save_draft(**common)
            self.success_message = f"「{row.enterprise.name}」的草稿已保存。"
        else:
            row = services.submit(**common)
            self.success_message = f"「{row.enterprise.name}」的摸底表已上报。"
        return MINE


class WithdrawView(ReturnMixin, ObjectMixin, ActionView):
    """撤回 before it is checked."""

    permission = ANSWER
    success_message = "已撤回，可以修改后重新上报。"

    def get_back_url(self) -> str:
        return f"/census/returns/{self.kwargs['pk']}/"

    def perform(self) -> str:
        services.withdraw(census_return=self.object, today=self.today, actor=self.request.user)
        return f"{self.get_back_url()}fill/"


class SheetView(ReturnMixin, ObjectMixin, PageView):
    """摸底调查表, A4, to be filled in by hand: what is known stands beside the empty boxes."""

    permission = VIEW
    template_name = "census/sheet.html"

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("enterprise__park", "enterprise__building")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.object
        sections = [
            {"title": section.label, "lines": [_line(row, name) for name in SECTION_FACTS[section]]}
            for section in Section
        ]
        return super().get_context_data(
            title="园区企业摸底调查表", row=row, sections=sections, methods=ContactMethod.choices(), **kwargs
        )


def _label(name: str) -> str:
    return str(CensusReturn._meta.get_field(name).verbose_name)


def _line(row: CensusReturn, name: str) -> dict[str, Any]:
    """One line of the sheet: what is known, and the boxes to tick or the empty line to write on."""
    field = CensusReturn._meta.get_field(name)
    boxes = [label for _, label in getattr(field, "choices", None) or []]
    if field.get_internal_type() == "BooleanField":
        boxes = ["有", "无"]
    return {"label": _label(name), "known": comparison.shown(name, getattr(row, name)), "boxes": boxes}


