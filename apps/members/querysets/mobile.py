"""Mobile members, agreements, contacts and lost contact."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Case, DateField, Exists, F, Max, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from apps.core.dated import DatedQuerySet
from apps.core.periods import Period
from apps.core.scoping import ScopedQuerySet, required_scope

from ..kinds import Direction
from ..rules.mobile import AgreementState
from .modes import contacted, departed


def last_contact(on: datetime.date, *, member: str = "member_id") -> Any:
    """The day of the latest contact up to `on` with whom the column `member` names, among those that the scope shows."""
    from ..models import ContactNote

    rows = ContactNote.objects.filter(member=OuterRef(member), on__lte=on).order_by()
    latest = rows.values("member").annotate(_latest=Max("on")).values("_latest")
    return Subquery(latest, output_field=DateField())


def not_departed(on: datetime.date, org: str) -> Q:
    """Rows about somebody who has not left the post: who has is the duty of `org` (a column) by 离职属地 already."""
    from ..models import Member

    return Q(~Exists(Member.objects.filter(departed(on)).filter(pk=OuterRef("member_id"), org=OuterRef(org))))


class MobileQuerySet(DatedQuerySet):
    """One record tells both branches: the one that keeps it and, where it is in the portal, the other."""

    def leaving(self) -> Any:
        """Records whose home branch is in the scope: 流出, as the scope sees it.

        A move that both ends registered apart is told by the record of home.
        """
        from ..models import MobileRecord

        meanwhile = Q(since__lt=Coalesce(OuterRef("until"), Value(datetime.date.max))) & (
            Q(until__isnull=True) | Q(until__gt=OuterRef("since"))
        )
        told = MobileRecord.objects.filter(
            meanwhile, direction=Direction.OUT.value, member=OuterRef("member_id"), org=OuterRef("other_org_id")
        )
        return self.filter(_side(Direction.OUT, Direction.IN) & ~(Q(direction=Direction.IN.value) & Exists(told)))

    def arriving(self) -> Any:
        """Records whose branch at the other end is in the scope: 流入, as the scope sees it."""
        return self.filter(_side(Direction.IN, Direction.OUT))

    def with_home(self) -> Any:
        """Adds `home_id`, `home_path`: the branch of the relation, NULL and "" where it is outside the portal."""
        out = Q(direction=Direction.OUT.value)
        return self.annotate(
            home_id=Case(When(out, then=F("org_id")), default=F("other_org_id")),
            home_path=Case(When(out, then=F("org_path")), default=F("other_path")),
        )

    def to_contact(self, on: datetime.date) -> Any:
        """Records of the day whose home branch, in the scope, has to keep in touch. Adds `home_id`, `contacted`."""
        rows = self.as_of(on).leaving().with_home().filter(not_departed(on, "home_id"))
        return rows.annotate(contacted=contacted(on, member="member_id", org="home_id"))

    def with_last_contact(self, on: datetime.date) -> Any:
        """Adds `last_contact_on`."""
        return self.annotate(last_contact_on=last_contact(on))


def _side(own: Direction, others: Direction) -> Q:
    scope = required_scope()
    from_other = Q(direction=others.value, other_org__isnull=False) & scope.as_q("other_path")
    return Q(direction=own.value) & scope.as_q("org_path") | from_other


class AgreementQuerySet(DatedQuerySet):
    def managed_here(self) -> Any:
        """Agreements by which an organisation of the scope manages the daily life; the other side only sees them."""
        return self.filter(required_scope().as_q("org_path"))

    def in_state(self, state: AgreementState, on: datetime.date, *, notice_days: int) -> Any:
        """Agreements by their state on the day; 有效 includes 即将到期."""
        notice = on + datetime.timedelta(days=notice_days)
        if state is AgreementState.COMING:
            return self.filter(since__gt=on)
        if state is AgreementState.IN_FORCE:
            return self.as_of(on)
        if state is AgreementState.EXPIRING:
            return self.as_of(on).filter(until__lte=notice)
        over = self.filter(since__lte=on, until__lte=on)
        return over.filter(ended_reason="") if state is AgreementState.EXPIRED else over.exclude(ended_reason="")

    def without_successor(self) -> Any:
        """Those after which no other agreement of the same person with the same organisation begins or holds."""
        from ..models import DualAgreement

        later = DualAgreement.objects.filter(
            member=OuterRef("member_id"), org=OuterRef("org_id"), since__gte=OuterRef("until")
        )
        return self.filter(~Exists(later))

    def to_contact(self, on: datetime.date) -> Any:
        """Agreements of the day whose managing branch, in the scope, has to keep in touch. Adds `contacted`."""
        rows = self.as_of(on).managed_here().filter(not_departed(on, "org_id"))
        return rows.annotate(contacted=contacted(on, member="member_id", org="org_id"))

    def with_contact(self, on: datetime.date) -> Any:
        """Adds `last_contact_on` and `contacted`: in touch in the quarter of the day."""
        return self.annotate(
            last_contact_on=last_contact(on), contacted=contacted(on, member="member_id", org="org_id")
        )

    def with_scan(self) -> Any:
        """Adds `has_scan`: whether a file is kept with the agreement."""
        from apps.core.models import Attachment

        label = self.model._meta.label_lower
        return self.annotate(has_scan=Exists(Attachment.objects.filter(target_type=label, target_id=OuterRef("pk"))))


class ContactQuerySet(ScopedQuerySet):
    def within(self, period: Period) -> Any:
        """Contacts made in the period."""
        return self.filter(on__gte=period.start, on__lt=period.end)


class LostContactQuerySet(ScopedQuerySet):
    def open(self) -> Any:
        """Cases that nobody has decided."""
        return self.filter(decided_on__isnull=True)
