"""Rows of a roster as tests write them into workbooks: an office's own list, and our own headers."""

from __future__ import annotations

import datetime

from apps.core.codes import make_id_number
from apps.members.models import Member

D = datetime.date
BORN = D(1990, 5, 20)
NUMBER = make_id_number("210602", BORN, 11)  # odd: 男
FIFTEEN = "210602" + "900520" + "011"
OWN = ("党员编号", "姓名", "身份证号", "入党日期", "转正日期")

OFFICE = {
    "姓名": "钱学明", "性别": "男", "民族": "汉", "出生年月": "1990.05", "公民身份证号码": NUMBER, "学历": "本科", "学位": "无",
    "加入党组织日期": "2012.7.1", "转为正式党员日期": "2013年7月1日", "人员类别": "正式党员", "工作岗位": "车间主任",
    "手机号码": "139 1234 5678", "所在党支部": "子公司党支部", "工作单位": "丹东子精密机械有限公司", "家庭住址": "振兴区锦山大街1号楼2单元",
}  # fmt: skip
"""A row of an office's own list, under its own headers."""


def person(serial=11, born=BORN, **changes):
    """A row under our own headers; every serial is somebody else."""
    return {"党员编号": None, "姓名": "钱学明", "身份证号": make_id_number("210602", born, serial),
            "入党日期": "2012-07-01", "转正日期": "2013-07-01"} | changes  # fmt: skip


def the(**facts):
    return Member.objects.get(**facts)
