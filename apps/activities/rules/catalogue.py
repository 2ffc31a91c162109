"""The built-in kinds of activity and how often the regulations ask for them.

What is published has its article; what is local or not confirmed says so (`confidence`) and is, like the rest, a dated
row that the office may replace. Kinds that the regulations do not name are practice of the parks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from apps.branches.rules.organisations import BRANCH_RULES, OrgKind
from apps.core.regulations import Citation

from ..kinds import Audience, Book, DutyCondition, DutySubject, Rhythm, Weight

EDUCATION_RULES: Final = "中国共产党党员教育管理工作条例"

ASSEMBLY = Citation(BRANCH_RULES, "第十一条", "HY-01")
COMMITTEE_MEETING = Citation(BRANCH_RULES, "第十二条", "HY-02")
GROUP_MEETING = Citation(BRANCH_RULES, "第十三条", "HY-03")
CONVENING = Citation(BRANCH_RULES, "第十四条", "HY-04")
LECTURE = Citation(BRANCH_RULES, "第十六条（党课频次由各地规定）", "HY-05", "P")
LEADERS_LECTURE = Citation(BRANCH_RULES, "第十六条", "HY-05", "V-sec")
THEME_DAY = Citation(BRANCH_RULES, "第十六条", "HY-06", "V-sec")
LIFE_MEETING = Citation(BRANCH_RULES, "第十七条（条次待核）", "HY-07", "V-sec")
APPRAISAL = Citation(BRANCH_RULES, "第十八条（条次待核）", "HY-08")
HEART_TO_HEART = Citation(BRANCH_RULES, "第十九条（条次待核）", "HY-09", "V-sec")
LEADERS_LIFE_MEETING = Citation("县以上党和国家机关党员领导干部民主生活会若干规定", "（参照执行）", "", "K")
STUDY_HOURS = Citation(EDUCATION_RULES, "（每年集中学习培训学时，条次待核）", "JY-01", "V-sec")
PRACTICE = Citation("园区党建工作惯例", "", "", "P")


@dataclass(frozen=True)
class KindSpec:
    """A built-in kind of activity as it is installed."""

    code: str
    name: str
    audience: Audience
    book: Book
    study_hours: str = "0"


KINDS: Final = (
    KindSpec("assembly", "支部党员大会", Audience.MEMBERS, Book.MEETINGS, "1"),
    KindSpec("committee_meeting", "支委会", Audience.COMMITTEE, Book.MEETINGS),
    KindSpec("group_meeting", "党小组会", Audience.GROUP, Book.MEETINGS, "1"),
    KindSpec("lecture", "党课", Audience.MEMBERS, Book.MEETINGS, "2"),
    KindSpec("theme_day", "主题党日", Audience.MEMBERS, Book.THEME_DAYS, "2"),
    KindSpec("life_meeting", "组织生活会", Audience.MEMBERS, Book.MEETINGS, "2"),
    KindSpec("appraisal", "民主评议党员", Audience.MEMBERS, Book.MEETINGS),
    KindSpec("talk", "谈心谈话", Audience.CHOSEN, Book.ACTIVITIES),
    KindSpec("leaders_life_meeting", "民主生活会", Audience.COMMITTEE, Book.MEETINGS),
    KindSpec("joint_conference", "联席会议", Audience.CHOSEN, Book.ACTIVITIES),
    KindSpec("volunteering", "志愿服务", Audience.CHOSEN, Book.ACTIVITIES),
    KindSpec("study_trip", "学习考察", Audience.CHOSEN, Book.STUDY, "4"),
    KindSpec("study", "集中学习", Audience.MEMBERS, Book.STUDY, "1"),
    KindSpec("self_study", "自学", Audience.CHOSEN, Book.STUDY, "1"),
    KindSpec("training", "培训班", Audience.CHOSEN, Book.STUDY, "8"),
    KindSpec("skills_contest", "岗位练兵（竞赛）", Audience.CHOSEN, Book.ACTIVITIES),
    KindSpec("forum", "论坛", Audience.CHOSEN, Book.ACTIVITIES, "2"),
    KindSpec("culture", "群团文体活动", Audience.CHOSEN, Book.ACTIVITIES),
)

FORMS: Final = (
    ("workshop_lecture", "车间微党课", "lecture"),
    ("scene_lecture", "情景互动式党课", "lecture"),
    ("shift_lecture", "班前班后半小时", "lecture"),
    ("online_lecture", "网络党课", "lecture"),
    ("grand_lecture", "大党课", "lecture"),
    ("humanities_forum", "人文讲坛", "lecture"),
    ("distance_learning", "远程教育", "study"),
    ("party_forum", "党建论坛", "forum"),
    ("innovation_forum", "创新论坛", "forum"),
    ("development_forum", "发展论坛", "forum"),
)
"""Code, name and kind of the built-in forms."""

SERVES_TWO: Final = frozenset(
    frozenset(pair)
    for pair in (
        ("theme_day", "lecture"),
        ("theme_day", "assembly"),
        ("theme_day", "volunteering"),
        ("theme_day", "study_trip"),
        ("theme_day", "study"),
        ("assembly", "lecture"),
        ("assembly", "life_meeting"),
        ("assembly", "appraisal"),
        ("committee_meeting", "life_meeting"),
        ("group_meeting", "life_meeting"),
        ("life_meeting", "appraisal"),
        ("group_meeting", "study"),
    )
)
"""Kinds that one record may serve together: 主题党日 gathers 三会一课 (第十六条), an 组织生活会 is held as one of the
meetings (第十七条) and may be merged with the 民主评议 (第十八条)."""

_BRANCHES: Final = (OrgKind.BRANCH, OrgKind.JOINT_BRANCH)
_ALL_BRANCHES: Final = (*_BRANCHES, OrgKind.TEMPORARY_BRANCH, OrgKind.MOBILE_BRANCH)


@dataclass(frozen=True)
class RequirementSpec:
    """How often the regulations ask for a kind, as it is installed. ZB-10: a 临时党支部 studies and educates only."""

    kind: str
    rhythm: Rhythm
    times: int
    basis: Citation
    weight: Weight
    org_kinds: tuple[OrgKind, ...] = field(default=_BRANCHES)
    subject: DutySubject = DutySubject.ORGANISATION
    condition: DutyCondition = DutyCondition.HAS_MEMBERS


REQUIREMENTS: Final = (
    RequirementSpec("assembly", Rhythm.QUARTER, 1, ASSEMBLY, Weight.USUALLY),
    RequirementSpec("committee_meeting", Rhythm.MONTH, 1, COMMITTEE_MEETING, Weight.USUALLY,
                    condition=DutyCondition.HAS_COMMITTEE),
    RequirementSpec("group_meeting", Rhythm.MONTH, 1, GROUP_MEETING, Weight.USUALLY, (OrgKind.GROUP,)),
    RequirementSpec("lecture", Rhythm.QUARTER, 1, LECTURE, Weight.LOCAL, _ALL_BRANCHES),
    RequirementSpec("lecture", Rhythm.YEAR, 1, LEADERS_LECTURE, Weight.MUST,
                    (OrgKind.COMMITTEE, OrgKind.WORK_COMMITTEE), condition=DutyCondition.ALWAYS),
    RequirementSpec("theme_day", Rhythm.MONTH, 1, THEME_DAY, Weight.MUST, _ALL_BRANCHES),
    RequirementSpec("life_meeting", Rhythm.YEAR, 1, LIFE_MEETING, Weight.MUST),
    RequirementSpec("appraisal", Rhythm.YEAR, 1, APPRAISAL, Weight.USUALLY),
    RequirementSpec("talk", Rhythm.YEAR, 1, HEART_TO_HEART, Weight.USUALLY, subject=DutySubject.MEMBER),
)  # fmt: skip
