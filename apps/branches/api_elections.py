"""The API of terms and elections: the ledger's rows to read, the services to write."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api import GuardedAPI, RefusalSerializer
from apps.core.guard import resolve_scope
from apps.core.scoping import use_scope

from .access_elections import DECIDED_ABOVE, may_decide
from .api import found_org
from .ledgers.terms import ElectionLedger
from .models import Election
from .permissions import DECIDE_ELECTIONS, ELECT, KEEP_TERMS, VIEW
from .rules.elections import CandidatePost, ElectionState, ExclusionReason, Meeting, next_step
from .services import elections, votes
from .services.terms import record_term


class ElectionPlanSerializer(serializers.Serializer):
    planned_on = serializers.DateField()
    seats = serializers.IntegerField(min_value=0, max_value=100)
    deputies = serializers.IntegerField(min_value=0, max_value=5, default=0)
    meeting = serializers.ChoiceField(choices=Meeting.choices(), default=Meeting.ASSEMBLY.value)
    number = serializers.IntegerField(min_value=1, max_value=200, required=False)
    reason = serializers.CharField(max_length=300, required=False)


class ElectionStepSerializer(serializers.Serializer):
    """The day, the document, and a reason where a rule asks for one; `version` guards against a concurrent edit."""

    on = serializers.DateField()
    document = serializers.CharField(max_length=60, required=False, default="", allow_blank=True)
    reason = serializers.CharField(max_length=300, required=False)
    version = serializers.IntegerField(required=False)


class ElectionConsentSerializer(ElectionStepSerializer):
    timing_document = serializers.CharField(max_length=60, required=False)


class CandidateNamesSerializer(serializers.Serializer):
    post = serializers.ChoiceField(choices=CandidatePost.choices())
    names = serializers.ListField(child=serializers.CharField(max_length=50), max_length=100)


class ElectionNoticeSerializer(serializers.Serializer):
    on = serializers.DateField()
    planned_on = serializers.DateField()
    notice = serializers.CharField(max_length=300, required=False)
    candidates = CandidateNamesSerializer(many=True)
    reason = serializers.CharField(max_length=300, required=False)
    version = serializers.IntegerField(required=False)


class ExclusionSerializer(serializers.Serializer):
    reason = serializers.ChoiceField(choices=ExclusionReason.choices())
    people = serializers.IntegerField(min_value=1)
    document = serializers.CharField(max_length=60)


class VotesSerializer(serializers.Serializer):
    """Votes of one name; `nominated` false for somebody whom voters wrote in."""

    name = serializers.CharField(max_length=50)
    post = serializers.ChoiceField(choices=CandidatePost.choices())
    votes = serializers.IntegerField(min_value=0)
    runoff = serializers.IntegerField(min_value=0, required=False, allow_null=True, default=None)
    nominated = serializers.BooleanField(default=True)


class ElectionVoteSerializer(serializers.Serializer):
    held_on = serializers.DateField()
    voters = serializers.IntegerField(min_value=0)
    present = serializers.IntegerField(min_value=0)
    issued = serializers.IntegerField(min_value=0)
    returned = serializers.IntegerField(min_value=0)
    valid = serializers.IntegerField(min_value=0)
    exclusions = ExclusionSerializer(many=True, required=False, default=[])
    candidates = VotesSerializer(many=True)
    chair = serializers.CharField(max_length=50, required=False, default="")
    scrutineers = serializers.CharField(max_length=100, required=False, default="")
    tellers = serializers.CharField(max_length=100, required=False, default="")
    timing_document = serializers.CharField(max_length=60, required=False, default="")
    reason = serializers.CharField(max_length=300, required=False, default="")
    version = serializers.IntegerField(required=False)


class ElectionReportSerializer(ElectionStepSerializer):
    secretary = serializers.CharField(max_length=50, required=False)
    deputies = serializers.ListField(child=serializers.CharField(max_length=50), required=False)


class ElectionApprovalSerializer(serializers.Serializer):
    on = serializers.DateField()
    document = serializers.CharField(max_length=60)
    since = serializers.DateField(required=False)
    expires_on = serializers.DateField(required=False)
    expiry_reason = serializers.CharField(max_length=200, required=False)
    version = serializers.IntegerField(required=False)


class ElectionSendBackSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=300)
    version = serializers.IntegerField(required=False)


class ElectionCancelSerializer(ElectionSendBackSerializer):
    on = serializers.DateField()


class TermSerializer(serializers.Serializer):
    number = serializers.IntegerField(min_value=1, max_value=200)
    since = serializers.DateField()
    expires_on = serializers.DateField(required=False)
    expiry_reason = serializers.CharField(max_length=200, required=False)
    until = serializers.DateField(required=False)
    seats = serializers.IntegerField(min_value=0, max_value=100, required=False)
    result_document = serializers.CharField(max_length=60, required=False)
    approval_document = serializers.CharField(max_length=60, required=False)
    note = serializers.CharField(max_length=300, required=False)


class ElectionSerializer(serializers.Serializer):
    """A row of the ledger with its id, version, state code, and what comes next."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    state_code = serializers.CharField()
    next_step = serializers.CharField(allow_null=True)
    org_code = serializers.CharField()
    number = serializers.IntegerField()


def found_election(pk: int) -> Election:
    row = Election.objects.select_related("org").filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def _shown(ledger: ElectionLedger, row: Election) -> dict[str, Any]:
    step = next_step(ElectionState(row.state))
    head = {"id": row.pk, "version": row.version, "state_code": row.state, "next_step": step and step.label}
    return {**head, **ledger.as_json(row)}


class ElectionAPI(GuardedAPI):
    """Shared: how one election is answered."""

    def answered(self, pk: int, code: int = status.HTTP_200_OK) -> Response:
        with use_scope(resolve_scope(self.request.user, VIEW)):
            ledger = ElectionLedger(today=timezone.localdate(), user=self.request.user)
            row = ledger.rows().get(pk=pk)
            body = _shown(ledger, row)
            body["candidates"] = [
                {"name": each.name, "post": each.post, "nominated": each.is_nominated, "votes": each.votes,
                 "runoff": each.runoff, "elected": each.is_elected}
                for each in row.candidates.all()
            ]  # fmt: skip
        return Response(body, status=code)


class ElectionListAPI(ElectionAPI):
    """换届选举, page by page."""

    permission = VIEW

    @extend_schema(
        parameters=[OpenApiParameter(name) for name in ("q", "state", "running", "waiting", "org", "after")],
        responses=ElectionSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        ledger = ElectionLedger(request.query_params.dict(), today=timezone.localdate(), user=request.user)
        page = ledger.page()
        rows = [_shown(ledger, row) for row in page.rows]
        return Response({"results": rows, "next": page.next, "previous": page.previous})


class ElectionItemAPI(ElectionAPI):
    """One election with its candidates."""

    permission = VIEW

    @extend_schema(responses=ElectionSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return self.answered(found_election(pk).pk)


class PlanAPI(ElectionAPI):
    """发起换届 of one organisation."""

    permission = ELECT

    @extend_schema(request=ElectionPlanSerializer, responses={201: ElectionSerializer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        org = found_org(pk)
        given = ElectionPlanSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        facts = {**given.validated_data, "meeting": Meeting(given.validated_data["meeting"])}
        row = elections.plan_election(org=org, **facts, today=timezone.localdate(), actor=request.user)
        return self.answered(row.pk, status.HTTP_201_CREATED)


class TermNewAPI(ElectionAPI):
    """登记届期 of one organisation; the answer is the id. Terms are read at /api/v1/ledgers/branches.terms/."""

    permission = KEEP_TERMS

    @extend_schema(request=TermSerializer, responses={201: TermSerializer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        org = found_org(pk)
        given = TermSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        term = record_term(org=org, **given.validated_data, today=timezone.localdate(), actor=request.user)
        return Response({"id": term.pk, **TermSerializer(term).data}, status=status.HTTP_201_CREATED)


class StepAPI(ElectionAPI):
    """One step of an election, by one service."""

    permission = ELECT
    serializer_class: type[serializers.Serializer] = ElectionStepSerializer
    service: Any = None
    dated = True

    @extend_schema(responses={200: ElectionSerializer, 403: RefusalSerializer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        row = found_election(pk)
        if self.permission == DECIDE_ELECTIONS and not may_decide(request.user, row.org):
            self.permission_denied(request, message=DECIDED_ABOVE)
        given = self.serializer_class(data=request.data)
        given.is_valid(raise_exception=True)
        facts = self.facts(row, dict(given.validated_data))
        if self.dated:
            facts["today"] = timezone.localdate()
        self.service(election=row, **facts, actor=request.user)
        return self.answered(row.pk)

    def facts(self, row: Election, given: dict[str, Any]) -> dict[str, Any]:
        return given


class RequestAPI(StepAPI):
    """请示."""

    service = staticmethod(elections.request_election)


class ConsentAPI(StepAPI):
    """批复."""

    permission = DECIDE_ELECTIONS
    serializer_class = ElectionConsentSerializer
    service = staticmethod(elections.consent_election)


class NotifyAPI(StepAPI):
    """确定候选人，通知."""

    serializer_class = ElectionNoticeSerializer
    service = staticmethod(elections.notify_election)

    def facts(self, row: Election, given: dict[str, Any]) -> dict[str, Any]:
        named = {CandidatePost(each["post"]): each["names"] for each in given["candidates"]}
        return {**given, "candidates": named}


class VoteAPI(StepAPI):
    """选举记录: candidates are named by post and name."""

    serializer_class = ElectionVoteSerializer
    service = staticmethod(votes.record_vote)

    def facts(self, row: Election, given: dict[str, Any]) -> dict[str, Any]:
        named = {(each.post, each.name): each.pk for each in row.candidates.filter(is_nominated=True)}
        counted, written = {}, []
        for each in given.pop("candidates"):
            post, name = CandidatePost(each["post"]), each["name"].strip()
            if each["nominated"]:
                if (post.value, name) not in named:
                    raise serializers.ValidationError({"candidates": f"候选人中没有“{name}”。"})
                counted[named[post.value, name]] = (each["votes"], each["runoff"])
            else:
                written.append(votes.WrittenIn(post, name, each["votes"], each["runoff"]))
        left_out = [votes.Exclusion(ExclusionReason(each["reason"]), each["people"], each["document"])
                    for each in given.pop("exclusions")]  # fmt: skip
        people = {name: given.pop(name) for name in votes.PEOPLE}
        kept = {name: given.pop(name) for name in ("held_on", "voters", "present", "issued", "returned", "valid")}
        record = votes.VoteRecord(**kept, votes=counted, voters_source="按实际人数填写", exclusions=left_out,
                                  written_in=written, people=people)  # fmt: skip
        return {**given, "vote": record}


class ReportAPI(StepAPI):
    """报告结果."""

    serializer_class = ElectionReportSerializer
    service = staticmethod(elections.report_election)


class ApproveAPI(StepAPI):
    """批准."""

    permission = DECIDE_ELECTIONS
    serializer_class = ElectionApprovalSerializer
    service = staticmethod(elections.approve_election)


class SendBackAPI(StepAPI):
    """退回."""

    permission = DECIDE_ELECTIONS
    serializer_class = ElectionSendBackSerializer
    service = staticmethod(elections.send_back_election)
    dated = False


class CancelAPI(StepAPI):
    """取消."""

    serializer_class = ElectionCancelSerializer
    service = staticmethod(elections.cancel_election)
