"""A secretary books a room on a phone, with JavaScript and without."""

from __future__ import annotations

from typing import Any

import pytest

from apps.activities.services.venues import register_venue
from apps.core.scoping import unscoped
from tests.activities.places import facts
from tests.browsing import PHONE, TODAY
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_secretary_books_an_open_room_on_a_phone(
    transactional_db: None, cast: Cast, visit: Any, scripts: bool
) -> None:
    with unscoped("test"):
        given = facts(name="多功能厅", open_to_others=True)
        register_venue(org=cast.park_org, facts=given, today=TODAY, actor=cast.users.park_officer)
    secretary = visit("secretary_a", PHONE, scripts=scripts).go("/venues/offered/?")
    secretary.press("多功能厅").sees("提交后由管理的党组织答复")
    secretary.fill(on="2026-11-25", starts="14:00", ends="16:00", purpose="主题党日").press("提交预约")
    secretary.sees("待答复", "2026年11月25日 14:00至16:00", "取消预约")
    officer = visit("park_officer").go("/venues/bookings/")
    officer.press("多功能厅").press("答复").press("答复").sees("已同意")
    secretary.go(secretary.page.url).sees("已同意", "转为活动")
