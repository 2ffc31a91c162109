"""Administrative division codes (GB/T 2260), old and new, as far as python-stdnum's table knows them.

The table only ever supports a warning: it lacks new districts, and the years in which a county code existed
say nothing about a number that was issued before or after.
"""

from __future__ import annotations

from functools import lru_cache

from stdnum import numdb

RESIDENCE_PERMIT_REGIONS = {
    "810000": "香港居民居住证",
    "820000": "澳门居民居住证",
    "830000": "台湾居民居住证",
}


@lru_cache(maxsize=4096)
def region_name(code: str) -> str | None:
    """Return the name of a six-digit division code, or None when the table does not know the county."""
    if code in RESIDENCE_PERMIT_REGIONS:
        return RESIDENCE_PERMIT_REGIONS[code]
    found = {key: value for _, facts in numdb.get("cn/loc").info(code) for key, value in facts.items()}
    county = found.get("county")
    if county is None:
        return None
    spans = [span.rpartition("]")[2] for span in county.split(",")]
    return " ".join(filter(None, (found.get("province"), found.get("prefecture"), spans[-1])))
