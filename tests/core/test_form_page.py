"""The form page: one submission does its work once, a refusal loses nothing, a conflict shows both values."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django import forms
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import include, path

from apps.core.audit import record, write
from apps.core.errors import Conflict, DomainError
from apps.core.forms import BaseForm
from apps.core.models import AuditEntry, Submission
from apps.core.rights import OWN_WORK
from apps.core.views import FormPage, PageView
from tests.cast import Cast
from tests.racing import at_once


class NoteForm(BaseForm):
    text = forms.CharField(label="内容", max_length=20)


@write
def note(*, text: str, actor: Any) -> str:
    if text == "拒绝":
        raise DomainError("这一条不能保存。", field="text")
    if text == "冲突":
        raise Conflict(rows=[("内容", "别人写的", text)])
    record(actor, "note.written", summary=text)
    return "/done/"


class NotePage(FormPage):
    permission = OWN_WORK
    form_class = NoteForm
    title = "记一条"

    def perform(self, form: Any) -> str:
        return note(**form.facts(), actor=self.request.user)


class DonePage(PageView):
    permission = OWN_WORK

    def get(self, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponse("done")


urlpatterns = [
    path("note/", NotePage.as_view()),
    path("done/", DonePage.as_view()),
    path("", include("parkparty.urls")),
]


def written() -> int:
    return AuditEntry.objects.filter(action="note.written").count()


@pytest.fixture
def signed_in(cast: Cast, client: Client) -> Any:
    client.force_login(cast.users.park_officer)
    with override_settings(ROOT_URLCONF=__name__):
        yield client


@pytest.mark.django_db
def test_a_form_sent_twice_does_its_work_once_and_shows_the_same_result(signed_in):
    body = {"text": "一", "submission": str(uuid.uuid4())}
    assert [signed_in.post("/note/", body).url for _ in range(2)] == ["/done/", "/done/"]
    assert written() == 1


@pytest.mark.django_db
def test_two_forms_do_their_work_twice(signed_in):
    for _ in range(2):
        signed_in.post("/note/", {"text": "一", "submission": str(uuid.uuid4())})
    assert written() == 2


@pytest.mark.django_db
def test_a_refusal_stays_beside_its_field_and_keeps_what_was_typed(signed_in):
    answer = signed_in.post("/note/", {"text": "拒绝", "submission": str(uuid.uuid4())})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "这一条不能保存。" in page
    assert 'value="拒绝"' in page
    assert Submission.objects.count() == 0, "a refused submission may be sent again"


@pytest.mark.django_db
def test_a_conflict_answers_409_and_shows_both_values(signed_in):
    answer = signed_in.post("/note/", {"text": "冲突", "version": "1", "submission": str(uuid.uuid4())})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "别人写的" in page
    assert 'name="version" value="1"' not in page, "the next save is made knowingly"


@pytest.mark.django_db
def test_somebody_elses_token_tells_nothing(signed_in, cast):
    token = uuid.uuid4()
    Submission.objects.create(token=token, user_id=cast.users.secretary_a.pk, result_url="/secret/")
    answer = signed_in.post("/note/", {"text": "一", "submission": str(token)})
    assert (answer.status_code, "/secret/" in answer.content.decode()) == (422, False)


@pytest.mark.django_db(transaction=True)
def test_a_double_click_creates_one_record(cast):
    body = {"text": "一", "submission": str(uuid.uuid4())}

    def click() -> int:
        client = Client()
        client.force_login(cast.users.park_officer)
        return client.post("/note/", body).status_code

    with override_settings(ROOT_URLCONF=__name__):
        assert at_once(*[click] * 4) == [302] * 4
    assert written() == 1
