"""Column types that several apps share."""

from __future__ import annotations

from typing import Any

from django.db import models


class PathField(models.CharField):
    """A materialised path of the organisation tree, four base-36 characters a level.

    Collated "C" so that a prefix search is an index range scan.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 64)
        kwargs.setdefault("editable", False)
        kwargs["db_collation"] = "C"
        super().__init__(*args, **kwargs)
