"""Values of Amcache.hve as Windows spells them: digests with a prefix, numbers and dates as text, names that are numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from parsers.contract import ProblemKind
from parsers.formats.regf_tree import Hive, Named, Value

Read = Callable[[Hive, Value, str], Any]
_SHA1 = re.compile(r"0000([0-9a-f]{40})", re.IGNORECASE)
_NUMBER = re.compile(r"0x[0-9a-f]{1,16}|[0-9]{1,19}", re.IGNORECASE)
_DATE = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?: (\d{1,2}):(\d{2}):(\d{2}))?")
_FLAGS = {"0": False, "1": True, "false": False, "true": True}
_TEXT_TYPES = (1, 2)  # [REGF] Data types: REG_SZ, REG_EXPAND_SZ


def read_values(hive: Hive, values: Named, columns: Mapping[str, tuple[Read, str]]) -> dict[str, Any]:
    """The columns of a row, each from the value of its name; one that is not there is left out."""
    found = {}
    for column, (read, name) in columns.items():
        value = values[name]
        if value is not None:
            found[column] = read(hive, value, column)
    return found


def words(hive: Hive, value: Value, column: str) -> str | None:
    """A text; None where it is empty, which Windows writes for what it does not know."""
    return hive.as_text(value, column) or None


def sha1(hive: Hive, value: Value, column: str) -> str | None:
    """A SHA-1 without the four zeros Windows puts in front of it."""
    told = words(hive, value, column)
    found = _SHA1.fullmatch(told or "")
    if told is not None and found is None:
        _tell(hive, value, column, f"0000 and a SHA-1 were expected, {told[:60]!r} is there")
    return None if found is None else found[1].lower()


def number(hive: Hive, value: Value, column: str) -> int | None:
    """A number, stored as one or as text, decimal or with 0x."""
    if value.kind not in _TEXT_TYPES:
        found = hive.as_number(value, column)
    else:
        told = words(hive, value, column)
        if told is None:
            return None
        found = int(told, 0 if told[:2] in ("0x", "0X") else 10) if _NUMBER.fullmatch(told) else None
        if found is None:
            _tell(hive, value, column, f"a number was expected, {told[:60]!r} is there")
    if found is not None and found >= 1 << 63:
        _tell(hive, value, column, f"{found} is too large")
        return None
    return found


def flag(hive: Hive, value: Value, column: str) -> bool | None:
    """A yes or no, stored as 0 or 1, as a number or as text, or as true or false."""
    if value.kind not in _TEXT_TYPES:
        found = hive.as_number(value, column)
        return None if found is None else found != 0
    told = words(hive, value, column)
    if told is not None and told.casefold() not in _FLAGS:
        _tell(hive, value, column, f"a yes or no was expected, {told[:60]!r} is there")
    return None if told is None else _FLAGS.get(told.casefold())


def wall_clock(hive: Hive, value: Value, column: str) -> datetime | None:
    """A date of month, day and year, with a time or none, which names no zone."""
    told = words(hive, value, column)
    if told is None:
        return None
    found = _DATE.fullmatch(told)
    if found is not None:
        month, day, year, hour, minute, second = (int(one or 0) for one in found.groups())
        try:
            return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001
        except ValueError:
            pass
    _tell(hive, value, column, f"a date of month, day and year was expected, {told[:60]!r} is there")
    return None


def linked(hive: Hive, value: Value, column: str) -> datetime | None:
    """The time a program's header states: seconds since 1970 in UTC, as a number or written out; None for 0."""
    if value.kind not in _TEXT_TYPES:
        seconds = hive.as_number(value, column)
        # [PE] COFF file header, TimeDateStamp: 32 bits.
        return datetime.fromtimestamp(seconds, UTC) if seconds and seconds < 1 << 32 else None
    found = wall_clock(hive, value, column)
    # Not before 1970: Windows writes out a 0 as that day.
    return None if found is None or found.year <= 1970 else found.replace(tzinfo=UTC)


def filetime(hive: Hive, value: Value, column: str) -> datetime | None:
    """A FILETIME in eight bytes."""
    return hive.as_instant(value, column)


def _tell(hive: Hive, value: Value, column: str, message: str) -> None:
    hive.tell(ProblemKind.DAMAGED, value.locator, message, column)
