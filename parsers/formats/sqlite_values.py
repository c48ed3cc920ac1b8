"""Values of one stored row, each read as the type its column should have; one of another type is null and a problem.

SQLite lets any column hold any type, so what a schema says of a column says nothing of a damaged or altered row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from parsers.contract import Problem, ProblemKind, Status
from parsers.formats import filetime
from parsers.formats.sqlite import Stored

_UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def unix_microseconds(value: int) -> datetime:
    """Microseconds since 1970 as an instant.

    Raises:
        OverflowError: it lies outside the calendar.
    """
    return _UNIX_EPOCH + timedelta(microseconds=value)


def unix_milliseconds(value: int) -> datetime:
    """Milliseconds since 1970 as an instant.

    Raises:
        OverflowError: it lies outside the calendar.
    """
    return _UNIX_EPOCH + timedelta(milliseconds=value)


def unix_seconds(value: int) -> datetime:
    """Seconds since 1970 as an instant.

    Raises:
        OverflowError: it lies outside the calendar.
    """
    return _UNIX_EPOCH + timedelta(seconds=value)


def webkit_microseconds(value: int) -> datetime:
    """Microseconds since 1601, as Chromium keeps times, as an instant.

    Raises:
        OverflowError: it lies outside the calendar.
    """
    return filetime.EPOCH + timedelta(microseconds=value)


class Cells:
    """Reads the values of a row and keeps what was wrong with them."""

    def __init__(self, stored: Stored) -> None:
        """Take a row as the database gave it."""
        self._stored = stored
        self._wrong: list[tuple[str, str]] = []

    def raw(self, name: str) -> Any:
        """A value as it is stored, whatever its type."""
        return self._stored.values.get(name)

    def text(self, name: str, column: str) -> str | None:
        """A text; null where it is empty or none."""
        value = self._stored.values.get(name)
        if value is None or isinstance(value, str):
            return value or None
        self._refuse(name, column, value)
        return None

    def integer(self, name: str, column: str) -> int | None:
        """A whole number."""
        value = self._stored.values.get(name)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        self._refuse(name, column, value)
        return None

    def flag(self, name: str, column: str) -> bool | None:
        """Whether a number is not 0."""
        value = self.integer(name, column)
        return None if value is None else value != 0

    def instant(self, name: str, column: str, read: Callable[[int], datetime]) -> datetime | None:
        """An instant by one of the functions of this module; null for 0, which means no time."""
        value = self.integer(name, column)
        if not value:
            return None
        try:
            return read(value)
        except (OverflowError, ValueError):
            self._refuse(name, column, value)
        return None

    @property
    def status(self) -> Status:
        """How the row was read: as the database says, or partial where a value was wrong."""
        return Status.PARTIAL if self._wrong else self._stored.status

    def problems(self) -> Iterator[Problem]:
        """A problem for each value that was wrong."""
        for column, message in self._wrong:
            yield Problem(
                kind=ProblemKind.DAMAGED, locator=self._stored.locator, message=message, column=column
            )

    def _refuse(self, name: str, column: str, value: Any) -> None:
        self._wrong.append((column, f"{name} holds {str(value)[:40]!r}"))
