"""The form field that picks an enterprise, at any size of the register."""

from __future__ import annotations

from typing import Any

from apps.core.choosing import RowChoiceField

from .models import Enterprise


class EnterpriseChoiceField(RowChoiceField):
    """An `Enterprise` of the active scope."""

    model = Enterprise
    listed_up_to = 40
    options_url = "/enterprises/options/"
    searched_by = "名称、拼音首字母或信用代码"
    named_by = "信用代码或企业全称"
    default_error_messages = {
        "unknown": "没有找到这家企业，请从列表中选择。",
        "ambiguous": "有多家企业叫这个名称，请填写统一社会信用代码。",
    }

    def options(self) -> Any:
        return Enterprise.objects.order_by("org_path", "pk")

    def called(self, text: str) -> list[Enterprise]:
        return list(self.options().filter(credit_code=text.upper()) or self.options().filter(name=text)[:2])


def optional(choices: list[tuple[str, str]], label: str = "未填写") -> list[tuple[str, str]]:
    """Choices of which none may be taken."""
    return [("", label), *choices]
