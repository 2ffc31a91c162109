"""Why a file is not read. Codes are public (help page, `import_ledger --json`)."""

from __future__ import annotations

from typing import NoReturn


class Refused(Exception):
    """The file as a whole is refused. `code` is public, `where` names a part, sheet or address."""

    def __init__(self, code: str, where: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.where = where


def refuse(code: str, where: str = "") -> NoReturn:
    raise Refused(code, where)
