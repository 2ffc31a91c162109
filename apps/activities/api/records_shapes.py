"""How a record of an activity is said in JSON."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.branches.api import OrgCodeField
from apps.enterprises.api import ScopedId
from apps.members.directory import branch
from apps.members.models import Member

from ..directory import lecturer, theme, venue_offered
from ..kinds import AbsenceReason, Presence, State
from ..models import Activity, ActivityForm, ActivityKind, Attendance, Participation

_TEXTS = {"place": 100, "chair": 50, "recorder": 50, "speaker": 50, "guests": 300, "units": 300}


@extend_schema_field(serializers.CharField())
class CodeField(serializers.Field):
    """A kind or a form of activity by its code."""

    def __init__(self, model: type[ActivityKind] | type[ActivityForm], **kwargs: Any) -> None:
        self.model = model
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Any:
        found = self.model.objects.filter(code=str(data)).first()
        if found is None:
            raise serializers.ValidationError(f"没有这个{self.model._meta.verbose_name}代码。")
        return found

    def to_representation(self, value: Any) -> str:
        return str(value.code)


@extend_schema_field(serializers.IntegerField())
class OfferedField(serializers.Field):
    """A row that an office above offers, or an open venue, by its id; whether it is offered `find(id)` answers."""

    def __init__(self, find: Any, **kwargs: Any) -> None:
        self.find = find
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Any:
        found = self.find(data) if isinstance(data, int) else None
        if found is None:
            raise serializers.ValidationError("没有找到，或不向您的党组织开放。")
        return found

    def to_representation(self, value: Any) -> int:
        return int(value.pk)


@extend_schema_field(serializers.IntegerField())
class CoHostField(serializers.Field):
    """A branch of the whole portal by the id that the directory gives."""

    def to_internal_value(self, data: Any) -> Any:
        found = branch(data) if isinstance(data, int) else []
        if not found:
            raise serializers.ValidationError("没有找到这个党支部。")
        return found[0]

    def to_representation(self, value: Any) -> int:
        return int(value.pk)


class RecordAbsenceBody(serializers.Serializer):
    member = ScopedId(Member)
    reason = serializers.ChoiceField(choices=AbsenceReason.choices())
    note = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")


class RecordVisitorBody(serializers.Serializer):
    """A visitor by id, with the whole name beside it, as the search answers them."""

    id = serializers.IntegerField()
    name = serializers.CharField(max_length=50)


class RecordFactsBody(serializers.Serializer):
    """What was held. A `starts_at` without an offset is by the clock of the place."""

    kind = CodeField(ActivityKind)
    second_kind = CodeField(ActivityKind, required=False, allow_null=True)
    form = CodeField(ActivityForm, required=False, allow_null=True)
    title = serializers.CharField(max_length=100)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(required=False, allow_null=True)
    link = serializers.URLField(max_length=300, required=False, allow_blank=True)
    venue = OfferedField(venue_offered, required=False, allow_null=True)
    theme = OfferedField(theme, required=False, allow_null=True)
    lecturer = serializers.IntegerField(required=False, allow_null=True)
    agenda = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    minutes = serializers.CharField(max_length=50000, required=False, allow_blank=True, trim_whitespace=False)
    resolution = serializers.CharField(max_length=5000, required=False, allow_blank=True)
    study_hours = serializers.DecimalField(
        max_digits=4,
        decimal_places=1,
        min_value=0,
        required=False,
        allow_null=True,
        help_text="null: as usual for the kind",
    )
    others_present = serializers.IntegerField(min_value=0, max_value=100_000, required=False)

    def get_fields(self) -> dict[str, Any]:
        texts = {
            name: serializers.CharField(max_length=width, required=False, allow_blank=True)
            for name, width in _TEXTS.items()
        }
        return {**super().get_fields(), **texts}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A lecturer is one of the pool of the day."""
        if attrs.get("lecturer") is not None and "starts_at" in attrs:
            attrs["lecturer"] = lecturer(attrs["lecturer"], attrs["starts_at"].date())
            if attrs["lecturer"] is None:
                raise serializers.ValidationError({"lecturer": ["没有找到这名讲师。"]})
        elif "lecturer" in attrs and "starts_at" not in attrs and attrs["lecturer"] is not None:
            raise serializers.ValidationError({"lecturer": ["更换讲师时请一并给出开始时间。"]})
        return attrs


class RecordRollBody(serializers.Serializer):
    """Who was there: everybody on the roster of the day but the absent; or for kinds that say so who was chosen."""

    absent = RecordAbsenceBody(many=True, required=False)
    chosen = serializers.ListField(child=ScopedId(Member), max_length=2000, required=False)
    visitors = RecordVisitorBody(many=True, required=False)
    co_hosts = serializers.ListField(child=CoHostField(), max_length=50, required=False)


class RecordLogBody(RecordFactsBody, RecordRollBody):
    """登记: submitted, or kept as a draft or plan. `key` makes a repeated request answer the same record."""

    org = OrgCodeField()
    submit = serializers.BooleanField(default=True)
    key = serializers.UUIDField(required=False)
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class RecordAmendBody(RecordLogBody):
    """修改: only what is given changes. `version` guards against a concurrent edit."""

    org = None  # type: ignore[assignment]
    key = None  # type: ignore[assignment]
    submit = serializers.BooleanField(default=False)
    version = serializers.IntegerField(required=False)

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        for name in ("kind", "title", "starts_at"):
            fields[name].required = False
        return fields


class RecordStepBody(serializers.Serializer):
    """提交, with the reason that the rules ask for."""

    reason = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    version = serializers.IntegerField(required=False)


class RecordReasonBody(serializers.Serializer):
    """退回, 取消, 不批准更正."""

    reason = serializers.CharField(max_length=300)
    version = serializers.IntegerField(required=False)


class RecordNoteBody(serializers.Serializer):
    note = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    version = serializers.IntegerField(required=False)


class RecordConfirmBody(serializers.Serializer):
    """通过, all or nothing."""

    activities = serializers.ListField(child=serializers.IntegerField(), allow_empty=False, max_length=1000)
    note = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class RecordMarkBody(serializers.Serializer):
    """A co-host's own members in a joint record."""

    org = OrgCodeField()
    absent = RecordAbsenceBody(many=True, required=False)
    chosen = serializers.ListField(child=ScopedId(Member), max_length=2000, required=False)
    version = serializers.IntegerField(required=False)


class RecordVisitorSearchBody(serializers.Serializer):
    name = serializers.CharField(max_length=50)
    card_number = serializers.CharField(max_length=30, required=False, allow_blank=True, default="")


class FoundVisitorSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    branch = serializers.CharField()


class ConfirmedSerializer(serializers.Serializer):
    confirmed = serializers.IntegerField()


class SideSerializer(serializers.Serializer):
    """A branch that held it, with its numbers."""

    org = OrgCodeField()
    name = serializers.CharField(source="org.__str__")
    is_host = serializers.BooleanField()
    expected = serializers.IntegerField()
    present = serializers.IntegerField()


class LineSerializer(serializers.Serializer):
    """One person, as far as the caller's scope sees people."""

    member = serializers.IntegerField(source="member_id")
    name = serializers.CharField(source="member.name")
    is_visitor = serializers.BooleanField()
    presence = serializers.ChoiceField(choices=Presence.choices())
    reason = serializers.CharField()
    note = serializers.CharField()
    hours = serializers.DecimalField(max_digits=4, decimal_places=1)


class ActivityRow(serializers.Serializer):
    """A record in a list, as the branch that held it keeps it."""

    id = serializers.IntegerField(source="activity_id")
    org = OrgCodeField()
    is_host = serializers.BooleanField()
    kind = CodeField(ActivityKind)
    second_kind = CodeField(ActivityKind, allow_null=True)
    title = serializers.CharField(source="activity.title")
    held_on = serializers.DateField()
    state = serializers.ChoiceField(choices=State.choices())
    reported_on = serializers.DateField(allow_null=True)
    expected = serializers.IntegerField()
    present = serializers.IntegerField()


class ActivityPage(serializers.Serializer):
    results = ActivityRow(many=True)
    next = serializers.CharField()
    previous = serializers.CharField()


class ActivitySerializer(RecordFactsBody):
    """One record with its sides and its sheet."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    org = OrgCodeField()
    state = serializers.ChoiceField(choices=State.choices())
    held_on = serializers.DateField()
    lecturer = serializers.IntegerField(source="lecturer_id", allow_null=True)
    expected = serializers.IntegerField()
    present = serializers.IntegerField()
    visitors = serializers.IntegerField()
    minutes_rich = serializers.BooleanField()
    reported_on = serializers.DateField(allow_null=True)
    reviewed_by_name = serializers.CharField()
    review_note = serializers.CharField()
    correction_number = serializers.IntegerField(allow_null=True)
    correction_reason = serializers.CharField()
    replaces = serializers.IntegerField(source="replaces_id", allow_null=True)
    sides = serializers.SerializerMethodField()
    sheet = serializers.SerializerMethodField()

    @extend_schema_field(SideSerializer(many=True))
    def get_sides(self, row: Activity) -> Any:
        sides: list[Participation] = self.context["sides"]
        return SideSerializer(sides, many=True).data

    @extend_schema_field(LineSerializer(many=True))
    def get_sheet(self, row: Activity) -> Any:
        lines: list[Attendance] = self.context["lines"]
        return LineSerializer(lines, many=True).data
