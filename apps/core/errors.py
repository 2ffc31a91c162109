"""The errors that a person may see. Everything else is a defect and is logged, not shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .regulations import Citation


class DomainError(Exception):
    """A request that the domain refuses, said in one Chinese sentence.

    Pages show it on the form (`field` names the input it belongs to), the API answers 409 with `code`,
    commands print it to stderr. `basis` is the rule that speaks, shown as 依据.
    """

    def __init__(self, message: str, *, basis: Citation | None = None, code: str = "invalid", field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.basis = basis
        self.code = code
        self.field = field

    @property
    def sentence(self) -> str:
        """What a page says: the refusal with the rule that speaks."""
        return f"{self.message}（依据：{self.basis}）" if self.basis else self.message


class Conflict(DomainError):
    """Somebody else changed the same row in between: the second writer sees both values.

    `rows` lists (label, value in the database now, value that was about to be written).
    """

    def __init__(self, message: str = "", *, rows: list[tuple[str, str, str]] | None = None) -> None:
        super().__init__(message or "这条记录在您打开之后已被他人修改，请核对两边的内容后再保存。", code="conflict")
        self.rows = rows or []
