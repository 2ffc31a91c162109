"""The vocabulary of organisational life: stored codes and their Chinese terms."""

from __future__ import annotations

from apps.core.choices import Choice


class Audience(Choice):
    """Who is expected at an activity of a kind, on the day of the activity."""

    MEMBERS = "members", "支部全体党员"
    COMMITTEE = "committee", "班子成员"
    GROUP = "group", "党小组全体党员"
    CHOSEN = "chosen", "选定的人员"


class Book(Choice):
    """记录本 into which the records of a kind are bound."""

    MEETINGS = "meetings", "三会一课记录本"
    THEME_DAYS = "theme_days", "主题党日记录本"
    STUDY = "study", "学习记录本"
    ACTIVITIES = "activities", "党员活动记录本"


class State(Choice):
    """Where a record stands. A plan lies in the future; what is due counts from 已提交 on."""

    PLANNED = "planned", "计划"
    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "已提交"
    CONFIRMED = "confirmed", "已确认"
    RETURNED = "returned", "已退回"
    CORRECTION = "correction", "待批准更正"
    CANCELLED = "cancelled", "已取消"


COUNTED = (State.SUBMITTED, State.CONFIRMED)
"""A record in one of these states is counted everywhere; in any other state nowhere."""


class Presence(Choice):
    """Whether somebody who was expected, or came as a visitor, was there."""

    PRESENT = "present", "到会"
    ABSENT = "absent", "缺席"


class AbsenceReason(Choice):
    """Why somebody who was expected was not there."""

    DUTY = "duty", "因公出差"
    SHIFT = "shift", "当班"
    ILLNESS = "illness", "病假"
    PERSONAL = "personal", "事假"
    AWAY = "away", "流动外出"
    OTHER = "other", "其他"
    UNEXCUSED = "unexcused", "未请假"


class Rhythm(Choice):
    """The period in which a requirement has to be met: always one of `core.periods`."""

    MONTH = "month", "每月"
    QUARTER = "quarter", "每季度"
    YEAR = "year", "每年"


class DutySubject(Choice):
    """Of whom a requirement is asked: the organisation holds it so often, or each member takes part so often."""

    ORGANISATION = "organisation", "党组织"
    MEMBER = "member", "每名党员"


class DutyCondition(Choice):
    """When a requirement is asked of an organisation of the kinds that it names."""

    ALWAYS = "always", "一律"
    HAS_MEMBERS = "has_members", "有党员的"
    HAS_COMMITTEE = "has_committee", "设支委会的"


class Weight(Choice):
    """应当 binds, 一般 may be departed from with a reason."""

    MUST = "must", "应当"
    USUALLY = "usually", "一般"
    LOCAL = "local", "本地要求"


class TipSheetState(Choice):
    """提示单 from the draft to its end."""

    DRAFT = "draft", "草稿"
    ISSUED = "issued", "已下发"
    CLOSED = "closed", "已办结"


class PointState(Choice):
    """A point entry: entered by the branch, decided by the committee."""

    ENTERED = "entered", "待确认"
    CONFIRMED = "confirmed", "已确认"
    REFUSED = "refused", "不予确认"


class PostKind(Choice):
    """先锋岗 and its relatives, by which members show what they do for the enterprise."""

    AREA = "area", "党员责任区"
    POST = "post", "党员先锋岗"
    BOARD = "board", "党员评比台"
    TASK_FORCE = "task_force", "科技攻坚队"
    INNOVATION = "innovation", "技术革新"
    MUTUAL_AID = "mutual_aid", "党员互助队"


class PledgeState(Choice):
    """公开承诺: promised, being kept, verified."""

    PROMISED = "promised", "已承诺"
    KEEPING = "keeping", "践诺中"
    VERIFIED = "verified", "已验收"
    UNKEPT = "unkept", "未兑现"


class SuggestionState(Choice):
    """合理化建议 from proposal to effect."""

    PROPOSED = "proposed", "已提出"
    ADOPTED = "adopted", "已采纳"
    DECLINED = "declined", "未采纳"
    EFFECTIVE = "effective", "已见效"


class ReviewKind(Choice):
    """The two yearly reviews of members."""

    DEMOCRATIC = "democratic", "民主评议党员"
    THREE_SIDED = "three_sided", "三评议"


class ReviewState(Choice):
    OPEN = "open", "进行中"
    CLOSED = "closed", "已办结"


class OpinionSource(Choice):
    """Whose opinion of a member it is. The first three are 三评议, the others the steps of 民主评议."""

    EMPLOYER = "employer", "企业领导评议"
    STAFF = "staff", "企业职工评议"
    BRANCH = "branch", "党支部评议"
    SELF = "self", "个人自评"
    PEERS = "peers", "党员互评"
    BALLOT = "ballot", "民主测评"


class Grade(Choice):
    """评议等次."""

    EXCELLENT = "excellent", "优秀"
    QUALIFIED = "qualified", "合格"
    BARELY = "barely", "基本合格"
    UNQUALIFIED = "unqualified", "不合格"


class BookingState(Choice):
    """A booking of a room or of a lecturer."""

    REQUESTED = "requested", "待答复"
    ACCEPTED = "accepted", "已同意"
    DECLINED = "declined", "未同意"
    CANCELLED = "cancelled", "已取消"
    DONE = "done", "已完成"


class VenueKind(Choice):
    """阵地 by size and purpose."""

    CENTRE = "centre", "党群服务中心"
    ACTIVITY_ROOM = "activity_room", "党员活动室"
    OFFICE = "office", "支部办公室"
    BASE = "base", "开放式组织生活基地"
    OTHER = "other", "其他"
