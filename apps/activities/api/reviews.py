"""民主评议 and 三评议 by program: rounds and results under their own permission, the same refusals as on the pages."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.branches.api import OrgCodeField
from apps.core.api import RefusalSerializer
from apps.members.api_posts import BookAPI, ReasonBody, text

from ..kinds import Grade, ReviewKind
from ..models import ReviewResult, ReviewRound
from ..permissions import KEEP_REVIEWS, REVIEW, VIEW_REVIEWS
from ..services import reviews


class OpenReviewBody(serializers.Serializer):
    """开展评议 with the roster of `held_on`."""

    org = OrgCodeField()
    kind = serializers.ChoiceField(choices=ReviewKind.choices())
    year = serializers.IntegerField(min_value=1990, max_value=2999)
    held_on = serializers.DateField()


class EntryBody(serializers.Serializer):
    """What was said of one member; what is not given stays. `opinions` replaces all of them."""

    id = serializers.IntegerField()
    grade = serializers.ChoiceField(choices=Grade.choices(), required=False, allow_blank=True)
    opinions = serializers.JSONField(required=False)
    comment = text(300)
    assessor = text(100)
    talk_needed = serializers.BooleanField(required=False)
    follow_up = text(300)
    follow_up_due = serializers.DateField(required=False, allow_null=True)

    def validate_opinions(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise serializers.ValidationError("各方意见须是一组“来源: 意见”。")
        return value


class EntriesBody(serializers.Serializer):
    entries = EntryBody(many=True)
    version = serializers.IntegerField(required=False)


class TalkBody(serializers.Serializer):
    on = serializers.DateField()
    by = serializers.CharField(max_length=50)
    note = serializers.CharField(max_length=500)


class FinishBody(serializers.Serializer):
    on = serializers.DateField()
    outcome = serializers.CharField(max_length=300)


class CloseReviewBody(serializers.Serializer):
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    version = serializers.IntegerField(required=False)


class ResultSerializer(EntryBody):
    member = serializers.IntegerField(source="member_id")
    name = serializers.CharField(source="member.name")
    is_probationary = serializers.BooleanField()
    talked_on = serializers.DateField(allow_null=True)
    talked_by = serializers.CharField()
    talk_note = serializers.CharField()
    follow_up_done_on = serializers.DateField(allow_null=True)
    follow_up_result = serializers.CharField()


class ReviewSerializer(serializers.Serializer):
    """A round with everybody in it."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    org = OrgCodeField()
    kind = serializers.CharField()
    year = serializers.IntegerField()
    held_on = serializers.DateField()
    activity = serializers.IntegerField(source="activity_id", allow_null=True)
    state = serializers.CharField()
    closed_on = serializers.DateField(allow_null=True)
    excess_reason = serializers.CharField()
    results = serializers.SerializerMethodField()

    def get_results(self, row: ReviewRound) -> list[dict[str, Any]]:
        return list(ResultSerializer(row.results.select_related("member"), many=True).data)


class ReviewAPI(BookAPI):
    model, shown, view_permission = ReviewRound, ReviewSerializer, VIEW_REVIEWS
    permission = KEEP_REVIEWS


class OpenReviewAPI(ReviewAPI):
    """开展评议."""

    @extend_schema(request=OpenReviewBody, responses={201: ReviewSerializer, 409: RefusalSerializer})
    def post(self, request: Request) -> Response:
        given = self.given(request, OpenReviewBody)
        given["kind"] = ReviewKind(given["kind"])
        row = reviews.open_review(**given, **self.common(request))
        return self.answered(row.pk, status.HTTP_201_CREATED)


class ReviewItemAPI(ReviewAPI):
    """One round with its results."""

    permission = VIEW_REVIEWS

    @extend_schema(responses=ReviewSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return self.answered(self.found(pk).pk)


class EnterResultsAPI(ReviewAPI):
    """登记结果 of many members at once, all or none."""

    @extend_schema(request=EntriesBody, responses={200: ReviewSerializer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        given = self.given(request, EntriesBody)
        entries = {entry.pop("id"): entry for entry in map(dict, given["entries"])}
        reviews.enter_results(review=self.found(pk), entries=entries, version=given.get("version"), actor=request.user)
        return self.answered(pk)


class CloseReviewAPI(ReviewAPI):
    """办结."""

    @extend_schema(request=CloseReviewBody, responses={200: ReviewSerializer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        reviews.close_review(review=self.found(pk), **self.given(request, CloseReviewBody), **self.common(request))
        return self.answered(pk)


class ReopenReviewAPI(ReviewAPI):
    """重新打开, by an officer."""

    permission = REVIEW

    @extend_schema(request=ReasonBody, responses={200: ReviewSerializer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        reviews.reopen_review(review=self.found(pk), **self.given(request, ReasonBody), actor=request.user)
        return self.answered(pk)


class OneResultAPI(ReviewAPI):
    """Something about one member of a round; the whole round is answered."""

    def result(self, pk: int) -> ReviewResult:
        row = ReviewResult.objects.select_related("round", "round__org", "org").filter(pk=pk).first()
        if row is None:
            raise Http404
        return row  # type: ignore[no-any-return]


class TalkAPI(OneResultAPI):
    """登记警示谈话."""

    @extend_schema(request=TalkBody, responses={200: ReviewSerializer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        row = self.result(pk)
        reviews.record_talk(result=row, **self.given(request, TalkBody), **self.common(request))
        return self.answered(row.round_id)


class WaiveTalkAPI(OneResultAPI):
    """不谈话, with the reason."""

    @extend_schema(request=ReasonBody, responses={200: ReviewSerializer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        row, reason = self.result(pk), self.given(request, ReasonBody)["reason"]
        reviews.waive_talk(result=row, reason=reason, actor=request.user)
        return self.answered(row.round_id)


class FinishHelpAPI(OneResultAPI):
    """帮教完成."""

    @extend_schema(request=FinishBody, responses={200: ReviewSerializer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        row = self.result(pk)
        reviews.finish_follow_up(result=row, **self.given(request, FinishBody), **self.common(request))
        return self.answered(row.round_id)
