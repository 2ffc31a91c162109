"""Agreements, mobile members, contacts, visitors and lost members by program: the services, rights and refusals of the pages.

Reading whole books is `/api/v1/ledgers/<code>/`; here one row is answered as its line in its book. An ID number is
only ever written.
"""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.branches.api import OrgCodeField
from apps.core.api import RefusalSerializer
from apps.enterprises.api import ScopedId
from apps.enterprises.models import Enterprise

from .api_transfers import BranchIdField, StepBody, TransferRow, TransfersAPI
from .kinds import ContactMethod, LostOutcome, MobileReason
from .ledgers.agreements import AgreementLedger
from .ledgers.mobile import ContactLedger, LostLedger, MobileLedger, VisitorLedger
from .ledgers.sides import keeps
from .models import ContactNote, DualAgreement, LostContact, Member, MobileRecord, Visitor
from .permissions import DECIDE_LOST, KEEP, VIEW
from .services import agreements, contacts, lost, mobile, visitors

CREATED = {201: TransferRow, 409: RefusalSerializer}
CHANGED = {200: TransferRow, 409: RefusalSerializer}


def text(length: int, *, required: bool = False) -> serializers.CharField:
    return serializers.CharField(max_length=length, required=required, allow_blank=not required)


class PersonBody(serializers.Serializer):
    """Somebody with the relation elsewhere, by name and ID number."""

    name = text(50)
    id_number = serializers.CharField(max_length=30, required=False, write_only=True)
    confirmed = serializers.BooleanField(required=False, help_text="a 15-digit number was compared with the card")
    phone = serializers.CharField(max_length=20, required=False, allow_blank=True, write_only=True)
    org = OrgCodeField()
    enterprise = ScopedId(Enterprise, required=False)
    since = serializers.DateField()


class SignBody(PersonBody):
    """签订协议: with `member` of the scope, or with the person of `name` and `id_number`."""

    member = ScopedId(Member, required=False)
    until = serializers.DateField(required=False)
    signed_on = serializers.DateField(required=False)
    home_text, number, contact_name, note = text(100), text(40), text(50), text(200)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "member" not in attrs and not (attrs.get("name") and attrs.get("id_number")):
            raise serializers.ValidationError("请给出 member，或 name 和 id_number。")
        return attrs


class RenewBody(serializers.Serializer):
    since, signed_on = serializers.DateField(), serializers.DateField()
    until = serializers.DateField(required=False)
    number, note = text(40), text(200)


class EndBody(StepBody):
    reason = text(100, required=True)


class MobileBody(serializers.Serializer):
    """What a record says; `explanation` for a stay of less than six months."""

    reason = serializers.ChoiceField(choices=MobileReason.choices())
    counterpart, place, card_number, contact_name, note = text(100), text(100), text(30), text(50), text(100)
    dues_paid_until = serializers.DateField(required=False)
    expected_return_on = serializers.DateField(required=False)
    explanation = text(90)


class OutflowBody(MobileBody):
    """登记流出."""

    member = ScopedId(Member)
    since = serializers.DateField()
    other_org = BranchIdField(required=False)


class InflowBody(MobileBody, PersonBody):
    """登记流入."""

    name = text(50, required=True)
    id_number = serializers.CharField(max_length=30, write_only=True)
    enterprise = ScopedId(Enterprise, required=False)
    counterpart = text(100, required=True)
    reported_on = serializers.DateField(required=False)


class CloseBody(StepBody):
    note = text(90)


class ContactBody(serializers.Serializer):
    """登记联系: with a member of the scope, by an agreement, or by a mobile record; one of the three."""

    member = ScopedId(Member, required=False)
    agreement = ScopedId(DualAgreement, required=False)
    mobile = ScopedId(MobileRecord, required=False)
    on = serializers.DateField()
    method = serializers.ChoiceField(choices=ContactMethod.choices())
    contact_name = text(50, required=True)
    thoughts, study, conduct = text(200, required=True), text(200, required=True), text(200, required=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len({"member", "agreement", "mobile"} & set(attrs)) != 1:
            raise serializers.ValidationError("member、agreement、mobile 给出其中一项。")
        return attrs


class VisitorBody(serializers.Serializer):
    """登记来访."""

    org = OrgCodeField()
    name = text(50, required=True)
    card_number, home_text, purpose = text(30), text(100), text(100)
    on = serializers.DateField()


class VisitorRow(serializers.Serializer):
    """One visit: its line in the ledger with its id (all columns of that book)."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class DecideBody(StepBody):
    outcome = serializers.ChoiceField(choices=LostOutcome.choices())
    document, note = text(60), text(300)

    def validate_outcome(self, value: str) -> LostOutcome:
        return LostOutcome(value)


def split(given: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Take the columns of `names` out of what was given."""
    return {name: given.pop(name) for name in names if name in given}


class AgreementsAPI(TransfersAPI):
    """签订协议."""

    permission = KEEP
    book, model = AgreementLedger, DualAgreement

    @extend_schema(request=SignBody, responses=CREATED)
    def post(self, request: Request) -> Response:
        given = self.given(request, SignBody)
        given["facts"] = split(given, agreements.FACTS)
        if given.get("member") is None:
            row = agreements.sign_agreement_with(**{"enterprise": None, **given})
        else:
            split(given, ("name", "id_number", "confirmed", "phone"))
            row = agreements.sign_agreement(**given)
        return self.answered(row.pk, status.HTTP_201_CREATED)


class AgreementAPI(TransfersAPI):
    """One agreement, for either side."""

    permission = VIEW
    book, model = AgreementLedger, DualAgreement

    @extend_schema(responses=TransferRow)
    def get(self, request: Request, pk: int) -> Response:
        return self.answered(self.found(pk).pk)


class RenewAPI(TransfersAPI):
    """续签."""

    permission = KEEP
    book, model = AgreementLedger, DualAgreement

    @extend_schema(request=RenewBody, responses=CREATED)
    def post(self, request: Request, pk: int) -> Response:
        row = agreements.renew_agreement(agreement=self.found(pk), **self.given(request, RenewBody))
        return self.answered(row.pk, status.HTTP_201_CREATED)


class EndAPI(TransfersAPI):
    """提前终止."""

    permission = KEEP
    book, model = AgreementLedger, DualAgreement

    @extend_schema(request=EndBody, responses=CHANGED)
    def post(self, request: Request, pk: int) -> Response:
        return self.answered(agreements.end_agreement(agreement=self.found(pk), **self.given(request, EndBody)).pk)


class OutflowAPI(TransfersAPI):
    """登记流出."""

    permission = KEEP
    book, model = MobileLedger, MobileRecord

    @extend_schema(request=OutflowBody, responses=CREATED)
    def post(self, request: Request) -> Response:
        given = self.given(request, OutflowBody)
        given["facts"], reason = split(given, mobile.FACTS), given.pop("explanation", "")
        return self.answered(mobile.register_outflow(**given, reason=reason).pk, status.HTTP_201_CREATED)


class InflowAPI(TransfersAPI):
    """登记流入."""

    permission = KEEP
    book, model = MobileLedger, MobileRecord

    @extend_schema(request=InflowBody, responses=CREATED)
    def post(self, request: Request) -> Response:
        given = {"enterprise": None, **self.given(request, InflowBody)}
        given["facts"], reason = split(given, mobile.FACTS), given.pop("explanation", "")
        return self.answered(mobile.register_inflow(**given, reason=reason).pk, status.HTTP_201_CREATED)


class MobileAPI(TransfersAPI):
    """One record, for either side."""

    permission = VIEW
    book, model = MobileLedger, MobileRecord

    @extend_schema(responses=TransferRow)
    def get(self, request: Request, pk: int) -> Response:
        return self.answered(self.found(pk).pk)


class ArriveAPI(TransfersAPI):
    """确认报到."""

    permission = KEEP
    book, model = MobileLedger, MobileRecord

    @extend_schema(request=StepBody, responses=CHANGED)
    def post(self, request: Request, pk: int) -> Response:
        return self.answered(mobile.confirm_arrival(mobile=self.found(pk), **self.given(request, StepBody)).pk)


class CloseAPI(TransfersAPI):
    """结束流动."""

    permission = KEEP
    book, model = MobileLedger, MobileRecord

    @extend_schema(request=CloseBody, responses=CHANGED)
    def post(self, request: Request, pk: int) -> Response:
        return self.answered(mobile.close_record(mobile=self.found(pk), **self.given(request, CloseBody)).pk)


class ContactAPI(TransfersAPI):
    """登记联系."""

    permission = KEEP
    book, model = ContactLedger, ContactNote

    @extend_schema(request=ContactBody, responses=CREATED)
    def post(self, request: Request) -> Response:
        given = self.given(request, ContactBody)
        member, agreement, record = (given.pop(name, None) for name in ("member", "agreement", "mobile"))
        facts = split(given, contacts.FACTS)
        if agreement is not None:
            member, org = agreement.member, agreement.org
        elif record is not None:
            member, org = record.member, record.org if keeps(record) else record.other_org
        else:
            org = member.org
        row = contacts.record_contact(member=member, org=org, facts=facts, **given)
        return self.answered(row.pk, status.HTTP_201_CREATED)


class VisitorAPI(TransfersAPI):
    """登记来访."""

    permission = KEEP
    book, model = VisitorLedger, Visitor

    @extend_schema(request=VisitorBody, responses={201: VisitorRow, 409: RefusalSerializer})
    def post(self, request: Request) -> Response:
        given = self.given(request, VisitorBody)
        row = visitors.register_visitor(facts=split(given, visitors.FACTS), **given)
        book = self.book({}, today=timezone.localdate(), user=request.user)
        return Response({"id": row.pk, **book.as_json(row)}, status=status.HTTP_201_CREATED)


class DecideAPI(TransfersAPI):
    """处理失联事项."""

    permission = DECIDE_LOST
    book, model = LostLedger, LostContact

    @extend_schema(request=DecideBody, responses=CHANGED)
    def post(self, request: Request, pk: int) -> Response:
        return self.answered(lost.decide_case(case=self.found(pk), **self.given(request, DecideBody)).pk)
