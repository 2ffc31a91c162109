"""班子: the book of posts, one post, 任职 and 离任, and the whole committee after an election."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils.functional import cached_property

from apps.branches.models import Election, PartyOrg
from apps.branches.rules import ElectionState
from apps.core.attachments import attach
from apps.core.clock import day_named
from apps.core.scoping import required_scope
from apps.core.text import row_id
from apps.core.views import DetailPage, EditPage, FormPage
from apps.enterprises.views.attachments import FileForm, files_section
from apps.enterprises.views.lists import RegisterList
from apps.enterprises.views.tables import section, span, table

from .. import permissions
from ..forms import posts as forms
from ..kinds import PostBasis, PostRole, Relation
from ..ledgers.posts import PostLedger, VacancyLedger, member_link
from ..models import Member, Post
from ..rules.posts import APPROVAL, ELECTED, ROLES, SECRETARY, VACANCY, filing
from ..services import posts as services
from ..services.seating import Seat, elected_names, is_seated, members_called, seat_committee
from .common import buttons

POSTS = {"label": "班子成员名册", "url": "/posts/"}
SHOWN = 12
ROLE_CODES = frozenset(role.value for role in PostRole)


class PostList(RegisterList):
    """班子成员名册, of today or of another day."""

    ledger = PostLedger
    offers = (
        (permissions.KEEP_POSTS, "登记任职", "/posts/new/"),
        (permissions.KEEP_POSTS, "导入", "/imports/members.posts/"),
        (permissions.VIEW, "书记空缺", "/posts/vacant/"),
        (permissions.VIEW, "党务人才库", "/talents/"),
    )


class VacancyList(RegisterList):
    """书记空缺."""

    ledger = VacancyLedger

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [POSTS]


def posts() -> Any:
    return Post.objects.select_related("org", "member", "term")


class PostPage(DetailPage):
    """One post: how somebody came into it, the paper above it, who held it before and after, and the scans."""

    permission = permissions.VIEW
    object: Post

    def get_queryset(self) -> Any:
        return posts()

    def get_title(self) -> str:
        return f"{self.object.name}：{self.object.org}{self.object.get_role_display()}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [POSTS]

    def get_badges(self) -> list[dict[str, str]]:
        row = self.object
        badges = [
            {"text": "现任", "tone": "success"} if row.holds_on(self.today) else {"text": "已离任", "tone": "neutral"}
        ]
        if row.full_time:
            badges.append({"text": "专职", "tone": "info"})
        if filing(PostRole(row.role)) == "批准" and not row.document:
            badges.append({"text": "未登记批准文号", "tone": "warning"})
        return badges

    def get_actions(self) -> list[dict[str, Any]]:
        here, keep = self.object.get_absolute_url(), permissions.KEEP_POSTS
        ending = [] if self.object.until else [(keep, "离任", f"{here}end/")]
        return buttons(self.request.user, self.object, (keep, "修改", f"{here}edit/"), *ending,
                       (keep, "撤销登记", f"{here}withdraw/"))  # fmt: skip

    def get_facts(self) -> list[dict[str, Any]]:
        row = self.object
        above = filing(PostRole(row.role)) or "批准（备案）"
        return [
            {"label": "姓名", "value": row.name, "hint": row.member.code if row.member else "不在名册上", "url": member_link(row)},
            {"label": "党组织", "value": row.org.name, "url": row.org.get_absolute_url()},
            {"label": "党内职务", "value": row.get_role_display()},
            {"label": "届次", "value": str(row.term) if row.term else ""},
            {"label": "任职日期", "value": row.since},
            {"label": "离任日期", "value": row.until},
            {"label": "产生方式", "value": row.get_basis_display()},
            {"label": "选配来源", "value": row.get_source_display()},
            {"label": "来源单位", "value": row.source_unit},
            {"label": "兼任职务", "value": row.concurrent},
            {"label": f"{above}文号", "value": row.document},
            {"label": f"{above}日期", "value": row.document_on},
            *([{"label": "备注", "value": row.note, "wide": True}] if row.note else []),
        ]  # fmt: skip

    def get_sections(self) -> list[dict[str, Any]]:
        row = self.object
        same = posts().filter(org=row.org_id, role=row.role).exclude(pk=row.pk)[:SHOWN]
        mine = posts().filter(member=row.member_id).exclude(pk=row.pk)[:SHOWN] if row.member_id else ()
        told = (
            ("others", f"{row.org}历任{row.get_role_display()}", same, ("name",)),
            ("concurrent", f"{row.name}的其他任职", mine, ("org", "role")),
        )
        found = [section(code, title, _held(rows, said), None) for code, title, rows, said in told if rows]
        files = files_section(row, self.request.user, keep=permissions.KEEP_POSTS)  # type: ignore[arg-type]
        files = {**files, "empty": "还没有附件。批复、备案文件的扫描件可以放在这里。"}
        return [*found, {**files, "title": "批复扫描件"}]


def _held(rows: Any, said: tuple[str, ...]) -> dict[str, Any]:
    """Posts as a table: what differs, and when."""
    labels = {"name": "姓名", "org": "党组织", "role": "党内职务"}
    texts = {"name": lambda row: row.name, "org": lambda row: str(row.org), "role": lambda row: row.get_role_display()}
    cells = [
        [{"text": texts[name](row), "url": row.get_absolute_url() if n == 0 else ""} for n, name in enumerate(said)]
        + [span(row), {"text": row.get_basis_display()}, {"text": row.document}]
        for row in rows
    ]
    return table([*(labels[name] for name in said), "期间", "产生方式", "文号"], cells, "没有其他记录。")


class Appoint(FormPage):
    """登记任职; `?org=`, `?member=`, `?role=`, `?name=` and `?since=` fill in what is known."""

    permission = permissions.KEEP_POSTS
    form_class = forms.AppointForm
    title = "登记任职"
    submit_label = "登记"
    success_message = "已登记任职。"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [POSTS]

    def get_basis(self) -> list[Any]:
        return [ROLES, SECRETARY, APPROVAL, ELECTED]

    @cached_property
    def org(self) -> PartyOrg | None:
        """The organisation that the link names, else the only one for which whoever acts speaks."""
        rows = PartyOrg.objects.filter(ended_on=None)
        roots = required_scope().roots()
        if pk := row_id(self.request.GET.get("org")):
            return rows.filter(pk=pk).first()
        return rows.filter(path=roots[0]).first() if len(roots) == 1 else None

    @cached_property
    def member(self) -> Member | None:
        rows = Member.objects.filter(relation=Relation.HERE).select_related("org")
        return rows.filter(pk=row_id(self.request.GET.get("member"))).first()

    def get_cancel_url(self) -> str:
        return self.member.get_absolute_url() if self.member else POSTS["url"]

    def get_initial(self) -> dict[str, Any]:
        asked = self.request.GET
        role = asked.get("role", "")
        org = self.member.org if self.member and "org" not in asked else self.org
        return {
            "org": org, "member": self.member, "name": "" if self.member else asked.get("name", "")[:50],
            "role": role if role in ROLE_CODES else "", "since": day_named(asked.get("since", "")) or self.today,
            "basis": PostBasis.ELECTED.value,
        }  # fmt: skip

    def perform(self, form: Any) -> Post:
        facts = form.facts()
        how = {name: facts.pop(name) for name in ("org", "member", "name", "role", "since", "reason")}
        return services.appoint(**how, facts=facts, today=self.today, actor=self.request.user)


class PartOfPost(EditPage):
    """A form about one post."""

    permission = permissions.KEEP_POSTS
    object: Post

    def get_queryset(self) -> Any:
        return posts()

    def get_title(self) -> str:
        return f"{self.title}：{self.object.name}（{self.object.org}{self.object.get_role_display()}）"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [POSTS, {"label": str(self.object), "url": self.object.get_absolute_url()}]

    def common(self, form: Any) -> dict[str, Any]:
        return {"post": self.object, "actor": self.request.user, "version": form.cleaned_data["version"]}


class EditPost(PartOfPost):
    form_class = forms.PostForm
    title = "修改任职"

    def perform(self, form: Any) -> Post:
        return services.change_post(facts=form.facts(), **self.common(form))


class EndPost(PartOfPost):
    form_class = forms.EndPostForm
    title = "离任"
    submit_label = "确认离任"
    success_message = "已登记离任。"

    def get_basis(self) -> list[Any]:
        return [VACANCY] if self.object.role == PostRole.SECRETARY else []

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.object.version, "on": self.today}

    def perform(self, form: Any) -> Post:
        return services.end_post(**form.facts(), today=self.today, **self.common(form))


class WithdrawPost(PartOfPost):
    """撤销登记: what never was."""

    form_class = forms.WithdrawForm
    title = "撤销登记"
    lead = "只用于登记有误；正常离任请用“离任”。撤销后名册上不再有这一条，变更记录保留。"
    submit_label = "撤销"
    success_message = "已撤销登记。"
    danger = True

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.object.version}

    def perform(self, form: Any) -> str:
        services.withdraw_post(**form.facts(), **self.common(form))
        return POSTS["url"]


class AttachToPost(PartOfPost):
    """The approval from above, as a scan."""

    form_class = FileForm
    title = "上传附件"
    submit_label = "上传"
    success_message = "附件已保存。"

    def get_initial(self) -> dict[str, Any]:
        return {}

    def perform(self, form: Any) -> str:
        attach(file=form.cleaned_data["file"], target=self.object, actor=self.request.user)
        return f"{self.object.get_absolute_url()}#files"


class SeatCommittee(EditPage):
    """登记班子成员 of an approved election: everybody who was elected, on one page. `pk` names the election."""

    permission = permissions.KEEP_POSTS
    form_class = forms.SeatForm
    submit_label = "登记班子"
    success_message = "已登记新一届班子。"
    object: Election

    def get_queryset(self) -> Any:
        return Election.objects.select_related("org", "term").filter(state=ElectionState.APPROVED, term__isnull=False)

    def get_title(self) -> str:
        return f"登记班子成员：{self.object.org}{self.object.term}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [POSTS, {"label": str(self.object), "url": self.object.get_absolute_url()}]

    def get_basis(self) -> list[Any]:
        return [ROLES, SECRETARY, ELECTED]

    def get_locked(self) -> str:
        return "这一届的班子已经登记过，请在班子成员名册中逐人修改。" if is_seated(self.object) else ""

    @cached_property
    def elected(self) -> list[tuple[str, PostRole]]:
        return elected_names(self.object)

    @cached_property
    def known(self) -> dict[str, Member]:
        return dict(members_called(self.object.org, [name for name, _ in self.elected]))

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "elected": self.elected, "known": self.known}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        term = self.object.term
        if term is None:
            raise Http404
        lead = (
            f"自 {term.since:%Y-%m-%d} 起任职，批准文号 {term.approval_document or '未登记'}；"
            "上一届班子成员的任职同日结束。委员分工（组织、宣传、纪检）请在这里选定。"
        )
        return super().get_context_data(lead=lead, **kwargs)

    def perform(self, form: Any) -> str:
        seats = [Seat(name, role, self.known.get(name)) for name, role in form.seats()]
        seat_committee(
            election=self.object, seats=seats, reason=form.cleaned_data["reason"], today=self.today,
            actor=self.request.user,
        )  # fmt: skip
        return f"{self.object.org.get_absolute_url()}#posts"
