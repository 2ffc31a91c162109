"""The main job as its people live it, in a real browser: the register comes in, the tree is drawn, the quarter is
answered, reminded of, closed and reported."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from openpyxl import load_workbook

from apps.branches.models import PartyOrg
from apps.census.models import CensusReturn, CensusRound
from apps.census.services import answer_unchanged, open_round
from apps.core.codes import make_credit_code
from apps.core.periods import Period
from apps.core.scoping import unscoped
from apps.enterprises.kinds import Form
from apps.enterprises.models import Condition, Enterprise, Establishment
from tests.browsing import PHONE, TODAY
from tests.core.excel.workbooks import book

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def wrong(code: str) -> str:
    """The same credit code with another check digit."""
    return code[:-1] + ("0" if code[-1] != "0" else "1")


COLUMNS = ("单位", "社会代码号", "注册日期", "企业类型", "注册资金", "经营范围", "所在省份", "地区", "注册地址")
FAULTS = {
    "numeric code": ("甲", 912106001200694248, "1999-01-02"),
    "wrong check digit": ("乙", wrong(make_credit_code(serial=2001)), "1999-01-02"),
    "formula": ("=1+1", make_credit_code(serial=2002), "1999-01-02"),
    "ambiguous date": ("丙", make_credit_code(serial=2003), "03/04/2026"),
    "no name": ("", make_credit_code(serial=2004), "1999-01-02"),
    "first of two": ("丁", make_credit_code(serial=2005), "1999-01-02"),
    "second of two": ("戊", make_credit_code(serial=2005), "1999-01-02"),
}
SENTENCES = ("单元格是数字格式", "校验码不符", "单元格是公式", "分不清年月日的先后", "不能为空", "与第 7 行重复")


def registered(*rows: tuple[Any, ...]) -> bytes:
    """A workbook as the registry gives it, under headings of its own."""
    rest = ("有限责任公司", "100(万元人民币)", "机械加工", "辽宁", "丹东", "振兴区一路 1 号")
    return book([(*row, *rest) for row in rows], COLUMNS)


def present(name: str) -> bool:
    with unscoped("test"):
        return Enterprise.objects.filter(name=name).exists()


def return_of(enterprise: Enterprise) -> str:
    with unscoped("test"):
        return CensusReturn.objects.get(enterprise=enterprise).get_absolute_url()


@pytest.fixture
def census_round(cast: Any, afternoon: None) -> CensusRound:
    with unscoped("test"):
        return open_round(org=cast.park_org, period=Period.quarter_of(TODAY), today=TODAY, actor=None).round


def test_the_register_comes_in_and_is_found_again(visit: Any, work: Callable[[], None], tmp_path: Path) -> None:
    faulty, sound = tmp_path / "名录.xlsx", tmp_path / "名录（已改）.xlsx"
    faulty.write_bytes(registered(*FAULTS.values()))
    serials = range(3000, 3060)
    sound.write_bytes(
        registered(*((f"丹东市燃气设备{n}厂", make_credit_code(serial=n), "1999-01-02") for n in serials))
    )
    officer = visit("park_officer").go("/enterprises/").press("导入工商登记")

    officer.choose(faulty).press("上传并检查").sees("文件开头的几行")
    officer.fill(column_name="单位", column_credit_code="社会代码号").press("确认并检查").sees("还不能导入", *SENTENCES)
    marked = load_workbook(officer.download("下载标注好的工作簿", tmp_path)).worksheets[0]
    assert [row[0].fill.fill_type for row in marked.iter_rows(min_row=2, max_row=6)].count("solid") == 2
    assert not present("丁")  # one error keeps everything out

    officer.press("重新上传").choose(sound).press("上传并检查").sees("可以导入")  # the columns are remembered
    officer.press_twice("确认导入").sees("撤销这次导入")
    assert present("丹东市燃气设备3000厂")
    officer.press("撤销这次导入", agree=True).sees("再次导入")
    assert not present("丹东市燃气设备3000厂")
    officer.press("再次导入").sees("撤销这次导入")
    officer.page.go_back()
    officer.go("/imports/").sees("已导入")

    officer.go("/enterprises/").fill(q="燃气").touch("查询").sees("共 60 条").press("下一页").sees("上一页")
    officer.go("/enterprises/?q=ddsrqsb3000").sees("共 1 条")
    officer.page.get_by_text("列", exact=True).click()
    officer.page.get_by_label("统一社会信用代码").check()
    officer.press("显示所选列").sees(make_credit_code(serial=3000))
    officer.page.get_by_text("导出", exact=True).click()
    officer.press("Excel 工作簿").sees("我的任务")
    work()
    sheet = load_workbook(officer.download("下载", tmp_path)).worksheets[0]
    assert sheet["A2"].value == "丹东市燃气设备3000厂"
    assert sheet["A3"].value.startswith("※")


@pytest.fixture
def seven(cast: Any) -> list[Enterprise]:
    """One enterprise of the park for each form of 组建, large enough for any of them."""
    with unscoped("test"):
        firms = [
            Enterprise(name=f"丹东{form.label}公司", org=cast.park_org, park=cast.park, credit_code=make_credit_code(serial=n))
            for n, form in enumerate(Form, 4000)
        ]
        Enterprise.objects.bulk_create(firms)
        Condition.objects.bulk_create(
            [Condition(enterprise=firm, since=datetime.date(2026, 1, 1), staff=20, formal_members=3) for firm in firms]
        )
    return firms


def test_the_tree_is_drawn_and_every_enterprise_covered(visit: Any, cast: Any, seven: list[Enterprise]) -> None:
    officer = visit("park_officer")
    day = TODAY.isoformat()
    above = cast.park_org.pk
    for kind, name in (
        ("党工委", "中共东区工作委员会"), ("党委", "中共东区驻区企业委员会"), ("党建指导站", "东区党建指导站"),
        ("联合党支部", "中共东区联合支部委员会"), ("党支部", "中共东区第一支部委员会"),
    ):  # fmt: skip
        officer.go(f"/orgs/{above}/found/").fill(kind=kind, name=name, founded_on=day)
        officer.press_twice("设立").sees("已设立", name)
        with unscoped("test"):
            above = PartyOrg.objects.get(name=name).pk if "支部" not in kind else above
    officer.go("/orgs/?levels=5").sees("中共东区联合支部委员会")

    officer.go("/enterprises/?q=组建公司")
    officer.page.get_by_label("全选本页").check()
    officer.press("放入楼栋").fill(building="A1 栋").press("放入").sees("A1 栋")

    for form, firm in zip(Form, seven, strict=True):
        org = "东区第一支部" if form is Form.SINGLE else "东区联合支部"
        officer.go(f"/enterprises/{firm.pk}/establish/").fill(form=form.label, org=org, since=day)
        if form is Form.JOINT:
            with officer.refused(422):
                officer.press("登记").sees("联合党支部应由两个以上单位联合组成")
            officer.fill(reason="其余企业随后加入")
        officer.press("登记").sees("已登记组建", form.label)
    with unscoped("test"):
        assert Establishment.objects.filter(enterprise__in=seven).count() == 7

    page = f"/enterprises/{seven[0].pk}/"
    officer.go("/instructors/new/").fill(name="高振宇", unit="市科技局", org="甲园区", since=day).press("登记").sees("高振宇")
    officer.go(f"{page}instructor/").fill(instructor="高振宇", since=day).press("选派").sees("高振宇")
    for kind in ("工会", "共青团", "妇联"):
        officer.go(f"{page}mass/").fill(kind=kind, since=day, leader="王芳").press("登记").sees(f"成立{kind}")
    officer.go(f"{page}plan/").fill(measure="推荐书记人选", owner="李明", due_on=day).press("制定").sees("推荐书记人选")
    phone = visit("park_officer", PHONE).go(page).press("登记走访")
    phone.fill(method="电话", summary="了解党员情况", need="协调员工公寓").press_twice("登记")
    phone.sees("大事记", "提出诉求：协调员工公寓", "电话：李明")
    officer.go(f"{page}sheet/").sees("企业党建一户一表")
    assert len(re.findall(rb"/Type\s*/Page\b", officer.page.pdf(prefer_css_page_size=True))) == 1
    assert officer.go(page).text().count("提出诉求：协调员工公寓") == 1


def test_a_quarter_is_asked_answered_sent_back_and_approved(visit: Any, cast: Any) -> None:
    officer = visit("park_officer").go("/").press("发起摸底").press("发起").sees("应报")
    secretary = visit("secretary_a", PHONE).go("/").press("无变化")
    secretary.fill(method="走访").press_twice("确认无变化并上报").sees("已上报：本季无变化")
    visit("secretary_b", PHONE, scripts=False).go("/census/mine/").press("电话").sees("已上报：本季无变化")

    mine = return_of(cast.enterprise_uncovered)
    officer.go(f"{mine}fill/").fill(method="实地", unbuilt_reason="请选择")
    with officer.refused(422):
        officer.press("上报").sees("没有保存", "未建党组织原因")
    officer.fill(unbuilt_reason="正在筹建党组织", staff="61").press("上报").sees("已上报")

    sent_back = return_of(cast.enterprise_b)
    officer.go(sent_back)
    with officer.refused(422):
        officer.press("退回")
    officer.page.locator("main [name=comment]").fill("请核实职工数")
    officer.press("退回").sees("已退回")
    again = visit("secretary_b", PHONE).go("/census/mine/").sees("退回：请核实职工数").press("修改后重报")
    again.fill(method="走访", staff="31").press("上报").sees("已上报")

    officer.go("/census/returns/?state=submitted").sees("共 3 条")
    officer.page.get_by_label("全选本页").check()
    officer.press("批量审核通过", agree=True).sees("已审核通过 3 份")
    officer.go("/census/").press(Period.quarter_of(TODAY).label).sees("按楼栋", "已写入台账")
    officer.press("按党组织").sees("甲园区企业党委")
    officer.go(f"/enterprises/{cast.enterprise_b.pk}/").sees("职工数 30 → 31")


def test_reminders_reach_the_inbox_once_and_robots_are_kept(visit: Any, cast: Any, census_round: CensusRound) -> None:
    for day in (TODAY, census_round.due_on - datetime.timedelta(days=7), census_round.due_on):
        for _ in range(2):
            moment = f"{day.isoformat()}T09:00:00+08:00"
            call_command("plan_reminders", at=moment, json=True)
            call_command("send_reminders", at=moment, json=True)
    secretary = visit("secretary_a", PHONE).go("/messages/")
    secretary.sees("还有7天", f"今天（{census_round.due_on.isoformat()}）到期")
    assert secretary.page.get_by_text("未读", exact=True).count() == 3
    secretary.follow(secretary.page.locator("main .todo-title a").first).sees("丹东子精密机械有限公司")
    secretary.press("去办理").sees("本季无变化")
    secretary.go("/messages/").sees("已读").press("全部标为已读").sees("已全部标为已读")
    assert secretary.page.get_by_text("未读", exact=True).count() == 0

    officer = visit("park_officer").go("/messages/").press("提醒渠道").press("添加群机器人")
    officer.fill(org="甲园区", name="园区工作群", kind="钉钉", url="https://oapi.dingtalk.com/robot/send?access_token=abc")
    officer.press("保存").sees("园区工作群")
    assert "access_token=abc" not in officer.text()


@pytest.fixture
def answered(cast: Any, census_round: CensusRound) -> CensusRound:
    with unscoped("test"):
        for row in CensusReturn.objects.filter(round=census_round):
            answer_unchanged(
                census_return=row, method="visit", checked_on=TODAY, today=TODAY, actor=None,
                unbuilt_reason="" if row.enterprise != cast.enterprise_uncovered else "too_few_members",
                change_reason="已核实",
            )  # fmt: skip
    return census_round


def test_the_quarter_is_closed_reported_and_explained(
    visit: Any, cast: Any, answered: CensusRound, work: Callable[[], None], tmp_path: Path
) -> None:
    officer = visit("park_officer").go(f"/census/{answered.pk}/").press("关闭摸底")
    officer.page.locator("main [name=confirmed]").check()
    officer.press_twice("关闭并封存").sees("已关闭")

    department = visit("authority_officer").go("/coverage/").sees("75.0%", "3 / 4 家", "两种口径对照", "剔除原因")
    department.press("75.0%").sees("共 3 条", "丹东子精密机械有限公司")
    department.go("/coverage/?org=JY").sees("66.7%").go(f"/coverage/?org=JY&period={Period.quarter_of(TODAY)}")
    department.sees("已封存", "66.7%")

    department.go("/coverage/gap/").sees("75.0% → 75.0%")
    department.page.get_by_label("模拟 丹东卯软件有限公司").check()
    department.sees("75.0% → 100%")
    plain = visit("authority_officer", scripts=False).go("/coverage/gap/")
    plain.page.get_by_label("模拟 丹东卯软件有限公司").check()
    plain.press("看新的覆盖率").sees("75.0% → 100%")

    department.go("/coverage/").press("下载报表工作簿").sees("任务进度")
    work()
    workbook = load_workbook(department.download("下载", tmp_path), data_only=True)
    assert workbook.sheetnames == ["汇总", "明细", "口径说明", "剔除名单", "变更说明", "环比"]
    total = next(row for row in workbook["汇总"].iter_rows(values_only=True) if row[1] == "合计")
    assert total[2:7] == (4, 0, 4, 3, 3)

    officer.go(f"/coverage/?org=JY&period={Period.quarter_of(TODAY)}").press("更正说明")
    officer.fill(enterprise="丹东卯软件有限公司", field="职工数", after="66", reason="漏报六人，依据花名册更正")
    officer.press("提交，等待批准").sees("须由您以外的人批准")
    department.go(officer.page.url).press("批准并编号", agree=True).sees("已批准")
    phone = visit("authority_officer", PHONE)
    for path in ("/", "/coverage/", "/coverage/gap/", "/coverage/names/"):
        phone.go(path)


def test_what_belongs_to_others_is_not_there(visit: Any, cast: Any, census_round: CensusRound) -> None:
    secretary = visit("secretary_b", PHONE)
    foreign = (
        f"/enterprises/{cast.enterprise_a.pk}/", f"/orgs/{cast.branch_a.pk}/", return_of(cast.enterprise_a),
        "/coverage/?org=YY", "/enterprises/999999/",
    )  # fmt: skip
    for path in foreign:
        with secretary.refused(404):
            secretary.go(path)
        assert "没有找到这个页面或记录" in secretary.text()
    with secretary.refused(403):
        secretary.go("/imports/enterprises.registry/")


def test_what_was_typed_outlives_the_session(visit: Any, cast: Any) -> None:
    officer = visit("park_officer").go(f"/enterprises/{cast.enterprise_a.pk}/need/").fill(text="协调班车线路")
    officer.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    officer.press("登记").sign_in().sees("没有提交的草稿").touch("恢复草稿").press("登记").sees("协调班车线路")


def test_the_keyboard_reaches_the_content_first(visit: Any, cast: Any) -> None:
    page = visit("park_officer").go("/").page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "跳到正文"
    page.keyboard.press("Enter")
    page.wait_for_url("**/#main")
    page.keyboard.press("Tab")
    assert page.evaluate("Boolean(document.activeElement.closest('main'))")
