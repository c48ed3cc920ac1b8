"""Records of PostgreSQL's csvlog.

References:
    - PostgreSQL documentation, 20.8.4 "Using CSV-Format Log Output"
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

# Below the limit of a field of csv, which is one for the process.
MOST_SIGNS = 100_000
# log_time, user_name, database_name, process_id, connection_from, session_id, line, command_tag, ...; message is the 14th.
_LEAST = 22
_USER, _DATABASE, _PROCESS, _FROM, _TAG, _SEVERITY, _MESSAGE, _QUERY = 1, 2, 3, 4, 7, 11, 13, 19
_CLOCK = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?) (\S{1,10})", re.ASCII)
# Abbreviations that stand for one offset; of others (CST, IST) the zone is not known.
_OFFSETS = {"UTC": 0, "GMT": 0, "JST": 9}
_SESSION = re.compile(r"[0-9a-f]{1,16}\.[0-9a-f]{1,8}")
_STATEMENT = re.compile(
    r"(?:duration: ([\d.]{1,20}) ms\s+)?(?:statement|execute [^:]{1,100}|parse [^:]{1,100}|bind [^:]{1,100}): (.*)",
    re.DOTALL,
)
_REFUSED = re.compile(r'(?:password|\S+) authentication failed for user "(.*)"')
_EVENTS = (("connection authorized:", "connect"), ("disconnection:", "logoff"))


class Records:
    """Gathers the records of a log, which go on from line to line within quotation marks."""

    def __init__(self, give: Callable[[int, dict[str, Any], str | None], None]) -> None:
        """Records that tell of a statement or a session are given with the number of their first line, and what is wrong with them."""
        self._give = give
        self._told: list[str] = []
        self._signs = 0
        self._is_within = False
        self._is_lost = False
        self._number = 0

    def feed(self, number: int, line: str) -> bool:
        """Take the next line; false where a record ends with it that is none."""
        if self._is_lost and not is_first_line(line):
            return True
        self._is_lost = False
        if not self._told:
            self._number = number
        self._told.append(line)
        self._signs += len(line) + 1
        self._is_within ^= line.count('"') % 2 == 1
        if self._signs > MOST_SIGNS:
            self._begin_anew()
            # What follows is taken up where a line begins a record.
            self._is_lost = True
            return False
        return self._is_within or self.end()

    def end(self) -> bool:
        """Give the record that is open; false where it is none."""
        if not self._told:
            return True
        number, told = self._number, self._told
        self._begin_anew()
        try:
            records = list(csv.reader(f"{one}\n" for one in told))
        except csv.Error:
            return False
        if len(records) != 1 or not is_record(records[0]):
            return False
        values, wrong = values_of(records[0])
        if values is not None:
            self._give(number, values, wrong)
        return True

    def _begin_anew(self) -> None:
        self._told, self._signs, self._is_within = [], 0, False


def is_record(parts: list[str]) -> bool:
    """Whether fields are those of a record: as many as there are, a time first and a session sixth."""
    return (
        len(parts) >= _LEAST
        and _CLOCK.fullmatch(parts[0]) is not None
        and _SESSION.fullmatch(parts[5]) is not None
    )


def is_first_line(line: str) -> bool:
    """Whether a line begins a record, by its first fields."""
    parts = line.split(",", 6)
    return (
        len(parts) > 6 and _CLOCK.fullmatch(parts[0]) is not None and _SESSION.fullmatch(parts[5]) is not None
    )


def values_of(parts: list[str]) -> tuple[dict[str, Any] | None, str | None]:
    """The values of a record that tells of a statement or a session, None of others; and what is wrong with it."""
    message = parts[_MESSAGE]
    statement = _STATEMENT.fullmatch(message)
    refused = _REFUSED.match(message)
    action = (
        "failed" if refused else next((told for start, told in _EVENTS if message.startswith(start)), None)
    )
    # An error tells the statement that met it in a field of its own.
    text = statement[2] if statement else parts[_QUERY] or (message if action else None)
    if text is None:
        return None, None
    at, wall = _clock(parts[0])
    host, _, port = parts[_FROM].rpartition(":")
    values: dict[str, Any] = {
        "log_kind": "postgres_csv",
        "written_at": at,
        "written_local": wall,
        "account": (refused[1] if refused else parts[_USER]) or None,
        "client_host": (host if port.isdigit() else parts[_FROM]) or None,
        "database_name": parts[_DATABASE] or None,
        "session_id": int(parts[_PROCESS]) if parts[_PROCESS].isascii() and parts[_PROCESS].isdigit() and len(parts[_PROCESS]) < 19 else None,
        "server_command": parts[_SEVERITY] if not (statement or action) else parts[_TAG] or None,
        "action": action,
        "statement": text or None,
        "query_seconds": _seconds(statement[1]) if statement else None,
    }  # fmt: skip
    return values, "no time that can be read" if at is None and wall is None else None


def _seconds(milliseconds: str | None) -> float | None:
    try:
        return None if milliseconds is None else float(milliseconds) / 1000
    except ValueError:
        return None


def _clock(stored: str) -> tuple[datetime | None, datetime | None]:
    found = _CLOCK.fullmatch(stored)
    try:
        wall = datetime.fromisoformat(found[1]) if found else None
        if found is None or wall is None or found[2] not in _OFFSETS:
            return None, wall
        return wall.replace(tzinfo=timezone(timedelta(hours=_OFFSETS[found[2]]))).astimezone(UTC), None
    except (ValueError, OverflowError):
        return None, None
