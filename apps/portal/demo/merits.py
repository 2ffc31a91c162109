"""What the members of the demo do for their firms: posts, promises, suggestions; and how they were reviewed.

The published figures: 责任区 458 个, 先锋岗 836 个, 评比台 380 个, 科技攻坚队 132 个, 技术革新 310 项.
"""

from __future__ import annotations

import datetime
import random
from dataclasses import dataclass
from typing import Final

from apps.accounts.models import User
from apps.activities.kinds import (
    Grade,
    OpinionSource,
    PledgeState,
    PointState,
    PostKind,
    ReviewKind,
    ReviewState,
    State,
    SuggestionState,
)
from apps.activities.models import (
    Activity,
    PioneerPost,
    Pledge,
    PointEntry,
    PostMember,
    ReviewResult,
    ReviewRound,
    Suggestion,
)
from apps.activities.services.following import Change
from apps.activities.services.point_records import follow_records
from apps.activities.services.point_years import publish_points
from apps.branches.models import PartyOrg
from apps.members.models import Member

from .days import Days
from .rosters import Rosters

POSTS: Final = {
    PostKind.AREA: 458, PostKind.POST: 836, PostKind.BOARD: 380, PostKind.TASK_FORCE: 132, PostKind.INNOVATION: 310,
    PostKind.MUTUAL_AID: 64,
}  # fmt: skip
"""How many of each kind stand today, as published; the 互助队 are not published."""
TEAM: Final = {PostKind.TASK_FORCE: 3, PostKind.MUTUAL_AID: 3, PostKind.INNOVATION: 2}
"""How many members stand in a post of a kind; one where nothing is said."""
NAMES: Final = {
    PostKind.AREA: ("安全生产责任区", "设备管理责任区", "仓储责任区", "质量责任区"),
    PostKind.POST: ("质检先锋岗", "班组先锋岗", "销售先锋岗", "研发先锋岗", "服务先锋岗"),
    PostKind.BOARD: ("岗位评比台", "技能评比台"),
    PostKind.TASK_FORCE: ("自动化改造攻坚队", "新品试制攻坚队", "节能攻坚队"),
    PostKind.INNOVATION: ("夹具改进", "包装线提速", "余热回收", "检测流程改进"),
    PostKind.MUTUAL_AID: ("师徒互助队", "困难职工互助队"),
}
PROMISES: Final = (
    "全年本岗位质量零差错",
    "带好两名新员工",
    "每月排查一次安全隐患",
    "完成一项技术改进",
    "牵头节能两万元",
)
SUGGESTIONS: Final = (
    ("包装线增加自动称重，减少返工", "采纳后返工率下降一半"), ("错峰用电，调整烘干时段", "每月节约电费"),
    ("旧托盘修复再用", "当年少购托盘三百个"), ("建立新员工师徒制", "新员工流失减少"), ("车间增设饮水和休息点", "职工满意"),
)  # fmt: skip


UNDER_REVIEW: Final = ("single.0.0", "single.1.0")
"""Branches whose review of this year is under way."""


@dataclass
class Merits:
    """Writes them in bulk for rosters that are written."""

    days: Days
    rng: random.Random
    rosters: Rosters
    administrator: User

    def tell(self) -> None:
        self.branches = {org.pk: org for org in self.rosters.orgs.values()}
        self.members = [member for _, members in sorted(self.rosters.here.items()) for member in members]
        self._write_posts()
        self._write_pledges()
        self._write_suggestions()
        self._write_reviews()
        self._write_points()

    def _write_posts(self) -> None:
        posts, seats = [], []
        for kind, count in POSTS.items():
            for number in range(count):
                lead = self.members[number * 7 % len(self.members)]
                org = self.branches[lead.org_id]
                post = PioneerPost(
                    org=org, org_path=org.path, kind=kind, name=f"{NAMES[kind][number % len(NAMES[kind])]}（{number + 1:03d}）",
                    enterprise=lead.employer, place=lead.position, since=self._since(org, 30 + number * 11 % 900),
                    duty="亮身份、作表率，带动身边职工", result="已见成效" if number % 5 == 0 else "",
                )  # fmt: skip
                posts.append(post)
                team = [m for m in self.rosters.here[org.pk] if m is not lead][: TEAM.get(kind, 1) - 1]
                seats += [
                    PostMember(post=post, member=m, org=org, org_path=org.path, leads=m is lead, since=post.since) for m in (lead, *team)
                ]
        PioneerPost.objects.bulk_create([*posts, *self._ended()])
        PostMember.objects.bulk_create(seats)

    def _ended(self) -> list[PioneerPost]:
        """Some that no longer stand, and count no more."""
        return [
            PioneerPost(org=self.branches[m.org_id], org_path=self.branches[m.org_id].path, kind=PostKind.POST,
                        name=f"防疫先锋岗（{n + 1:02d}）", since=self._since(self.branches[m.org_id], 1400), until=self.days.ago(120 + n),
                        ended_reason="任务完成")
            for n, m in enumerate(self.members[::97])
        ]  # fmt: skip

    def _since(self, org: PartyOrg, ago: int) -> datetime.date:
        day = max(self.days.ago(ago), org.founded_on or datetime.date.min)
        return min(day, self.days.ago(200)) if ago >= 1400 else day

    def _write_pledges(self) -> None:
        rows = []
        for turn, member in enumerate(self.members[::4]):
            made, org = self.days.ago(290 - turn % 120), self.branches[member.org_id]
            state = (PledgeState.KEEPING, PledgeState.VERIFIED, PledgeState.PROMISED, PledgeState.VERIFIED)[turn % 4]
            done = state is PledgeState.VERIFIED
            rows.append(Pledge(
                member=member, org=org, org_path=org.path, content=PROMISES[turn % len(PROMISES)], made_on=made,
                due_on=made + datetime.timedelta(days=270), state=state,
                progress=[{"on": self.days.ago(60 + turn % 40).isoformat(), "note": "按计划进行"}] if state != PledgeState.PROMISED else [],
                verified_on=self.days.ago(10 + turn % 30) if done else None, verdict="已兑现" if done else "",
                verified_by_name=self._verifier(member) if done else "",
            ))  # fmt: skip
        Pledge.objects.bulk_create(rows)

    def _verifier(self, member: Member) -> str:
        """Somebody else of the branch: nobody verifies an own promise."""
        return next((other.name for other in self.rosters.here[member.org_id] if other is not member), "驻区企业党委组织员")

    def _write_suggestions(self) -> None:
        rows = []
        for turn, member in enumerate(self.members[::6]):
            content, effect = SUGGESTIONS[turn % len(SUGGESTIONS)]
            state = list(SuggestionState)[turn % 4]
            proposed, org = self.days.ago(300 - turn % 200), self.branches[member.org_id]
            is_open, works = state is SuggestionState.PROPOSED, state is SuggestionState.EFFECTIVE
            rows.append(Suggestion(
                org=org, org_path=org.path, member=member, proposer=member.name, enterprise=member.employer, content=content,
                proposed_on=proposed, state=state, decided_on=None if is_open else proposed + datetime.timedelta(days=15),
                answer="" if is_open else "已研究答复", effect=effect if works else "",
                benefit=self.rng.randrange(1, 40) if works else None,
            ))  # fmt: skip
        Suggestion.objects.bulk_create(rows)

    def _write_reviews(self) -> None:
        """Last year's 民主评议 and 三评议 of the branches that held the meeting."""
        held = Activity.objects.filter(second_kind__code="appraisal", state=State.CONFIRMED).select_related("org")
        rounds, results = [], []
        for activity in held.order_by("held_on", "id"):
            for kind in ReviewKind:
                found = ReviewRound(
                    org=activity.org, org_path=activity.org_path, kind=kind, year=activity.held_on.year, held_on=activity.held_on,
                    activity=activity if kind is ReviewKind.DEMOCRATIC else None, state=ReviewState.CLOSED,
                    closed_on=activity.held_on + datetime.timedelta(days=5),
                )  # fmt: skip
                rounds.append(found)
                results += self._results(found)
        opened = [self._open_round(self.rosters.orgs[key]) for key in UNDER_REVIEW if key in self.rosters.orgs]
        ReviewRound.objects.bulk_create([*rounds, *opened])
        ReviewResult.objects.bulk_create([*results, *(self._ungraded(found, m) for found in opened for m in self.rosters.here[found.org_id])])

    def _open_round(self, org: PartyOrg) -> ReviewRound:
        """This year's 民主评议 has begun: nobody has a grade yet."""
        return ReviewRound(
            org=org, org_path=org.path, kind=ReviewKind.DEMOCRATIC, year=self.days.ago(6).year, held_on=self.days.ago(6)
        )

    def _ungraded(self, found: ReviewRound, member: Member) -> ReviewResult:
        formal = bool(member.formal_on and member.formal_on <= found.held_on)
        return ReviewResult(round=found, member=member, org=found.org, org_path=found.org_path, is_probationary=not formal)

    def _results(self, found: ReviewRound) -> list[ReviewResult]:
        members = [m for m in self.rosters.here[found.org_id] if m.joined_on and m.joined_on <= found.held_on]
        graded = [m for m in members if m.formal_on and m.formal_on <= found.held_on]
        best = {m.pk for m in graded[1::4][: len(graded) // 3]}
        return [self._result(found, member, member in graded, member.pk in best) for member in members]

    def _result(self, found: ReviewRound, member: Member, graded: bool, best: bool) -> ReviewResult:
        grade = Grade.EXCELLENT if best else Grade.BARELY if member.pk % 61 == 0 else Grade.QUALIFIED
        poor = graded and grade is Grade.BARELY
        row = ReviewResult(round=found, member=member, org=found.org, org_path=found.org_path, is_probationary=not graded)
        if found.kind == ReviewKind.DEMOCRATIC:
            row.grade, row.follow_up = grade.value if graded else "", "党支部书记结对帮带" if poor else ""
        elif graded:
            said = dict.fromkeys((OpinionSource.EMPLOYER, OpinionSource.STAFF, OpinionSource.BRANCH), grade)
            row.opinions = {side.value: value.value for side, value in said.items()}
            if poor:
                row.opinions[OpinionSource.BRANCH.value] = Grade.UNQUALIFIED.value
                row.talk_needed, row.talked_on = True, found.held_on + datetime.timedelta(days=4)
                row.talked_by, row.talk_note = self.rosters.here[found.org_id][0].name, "指出了作用发挥不够的问题，本人表示改进。"
        return row

    def _write_points(self) -> None:
        """What the confirmed records gave; the committees have decided all but the last weeks, and published last year."""
        done = list(Activity.objects.filter(state=State.CONFIRMED).order_by("held_on", "id"))
        follow_records(Change(done, frozenset(), self.days.today, self.administrator))
        seen, year = self.days.ago(25), self.days.today.year - 1
        PointEntry.objects.filter(on__lt=max(seen, datetime.date(year + 1, 1, 1))).update(
            state=PointState.CONFIRMED, decided_by_name=self.administrator.display_name, decided_on=seen
        )
        for number in range(2):
            publish_points(org=self.rosters.orgs[f"park.{number}"], year=year, today=self.days.today, actor=self.administrator)
