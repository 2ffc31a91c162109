"""Posts, promises and suggestions by program: the services of the pages, the same rights and refusals.

Reading whole books is `/api/v1/ledgers/activities.posts/` and its neighbours; here one row is answered.
"""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.branches.api import OrgCodeField
from apps.core.api import RefusalSerializer
from apps.enterprises.api import ScopedId
from apps.enterprises.models import Enterprise
from apps.members.api_posts import BookAPI, ReasonBody, text
from apps.members.models import Member

from ..kinds import PostKind
from ..models import PioneerPost, Pledge, PostMember, Suggestion
from ..permissions import KEEP, VIEW
from ..services import pioneers, pledges, suggestions


class PioneerPostBody(serializers.Serializer):
    """What may be corrected about a post; only what is given changes."""

    name = serializers.CharField(max_length=80, required=False)
    enterprise = ScopedId(Enterprise, required=False, allow_null=True)
    place = text(80)
    duty = text(300)
    result = text(300)
    version = serializers.IntegerField(required=False, write_only=True)


class CrewBody(serializers.Serializer):
    """Who is at a post, the leader among them."""

    members = serializers.ListField(child=ScopedId(Member), required=False, default=list)
    leader = ScopedId(Member, required=False, allow_null=True, default=None)


class SetUpBody(PioneerPostBody, CrewBody):
    """设立."""

    org = OrgCodeField()
    kind = serializers.ChoiceField(choices=PostKind.choices())
    name = serializers.CharField(max_length=80)
    since = serializers.DateField()
    version = None  # type: ignore[assignment]


class ManBody(CrewBody):
    """调整成员 from a day on."""

    on = serializers.DateField()
    version = serializers.IntegerField(required=False)


class EndPioneerPostBody(serializers.Serializer):
    """撤销."""

    on = serializers.DateField()
    reason = serializers.CharField(max_length=100)
    result = serializers.CharField(max_length=300, required=False, allow_blank=True)
    version = serializers.IntegerField(required=False)


class SeatSerializer(serializers.Serializer):
    member = serializers.IntegerField(source="member_id")
    member_code = serializers.CharField(source="member.code")
    name = serializers.CharField(source="member.name")
    leads = serializers.BooleanField()
    since = serializers.DateField()
    until = serializers.DateField(allow_null=True)


class PioneerPostSerializer(serializers.Serializer):
    """A post with everybody who is or was at it."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    org = OrgCodeField()
    kind = serializers.CharField()
    name = serializers.CharField()
    enterprise = serializers.IntegerField(source="enterprise_id", allow_null=True)
    place = serializers.CharField()
    duty = serializers.CharField()
    result = serializers.CharField()
    since = serializers.DateField()
    until = serializers.DateField(allow_null=True)
    ended_reason = serializers.CharField()
    seats = serializers.SerializerMethodField()

    def get_seats(self, row: PioneerPost) -> list[dict[str, Any]]:
        rows = PostMember.objects.filter(post=row).select_related("member")
        return list(SeatSerializer(rows, many=True).data)


class PledgesBody(serializers.Serializer):
    """登记承诺 of several members at once, all or none."""

    class One(serializers.Serializer):
        member = ScopedId(Member)
        content = serializers.CharField(max_length=300)

    org = OrgCodeField()
    promises = One(many=True)
    made_on = serializers.DateField()
    due_on = serializers.DateField()


class ProgressBody(serializers.Serializer):
    on = serializers.DateField()
    text = serializers.CharField(max_length=300)
    version = serializers.IntegerField(required=False)


class VerdictBody(serializers.Serializer):
    kept = serializers.BooleanField()
    on = serializers.DateField()
    by = serializers.CharField(max_length=50, required=False, allow_blank=True, default="")
    verdict = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    version = serializers.IntegerField(required=False)


class PledgeSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    version = serializers.IntegerField()
    org = OrgCodeField()
    member = serializers.IntegerField(source="member_id")
    content = serializers.CharField()
    made_on = serializers.DateField()
    due_on = serializers.DateField()
    state = serializers.CharField()
    progress = serializers.JSONField()
    verified_on = serializers.DateField(allow_null=True)
    verified_by_name = serializers.CharField()
    verdict = serializers.CharField()


class ProposalBody(serializers.Serializer):
    """登记建议: of a `member`, or of somebody who is only named."""

    org = OrgCodeField()
    member = ScopedId(Member, required=False, allow_null=True)
    proposer = serializers.CharField(max_length=50, required=False, allow_blank=True)
    content = serializers.CharField(max_length=500)
    proposed_on = serializers.DateField()
    enterprise = ScopedId(Enterprise, required=False, allow_null=True)


class AnswerBody(serializers.Serializer):
    adopted = serializers.BooleanField()
    on = serializers.DateField()
    answer = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    version = serializers.IntegerField(required=False)


class EffectBody(serializers.Serializer):
    effect = serializers.CharField(max_length=300)
    benefit = serializers.DecimalField(
        max_digits=10, decimal_places=2, min_value=0, required=False, allow_null=True, default=None
    )
    version = serializers.IntegerField(required=False)


class SuggestionSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    version = serializers.IntegerField()
    org = OrgCodeField()
    member = serializers.IntegerField(source="member_id", allow_null=True)
    proposer = serializers.CharField()
    enterprise = serializers.IntegerField(source="enterprise_id", allow_null=True)
    content = serializers.CharField()
    proposed_on = serializers.DateField()
    state = serializers.CharField()
    decided_on = serializers.DateField(allow_null=True)
    answer = serializers.CharField()
    effect = serializers.CharField()
    benefit = serializers.DecimalField(max_digits=10, decimal_places=2, allow_null=True)


class PioneerPostAPI(BookAPI):
    model, shown, view_permission = PioneerPost, PioneerPostSerializer, VIEW


class SetUpPostAPI(PioneerPostAPI):
    """设立."""

    permission = KEEP

    @extend_schema(request=SetUpBody, responses={201: PioneerPostSerializer, 409: RefusalSerializer})
    def post(self, request: Request) -> Response:
        given = self.given(request, SetUpBody)
        how = {name: given.pop(name) for name in ("org", "since", "members", "leader")}
        kind = PostKind(given.pop("kind"))
        row = pioneers.set_up_post(kind=kind, facts=given, **how, **self.common(request))
        return self.answered(row.pk, status.HTTP_201_CREATED)


class PioneerPostItemAPI(PioneerPostAPI):
    """One post: read it, or correct it."""

    permission = {"GET": VIEW, "PATCH": KEEP}

    @extend_schema(responses=PioneerPostSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return self.answered(self.found(pk).pk)

    @extend_schema(request=PioneerPostBody, responses={200: PioneerPostSerializer, 409: RefusalSerializer})
    def patch(self, request: Request, pk: int) -> Response:
        row, facts = self.found(pk), self.given(request, PioneerPostBody)
        pioneers.change_post(post=row, version=facts.pop("version", None), facts=facts, actor=request.user)
        return self.answered(pk)


class ManPostAPI(PioneerPostAPI):
    """调整成员."""

    permission = KEEP

    @extend_schema(request=ManBody, responses={200: PioneerPostSerializer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        pioneers.man_post(post=self.found(pk), **self.given(request, ManBody), **self.common(request))
        return self.answered(pk)


class EndPioneerPostAPI(PioneerPostAPI):
    """撤销."""

    permission = KEEP

    @extend_schema(request=EndPioneerPostBody, responses={200: PioneerPostSerializer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        pioneers.end_post(post=self.found(pk), **self.given(request, EndPioneerPostBody), **self.common(request))
        return self.answered(pk)


class PledgeAPI(BookAPI):
    model, shown, view_permission = Pledge, PledgeSerializer, VIEW


class MakePledgesAPI(PledgeAPI):
    """登记承诺."""

    permission = KEEP

    @extend_schema(request=PledgesBody, responses={201: PledgeSerializer(many=True), 409: RefusalSerializer})
    def post(self, request: Request) -> Response:
        given = self.given(request, PledgesBody)
        promises = [(one["member"], one["content"]) for one in given.pop("promises")]
        made = pledges.make_pledges(promises=promises, **given, **self.common(request))
        return Response(PledgeSerializer(made, many=True).data, status=status.HTTP_201_CREATED)


class PledgeItemAPI(PledgeAPI):
    """One promise."""

    permission = VIEW

    @extend_schema(responses=PledgeSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return self.answered(self.found(pk).pk)


class PledgeProgressAPI(PledgeAPI):
    """记进展."""

    permission = KEEP

    @extend_schema(request=ProgressBody, responses={200: PledgeSerializer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        pledges.note_progress(pledge=self.found(pk), **self.given(request, ProgressBody), **self.common(request))
        return self.answered(pk)


class VerifyPledgeAPI(PledgeAPI):
    """验收."""

    permission = KEEP

    @extend_schema(request=VerdictBody, responses={200: PledgeSerializer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        pledges.verify_pledge(pledge=self.found(pk), **self.given(request, VerdictBody), **self.common(request))
        return self.answered(pk)


class WithdrawVerdictAPI(PledgeAPI):
    """撤回验收."""

    permission = KEEP

    @extend_schema(request=ReasonBody, responses={200: PledgeSerializer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        pledges.withdraw_verdict(pledge=self.found(pk), **self.given(request, ReasonBody), actor=request.user)
        return self.answered(pk)


class SuggestionAPI(BookAPI):
    model, shown, view_permission = Suggestion, SuggestionSerializer, VIEW


class ProposeAPI(SuggestionAPI):
    """登记建议."""

    permission = KEEP

    @extend_schema(request=ProposalBody, responses={201: SuggestionSerializer, 409: RefusalSerializer})
    def post(self, request: Request) -> Response:
        facts = self.given(request, ProposalBody)
        who = {name: facts.pop(name) for name in ("org", "member", "proposer") if name in facts}
        row = suggestions.propose(facts=facts, **who, **self.common(request))
        return self.answered(row.pk, status.HTTP_201_CREATED)


class SuggestionItemAPI(SuggestionAPI):
    """One suggestion."""

    permission = VIEW

    @extend_schema(responses=SuggestionSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return self.answered(self.found(pk).pk)


class AnswerSuggestionAPI(SuggestionAPI):
    """答复."""

    permission = KEEP

    @extend_schema(request=AnswerBody, responses={200: SuggestionSerializer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        given = self.given(request, AnswerBody)
        suggestions.answer_suggestion(suggestion=self.found(pk), **given, **self.common(request))
        return self.answered(pk)


class SuggestionEffectAPI(SuggestionAPI):
    """记效果."""

    permission = KEEP

    @extend_schema(request=EffectBody, responses={200: SuggestionSerializer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        suggestions.tell_effect(suggestion=self.found(pk), **self.given(request, EffectBody), actor=request.user)
        return self.answered(pk)
