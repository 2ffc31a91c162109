"""The vocabulary of the enterprise register: stored codes and their Chinese terms."""

from __future__ import annotations

from apps.core.choices import Choice


class UnitKind(Choice):
    """Kind of unit: both belong to 两新组织."""

    ENTERPRISE = "enterprise", "企业"
    SOCIAL_ORGANIZATION = "social_organization", "社会组织"


class ParkLevel(Choice):
    """级别 of a park."""

    PROVINCIAL = "provincial", "省级"
    CITY = "city", "市级"
    COUNTY = "county", "县级"


class Status(Choice):
    """经营状态 of an enterprise; dated, never deleted."""

    PREPARING = "preparing", "筹建"
    OPERATING = "operating", "在营"
    SUSPENDED = "suspended", "停产"
    MOVED_OUT = "moved_out", "迁出"
    CANCELLED = "cancelled", "注销"
    REVOKED = "revoked", "吊销"


class Form(Choice):
    """组建方式: how an enterprise is covered by an organisation."""

    SINGLE = "single", "单独组建"
    JOINT = "joint", "联合组建"
    AFFILIATED = "affiliated", "挂靠组建"
    REGIONAL = "regional", "区域联建"
    INDUSTRY = "industry", "行业统建"
    DISPATCHED = "dispatched", "驻派帮建"
    LEADING = "leading", "龙头带建"


class UnbuiltReason(Choice):
    """未建党组织原因, the fifth 清."""

    NO_MEMBERS = "no_members", "没有党员"
    TOO_FEW_MEMBERS = "too_few_members", "正式党员不足3名"
    RELATION_ELSEWHERE = "relation_elsewhere", "党员组织关系未转入"
    NEWLY_ARRIVED = "newly_arrived", "新入驻"
    OWNER_UNWILLING = "owner_unwilling", "出资人（负责人）有顾虑"
    STAFF_UNSTABLE = "staff_unstable", "职工流动频繁"
    NO_CANDIDATE = "no_candidate", "没有合适的书记人选"
    IN_PROGRESS = "in_progress", "正在筹建党组织"
    OTHER = "other", "其他"


class ContactMethod(Choice):
    """摸排方式 and way of a visit."""

    VISIT = "visit", "走访"
    PHONE = "phone", "电话"
    ON_SITE = "on_site", "实地"


class Attitude(Choice):
    """企业主认同度."""

    ACTIVE = "active", "主动要求建"
    SUPPORTIVE = "supportive", "支持"
    NEUTRAL = "neutral", "一般"
    HESITANT = "hesitant", "有顾虑"
    OPPOSED = "opposed", "不支持"


class MassKind(Choice):
    """群团组织."""

    UNION = "union", "工会"
    YOUTH_LEAGUE = "youth_league", "共青团"
    WOMEN = "women", "妇联"


class Scale(Choice):
    """企业规模."""

    LARGE = "large", "大型"
    MEDIUM = "medium", "中型"
    SMALL = "small", "小型"
    MICRO = "micro", "微型"


class PoliticalStatus(Choice):
    """政治面貌 (GB/T 4762), as far as the census asks for it."""

    MEMBER = "01", "中共党员"
    PROBATIONARY = "02", "中共预备党员"
    LEAGUE = "03", "共青团员"
    MINOR_PARTY = "04", "民主党派"
    NO_PARTY = "12", "无党派人士"
    MASSES = "13", "群众"


class InstructorSource(Choice):
    """选派来源 of an instructor."""

    DEPARTMENT = "department", "机关部门"
    INSTITUTION = "institution", "事业单位"
    STREET = "street", "乡镇街道"
    PARK = "park", "园区"
    RETIRED = "retired", "退休干部"


class NeedState(Choice):
    """诉求 and 措施 progress."""

    OPEN = "open", "待办"
    DOING = "doing", "办理中"
    CLOSED = "closed", "已办结"


class DatePrecision(Choice):
    """How much of a date is known."""

    DAY = "day", "年月日"
    MONTH = "month", "年月"
    YEAR = "year", "年"
