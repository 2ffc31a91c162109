"""The roster by program: the services of the pages, the same rights, masks and refusals.

Reading whole rosters is `/api/v1/ledgers/members.roster/`; here one member is answered with masked numbers. The
originals leave through `reveal/` only, one at a time, for a reason.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.branches.api import OrgCodeField
from apps.core.api import GuardedAPI, RefusalSerializer
from apps.core.codes import mask_id_number, mask_phone
from apps.core.guard import resolve_scope
from apps.core.scoping import use_scope
from apps.enterprises.api import CreatedSerializer, ScopedId
from apps.enterprises.models import Enterprise

from .kinds import NATIONS, Degree, Education, Entry, Focus, HonourKind, LeavingReason, Occupation, Relation, Sex, Stage
from .masks import mask_address
from .models import Honour, Member
from .permissions import KEEP, REVEAL, VIEW
from .services import dates, honours, leaving
from .services import members as roster
from .services.facts import HIDDEN


class MemberFactsSerializer(serializers.Serializer):
    """Who a member is; sex and birth date follow from the ID number where they are not given."""

    name = serializers.CharField(max_length=50)
    initials = serializers.CharField(max_length=60, required=False, allow_blank=True)
    id_number = serializers.CharField(max_length=30, required=False, write_only=True)
    confirmed = serializers.BooleanField(required=False, help_text="a 15-digit number was compared with the card")
    phone = serializers.CharField(max_length=20, required=False, allow_blank=True, write_only=True)
    sex = serializers.ChoiceField(choices=Sex.choices(), required=False)
    born_on = serializers.DateField(required=False, allow_null=True)
    nation = serializers.ChoiceField(choices=NATIONS, required=False, allow_blank=True)
    native_place = serializers.CharField(max_length=50, required=False, allow_blank=True)
    address = serializers.CharField(max_length=200, required=False, allow_blank=True, write_only=True)
    household = serializers.CharField(max_length=200, required=False, allow_blank=True, write_only=True)
    education = serializers.ChoiceField(choices=Education.choices(), required=False, allow_blank=True)
    degree = serializers.ChoiceField(choices=Degree.choices(), required=False, allow_blank=True)
    school = serializers.CharField(max_length=80, required=False, allow_blank=True)
    work_since = serializers.DateField(required=False, allow_null=True)
    occupation = serializers.ChoiceField(choices=Occupation.choices(), required=False, allow_blank=True)
    position = serializers.CharField(max_length=60, required=False, allow_blank=True)
    focus = serializers.ListField(child=serializers.ChoiceField(choices=Focus.choices()), required=False)
    card_number = serializers.CharField(max_length=30, required=False, allow_blank=True)
    home_text = serializers.CharField(max_length=100, required=False, allow_blank=True)
    remark = serializers.CharField(max_length=300, required=False, allow_blank=True)


class MemberRegisterSerializer(MemberFactsSerializer):
    """登记: on the roster of `org` from `on` on, or somebody who works here with the relation elsewhere."""

    relation = serializers.ChoiceField(
        choices=[(Relation.HERE.value, Relation.HERE.label), (Relation.ELSEWHERE.value, Relation.ELSEWHERE.label)],
        default=Relation.HERE.value,
    )
    org = OrgCodeField()
    on = serializers.DateField()
    entry = serializers.ChoiceField(choices=[(each.value, each.label) for each in roster.ENTRIES],
                                    default=Entry.INITIAL.value)  # fmt: skip
    group = OrgCodeField(required=False, allow_null=True)
    enterprise = ScopedId(Enterprise, required=False, allow_null=True)
    joined_on = serializers.DateField(required=False, allow_null=True)
    formal_on = serializers.DateField(required=False, allow_null=True)

    HOW = ("relation", "org", "on", "entry", "group", "enterprise", "joined_on", "formal_on", "confirmed")


class MemberChangeSerializer(MemberFactsSerializer):
    """修改; only what is given changes. The ID number is corrected, never cleared."""

    name = serializers.CharField(max_length=50, required=False)
    version = serializers.IntegerField(required=False)


class RegroupSerializer(serializers.Serializer):
    """支部内调整: group and employer from `on` on; one that is not given stays."""

    on = serializers.DateField()
    group = OrgCodeField(required=False, allow_null=True)
    enterprise = ScopedId(Enterprise, required=False, allow_null=True)
    note = serializers.CharField(max_length=200, required=False)
    version = serializers.IntegerField(required=False)


class FormalSerializer(serializers.Serializer):
    on = serializers.DateField()
    document = serializers.CharField(max_length=60, required=False)
    version = serializers.IntegerField(required=False)


class ExtensionSerializer(serializers.Serializer):
    until = serializers.DateField()
    reason = serializers.CharField(max_length=200)
    version = serializers.IntegerField(required=False)


class DatesSerializer(serializers.Serializer):
    joined_on = serializers.DateField()
    formal_on = serializers.DateField(allow_null=True)
    since = serializers.DateField(required=False)
    reason = serializers.CharField(max_length=200)
    version = serializers.IntegerField(required=False)


class LeaveSerializer(serializers.Serializer):
    reason = serializers.ChoiceField(
        choices=[(each.value, each.label) for each in (*leaving.LEAVING, LeavingReason.TRANSFERRED)]
    )
    on = serializers.DateField()
    document = serializers.CharField(max_length=60, required=False)
    destination = serializers.CharField(max_length=100, required=False)
    note = serializers.CharField(max_length=120, required=False)
    version = serializers.IntegerField(required=False)

    def validate_reason(self, value: str) -> LeavingReason:
        return LeavingReason(value)


class RestoreSerializer(serializers.Serializer):
    on = serializers.DateField()
    reason = serializers.CharField(max_length=200)
    version = serializers.IntegerField(required=False)


class LostSerializer(serializers.Serializer):
    since = serializers.DateField()
    note = serializers.CharField(max_length=200, required=False)


class MemberFoundSerializer(serializers.Serializer):
    on = serializers.DateField()
    note = serializers.CharField(max_length=200, required=False)


class ReasonSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=300)


class RevealSerializer(ReasonSerializer):
    field = serializers.ChoiceField(choices=HIDDEN)  # type: ignore[assignment]


class HonourSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(choices=HonourKind.choices())
    title = serializers.CharField(max_length=100)
    on = serializers.DateField()
    level = serializers.CharField(max_length=60, required=False)
    document = serializers.CharField(max_length=60, required=False)
    note = serializers.CharField(max_length=300, required=False)

    def validate_kind(self, value: str) -> HonourKind:
        return HonourKind(value)


class OriginalSerializer(serializers.Serializer):
    value = serializers.CharField()


class MemberSerializer(MemberFactsSerializer):
    """One member as everybody with the right to see it is answered: what is personal is masked."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    code = serializers.CharField()
    confirmed = None  # type: ignore[assignment]
    id_number_masked = serializers.SerializerMethodField()
    phone_masked = serializers.SerializerMethodField()
    address_masked = serializers.SerializerMethodField()
    household_masked = serializers.SerializerMethodField()
    relation = serializers.CharField()
    stage = serializers.SerializerMethodField()
    org = OrgCodeField()
    group = OrgCodeField()
    enterprise = serializers.IntegerField(source="employer_id", allow_null=True)
    joined_on = serializers.DateField()
    formal_on = serializers.DateField()
    probation_until = serializers.DateField()
    standing = serializers.CharField()
    placement_since = serializers.DateField()
    lost_since = serializers.DateField()
    left_on = serializers.DateField()
    leaving_reason = serializers.CharField()
    destination = serializers.CharField()

    def get_id_number_masked(self, row: Member) -> str:
        return mask_id_number(row.id_number) if row.id_number else ""

    def get_phone_masked(self, row: Member) -> str:
        return mask_phone(row.phone) if row.phone else ""

    def get_address_masked(self, row: Member) -> str:
        return mask_address(row.address)

    def get_household_masked(self, row: Member) -> str:
        return mask_address(row.household)

    def get_stage(self, row: Member) -> str:
        return Stage(row.stage_on(timezone.localdate())).value


def found_member(pk: int) -> Member:
    """One member of the active scope; any other is the same 404."""
    member: Member | None = Member.objects.select_related("org", "group", "employer").filter(pk=pk).first()
    if member is None:
        raise Http404
    return member


class MemberAPI(GuardedAPI):
    """Shared: reading the body, answering the member."""

    def given(self, request: Request, shape: type[serializers.Serializer]) -> dict[str, Any]:
        body = shape(data=request.data)
        body.is_valid(raise_exception=True)
        return dict(body.validated_data)

    def common(self, request: Request) -> dict[str, Any]:
        return {"today": timezone.localdate(), "actor": request.user}

    def answered(self, pk: int, code: int = status.HTTP_200_OK) -> Response:
        with use_scope(resolve_scope(self.request.user, VIEW)):
            return Response(MemberSerializer(found_member(pk)).data, status=code)


class RegisterMemberAPI(MemberAPI):
    """登记党员."""

    permission = KEEP

    @extend_schema(request=MemberRegisterSerializer, responses={201: MemberSerializer, 409: RefusalSerializer})
    def post(self, request: Request) -> Response:
        facts = self.given(request, MemberRegisterSerializer)
        how = {name: facts.pop(name) for name in MemberRegisterSerializer.HOW if name in facts}
        how |= {"relation": Relation(how["relation"]), "entry": Entry(how["entry"])}
        member = roster.register_member(facts=facts, **how, **self.common(request))
        return self.answered(member.pk, status.HTTP_201_CREATED)


class MemberItemAPI(MemberAPI):
    """One member: read it, or correct who it is."""

    permission = {"GET": VIEW, "PATCH": KEEP}

    @extend_schema(responses=MemberSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return self.answered(found_member(pk).pk)

    @extend_schema(request=MemberChangeSerializer, responses={200: MemberSerializer, 409: RefusalSerializer})
    def patch(self, request: Request, pk: int) -> Response:
        member, facts = found_member(pk), self.given(request, MemberChangeSerializer)
        how = {name: facts.pop(name) for name in ("version", "confirmed") if name in facts}
        roster.change_member(member=member, facts=facts, **how, **self.common(request))
        return self.answered(pk)


class MemberActionAPI(MemberAPI):
    """One thing that is done to one member, by one service."""

    permission = KEEP
    serializer_class: type[serializers.Serializer]
    service: Callable[..., Any]

    @extend_schema(responses={200: MemberSerializer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        self.act(found_member(pk), self.given(request, self.serializer_class), self.common(request))
        return self.answered(pk)

    def act(self, member: Member, given: dict[str, Any], common: dict[str, Any]) -> None:
        self.service(member=member, **given, **common)


class RegroupAPI(MemberActionAPI):
    """支部内调整; what is not given stays."""

    serializer_class = RegroupSerializer

    def act(self, member: Member, given: dict[str, Any], common: dict[str, Any]) -> None:
        kept = {"group": member.group, "enterprise": member.employer}
        roster.move_in_branch(member=member, **{**kept, **given}, **common)


class FormalAPI(MemberActionAPI):
    """转正."""

    serializer_class = FormalSerializer
    service = staticmethod(dates.make_formal)


class ExtendAPI(MemberActionAPI):
    """延长预备期."""

    serializer_class = ExtensionSerializer
    service = staticmethod(dates.extend_probation)


class DatesAPI(MemberActionAPI):
    """更正日期."""

    serializer_class = DatesSerializer
    service = staticmethod(dates.correct_dates)


class LeaveAPI(MemberActionAPI):
    """离开名册."""

    serializer_class = LeaveSerializer
    service = staticmethod(leaving.leave)


class RestoreAPI(MemberActionAPI):
    """恢复在册."""

    serializer_class = RestoreSerializer
    service = staticmethod(leaving.restore)


class LostAPI(MemberActionAPI):
    """登记失去联系."""

    serializer_class = LostSerializer
    service = staticmethod(roster.mark_lost)


class FoundAPI(MemberActionAPI):
    """恢复联系."""

    serializer_class = MemberFoundSerializer
    service = staticmethod(roster.mark_found)


class WaiveAPI(MemberActionAPI):
    """无需安置."""

    serializer_class = ReasonSerializer
    service = staticmethod(roster.waive_placement)


class HonourAPI(MemberAPI):
    """登记奖惩."""

    permission = KEEP

    @extend_schema(request=HonourSerializer, responses={201: CreatedSerializer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        given = self.given(request, HonourSerializer)
        honour: Honour = honours.add_honour(member=found_member(pk), **given, **self.common(request))
        return Response({"id": honour.pk}, status=status.HTTP_201_CREATED)


class RevealAPI(MemberAPI):
    """查看原文: one value for a reason that stays in the trail. The answer is not to be kept."""

    permission = REVEAL

    @extend_schema(request=RevealSerializer, responses={200: OriginalSerializer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        given = self.given(request, RevealSerializer)
        value = roster.reveal(member=found_member(pk), actor=request.user, **given)
        return Response({"value": value}, headers={"Cache-Control": "no-store"})
