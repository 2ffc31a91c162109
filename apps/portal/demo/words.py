"""What the records of the demo say."""

from __future__ import annotations

from typing import Final

TITLES: Final = {
    "theme_day": "{year}年{month}月主题党日：{about}",
    "committee_meeting": "{month}月支委会：{about}",
    "assembly": "支部党员大会：{about}",
    "life_meeting": "{year}年度组织生活会和民主评议党员",
    "talk": "谈心谈话：{about}",
    "study": "集中学习：{about}",
    "volunteering": "志愿服务：{about}",
    "group_meeting": "{month}月党小组会：{about}",
    "training": "{about}",
}
"""How a record of a kind is called; `about` is what it is about."""

ABOUT: Final = {
    "theme_day": ("学习党章", "重温入党誓词", "安全生产我带头"),
    "committee_meeting": ("研究本月工作", "研究发展党员计划", "研究先锋岗创建", "安排主题党日", "听取党小组汇报"),
    "assembly": ("通报支部工作", "讨论年度计划", "讨论接收预备党员", "学习上级文件"),
    "life_meeting": ("组织生活会",),
    "talk": ("了解思想和工作情况", "谈岗位调整", "听取意见建议"),
    "study": ("党的创新理论", "党章党规", "安全生产法"),
    "volunteering": ("清洁滨河路", "看望困难职工", "义务献血", "为村里修农机"),
    "group_meeting": ("学习讨论", "汇报承诺事项进展", "评议岗位表现"),
}

THEMES: Final = (
    "学习党章，遵守党章", "学雷锋，为企业办一件实事", "安全生产党员带头", "弘扬劳动精神", "缅怀先烈，不忘初心",
    "重温入党誓词", "党员责任区亮身份", "技术革新我先行", "向身边先进学习", "爱国主义教育", "学习法治，依法经营", "总结一年，谋划来年",
)  # fmt: skip
"""一月一专题, from January to December."""

_LEARNED: Final = "会上学习了“{about}”有关内容，三名党员结合岗位作了发言，大家认为要把学到的用到生产上。"
_DISCUSSED: Final = "围绕“{about}”逐项讨论，对存在的问题提出了办法，明确了责任人和完成时间。"

MINUTES: Final = {
    "theme_day": (
        _LEARNED,
        "先重温入党誓词，再围绕“{about}”到车间开展活动，党员亮身份、查隐患，共排查并当场整改隐患两处。",
        "书记以“{about}”为题讲了微党课，结束后开展了一小时的义务劳动。",
    ),
    "committee_meeting": (_DISCUSSED, "听取了委员分工情况，{about}，形成一致意见。"),
    "assembly": (_DISCUSSED, "书记通报了支部工作，党员{about}，并进行了表决。"),
    "life_meeting": ("班子成员作对照检查，党员逐一开展批评和自我批评，随后进行民主测评，并将意见汇总后反馈本人。",),
    "talk": ("书记与党员逐一谈心，{about}，对反映的加班和子女入学问题作了记录，约定下月答复。",),
    "study": (_LEARNED,),
    "volunteering": ("党员和入党积极分子一同{about}，历时两小时。",),
    "group_meeting": (_DISCUSSED, "本组党员{about}，组长作了小结。"),
    "training": ("按计划完成授课、研讨和结业测试。",),
}

RESOLUTIONS: Final = ("同意{about}的方案。", "一致同意，由组织委员负责落实。", "")
