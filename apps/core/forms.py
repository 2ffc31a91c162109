"""Form base: the version stamp, the submission token and Chinese date inputs."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms


class DateInput(forms.DateInput):
    """A native date picker; the value is ISO whatever the locale."""

    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%Y-%m-%d", **kwargs)


class BaseForm(forms.Form):
    """Base of every form that writes. `fieldsets` groups the fields on the page.

    `submission` makes a second send of the same form a no-op; `version` (when the page edits a row)
    lets the service notice that somebody else was faster.
    """

    submission = forms.UUIDField(widget=forms.HiddenInput, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    fieldsets: tuple[dict[str, Any], ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("submission", uuid.uuid4())
        for field in self.fields.values():
            if isinstance(field, forms.DateField) and not isinstance(field.widget, forms.HiddenInput):
                field.widget = DateInput()
                field.input_formats = ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d"]

    def facts(self) -> dict[str, Any]:
        """The cleaned data without the two technical fields: the keyword arguments of the service."""
        return {k: v for k, v in self.cleaned_data.items() if k not in ("submission", "version")}


class ReasonForm(BaseForm):
    """A sentence of reason, for refusals, corrections and looks at masked values."""

    reason = forms.CharField(label="理由", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
