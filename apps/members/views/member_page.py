"""The page of a member: facts with masks, where the relation was, what is open, and the whole dated story."""

from __future__ import annotations

from typing import Any

from django.utils.functional import cached_property

from apps.core import panels
from apps.core.attachments import attachments_of
from apps.core.codes import mask_id_number, mask_phone
from apps.core.panels import MEMBER_PANELS, PanelContext
from apps.core.scoping import required_scope
from apps.core.views import DetailPage
from apps.enterprises.views.tables import section

from .. import permissions
from ..forms.members import hidden_of
from ..kinds import Focus, ManagementMode, Relation, Stage, Standing
from ..masks import mask_address
from ..models import Honour
from ..querysets.modes import mode_column
from ..rules.bands import age_on
from ..rules.membership import probation_end
from ..story import story_of
from . import member_tables as tables
from .common import MEMBERS, buttons, can, members

STORY_SHOWN = 60
KEEPERS = {Relation.HERE: "所在党支部", Relation.ELSEWHERE: "联系党组织", Relation.LEFT: "原党支部"}
MODE_TONES = {ManagementMode.IN_POST: "success", ManagementMode.DEPARTED_LOCAL: "warning"}


class MemberPage(DetailPage):
    """One member on one screen; `?story=all` shows the story without its cut."""

    permission = permissions.VIEW
    template_name = "members/member.html"
    object: Any  # a member with `mode`

    def get_queryset(self) -> Any:
        return members().annotate(mode=mode_column(self.today))

    def get_title(self) -> str:
        return self.object.name

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [MEMBERS]

    @property
    def is_probationary(self) -> bool:
        return self.object.stage_on(self.today) is Stage.PROBATIONARY

    @cached_property
    def may_keep(self) -> bool:
        return can(self.request.user, permissions.KEEP, self.object)

    def get_badges(self) -> list[dict[str, str]]:
        row, stage = self.object, self.object.stage_on(self.today)
        badges = []
        if row.joined_on or row.formal_on:
            badges.append({"text": stage.label, "tone": "success" if stage is Stage.FORMAL else "info"})
        if row.relation != Relation.HERE:
            left = row.get_leaving_reason_display() or row.get_relation_display()
            badges.append(
                {"text": left if row.relation == Relation.LEFT else row.get_relation_display(), "tone": "neutral"}
            )
        if row.mode:
            mode = ManagementMode(row.mode)
            badges.append({"text": mode.label, "tone": MODE_TONES.get(mode, "info")})
        if row.placement_since:
            badges.append({"text": "待安置", "tone": "warning"})
        if row.lost_since:
            badges.append({"text": "失联", "tone": "danger"})
        if row.standing != Standing.NORMAL:
            badges.append({"text": row.get_standing_display(), "tone": "danger"})
        return badges

    def get_actions(self) -> list[dict[str, Any]]:
        """The three things that are done most; the rest is a line of small buttons under the facts."""
        row, here = self.object, self.object.get_absolute_url()
        if row.relation == Relation.LEFT:
            return buttons(self.request.user, row, (permissions.KEEP, "修改", f"{here}edit/"),
                           (permissions.KEEP, "恢复", f"{here}restore/"))  # fmt: skip
        wanted = [(permissions.KEEP, "修改", f"{here}edit/"), (permissions.KEEP, "支部内调整", f"{here}regroup/")]
        if self._may_become_formal():
            wanted.insert(1, (permissions.KEEP, "转正", f"{here}formal/"))
        return buttons(self.request.user, row, *wanted)

    def _may_become_formal(self) -> bool:
        return self.object.relation == Relation.HERE and self.object.formal_on is None

    def more_actions(self) -> list[dict[str, Any]]:
        """Everything else that can be done about this member today: where the relation goes, then the record itself."""
        row, here = self.object, self.object.get_absolute_url()
        if not self.may_keep or row.relation == Relation.LEFT:
            return []
        on_roster, to = row.relation == Relation.HERE, f"?member={row.pk}"
        may_transfer = can(self.request.user, permissions.TRANSFER, row)
        away = row.mode != ManagementMode.IN_POST
        wanted = [
            (on_roster and may_transfer, "转接组织关系", f"/transfers/new/{to}"),
            (not on_roster and may_transfer, "转入组织关系", f"/transfers/arrive/{to}"),
            (not on_roster, "签订双重管理协议", f"/agreements/new/{to}"),
            (on_roster and row.mode != ManagementMode.MOBILE_NETWORK, "登记流出", f"/mobile/out/new/{to}"),
            (on_roster, "登记离职", f"/departures/new/{to}"),
            (away, "登记联系", f"{here}contact/"),
            (True, "更新联系方式", f"{here}contacts/"),
            (on_roster, "更正日期", f"{here}dates/"),
            (self._may_become_formal() and row.probation_until is None, "延长预备期", f"{here}extend/"),
            (row.placement_since is not None, "无需安置", f"{here}placed/"),
            (on_roster and row.lost_since is None, "登记失联", f"{here}lost/"),
            (row.lost_since is not None, "恢复联系", f"{here}found/"),
        ]
        found: list[dict[str, Any]] = [{"label": label, "url": url} for fits, label, url in wanted if fits]
        leaving = "离开名册" if on_roster else "不再联系"
        return [*found, {"label": leaving, "url": f"{here}leave/", "danger": True}]

    def get_facts(self) -> list[dict[str, Any]]:
        row = self.object
        facts: list[dict[str, Any]] = [
            {"label": "党员编号", "value": row.code},
            {"label": "性别", "value": row.get_sex_display()},
            {"label": "民族", "value": row.get_nation_display()},
            {"label": "出生日期", "value": row.born_on,
             "hint": f"{age_on(row.born_on, self.today)} 岁" if row.born_on else ""},
            self._hidden("身份证号", "id_number", mask_id_number),
            self._hidden("联系电话", "phone", mask_phone),
            *self._where(),
            {"label": "学历", "value": row.get_education_display(), "hint": row.get_degree_display()},
            {"label": "职业", "value": row.get_occupation_display()},
            {"label": "工作岗位（职务）", "value": row.position},
            {"label": "参加工作日期", "value": row.work_since},
        ]  # fmt: skip
        seldom = [
            {"label": "毕业院校及专业", "value": row.school},
            {"label": "籍贯", "value": row.native_place},
            {"label": "党员证编号", "value": row.card_number},
            {"label": "重点对象", "value": "、".join(Focus(code).label for code in row.focus)},
            self._hidden("住址", "address", mask_address, wide=True),
            self._hidden("户籍所在地", "household", mask_address, wide=True),
            {"label": "备注", "value": row.remark, "wide": True},
        ]
        return [*facts, *(fact for fact in seldom if fact["value"])]

    def _where(self) -> list[dict[str, Any]]:
        """The Party's own facts: branch, group, dates; of somebody who has left, where to."""
        row = self.object
        facts: list[dict[str, Any]] = [
            self._linked("所在党支部" if row.relation == Relation.HERE else "联系党组织", row.org)
        ]
        if row.relation == Relation.ELSEWHERE:
            facts.append({"label": "组织关系所在", "value": row.home_text})
        if row.relation == Relation.HERE:
            facts.append(self._linked("党小组", row.group))
        facts.append(self._linked("所在企业", row.employer))
        facts.append({"label": "入党日期", "value": row.joined_on})
        if row.relation == Relation.HERE and self.is_probationary and row.joined_on:
            hint = "已延长" if row.probation_until else ""
            facts.append(
                {"label": "预备期至", "value": probation_end(row.joined_on, row.probation_until), "hint": hint}
            )
        else:
            facts.append({"label": "转正日期", "value": row.formal_on})
        if row.placement_since:
            facts.append({"label": "待安置起始", "value": row.placement_since})
        if row.lost_since:
            facts.append({"label": "失去联系日期", "value": row.lost_since})
        if row.relation == Relation.LEFT:
            facts.append({"label": "离开日期", "value": row.left_on, "hint": row.get_leaving_reason_display()})
            facts.append({"label": "去向", "value": row.destination})
        return facts

    def _hidden(self, label: str, name: str, mask: Any, *, wide: bool = False) -> dict[str, Any]:
        """A masked fact with the way to its original, for who may look behind the mask."""
        original = getattr(self.object, name)
        fact: dict[str, Any] = {"label": label, "value": mask(original) if original else "", "wide": wide}
        if original and can(self.request.user, permissions.REVEAL, self.object):
            fact |= {"url": f"{self.object.get_absolute_url()}reveal/?field={name}", "hint": "查看原文"}
        return fact

    def _linked(self, label: str, row: Any) -> dict[str, Any]:
        seen = row is not None and required_scope().covers(row.scope_path())
        return {"label": label, "value": row and row.name, "url": row.get_absolute_url() if seen else ""}

    def get_sections(self) -> list[dict[str, Any]]:
        """Tables of what the member has; those that are seldom needed only where there is something.

        Panels of upper apps (slot `member.panels`) stand between the tables and the files.
        """
        context = PanelContext(user=self.request.user, today=self.today, subject=self.object)
        row, here = self.object, self.object.get_absolute_url()
        honours = Honour.objects.filter(member=row)
        always = [
            section("memberships", "组织关系", tables.memberships(row), None),
            section("honours", "奖惩", tables.honours(honours, self.may_keep),
                    self.may_keep and ("登记奖惩", f"{here}honours/new/")),
        ]  # fmt: skip
        added = panels.rendered(MEMBER_PANELS, context)
        return [*always[:1], *tables.where_there_are(row, self.today), *always[1:], *added, self._files()]

    def _files(self) -> dict[str, Any]:
        row, may_change = self.object, self.may_keep
        return {
            "id": "files", "title": "附件", "template": "enterprises/_files.html", "may_change": may_change,
            "files": list(attachments_of(row)), "link_label": "上传附件",
            "empty": "还没有附件。入党志愿书、批复、协议的扫描件可以放在这里。",
            "link": f"{row.get_absolute_url()}attach/" if may_change else "",
        }  # fmt: skip

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        story = story_of(self.object, self.today)
        whole = self.request.GET.get("story") == "all" or len(story) <= STORY_SHOWN
        return super().get_context_data(
            more=self.more_actions(), has_hidden=bool(hidden_of(self.object)),
            story=story if whole else story[:STORY_SHOWN], story_count=len(story), story_is_cut=not whole, **kwargs,
        )  # fmt: skip
