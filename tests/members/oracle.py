"""What should be true of branches, members and firms, in plain Python: no database, no scope, no services.

Days are half open, as in the product: a spell holds from `since` up to the day before `until`.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

Day = datetime.date


@dataclass
class Spell:
    """A member belonged to a branch, through a firm or none, for some days."""

    branch: str
    firm: str | None
    since: Day
    until: Day | None = None

    def holds(self, day: Day) -> bool:
        return self.since <= day and (self.until is None or day < self.until)


@dataclass
class Oracle:
    spells: dict[str, list[Spell]] = field(default_factory=dict)
    away: dict[str, list[list[Day | None]]] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)  # branch → the node it hangs under today
    ended: dict[str, Day] = field(default_factory=dict)
    firms: dict[str, str | None] = field(default_factory=dict)  # firm → the branch that covers it, None: it has left
    waiting: set[str] = field(default_factory=set)  # 待安置
    closed_until: Day = Day.min  # the first day that is open
    frozen: list[tuple[Day, dict[str, int]]] = field(default_factory=list)

    def living(self) -> list[str]:
        return sorted(branch for branch in self.parents if branch not in self.ended)

    def present(self) -> list[str]:
        """Members who are on a roster now."""
        return sorted(member for member, spells in self.spells.items() if spells and spells[-1].until is None)

    def roster(self, branch: str, day: Day) -> set[str]:
        return {m for m, spells in self.spells.items() for s in spells if s.branch == branch and s.holds(day)}

    def below(self, node: str, day: Day) -> set[str]:
        """Members under a node of today's tree, as of a day."""
        return {
            m for branch, parent in self.parents.items() if node in (branch, parent) for m in self.roster(branch, day)
        }

    def staff(self, firm: str, day: Day) -> int:
        """Members who belonged to a branch through the firm, or to a branch that covers this firm alone."""
        branch = self.firms[firm]
        alone = [f for f, by in self.firms.items() if by == branch] == [firm]
        held = [s for spells in self.spells.values() for s in spells if s.holds(day)]
        return sum(s.firm == firm or (alone and s.firm is None and s.branch == branch) for s in held)

    def away_on(self, member: str, day: Day) -> bool:
        return any(a <= day and (b is None or day < b) for a, b in self.away.get(member, []))

    def found(self, branch: str, parent: str) -> None:
        self.parents[branch] = parent

    def join(self, member: str, branch: str, firm: str | None, day: Day) -> None:
        self.spells.setdefault(member, []).append(Spell(branch, firm, day))

    def end(self, member: str, day: Day) -> Spell:
        """The relation leaves its branch: being away from that branch is over too."""
        last = self.spells[member][-1]
        last.until = day
        self.come_back(member, day)
        self.waiting.discard(member)
        return last

    def transfer(self, member: str, branch: str, day: Day) -> None:
        self.end(member, day)
        self.join(member, branch, None, day)

    def go_away(self, member: str, day: Day) -> None:
        self.away.setdefault(member, []).append([day, None])

    def come_back(self, member: str, day: Day) -> None:
        for stay in self.away.get(member, []):
            stay[1] = stay[1] or day

    def relocate(self, members: list[str], target: str, day: Day) -> None:
        """整建制划入: a new spell in the target, of the same firm; being away and waiting go on."""
        for member in members:
            last = self.spells[member][-1]
            if last.since == day:
                last.branch = target
            else:
                last.until = day
                self.join(member, target, last.firm, day)

    def merge(self, source: str, target: str, day: Day) -> None:
        self.relocate([m for m in self.present() if self.spells[m][-1].branch == source], target, day)
        for firm, branch in self.firms.items():
            self.firms[firm] = target if branch == source else branch
        self.ended[source] = day

    def firm_leaves(self, firm: str, day: Day) -> None:
        self.firms[firm] = None
        self.waiting |= {m for m in self.present() if self.spells[m][-1].firm == firm}

    def close(self, as_of: Day, day: Day) -> None:
        """What a closed quarter says of each firm; nothing that comes later changes it."""
        self.frozen.append((as_of, {firm: self.staff(firm, as_of) for firm in self.firms}))
        self.closed_until = as_of + datetime.timedelta(days=1)
