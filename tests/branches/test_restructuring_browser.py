"""An officer plans a restructuring in a real browser: steps, rehearsal, application, at a desk and on a phone."""

from __future__ import annotations

from typing import Any

import pytest

from apps.branches.models import PartyOrg, Restructuring
from apps.core.scoping import unscoped
from tests.browsing import DESK, PHONE
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_a_plan_goes_from_its_first_step_into_effect(visit: Any, cast: Cast, viewport: dict[str, int]) -> None:
    officer = visit("park_officer", viewport).go("/restructurings/").press("编制方案")
    officer.fill(name="甲园区支部优化方案").press("开始编制").sees("还没有步骤")
    officer.press("新设").fill(target="驻区企业委员会", org_kind="党总支", name="中共甲园区总支部委员会").press("添加")
    officer.press("划转").fill(org="子公司支部委员会", target_step="中共甲园区总支部委员会").press("添加")
    officer.press("合并").fill(org="丑寅联合", target="子公司支部委员会").press("添加").sees("步骤（3）")
    officer.press("试算前后对比").sees("全部步骤都能执行", "由「甲园区党建指导站」划入", "并入「子公司党支部」")
    officer.press("实施").sees("方案共 3 步")
    officer.fill(document="园党发〔2026〕9号", reason="一并优化").press("确认实施").sees("已实施", "实施前后对比")
    with unscoped("test"):
        assert Restructuring.objects.get().state == "applied"
        assert PartyOrg.objects.get(pk=cast.branch_a.pk).parent.name == "中共甲园区总支部委员会"
        assert PartyOrg.objects.get(pk=cast.branch_b.pk).ended_on is not None


def test_a_split_is_ticked_without_javascript(visit: Any, cast: Cast) -> None:
    officer = visit("park_officer", scripts=False).go(f"/orgs/{cast.branch_a.pk}/split/")
    officer.fill(name="中共子公司新支部委员会", kind="党支部", pick_1="丹东子精密机械有限公司（单独组建）")
    officer.press("确认拆分").sees("由「子公司党支部」拆分设立")
