"""What the published rules say: the citation beside a threshold, and a finding that names it.

No business nouns and no Django here, so that every `rules.py` may import it. A citation is shown as 依据; its
`rule_id` is the row of the rule sheet and its `confidence` says how far the text itself was read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Confidence = Literal["V", "V-sec", "K", "P", "local"]
"""V read in the text, V-sec quoted by a second text, K general knowledge, P our proposal, local practice."""

Level = Literal["block", "ask", "warn", "info"]
"""How a finding acts: 应当 may `block`, 一般 `ask`s for a reason, `warn` and `info` only speak."""


@dataclass(frozen=True)
class Citation:
    """One article of a published text, or a practice without one (P, local), as shown under 依据."""

    title: str
    article: str
    rule_id: str = ""
    confidence: Confidence = "V"

    def __str__(self) -> str:
        if self.confidence in ("P", "local"):
            return f"{self.title}{self.article}"
        return f"《{self.title}》{self.article}"


@dataclass(frozen=True)
class Finding:
    """What a rule has to say about the facts at hand: a stable code, a Chinese sentence, its basis."""

    code: str
    message: str
    basis: Citation
    level: Level = "warn"

    @property
    def blocks(self) -> bool:
        return self.level == "block"

    @property
    def asks_reason(self) -> bool:
        return self.level == "ask"

    def __str__(self) -> str:
        return f"{self.message}（依据：{self.basis}）"
