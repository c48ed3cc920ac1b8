"""Counts of right, wrong and missed, and what follows from them."""

from __future__ import annotations

from dataclasses import dataclass, field

HEADED, PLAIN, TEXT, SCAN = "headed column", "column without header", "running text", "scan"
PLACES = (HEADED, PLAIN, TEXT, SCAN)


@dataclass(slots=True)
class Count:
    """How often an item was found rightly, said wrongly, and missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def add(self, right: int = 0, wrong: int = 0, missed: int = 0) -> None:
        self.right += right
        self.wrong += wrong
        self.missed += missed

    @property
    def labelled(self) -> int:
        return self.right + self.missed

    @property
    def precision(self) -> float | None:
        said = self.right + self.wrong
        return self.right / said if said else None

    @property
    def recall(self) -> float | None:
        return self.right / self.labelled if self.labelled else None

    @property
    def f1(self) -> float | None:
        total = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / total if total else None


@dataclass(slots=True)
class Scores:
    """All counts of a half: by place and item, in cells (values of text), in columns (overlaps of text), and of mentions."""

    cells: dict[tuple[str, str], Count] = field(default_factory=dict)
    columns: dict[tuple[str, str], Count] = field(default_factory=dict)
    rows: dict[str, Count] = field(default_factory=dict)
    misses: list[str] = field(default_factory=list)

    def cell(self, place: str, item: str) -> Count:
        return self.cells.setdefault((place, item), Count())

    def column(self, place: str, item: str) -> Count:
        return self.columns.setdefault((place, item), Count())

    def persons(self, family: str) -> Count:
        return self.rows.setdefault(family, Count())

    def of_place(self, place: str, *, is_column: bool = False) -> Count:
        """All items of a place together."""
        total = Count()
        for (own, _), one in (self.columns if is_column else self.cells).items():
            if own == place:
                total.add(one.right, one.wrong, one.missed)
        return total
