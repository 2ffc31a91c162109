"""The field that picks an organisation, in small and big trees, with and without JavaScript."""

import datetime

import pytest
from django import forms

from apps.branches.fields import ALL_SHOWN_UP_TO, OrgChoiceField
from apps.branches.models import PartyOrg
from apps.core.scoping import unscoped
from tests.branches.test_pages import many_children


class Form(forms.Form):
    org = OrgChoiceField(required=False)


class BranchForm(forms.Form):
    org = OrgChoiceField(kinds=["branch"])


@pytest.fixture
def park(cast):
    with cast.within(cast.park_org):
        yield cast


def chosen(form_class=Form, **data):
    form = form_class(data)
    return form.cleaned_data["org"] if form.is_valid() else form.errors["org"][0]


def test_a_small_tree_is_a_select_of_the_scope(park):
    html = str(Form()["org"])
    assert html.count("<option") == 1 + 6
    assert "乙园区" not in html
    assert "data-choose-url" not in html


def test_a_big_tree_renders_only_the_current_choice_and_where_to_ask(park):
    many_children(park.station, ALL_SHOWN_UP_TO)
    html = str(Form(initial={"org": park.branch_a})["org"])
    assert html.count("<option") == 2
    assert f'value="{park.branch_a.pk}" selected' in html
    assert 'data-choose-url="/orgs/options/"' in html
    assert "<noscript><input" in html


def test_an_organisation_of_the_scope_is_taken_and_one_outside_is_not(park):
    assert chosen(org=str(park.branch_a.pk)) == park.branch_a
    for foreign in (park.sibling_org.pk, 999999, "x", "9" * 30):
        assert chosen(org=str(foreign)) == "没有找到这个党组织，请从列表中选择。"


def test_without_javascript_a_code_or_a_name_is_typed(park):
    assert chosen(org="", org_text="jya") == park.branch_a
    assert chosen(org="", org_text="中共子公司支部委员会") == park.branch_a
    assert chosen(org="", org_text="乙园区党工委") == "没有找到这个党组织，请从列表中选择。"


def test_a_name_that_two_organisations_have_asks_for_the_code(park):
    with unscoped("test"):
        PartyOrg.objects.filter(pk=park.branch_b.pk).update(name="中共子公司支部委员会")
    assert chosen(org_text="中共子公司支部委员会") == "有多个党组织叫这个名称，请填写组织代码。"


def test_what_was_typed_is_still_there_after_a_mistake(park):
    many_children(park.station, ALL_SHOWN_UP_TO)
    assert 'value="不存在"' in str(Form({"org": "", "org_text": "不存在"})["org"])


def test_kinds_limit_the_choice(park):
    assert chosen(BranchForm, org=str(park.branch_a.pk)) == park.branch_a
    assert "没有找到" in chosen(BranchForm, org=str(park.branch_b.pk))
    assert str(BranchForm()["org"]).count("<option") == 2


def test_an_ended_organisation_is_not_offered_but_was_on_a_day_before(park):
    with unscoped("test"):
        PartyOrg.objects.filter(pk=park.branch_a.pk).update(ended_on=datetime.date(2026, 6, 1))
    assert "没有找到" in chosen(org=str(park.branch_a.pk))
    form = Form({"org": str(park.branch_a.pk)})
    form.fields["org"].living_on = datetime.date(2026, 5, 31)
    assert form.is_valid()


def test_each_form_has_its_own_field(park):
    first, second = Form(), Form()
    first.fields["org"].kinds = frozenset({"branch"})
    assert str(first["org"]).count("<option") == 2
    assert str(second["org"]).count("<option") == 7
