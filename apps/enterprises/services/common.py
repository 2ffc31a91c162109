"""What every service of the register does: lock, validate, and say a refusal in one sentence."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models

from apps.core.errors import DomainError
from apps.core.regulations import Finding
from apps.core.text import clean_name, has_control_characters

Row = TypeVar("Row", bound=models.Model)


def locked(row: Row) -> Row:
    """The row as it is now, locked until the transaction ends. Raises DomainError when it has left the scope."""
    return locked_all([row])[0]


def locked_all(rows: Sequence[Row]) -> list[Row]:
    """The rows as they are now, locked in the order of their ids; all of them, or DomainError.

    No key of theirs changes, so that a closing may refer to them (its snapshot) while a writer waits for it.
    """
    model = type(rows[0])
    found = list(
        model._default_manager.select_for_update(of=("self",), no_key=True)
        .filter(pk__in={row.pk for row in rows}).order_by("pk")
    )
    if len(found) != len({row.pk for row in rows}):
        raise DomainError(f"所选{model._meta.verbose_name}已不在您的范围内，请刷新后再试。", code="gone")
    return found


def store(row: models.Model) -> None:
    """Validate against columns and constraints, raise the version of a changed row, save. Raises DomainError."""
    if row.pk and hasattr(row, "version"):
        row.version += 1
    try:
        row.full_clean()
    except ValidationError as error:
        raise refusal(error) from error
    row.save()


def refusal(error: ValidationError) -> DomainError:
    """The first complaint of Django's validation as the one sentence that people see, beside its field."""
    field, sentences = next(iter(error.message_dict.items()))
    return DomainError(sentences[0], field="" if field == "__all__" else field)


def assign(row: models.Model, facts: Mapping[str, Any], allowed: Iterable[str]) -> dict[str, tuple[Any, Any]]:
    """Set the facts that differ and return {name: (before, after)}. A name outside `allowed` is a defect."""
    if unknown := set(facts) - set(allowed):
        raise TypeError(f"not a fact of {type(row).__name__}: {sorted(unknown)}")
    changed = {}
    for name, value in facts.items():
        value = tidied(name, value) if isinstance(value, str) else value
        before = getattr(row, name, None)  # an owner that was never set is no attribute yet
        if before != value:
            changed[name] = (before, value)
            setattr(row, name, value)
    return changed


def tidied(name: str, text: str) -> str:
    """A text without outer spaces and without characters that no name or note may carry."""
    if has_control_characters(text):
        raise DomainError("含有看不见的控制字符，请重新输入。", field=name)
    return text.strip() if "\n" in text else clean_name(text)


def labels(row: models.Model, names: Iterable[str]) -> str:
    """The Chinese names of columns, for audit sentences."""
    fields: list[Any] = [row._meta.get_field(name) for name in names]
    return "、".join(str(field.verbose_name) for field in fields)


def check_not_future(day: datetime.date, today: datetime.date, *, field: str = "on") -> None:
    if day > today:
        raise DomainError("日期不能晚于今天，请在生效后登记。", field=field, code="future")


def weigh(findings: Iterable[Finding], reason: str) -> None:
    """Let the rules speak: 应当 blocks, 一般 asks for a reason. Raises DomainError with the rule as its basis."""
    for finding in findings:
        if finding.blocks:
            raise DomainError(finding.message, basis=finding.basis, code=finding.code)
        if finding.asks_reason and not reason.strip():
            message = finding.message if "说明原因" in finding.message else f"{finding.message}确需办理的，请说明原因。"
            raise DomainError(message, basis=finding.basis, code=finding.code, field="reason")
