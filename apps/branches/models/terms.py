"""届期 and 换届选举: who was elected when, for how long, and how the next election goes."""

from __future__ import annotations

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

from apps.core.dated import Dated, Days, Identity, dates_in_order
from apps.core.scoping import ScopedManager, ScopedModel
from apps.core.versions import Versioned

from ..querysets_terms import ElectionQuerySet, TermQuerySet
from ..rules.elections import CandidatePost, ElectionState, ExclusionReason, Meeting
from .organisations import OrgOwned


@pghistory.track()
class Term(Versioned, Dated, OrgOwned):
    """届期: one term of office of an organisation. `until` is set when the next begins or the organisation ends.

    `expires_on` is the first day on which the term is over; a term goes on after it until something ends it.
    """

    number = models.PositiveSmallIntegerField("届次")
    expires_on = models.DateField("届满日期", help_text="从这一天起任期已满")
    expiry_reason = models.CharField("届满日期调整原因", max_length=200, blank=True)
    seats = models.PositiveSmallIntegerField("委员人数", null=True, blank=True)
    result_document = models.CharField("选举结果报告文号", max_length=60, blank=True)
    approval_document = models.CharField("批准文号", max_length=60, blank=True)
    note = models.CharField("备注", max_length=300, blank=True)

    objects = ScopedManager.from_queryset(TermQuerySet)()

    class Meta:
        verbose_name = "届期"
        ordering = ["org_path", "-since", "-id"]
        constraints = [
            dates_in_order("term_dates"),
            models.CheckConstraint(
                condition=Q(expires_on__gt=F("since")),
                name="term_expires_after_beginning",
                violation_error_message="届满日期须晚于本届起始日期。",
            ),
            models.UniqueConstraint(
                fields=["org", "number"],
                name="one_term_of_a_number",
                violation_error_message="这个党组织已登记过这一届。",
            ),
            ExclusionConstraint(
                name="one_term_a_day",
                deferrable=models.Deferrable.IMMEDIATE,  # asked when a statement ends: several terms may move at once
                expressions=[(Identity("org"), RangeOperators.OVERLAPS), (Days("since", "until"), RangeOperators.OVERLAPS)],
                violation_error_message="与这个党组织的另一届时间重叠。",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["expires_on", "id"], condition=Q(until__isnull=True), name="term_by_expiry"),
            models.Index(fields=["org_path", "-number", "id"], name="term_by_org"),
        ]

    def __str__(self) -> str:
        return f"第{self.number}届"

    def get_absolute_url(self) -> str:
        return f"/orgs/{self.org_id}/#terms"


@pghistory.track()
class Election(Versioned, OrgOwned):
    """换届选举: the road from the plan to the new term, one state at a time (`rules.elections.STEPS`).

    The vote record holds totals only. `expected` is `voters` without those excluded (`VoterExclusion`).
    """

    number = models.PositiveSmallIntegerField("选举产生的届次")
    state = models.CharField(
        "状态", max_length=10, choices=ElectionState.choices(), default=ElectionState.PLANNED.value
    )
    meeting = models.CharField("选举方式", max_length=10, choices=Meeting.choices(), default=Meeting.ASSEMBLY.value)
    seats = models.PositiveSmallIntegerField("应选委员名额", help_text="不设委员会的填0")
    deputies = models.PositiveSmallIntegerField("副书记名额", default=0)
    planned_on = models.DateField("计划选举日期")
    reason = models.CharField("情况说明", max_length=600, blank=True)
    sent_back = models.CharField("退回意见", max_length=300, blank=True)

    requested_on = models.DateField("请示日期", null=True, blank=True)
    request_document = models.CharField("请示文号", max_length=60, blank=True)
    consented_on = models.DateField("批复日期", null=True, blank=True)
    consent_document = models.CharField("批复文号", max_length=60, blank=True)
    timing_document = models.CharField("提前（延期）换届批准文号", max_length=60, blank=True)
    notified_on = models.DateField("通知日期", null=True, blank=True)
    notice = models.CharField("通知内容", max_length=300, blank=True)

    held_on = models.DateField("选举日期", null=True, blank=True)
    chair = models.CharField("主持人", max_length=50, blank=True)
    scrutineers = models.CharField("监票人", max_length=100, blank=True)
    tellers = models.CharField("计票人", max_length=100, blank=True)
    voters = models.PositiveIntegerField("正式党员（代表）人数", null=True, blank=True)
    voters_source = models.CharField("人数来源", max_length=100, blank=True)
    expected = models.PositiveIntegerField("应到会有表决权人数", null=True, blank=True)
    present = models.PositiveIntegerField("实到人数", null=True, blank=True)
    issued = models.PositiveIntegerField("发出选票", null=True, blank=True)
    returned = models.PositiveIntegerField("收回选票", null=True, blank=True)
    valid = models.PositiveIntegerField("有效票", null=True, blank=True)

    reported_on = models.DateField("报告日期", null=True, blank=True)
    result_document = models.CharField("选举结果报告文号", max_length=60, blank=True)
    secretary = models.CharField("当选书记", max_length=50, blank=True)
    deputy = models.CharField("当选副书记", max_length=100, blank=True)
    approved_on = models.DateField("批准日期", null=True, blank=True)
    approval_document = models.CharField("批准文号", max_length=60, blank=True)
    term = models.OneToOneField(
        Term, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="产生的届期"
    )
    cancelled_on = models.DateField("取消日期", null=True, blank=True)
    cancel_reason = models.CharField("取消原因", max_length=300, blank=True)

    objects = ScopedManager.from_queryset(ElectionQuerySet)()

    class Meta:
        verbose_name = "换届选举"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["org"],
                condition=~Q(state__in=[ElectionState.APPROVED.value, ElectionState.CANCELLED.value]),
                name="one_running_election",
                violation_error_message="这个党组织已有一次换届选举正在办理。",
            ),
        ]
        indexes = [models.Index(fields=["org_path", "-id"], name="election_by_org")]

    def __str__(self) -> str:
        return f"{self.org}第{self.number}届换届选举"

    def get_absolute_url(self) -> str:
        return f"/elections/{self.pk}/"


@pghistory.track()
class ElectionCandidate(ScopedModel):
    """候选人, or somebody whom voters wrote in (`is_nominated` False), with the votes got in total."""

    scope_lookup = "election__org_path"

    election = models.ForeignKey(Election, models.PROTECT, related_name="candidates", verbose_name="换届选举")
    post = models.CharField("选举职务", max_length=10, choices=CandidatePost.choices())
    name = models.CharField("姓名", max_length=50)
    is_nominated = models.BooleanField("候选人", default=True)
    votes = models.PositiveIntegerField("得赞成票", null=True, blank=True)
    runoff = models.PositiveIntegerField("再次投票得票", null=True, blank=True)
    is_elected = models.BooleanField("当选", default=False)

    objects = ScopedManager()

    class Meta:
        verbose_name = "候选人"
        ordering = ["election_id", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["election", "post", "name"],
                name="one_candidate_of_a_name",
                violation_error_message="同一职务的候选人有同名，请在姓名后注明区别。",
            )
        ]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class VoterExclusion(ScopedModel):
    """Formal members whom an election does not count as expected: how many, why, by which document. No names."""

    scope_lookup = "election__org_path"

    election = models.ForeignKey(Election, models.PROTECT, related_name="exclusions", verbose_name="换届选举")
    reason = models.CharField("不计入原因", max_length=10, choices=ExclusionReason.choices())
    people = models.PositiveSmallIntegerField("人数")
    document = models.CharField("上级同意或处分决定文号", max_length=60)

    objects = ScopedManager()

    class Meta:
        verbose_name = "不计入应到会人数"
        ordering = ["election_id", "id"]
        constraints = [
            models.UniqueConstraint(fields=["election", "reason"], name="one_exclusion_of_a_reason"),
            models.CheckConstraint(condition=Q(people__gt=0), name="exclusion_has_people"),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()} {self.people}人"
