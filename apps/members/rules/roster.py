"""What a roster questions about a single member. Pure functions; each threshold has its Citation."""

from __future__ import annotations

import datetime
from typing import Final

from apps.core.regulations import Citation

from .bands import age_on

ADMISSION_AGE = Citation("中国共产党章程", "第一条", "", "K")

MIN_JOINING_AGE: Final = 18  # 年满十八岁的……可以申请加入中国共产党


def joined_young(born_on: datetime.date, joined_on: datetime.date) -> bool:
    """Tell whether somebody would have joined as a minor: a slip of the pen, or history that a person confirms."""
    return age_on(born_on, joined_on) < MIN_JOINING_AGE
