"""The API of mergers, splits and plans of restructuring: the same services as the pages."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api import GuardedAPI, RefusalSerializer

from . import services
from .api import EventSerializer, OrgAPI, OrgCodeField, OrgSerializer, found_org
from .models import Restructuring
from .permissions import MANAGE, RESTRUCTURE
from .plan_text import sentence
from .rules import OrgKind
from .rules.restructuring import StepKind
from .services import restructurings
from .services.rehearsal import Comparison, rehearse, steps_of


class PicksField(serializers.DictField):
    """{code of a sort: [ids]}: what a split takes."""

    child = serializers.ListField(child=serializers.IntegerField(min_value=1), max_length=10_000)


class MergeSerializer(EventSerializer):
    into = OrgCodeField()


class SplitSerializer(EventSerializer):
    name = serializers.CharField(max_length=100)
    short_name = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    kind = serializers.ChoiceField(choices=OrgKind.choices())
    parent = OrgCodeField(required=False)  # type: ignore[assignment]
    picks = PicksField()
    ends = serializers.BooleanField(required=False, default=False)


class PlanSerializer(serializers.Serializer):
    """What drafts a plan: where, called what, from when on."""

    org = OrgCodeField()
    name = serializers.CharField(max_length=60)
    on = serializers.DateField()
    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class StepSerializer(serializers.Serializer):
    """One step; `org_step` and `target_step` are ids of earlier steps that found an organisation."""

    kind = serializers.ChoiceField(choices=StepKind.choices())
    org = OrgCodeField(required=False)
    target = OrgCodeField(required=False)
    org_step = serializers.IntegerField(required=False)
    target_step = serializers.IntegerField(required=False)
    name = serializers.CharField(max_length=100, required=False)
    short_name = serializers.CharField(max_length=40, required=False, allow_blank=True)
    org_kind = serializers.ChoiceField(choices=OrgKind.choices(), required=False)
    picks = PicksField(required=False)
    ends = serializers.BooleanField(required=False)
    note = serializers.CharField(max_length=300, required=False, allow_blank=True)


class ApplySerializer(serializers.Serializer):
    document = serializers.CharField(max_length=60)
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    version = serializers.IntegerField(required=False)


class PlanAnswer(serializers.Serializer):
    """A plan with its steps in words."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    name = serializers.CharField()
    state = serializers.CharField()
    on = serializers.DateField()
    steps = serializers.ListField(child=serializers.DictField())


class PreviewAnswer(serializers.Serializer):
    errors = serializers.ListField(child=serializers.DictField())  # type: ignore[assignment]
    figures = serializers.DictField()
    findings = serializers.ListField(child=serializers.DictField())


class MergeAPI(OrgAPI):
    """合并: the organisation goes over into another one."""

    permission = MANAGE

    @extend_schema(request=MergeSerializer, responses={200: OrgSerializer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        org = found_org(pk)
        given = MergeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        facts = dict(given.validated_data)
        target = services.merge_organizations(
            sources=[org], target=facts.pop("into"), today=timezone.localdate(), actor=request.user, **facts
        )
        return self.answered(target.pk)


class SplitAPI(OrgAPI):
    """拆分: answers the new organisation."""

    permission = MANAGE

    @extend_schema(request=SplitSerializer, responses={201: OrgSerializer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        org = found_org(pk)
        given = SplitSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        facts = dict(given.validated_data)
        picks = {code: frozenset(ids) for code, ids in facts.pop("picks").items()}
        part = services.Part(
            facts.pop("name"), facts.pop("kind"), picks, facts.pop("parent", None), facts.pop("short_name")
        )
        (new,) = services.split_organization(
            org=org, parts=[part], today=timezone.localdate(), actor=request.user, **facts
        )
        return self.answered(new.pk, status.HTTP_201_CREATED)


class RestructuringAPI(GuardedAPI):
    """Shared: how a plan is found and answered."""

    permission = RESTRUCTURE

    def plan(self, pk: int) -> Restructuring:
        found = Restructuring.objects.select_related("org").filter(pk=pk).first()
        if found is None:
            raise Http404
        return found

    def answered(self, pk: int, code: int = status.HTTP_200_OK) -> Response:
        plan = self.plan(pk)
        steps = [
            {"id": step.pk, "position": step.position, "kind": step.kind, "text": sentence(step)}
            for step in steps_of(plan)
        ]
        body = {"id": plan.pk, "version": plan.version, "name": plan.name, "org": plan.org.code, "state": plan.state,
                "on": plan.on, "document": plan.document, "failure": plan.failure, "steps": steps}  # fmt: skip
        return Response(body, status=code)


class RestructuringListAPI(RestructuringAPI):
    """编制方案. The book of plans is the ledger `branches.restructurings`."""

    @extend_schema(request=PlanSerializer, responses={201: PlanAnswer, 409: RefusalSerializer})
    def post(self, request: Request) -> Response:
        given = PlanSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        plan = restructurings.draft_restructuring(actor=request.user, **given.validated_data)
        return self.answered(plan.pk, status.HTTP_201_CREATED)


class RestructuringItemAPI(RestructuringAPI):
    """One plan with its steps."""

    @extend_schema(responses=PlanAnswer)
    def get(self, request: Request, pk: int) -> Response:
        return self.answered(pk)


class StepListAPI(RestructuringAPI):
    """Adds a step at the end of a draft."""

    @extend_schema(request=StepSerializer, responses={201: PlanAnswer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        plan = self.plan(pk)
        given = StepSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        facts = dict(given.validated_data)
        earlier = {step.pk: step for step in steps_of(plan)}
        for name in ("org_step", "target_step"):
            if name in facts:
                if facts[name] not in earlier:
                    raise serializers.ValidationError({name: ["方案中没有这一步。"]})
                facts[name] = earlier[facts[name]]
        kind = StepKind(facts.pop("kind"))
        restructurings.put_step(plan=plan, kind=kind, facts=facts, actor=request.user)
        return self.answered(pk, status.HTTP_201_CREATED)


class PreviewAPI(RestructuringAPI):
    """试算: errors by step, figures before and after, and what the rules say. Changes nothing."""

    @extend_schema(responses=PreviewAnswer)
    def get(self, request: Request, pk: int) -> Response:
        plan = self.plan(pk)
        found: Comparison = rehearse(plan, today=timezone.localdate(), actor=request.user)
        errors = [
            {"step": step.pk, "position": step.position, "detail": found.errors[step.pk].sentence}
            for step in steps_of(plan) if step.pk in found.errors
        ]  # fmt: skip
        findings = [
            {"org": remark.name, "code": remark.finding.code, "level": remark.finding.level,
             "detail": str(remark.finding), "new": remark.is_new}
            for remark in found.remarks
        ]  # fmt: skip
        return Response({"errors": errors, "figures": found.outcome(), "findings": findings})


class ApplyAPI(RestructuringAPI):
    """实施, or before its day: put down to happen by itself. The second of two at once gets 409."""

    @extend_schema(request=ApplySerializer, responses={200: PlanAnswer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        plan = self.plan(pk)
        given = ApplySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        facts: dict[str, Any] = dict(given.validated_data)
        restructurings.apply_restructuring(plan=plan, today=timezone.localdate(), actor=request.user, **facts)
        return self.answered(pk)


class DiscardAPI(RestructuringAPI):
    """作废."""

    @extend_schema(request=None, responses={200: PlanAnswer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        restructurings.discard_restructuring(plan=self.plan(pk), actor=request.user)
        return self.answered(pk)


class RecallAPI(RestructuringAPI):
    """撤回 a plan that waits for its day."""

    @extend_schema(request=None, responses={200: PlanAnswer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        restructurings.recall_restructuring(plan=self.plan(pk), actor=request.user)
        return self.answered(pk)
