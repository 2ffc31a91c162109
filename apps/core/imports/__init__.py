"""The one import mechanism: a workbook becomes rows of a ledger, all of them or none.

`spec` declares an importer (columns, keys, how rows are written), `values` and `quantities` read cells,
`mapping` pairs headers with columns, `check` finds every problem at once, `batches`, `commit` and `undo` are
the steps of a batch, `annotate` gives the workbook back, `template` makes an empty or pre-filled one.
"""

from . import background as background
from .quantities import Amount, Capital, Date, Integer, LooseDate, RegisteredCapital
from .spec import Change, Existing, ImportColumn, Importer, Key, Mode, Reference, Remark, Row, register_importer
from .values import NOTHING, CellError, Code, CreditCode, Flag, IdNumberKind, OneOf, Phone, Text, ValueKind

__all__ = [
    "NOTHING", "Amount", "Capital", "CellError", "Change", "Code", "CreditCode", "Date", "Existing", "Flag",
    "IdNumberKind", "ImportColumn", "Importer", "Integer", "Key", "LooseDate", "Mode", "OneOf", "Phone", "Reference",
    "RegisteredCapital", "Remark", "Row", "Text", "ValueKind", "register_importer",
]  # fmt: skip
