"""Lines of a log that cannot be read as they should: each a problem, up to a budget."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from parsers.contract import Problem, ProblemKind

MOST_PROBLEMS = 100
# Lines these logs write are far shorter; what is longer is damage, and would cost the patterns too much.
MOST_SIGNS = 4096


class LineFaults:
    """Counts the faults of a log and says which are told."""

    def __init__(self) -> None:
        """Begin with none."""
        self._count = 0

    def tell(self, number: int, message: str, column: str | None = None) -> Iterator[Problem]:
        """The problem of a line, nothing once the budget is spent."""
        self._count += 1
        if self._count <= MOST_PROBLEMS:
            at = f"line:{number}"
            yield Problem(kind=ProblemKind.DAMAGED, locator=at, message=message, column=column)

    def long(self, number: int, line: str) -> Iterator[Problem]:
        """The problem of a line that is too long to be one of the log."""
        if len(line) > MOST_SIGNS:
            yield from self.tell(number, f"the line is longer than {MOST_SIGNS} signs; only those are read")

    def rest(self) -> Iterator[Problem]:
        """How many more there were."""
        if self._count > MOST_PROBLEMS:
            message = f"{self._count - MOST_PROBLEMS} more problems of this log are not listed"
            yield Problem(kind=ProblemKind.LIMIT, locator="", message=message)


def clock(stored: str, layout: str) -> datetime | None:
    """The wall clock of a text of a fixed layout; None where it is none."""
    try:
        return datetime.strptime(stored, layout)  # noqa: DTZ007 - whose clock it is, the parser says
    except ValueError:
        return None
