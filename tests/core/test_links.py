"""A link is shown to those who may open the page behind it."""

from __future__ import annotations

from typing import Any

import pytest

from apps.core.guard import may_open

pytestmark = pytest.mark.django_db


def test_a_link_is_for_those_who_may_open_the_page_behind_it(cast: Any) -> None:
    for url in ("/agreements/new/?member=31", "/members/31/contact/", "/transfers/arrive/?member=31"):
        assert may_open(cast.users.park_officer, url)
        assert not may_open(cast.users.authority_officer, url), url
    assert may_open(cast.users.authority_officer, "/members/31/")


def test_an_address_elsewhere_is_nobodys_to_forbid(cast: Any) -> None:
    assert may_open(cast.users.auditor, "https://example.cn/31/")
