"""先锋岗: the book, one post, setting up, manning and ending it, and the figures with the names behind them."""

from __future__ import annotations

import datetime
from typing import Any

from django.http import Http404
from django.utils.functional import cached_property

from apps.branches.rules import OrgKind
from apps.core.attachments import attach
from apps.core.clock import day_named
from apps.core.views import DetailPage, EditPage, PageView, may
from apps.enterprises.views.attachments import FileForm, files_section
from apps.enterprises.views.common import buttons, can
from apps.enterprises.views.lists import RegisterList
from apps.enterprises.views.tables import section, span, table
from apps.members.models import Member

from .. import permissions
from ..forms import pioneers as forms
from ..kinds import PostKind
from ..ledgers.pledges import TONES, member_link
from ..ledgers.posts import PostLedger
from ..models import PioneerPost, Pledge, PostMember
from ..pioneer_counts import BOOK, Counts, Line, count_posts
from ..rules.pioneers import POSTS
from ..services import pioneers as services
from .nodes import AboutNode
from .of_branch import OfBranch, people_of

BOOKS = {"label": "先锋岗台账", "url": BOOK}
SHOWN = 60


class PostList(RegisterList):
    """先锋岗台账, of today or of another day."""

    ledger = PostLedger
    offers = (
        (permissions.KEEP, "登记", "/pioneer-posts/new/"),
        (permissions.IMPORT, "导入", "/imports/activities.posts/"),
        (permissions.VIEW, "分类统计", "/pioneer-posts/counts/"),
    )


def posts() -> Any:
    return PioneerPost.objects.select_related("org", "enterprise")


class PostPage(DetailPage):
    """One post: where, what for, who is at it and who was, what the members promise there, photos."""

    permission = permissions.VIEW
    object: PioneerPost

    def get_queryset(self) -> Any:
        return posts()

    def get_title(self) -> str:
        return self.object.name

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [BOOKS]

    @cached_property
    def seats(self) -> list[PostMember]:
        """Everybody who is or was at the post, those of today first; `held` says of whom the seat is not vacant."""
        rows = PostMember.objects.filter(post=self.object).with_holding(self.today).select_related("member")
        return sorted(rows, key=lambda seat: (not seat.holds_on(self.today), not seat.leads, seat.pk))

    @property
    def vacant(self) -> int:
        return sum(seat.holds_on(self.today) and not seat.held for seat in self.seats)  # type: ignore[attr-defined]

    def get_badges(self) -> list[dict[str, str]]:
        row = self.object
        badges = [{"text": row.get_kind_display(), "tone": "info"}]
        if row.until is not None and row.until <= self.today:
            badges.append({"text": "已撤销", "tone": "neutral"})
        elif self.vacant:
            badges.append({"text": f"空缺 {self.vacant} 名", "tone": "warning"})
        return badges

    def get_actions(self) -> list[dict[str, Any]]:
        here, keep, row = self.object.get_absolute_url(), permissions.KEEP, self.object
        running = [(keep, "调整成员", f"{here}members/"), (keep, "撤销", f"{here}end/")]
        return buttons(self.request.user, row, (keep, "修改", f"{here}edit/"), *([] if row.until else running))

    def get_facts(self) -> list[dict[str, Any]]:
        row = self.object
        seen = row.enterprise is not None and can(self.request.user, self.permission, row.enterprise)
        ended = [
            {"label": "撤销日期", "value": row.until, "hint": row.ended_reason},
        ]
        return [
            {"label": "党组织", "value": row.org.name, "url": row.org.get_absolute_url()},
            {"label": "所在企业", "value": row.enterprise and row.enterprise.name,
             "url": row.enterprise.get_absolute_url() if seen and row.enterprise else ""},
            {"label": "岗位（区域）", "value": row.place},
            {"label": "设立日期", "value": row.since},
            *(ended if row.until else []),
            {"label": "职责（内容）", "value": row.duty, "wide": True},
            {"label": "成效", "value": row.result, "wide": True},
        ]  # fmt: skip

    def get_sections(self) -> list[dict[str, Any]]:
        row, keeps = self.object, can(self.request.user, permissions.KEEP, self.object)
        link = ("调整成员", f"{row.get_absolute_url()}members/") if keeps and not row.until else None
        crew = section("members", "成员", self._crew(), link)
        if self.vacant:
            crew["note"] = "已离开本支部的，岗位视为空缺，请调整成员。"
        files = files_section(row, self.request.user, keep=permissions.KEEP)  # type: ignore[arg-type]
        files = {**files, "title": "照片和附件", "empty": "还没有附件。公示牌、活动照片可以放在这里。"}
        return [crew, *self._pledges(), files]

    def _crew(self) -> dict[str, Any]:
        cells = [
            [
                {"text": seat.member.name, "url": member_link(seat), "nowrap": True},
                {"text": "负责人" if seat.leads else "成员", "nowrap": True},
                span(seat),
                self._standing(seat),
            ]
            for seat in self.seats[:SHOWN]
        ]
        return table(("姓名", "角色", "期间", "状态"), cells, "还没有登记成员。")

    def _standing(self, seat: Any) -> dict[str, str]:
        if not seat.holds_on(self.today):
            return {"text": "已离岗", "badge": "neutral"}
        return {"text": "在岗", "badge": "success"} if seat.held else {"text": "空缺", "badge": "warning"}

    def _pledges(self) -> list[dict[str, Any]]:
        rows = list(Pledge.objects.filter(post=self.object).select_related("member")[:SHOWN])
        if not rows:
            return []
        cells = [
            [
                {"text": p.content, "url": p.get_absolute_url()},
                {"text": p.member.name, "nowrap": True},
                {"text": f"{p.due_on:%Y-%m-%d}", "nowrap": True},
                {"text": p.get_state_display(), "badge": TONES[p.state]},
            ]
            for p in rows
        ]
        return [section("pledges", "岗上的公开承诺", table(("承诺事项", "姓名", "期限", "状态"), cells, ""), None)]


class SetUpPost(OfBranch):
    """登记 a post; `?org=` names the organisation, `?kind=` what it is."""

    permission = permissions.KEEP
    form_class = forms.SetUpPostForm
    title = "登记先锋岗"
    submit_label = "登记"
    success_message = "已登记。"
    kinds = frozenset(OrgKind)
    pick_lead = "先选择党组织，名册上的党员会列出来供勾选。"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [BOOKS]

    def get_cancel_url(self) -> str:
        return BOOK

    def get_basis(self) -> list[Any]:
        return [POSTS]

    def get_initial(self) -> dict[str, Any]:
        return {"since": self.today, "kind": self.request.GET.get("kind", "")}

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        form.offer(self.people)
        return form

    def perform(self, form: Any) -> PioneerPost:
        facts = {name: form.cleaned_data[name] for name in services.FACTS}
        return services.set_up_post(
            org=self.org, kind=form.cleaned_data["kind"], since=form.cleaned_data["since"], facts=facts,
            today=self.today, actor=self.request.user, **form.crew(),
        )  # type: ignore[arg-type] # fmt: skip


class PartOfPost(EditPage):
    """A form about one post."""

    permission = permissions.KEEP
    object: PioneerPost

    def get_queryset(self) -> Any:
        return posts()

    def get_title(self) -> str:
        return f"{self.title}：{self.object.name}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [BOOKS, {"label": self.object.name, "url": self.object.get_absolute_url()}]

    def common(self, form: Any) -> dict[str, Any]:
        return {"post": self.object, "actor": self.request.user, "version": form.cleaned_data["version"]}


class EditPost(PartOfPost):
    form_class = forms.PostForm
    title = "修改先锋岗"

    def perform(self, form: Any) -> PioneerPost:
        return services.change_post(facts=form.facts(), **self.common(form))


class ManPost(PartOfPost):
    """调整成员: who is at the post from a day on; those of today are ticked, also whose seat is vacant."""

    form_class = forms.CrewForm
    title = "调整成员"
    success_message = "成员已调整。"

    @cached_property
    def people(self) -> list[Member]:
        return people_of(self.object.org)

    @cached_property
    def seats(self) -> list[PostMember]:
        return list(PostMember.objects.open().filter(post=self.object).select_related("member"))

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        form.offer(self.people)
        return form

    def get_initial(self) -> dict[str, Any]:
        here = {member.pk for member in self.people}
        seats = [seat for seat in self.seats if seat.member_id in here]
        leader = next((seat.member_id for seat in seats if seat.leads), None)
        members = [seat.member_id for seat in seats]
        return {"version": self.object.version, "on": self.today, "leader": leader, "members": members}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        here = {member.pk for member in self.people}
        gone = [seat.member.name for seat in self.seats if seat.member_id not in here]
        lead = f"{'、'.join(gone)}已离开「{self.object.org}」，保存后不再列为成员。" if gone else ""
        return super().get_context_data(lead=lead, **kwargs)

    def perform(self, form: Any) -> PioneerPost:
        return services.man_post(on=form.cleaned_data["on"], today=self.today, **form.crew(), **self.common(form))


class EndPost(PartOfPost):
    form_class = forms.EndPostForm
    title = "撤销"
    submit_label = "撤销"
    success_message = "已撤销，台账保留。"

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.object.version, "on": self.today, "result": self.object.result}

    def perform(self, form: Any) -> PioneerPost:
        return services.end_post(today=self.today, **form.facts(), **self.common(form))


class AttachToPost(PartOfPost):
    """A photo of the board, the sheet of rules."""

    form_class = FileForm
    title = "上传附件"
    submit_label = "上传"
    success_message = "附件已保存。"

    def get_initial(self) -> dict[str, Any]:
        return {}

    def perform(self, form: Any) -> str:
        attach(file=form.cleaned_data["file"], target=self.object, actor=self.request.user)
        return f"{self.object.get_absolute_url()}#files"


class PostCounts(AboutNode, PageView):
    """分类统计: posts by kind and organisation on a day; every figure opens the names behind it."""

    permission = permissions.VIEW
    template_name = "activities/pioneer_counts.html"
    title = "先锋岗分类统计"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [BOOKS]

    @cached_property
    def on(self) -> datetime.date:
        text = self.request.GET.get("on", "")
        day = day_named(text) if text else self.today
        if day is None or day > self.today or day.year < 1900:
            raise Http404
        return day

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        counts = count_posts(self.org, on=self.on, today=self.today)
        cards = [{"label": kind.label, "value": counts.whole[kind.value], "url": counts.url(kind)} for kind in PostKind]
        return super().get_context_data(
            on=self.on, cards=cards, counts=counts, by_org=_by_org(counts), basis=[POSTS],
            may_keep=may(self.request.user, permissions.KEEP), **self.node_context(), **kwargs,
        )  # fmt: skip


def _by_org(counts: Counts) -> dict[str, Any] | None:
    """One row for each organisation, a last one for all of them; nothing where there is a single one."""
    if not counts.lines or (len(counts.lines) == 1 and counts.lines[0].org == counts.org):
        return None

    def cells(line: Line | None) -> list[dict[str, Any]]:
        numbers, total = (line.numbers, line.total) if line else (counts.whole, counts.total)
        each = [(numbers.get(kind.value, 0), counts.url(kind, line)) for kind in PostKind]
        return [{"text": f"{n:,}", "url": url if n else "", "numeric": True}
                for n, url in (*each, (total, counts.url(None, line)))]  # fmt: skip

    def name(line: Line) -> dict[str, str]:
        if line.own:
            return {"text": f"{line.org}（本级）"}
        on = f"&on={counts.on:%Y-%m-%d}" if counts.on != counts.today else ""
        return {"text": str(line.org), "url": f"{BOOK}counts/?org={line.org.code}{on}"}

    rows = [[name(line), *cells(line)] for line in counts.lines]
    headers = [{"label": "党组织"}, *({"label": kind.label, "numeric": True} for kind in PostKind),
               {"label": "合计", "numeric": True}]  # fmt: skip
    return {"headers": headers, "rows": [*rows, [{"text": "合计"}, *cells(None)]]}
