"""What people read: rates, dates, citations and forms look the same on every page."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory

from apps.core.forms import BaseForm
from apps.core.regulations import Citation
from apps.core.templatetags import ui


def shown(text: str, query: str = "", **context: object) -> str:
    request = RequestFactory().get(f"/enterprises/{query}")
    return Template("{% load ui %}" + text).render(Context({"request": request, **context}))


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        (Decimal("0.8112"), "81.1%"),
        (Decimal("0.8115"), "81.2%"),
        (Decimal(1), "100%"),
        (Decimal("0.9999"), "100.0%"),
        (Decimal(0), "0%"),
        (None, "—"),
    ],
)
def test_a_rate_is_rounded_half_up_and_only_a_whole_one_is_plain_100(rate: Decimal | None, text: str) -> None:
    assert ui.percent(rate) == text


def test_a_date_is_shown_as_far_as_it_is_known() -> None:
    assert ui.cn_date(datetime.date(2026, 11, 22)) == "2026年11月22日"
    assert ui.cn_date("2019-03") == "2019年3月"
    assert ui.cn_date("2019") == "2019年"
    assert ui.cn_date(None) == "—"


def test_a_moment_is_shown_in_the_time_of_shanghai() -> None:
    moment = datetime.datetime(2026, 11, 21, 17, 0, tzinfo=datetime.UTC)
    assert ui.cn_date(moment, "time") == "2026年11月22日 01:00"


def test_zero_is_a_number_and_not_an_empty_cell() -> None:
    assert ui.dash(0) == 0
    assert ui.dash("") == "—"
    assert ui.number(3143) == "3,143"


def test_a_citation_is_shown_as_basis() -> None:
    rule = Citation("中国共产党支部工作条例（试行）", "第四条")
    assert ui.basis(rule) == "依据《中国共产党支部工作条例（试行）》第四条"
    assert ui.basis([rule, "《园区摸底制度》第3条"]).endswith("第四条、《园区摸底制度》第3条")
    assert ui.basis([]) == ""


@pytest.mark.parametrize(("days", "tone"), [(-1, "danger"), (0, "warning"), (7, "warning"), (8, "success")])
def test_what_is_late_is_red_and_what_is_near_is_amber(days: int, tone: str) -> None:
    assert ui.tone(days) == tone


def test_one_filter_changes_and_the_others_stay_in_the_address() -> None:
    assert shown("{% query_with page=2 q=None %}", "?q=x&park=1") == "?park=1&amp;page=2"


def test_hidden_inputs_carry_the_filters_escaped() -> None:
    html = shown("{% hidden_query without='after' %}", '?q="><b>&after=9')
    assert html == '<input type="hidden" name="q" value="&quot;&gt;&lt;b&gt;">'


def test_a_component_takes_an_item_or_keywords_alike() -> None:
    by_item = shown("{% badge item %}", item={"text": "在营", "tone": "success"})
    assert by_item == shown("{% badge text='在营' tone='success' %}")


def test_a_cell_without_a_value_is_a_dash_and_a_bare_number_stands_right() -> None:
    html = shown(
        "{% table headers=headers rows=rows %}", headers=["口径", "比率"], rows=[["三有", {"text": None}], ["零", 0]]
    )
    assert "<td>—</td>" in html
    assert '<td class="number">0</td>' in html


def test_a_bar_never_grows_beyond_its_box() -> None:
    html = shown("{% progress segments %}", segments=[{"label": "已审", "share": 80}, {"label": "已报", "share": 40}])
    assert 'x="80.00" y="0" width="20.00"' in html


class Survey(BaseForm):
    staff = forms.IntegerField(label="职工人数", help_text="在册人数。")
    method = forms.ChoiceField(label="方式", choices=[("call", "电话")], widget=forms.RadioSelect)
    note = forms.CharField(label="说明", required=False)

    fieldsets = ({"title": "摸排", "note": "", "fields": ["staff", "method"]},)


def test_an_error_is_beside_its_field_in_the_summary_and_told_to_screen_readers() -> None:
    html = shown("{% include 'components/form_body.html' %}", form=Survey({"staff": "多", "method": "call"}))
    assert '<a href="#id_staff">职工人数</a>' in html
    assert 'id="id_staff_error"' in html
    assert 'aria-describedby="id_staff_help id_staff_error"' in html
    assert 'aria-invalid="true"' in html


def test_fields_that_no_section_names_are_still_asked() -> None:
    assert [[b.name for b in s["fields"]] for s in ui.sections(Survey())] == [["staff", "method"], ["note"]]
