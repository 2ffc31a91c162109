"""Posts, talents and the united front by program: the services of the pages, the same rights, masks and refusals.

Reading whole books is `/api/v1/ledgers/members.posts/` and its neighbours; here one row is answered.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.branches.api import OrgCodeField
from apps.core.api import GuardedAPI, RefusalSerializer
from apps.core.codes import mask_phone
from apps.core.guard import resolve_scope
from apps.core.scoping import use_scope
from apps.enterprises.api import ScopedId
from apps.enterprises.models import Enterprise

from .kinds import PostBasis, PostRole, PostSource, Sex, TalentKind, UnitedFrontKind
from .models import Member, Post, Talent, UnitedFrontPerson
from .permissions import KEEP_POSTS, UNITED_FRONT_KEEP, UNITED_FRONT_VIEW, VIEW
from .services import posts, talents, united_front


def text(length: int) -> serializers.CharField:
    return serializers.CharField(max_length=length, required=False, allow_blank=True)


def day(**kwargs: Any) -> serializers.DateField:
    return serializers.DateField(**{"required": False, "allow_null": True, **kwargs})


class ReasonBody(serializers.Serializer):
    reason = serializers.CharField(max_length=300)
    version = serializers.IntegerField(required=False)


class DayBody(serializers.Serializer):
    on = serializers.DateField()
    version = serializers.IntegerField(required=False)


class PostBody(serializers.Serializer):
    """What may be corrected about a post; only what is given changes."""

    basis = serializers.ChoiceField(choices=PostBasis.choices(), required=False)
    source = serializers.ChoiceField(choices=PostSource.choices(), required=False, allow_blank=True)  # type: ignore[assignment]
    source_unit = text(80)
    concurrent = text(100)
    full_time = serializers.BooleanField(required=False)
    document = text(60)
    document_on = day()
    note = text(200)
    version = serializers.IntegerField(required=False, write_only=True)


class AppointBody(PostBody):
    """任职: of a `member` of the roster, or of somebody who is only named; one of the two."""

    org = OrgCodeField()
    member = ScopedId(Member, required=False, allow_null=True)
    name = text(50)
    role = serializers.ChoiceField(choices=PostRole.choices())
    since = serializers.DateField()
    reason = serializers.CharField(max_length=100, required=False, write_only=True)
    version = None  # type: ignore[assignment]

    HOW: ClassVar = ("org", "member", "name", "role", "since", "reason")


class PostSerializer(PostBody):
    id = serializers.IntegerField()
    version = serializers.IntegerField()
    org = OrgCodeField()
    member_code = serializers.CharField(source="member.code", default="")
    name = serializers.CharField()
    role = serializers.CharField()
    since = serializers.DateField()
    until = serializers.DateField(allow_null=True)


class EndPostBody(DayBody):
    reason = serializers.CharField(max_length=100, required=False)


class TalentBody(serializers.Serializer):
    """What is known about a talent; only what is given changes."""

    unit = text(100)
    kind = serializers.ChoiceField(choices=TalentKind.choices(), required=False)
    joined_on = serializers.DateField(required=False)
    certificate = text(60)
    certificate_number = text(40)
    issued_on = day()
    expires_on = day()
    placed_on = day()
    placed_as = text(100)
    in_management = serializers.BooleanField(required=False)
    note = text(200)
    version = serializers.IntegerField(required=False, write_only=True)


class AddTalentBody(TalentBody):
    """入库: a `member` of the roster, or somebody who is only named."""

    org = OrgCodeField()
    member = ScopedId(Member, required=False, allow_null=True)
    name = text(50)
    kind = serializers.ChoiceField(choices=TalentKind.choices())
    joined_on = serializers.DateField()
    version = None  # type: ignore[assignment]


class TalentSerializer(TalentBody):
    id = serializers.IntegerField()
    version = serializers.IntegerField()
    org = OrgCodeField()
    member_code = serializers.CharField(source="member.code", default="")
    name = serializers.CharField()
    left_on = serializers.DateField(allow_null=True)


class ReleaseBody(DayBody):
    note = serializers.CharField(max_length=100, required=False)


class PersonBody(serializers.Serializer):
    """What is kept about somebody of the united front; only what is given changes, a masked phone stays."""

    name = serializers.CharField(max_length=50, required=False)
    sex = serializers.ChoiceField(choices=Sex.choices(), required=False)
    kind = serializers.ChoiceField(choices=UnitedFrontKind.choices(), required=False)
    party = text(20)
    nationality = text(30)
    position = text(60)
    speciality = text(100)
    appointments = text(100)
    phone = serializers.CharField(max_length=20, required=False, allow_blank=True, write_only=True)
    contact_name = text(50)
    registered_on = serializers.DateField(required=False)
    note = text(300)
    version = serializers.IntegerField(required=False, write_only=True)


class RegisterPersonBody(PersonBody):
    """登记: of an enterprise, or of an organisation where there is none."""

    org = OrgCodeField(required=False)
    enterprise = ScopedId(Enterprise, required=False, allow_null=True)
    name = serializers.CharField(max_length=50)
    kind = serializers.ChoiceField(choices=UnitedFrontKind.choices())
    registered_on = serializers.DateField()
    version = None  # type: ignore[assignment]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("enterprise") is None and attrs.get("org") is None:
            raise serializers.ValidationError({"org": "请给出所在企业，或责任党组织。"})
        return attrs


class PersonSerializer(PersonBody):
    id = serializers.IntegerField()
    version = serializers.IntegerField()
    org = OrgCodeField()
    enterprise = serializers.IntegerField(source="enterprise_id", allow_null=True)
    phone_masked = serializers.SerializerMethodField()
    left_on = serializers.DateField(allow_null=True)

    def get_phone_masked(self, row: UnitedFrontPerson) -> str:
        return mask_phone(row.phone) if row.phone else ""


class OriginalBody(serializers.Serializer):
    value = serializers.CharField()


class BookAPI(GuardedAPI):
    """Shared by the three books: finding a row of the scope, reading the body, answering the row."""

    model: ClassVar[type[Any]]
    shown: ClassVar[type[serializers.Serializer]]
    view_permission: ClassVar[str] = VIEW

    def found(self, pk: int) -> Any:
        row = self.model.objects.select_related("org").filter(pk=pk).first()
        if row is None:
            raise Http404
        return row

    def given(self, request: Request, shape: type[serializers.Serializer]) -> dict[str, Any]:
        body = shape(data=request.data)
        body.is_valid(raise_exception=True)
        return dict(body.validated_data)

    def common(self, request: Request) -> dict[str, Any]:
        return {"today": timezone.localdate(), "actor": request.user}

    def answered(self, pk: int, code: int = status.HTTP_200_OK) -> Response:
        with use_scope(resolve_scope(self.request.user, self.view_permission)):
            return Response(self.shown(self.found(pk)).data, status=code)


class PostAPI(BookAPI):
    model, shown = Post, PostSerializer


class AppointAPI(PostAPI):
    """登记任职."""

    permission = KEEP_POSTS

    @extend_schema(request=AppointBody, responses={201: PostSerializer, 409: RefusalSerializer})
    def post(self, request: Request) -> Response:
        facts = self.given(request, AppointBody)
        how = {name: facts.pop(name) for name in AppointBody.HOW if name in facts}
        how["role"] = PostRole(how["role"])
        row = posts.appoint(facts=facts, **how, **self.common(request))
        return self.answered(row.pk, status.HTTP_201_CREATED)


class PostItemAPI(PostAPI):
    """One post: read it, or correct it."""

    permission = {"GET": VIEW, "PATCH": KEEP_POSTS}

    @extend_schema(responses=PostSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return self.answered(self.found(pk).pk)

    @extend_schema(request=PostBody, responses={200: PostSerializer, 409: RefusalSerializer})
    def patch(self, request: Request, pk: int) -> Response:
        row, facts = self.found(pk), self.given(request, PostBody)
        posts.change_post(post=row, version=facts.pop("version", None), facts=facts, actor=request.user)
        return self.answered(pk)


class EndPostAPI(PostAPI):
    """离任."""

    permission = KEEP_POSTS

    @extend_schema(request=EndPostBody, responses={200: PostSerializer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        posts.end_post(post=self.found(pk), **self.given(request, EndPostBody), **self.common(request))
        return self.answered(pk)


class WithdrawPostAPI(PostAPI):
    """撤销登记; nothing is left to answer."""

    permission = KEEP_POSTS

    @extend_schema(request=ReasonBody, responses={204: None, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        posts.withdraw_post(post=self.found(pk), **self.given(request, ReasonBody), actor=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class TalentAPI(BookAPI):
    model, shown = Talent, TalentSerializer


class AddTalentAPI(TalentAPI):
    """入库."""

    permission = KEEP_POSTS

    @extend_schema(request=AddTalentBody, responses={201: TalentSerializer, 409: RefusalSerializer})
    def post(self, request: Request) -> Response:
        facts = self.given(request, AddTalentBody)
        who = {name: facts.pop(name) for name in ("org", "member", "name") if name in facts}
        row = talents.add_talent(facts=facts, **who, **self.common(request))
        return self.answered(row.pk, status.HTTP_201_CREATED)


class TalentItemAPI(TalentAPI):
    """One talent: read it, or complete it."""

    permission = {"GET": VIEW, "PATCH": KEEP_POSTS}

    @extend_schema(responses=TalentSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return self.answered(self.found(pk).pk)

    @extend_schema(request=TalentBody, responses={200: TalentSerializer, 409: RefusalSerializer})
    def patch(self, request: Request, pk: int) -> Response:
        row, facts = self.found(pk), self.given(request, TalentBody)
        version = facts.pop("version", None)
        talents.change_talent(talent=row, version=version, facts=facts, **self.common(request))
        return self.answered(pk)


class ReleaseTalentAPI(TalentAPI):
    """出库."""

    permission = KEEP_POSTS

    @extend_schema(request=ReleaseBody, responses={200: TalentSerializer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        talents.release_talent(talent=self.found(pk), **self.given(request, ReleaseBody), **self.common(request))
        return self.answered(pk)


class PersonAPI(BookAPI):
    model, shown = UnitedFrontPerson, PersonSerializer
    view_permission = UNITED_FRONT_VIEW


class RegisterPersonAPI(PersonAPI):
    """登记统战对象."""

    permission = UNITED_FRONT_KEEP

    @extend_schema(request=RegisterPersonBody, responses={201: PersonSerializer, 409: RefusalSerializer})
    def post(self, request: Request) -> Response:
        facts = self.given(request, RegisterPersonBody)
        firm, org, phone = facts.pop("enterprise", None), facts.pop("org", None), facts.pop("phone", "")
        row = united_front.register_person(
            org=firm.org if firm else org, enterprise=firm, phone=phone, facts=facts, **self.common(request)
        )
        return self.answered(row.pk, status.HTTP_201_CREATED)


class PersonItemAPI(PersonAPI):
    """One person: read, or correct."""

    permission = {"GET": UNITED_FRONT_VIEW, "PATCH": UNITED_FRONT_KEEP}

    @extend_schema(responses=PersonSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return self.answered(self.found(pk).pk)

    @extend_schema(request=PersonBody, responses={200: PersonSerializer, 409: RefusalSerializer})
    def patch(self, request: Request, pk: int) -> Response:
        row, facts = self.found(pk), self.given(request, PersonBody)
        how = {name: facts.pop(name, None) for name in ("phone", "version")}
        united_front.change_person(person=row, facts=facts, **how, **self.common(request))
        return self.answered(pk)


class PartWithPersonAPI(PersonAPI):
    """登记离开."""

    permission = UNITED_FRONT_KEEP

    @extend_schema(request=DayBody, responses={200: PersonSerializer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        united_front.part_with(person=self.found(pk), **self.given(request, DayBody), **self.common(request))
        return self.answered(pk)


class RevealPhoneAPI(PersonAPI):
    """查看原文 for a reason that stays in the trail. The answer is not to be kept."""

    permission = UNITED_FRONT_VIEW

    @extend_schema(request=ReasonBody, responses={200: OriginalBody, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        reason = self.given(request, ReasonBody)["reason"]
        value = united_front.reveal_phone(person=self.found(pk), reason=reason, actor=request.user)
        return Response({"value": value}, headers={"Cache-Control": "no-store"})
