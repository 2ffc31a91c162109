"""到会名单 on a form: everybody who is expected is ticked already, whoever was absent loses the tick and gets a reason.

The names are not typed and not sent: ids with ticks are. The form also sends which names it showed, so that a list
that belongs to another day, or that somebody has joined meanwhile, is shown anew instead of being saved.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django import forms

from apps.core.forms import BaseForm
from apps.core.text import row_id
from apps.members.models import Member

from ..kinds import AbsenceReason
from ..services.records_facts import Absence
from ..services.roll import Expected

NOTE_WIDTH: Final = 60


@dataclass(frozen=True)
class Answers:
    """What the list said: who was shown, who was ticked, and of the others why."""

    shown: frozenset[int] = frozenset()
    ticked: frozenset[int] = frozenset()
    reasons: Mapping[int, str] = field(default_factory=dict)
    notes: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Line:
    """One name on the list as the page shows it; `beside` tells two of one name apart."""

    pk: int
    name: str
    beside: str
    ticked: bool
    reason: str
    note: str
    wrong: bool


def ids(texts: Iterable[str]) -> frozenset[int]:
    return frozenset(pk for pk in map(row_id, texts) if pk is not None)


class RollWidget(forms.Widget):
    """Reads the list from the request; `templates/activities/_record_roll.html` writes it."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Answers:
        shown = ids(str(data.get("listed", "")).split(","))
        return Answers(
            shown=shown, ticked=ids(data.getlist("present")),
            reasons={pk: str(data.get(f"reason_{pk}", "")) for pk in shown},
            notes={pk: str(data.get(f"note_{pk}", "")).strip()[:NOTE_WIDTH] for pk in shown},
        )  # fmt: skip

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False

    def id_for_label(self, id_: str, index: Any = None) -> str:
        return "roll"


class RollField(forms.Field):
    """到会情况. Cleans to the `Answers` about exactly those who are `expected`; `by_choice`: a tick chooses somebody.

    Raises ValidationError with the names for an absence without a reason, and when the list has changed since it was
    shown.
    """

    widget = RollWidget
    expected: list[Expected]
    by_choice: bool
    org: object = None

    def clean(self, value: Answers) -> Answers:
        if not self.by_choice:
            self._same_list(value)
            absent = [each for each in self.expected if each.member.pk not in value.ticked]
            unexplained = [each.name for each in absent if not _explained(value, each.member.pk)]
            if unexplained:
                raise forms.ValidationError(f"请选择缺席原因：{'、'.join(unexplained)}。")
        return value

    def _same_list(self, value: Answers) -> None:
        came = [each.name for each in self.expected if each.member.pk not in value.shown]
        gone = value.shown - {each.member.pk for each in self.expected}
        if came or gone:
            told = [f"增加了{'、'.join(came)}"] if came else []
            told += [f"减少了 {len(gone)} 人"] if gone else []
            raise forms.ValidationError(
                f"这一天的应到名单与页面上的不同（{'，'.join(told)}），已经更新，请核对后再保存。"
            )

    def lines(self, value: Answers, *, checked: bool) -> list[Line]:
        """The list as the page shows it: somebody it did not show before was there, until somebody says otherwise.

        `checked`: the answers were looked at, so that an absence without a reason is marked.
        """
        names = Counter(each.name for each in self.expected)
        found = []
        for each in self.expected:
            pk = each.member.pk
            ticked = pk in value.ticked or (not self.by_choice and pk not in value.shown)
            wrong = checked and not ticked and not self.by_choice and not _explained(value, pk)
            beside = str(each.org) if self.by_choice and each.org and each.org != self.org else ""
            if names[each.name] > 1:
                beside = f"{beside} {each.member.code}".strip()
            reason, note = value.reasons.get(pk, ""), value.notes.get(pk, "")
            found.append(Line(pk, each.name, beside, ticked, reason, note, wrong))
        return found


class RollForm(BaseForm):
    """A form with 到会情况; `setting` says who is expected on which day, and whether a tick chooses somebody."""

    roll = RollField(label="到会情况", required=False)

    def __init__(self, *args: Any, setting: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.setting = setting
        roll: Any = self.fields["roll"]
        roll.expected, roll.by_choice, roll.org = setting.expected, setting.by_choice, setting.org

    def lines(self) -> list[Line]:
        answers = self["roll"].value()
        roll: Any = self.fields["roll"]
        found: list[Line] = roll.lines(answers or Answers(), checked=self.is_bound and bool(self.errors))
        return found

    def listed(self) -> str:
        return ",".join(str(each.member.pk) for each in self.setting.expected)

    def absences(self) -> tuple[Absence, ...]:
        """Who was absent and why; nobody where people are chosen."""
        answers: Answers = self.cleaned_data["roll"]
        missed = () if self.setting.by_choice else self.setting.expected
        return tuple(
            Absence(each.member, answers.reasons[each.member.pk], answers.notes.get(each.member.pk, ""))
            for each in missed if each.member.pk not in answers.ticked
        )  # fmt: skip

    def chosen(self) -> tuple[Member, ...]:
        """Who took part, where people are chosen."""
        picked = self.setting.expected if self.setting.by_choice else ()
        return tuple(each.member for each in picked if each.member.pk in self.cleaned_data["roll"].ticked)


def _explained(value: Answers, pk: int) -> bool:
    return value.reasons.get(pk, "") in {str(reason.value) for reason in AbsenceReason}
