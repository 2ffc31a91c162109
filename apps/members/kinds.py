"""The vocabulary of the roster: stored codes and their Chinese terms."""

from __future__ import annotations

from apps.core.choices import Choice


class Relation(Choice):
    """组织关系 of a person whom the portal keeps: on a roster here, elsewhere, or gone."""

    HERE = "here", "在册"
    ELSEWHERE = "elsewhere", "关系在外"
    LEFT = "left", "已转出"


class Stage(Choice):
    """党员类别; follows from the dates of admission and of becoming full member."""

    FORMAL = "formal", "正式党员"
    PROBATIONARY = "probationary", "预备党员"


class Standing(Choice):
    """党籍状态."""

    NORMAL = "normal", "正常"
    SUSPENDED = "suspended", "停止党籍"


class ManagementMode(Choice):
    """四种管理模式: how a member is managed, from what is known about relation and place of work."""

    IN_POST = "in_post", "在职规范管理"
    INFLOW_DUAL = "inflow_dual", "流入双重管理"
    MOBILE_NETWORK = "mobile_network", "流动网络管理"
    DEPARTED_LOCAL = "departed_local", "离职属地管理"


class Entry(Choice):
    """How a membership of a branch began."""

    INITIAL = "initial", "建册登记"
    ADMITTED = "admitted", "发展入党"
    TRANSFERRED = "transferred", "转入"
    RESTRUCTURED = "restructured", "组织调整"
    REGROUPED = "regrouped", "支部内调整"
    RESTORED = "restored", "恢复"


class LeavingReason(Choice):
    """Why a membership of a branch ended. The first three go on elsewhere in the portal or outside it."""

    TRANSFERRED = "transferred", "转出"
    RESTRUCTURED = "restructured", "组织调整"
    REGROUPED = "regrouped", "支部内调整"
    DECEASED = "deceased", "去世"
    RESIGNED = "resigned", "自愿退党"
    REMOVED = "removed", "除名"
    EXPELLED = "expelled", "开除党籍"
    CANCELLED = "cancelled", "取消预备党员资格"
    MISTAKEN = "mistaken", "误登记"


class DepartureReason(Choice):
    """Why a member left the post in the park."""

    RESIGNED = "resigned", "离职"
    RETIRED = "retired", "退休"
    SUSPENDED = "suspended", "企业停产"
    MOVED_OUT = "moved_out", "企业迁出或注销"
    OTHER = "other", "其他"


class TransferKind(Choice):
    """Between whom the relation is transferred."""

    WITHIN = "within", "同一基层党委内"
    BETWEEN = "between", "平台内基层党委之间"
    OUT = "out", "转往平台外"
    IN = "in", "由平台外转入"


class TransferState(Choice):
    """State of a transfer: the sending branch stays responsible until it is accepted."""

    DRAFT = "draft", "草稿"
    BRANCH_CHECKED = "branch_checked", "支部已核"
    APPROVED = "approved", "党委已批"
    LETTER_ISSUED = "letter_issued", "已开介绍信"
    ACCEPTED = "accepted", "已接收"
    RETURNED = "returned", "已退回"
    EXPIRED = "expired", "介绍信过期"
    CANCELLED = "cancelled", "已撤销"


OPEN_TRANSFERS = (
    TransferState.DRAFT,
    TransferState.BRANCH_CHECKED,
    TransferState.APPROVED,
    TransferState.LETTER_ISSUED,
)


class Direction(Choice):
    """流动方向, seen from the branch that keeps the record."""

    OUT = "out", "流出"
    IN = "in", "流入"


class MobileReason(Choice):
    """流动原因."""

    WORK = "work", "外出务工经商"
    UNIT_CHANGED = "unit_changed", "工作单位改变"
    RESIDENCE = "residence", "居住地改变"
    GRADUATED = "graduated", "毕业待业"
    UNIT_CLOSED = "unit_closed", "单位改制破产"
    ABROAD = "abroad", "出国（境）"
    OTHER = "other", "其他"


class ContactMethod(Choice):
    """How a member was contacted."""

    MEETING = "meeting", "见面"
    PHONE = "phone", "电话"
    ONLINE = "online", "网络"
    LETTER = "letter", "信函"


class LostStage(Choice):
    """失联: what has to be studied next. The portal raises the case, people decide."""

    SEARCHING = "searching", "查找中"
    SUSPENSION_DUE = "suspension_due", "应研究停止党籍"
    REMOVAL_DUE = "removal_due", "应研究自行脱党除名"


class LostOutcome(Choice):
    """What was decided in a case of lost contact."""

    FOUND = "found", "已取得联系"
    SUSPENDED = "suspended", "停止党籍"
    REMOVED = "removed", "自行脱党除名"


class ReconciliationState(Choice):
    """How far a comparison with the national system has come."""

    READING = "reading", "正在读取"
    MAPPING = "mapping", "待对应列"
    DONE = "done", "已核对"


class HonourKind(Choice):
    """荣誉、任职推荐和处分 on a member's page."""

    HONOUR = "honour", "表彰奖励"
    DELEGATE = "delegate", "两代表一委员"
    RECOMMENDED = "recommended", "推荐人选"
    DISCIPLINE = "discipline", "党纪处分"


class Focus(Choice):
    """重点培养对象 and focus groups."""

    OWNER = "owner", "企业法人（出资人）"
    SCIENTIST = "scientist", "科技人才"
    BACKBONE = "backbone", "技术骨干"
    MANAGER = "manager", "经营管理人员"
    YOUTH = "youth", "青年"


class PostRole(Choice):
    """党内职务 in the leading group of an organisation, and who else does Party work in it."""

    SECRETARY = "secretary", "书记"
    DEPUTY = "deputy", "副书记"
    ORGANISATION = "organisation", "组织委员"
    PUBLICITY = "publicity", "宣传委员"
    DISCIPLINE = "discipline", "纪检委员"
    COMMITTEE = "committee", "委员"
    GROUP_LEADER = "group_leader", "党小组组长"
    WORKER = "worker", "党务工作者"


COMMITTEE_ROLES = (
    PostRole.SECRETARY,
    PostRole.DEPUTY,
    PostRole.ORGANISATION,
    PostRole.PUBLICITY,
    PostRole.DISCIPLINE,
    PostRole.COMMITTEE,
)
"""Who sits in the committee; the others are not counted as seats."""


class PostSource(Choice):
    """选配来源 of a post holder."""

    INTERNAL = "internal", "企业内部选任"
    RECRUITED = "recruited", "社会公开选聘"
    SENT = "sent", "机关选派"
    STREET = "street", "乡镇街道兼任"
    PARK = "park", "园区兼任"


class PostBasis(Choice):
    """How somebody came into a post."""

    ELECTED = "elected", "选举"
    BY_ELECTION = "by_election", "补选"
    APPOINTED = "appointed", "上级任命"


class TalentKind(Choice):
    """党务人才 by what they are kept for."""

    SECRETARY_RESERVE = "secretary_reserve", "书记后备"
    WORKER = "worker", "党务工作者"
    LECTURER = "lecturer", "党课讲师"
    INSTRUCTOR_RESERVE = "instructor_reserve", "指导员后备"


class UnitedFrontKind(Choice):
    """统战对象 by group."""

    MINOR_PARTY = "minor_party", "民主党派成员"
    NO_PARTY = "no_party", "无党派人士"
    FOREIGNER = "foreigner", "外籍人士"
    SCIENTIST = "scientist", "党外科技人才"
    ENTREPRENEUR = "entrepreneur", "非公有制经济人士"
    RETURNEE = "returnee", "归国留学人员"
    HONG_KONG_MACAO_TAIWAN = "hkmt", "港澳台人士"
    ETHNIC_RELIGIOUS = "ethnic_religious", "少数民族和宗教界人士"


class Occupation(Choice):
    """党员职业 in the bands of the national bulletin (党内统计公报)."""

    WORKER = "worker", "工人（工勤技能人员）"
    FARMER = "farmer", "农牧渔民"
    TECHNICIAN = "technician", "企事业单位、社会组织专业技术人员"
    MANAGER = "manager", "企事业单位、社会组织管理人员"
    OFFICIAL = "official", "党政机关工作人员"
    STUDENT = "student", "学生"
    OTHER = "other", "其他职业人员"
    RETIRED = "retired", "离退休人员"


class Sex(Choice):
    """性别, GB/T 2261.1."""

    UNKNOWN = "0", "未知"
    MALE = "1", "男"
    FEMALE = "2", "女"
    UNSTATED = "9", "未说明"


class Education(Choice):
    """学历, GB/T 4658 by its main groups."""

    DOCTOR = "11", "博士研究生"
    MASTER = "14", "硕士研究生"
    POSTGRADUATE = "17", "研究生班"
    BACHELOR = "21", "大学本科"
    COLLEGE = "31", "大学专科"
    SECONDARY = "41", "中等专业学校"
    VOCATIONAL = "44", "职业高中"
    TECHNICAL = "47", "技工学校"
    SENIOR = "61", "高中"
    JUNIOR = "71", "初中"
    PRIMARY = "81", "小学"
    NONE = "90", "其他"


class Degree(Choice):
    """学位, GB/T 6864."""

    HONORARY = "1", "名誉博士"
    DOCTOR = "2", "博士"
    MASTER = "3", "硕士"
    BACHELOR = "4", "学士"


_NATIONS = (
    "汉", "蒙古", "回", "藏", "维吾尔", "苗", "彝", "壮", "布依", "朝鲜", "满", "侗", "瑶", "白", "土家", "哈尼", "哈萨克", "傣", "黎",
    "傈僳", "佤", "畲", "高山", "拉祜", "水", "东乡", "纳西", "景颇", "柯尔克孜", "土", "达斡尔", "仫佬", "羌", "布朗", "撒拉", "毛南",
    "仡佬", "锡伯", "阿昌", "普米", "塔吉克", "怒", "乌孜别克", "俄罗斯", "鄂温克", "德昂", "保安", "裕固", "京", "塔塔尔", "独龙", "鄂伦春",
    "赫哲", "门巴", "珞巴", "基诺",
)  # fmt: skip
NATIONS = [(f"{code:02d}", f"{name}族") for code, name in enumerate(_NATIONS, 1)] + [("97", "其他"), ("98", "外国血统")]
"""民族, GB/T 3304: code and name."""
