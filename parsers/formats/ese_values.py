"""Values of ESE records: typed by the column, null told from zero, times and identifiers of Windows.

libesedb does not look at the null bits of columns of fixed place. Windows since version 8 fills such a column with
bytes 0x2A where it is null, so a value of two or more bytes that are all 0x2A is taken for null; a count of 10794 in
a column of two bytes cannot be told from it. Databases of versions before may keep other bytes there.

References:
    - J. Metz, Extensible Storage Engine (ESE) Database File (EDB) format (libesedb), cited as [EDB]
    - Microsoft, Extensible-Storage-Engine (source), chRECFill
    - Microsoft, JET_COLTYP; [MS-OAUT] 2.2.25 DATE; [MS-DTYP] 2.4.2.2 SID
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from parsers.formats import filetime

UNREADABLE = (OSError, ValueError, RuntimeError, MemoryError)  # what libesedb raises for bad bytes
# [EDB] Column types (JET_COLTYP) of fixed size, and how their bytes are read.
_NUMBERS = {2: "B", 3: "<h", 4: "<i", 5: "<q", 6: "<f", 7: "<d", 14: "<I", 15: "<q", 17: "<H"}
_BOOLEAN, _DATE_TIME, _GUID, _TEXTS = 1, 8, 16, (10, 12)
_COMPRESSED = 2
_FILL = b"\x2a"
# [MS-OAUT] 2.2.25: days since midnight of December 30, 1899.
_OLE_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
# Read as a double, every FILETIME before the year 16000 lies below 1.0; every OLE date after 1899 does not.
_LEAST_DOUBLE = 0x3FF0 << 48
_MOST_LONG_BYTES = 16 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A column to be read: its name in the database, and what makes its value of the stored one (raises ValueError)."""

    name: str
    convert: Callable[[Any], Any] | None = None


def moment(stored: bytes) -> datetime | None:
    """The instant of a column of dates: an OLE date or a FILETIME, which cannot be taken for each other; None for 0.

    An OLE date is rounded to milliseconds: Windows makes it of a SYSTEMTIME, which counts these.

    Raises:
        ValueError: neither.
    """
    (bits,) = struct.unpack("<Q", stored)
    if bits < _LEAST_DOUBLE:
        return filetime.instant(bits)
    (days,) = struct.unpack("<d", stored)
    if not 1 <= days < 2958466:  # the first day of the year 10000
        raise ValueError(f"{days!r} days since 1899 are no time")
    return _OLE_EPOCH + timedelta(milliseconds=round(days * 86_400_000))


def sid(stored: bytes) -> str:
    """A security identifier as text ([MS-DTYP] 2.4.2.2).

    Raises:
        ValueError: the bytes are none.
    """
    if len(stored) < 8 or stored[0] != 1 or len(stored) != 8 + 4 * stored[1]:
        raise ValueError(f"no security identifier: {stored[:32].hex(' ')}")
    parts = struct.unpack_from(f"<{stored[1]}I", stored, 8)
    return "-".join(("S-1", str(int.from_bytes(stored[2:8], "big")), *map(str, parts)))


def text_of(stored: bytes) -> str:
    """Bytes of UTF-16 as text up to the first NUL.

    Raises:
        ValueError: they are no UTF-16.
    """
    return stored.decode("utf-16-le").split("\0", 1)[0]


def values_of(
    record: Any, fields: Mapping[str, Field], columns: Mapping[str, tuple[int, int, bool]]
) -> tuple[dict[str, Any], dict[str, str]]:
    """The values of one record, and why those that are there cannot be read; columns give place, type, is fixed."""
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, one in fields.items():
        if one.name not in columns:
            continue
        try:
            value = _value(record, *columns[one.name])
            values[name] = value if value is None or one.convert is None else one.convert(value)
        except UNREADABLE as error:
            errors[name] = reason(error)
    return values, errors


def _value(record: Any, place: int, kind: int, is_fixed: bool) -> Any:  # noqa: FBT001
    """One value of a record, typed; None where it is null."""
    if record.is_multi_value(place):
        raise ValueError("it holds several values, which are not read")
    if kind not in _TEXTS and record.get_value_data_flags(place) & _COMPRESSED:
        raise ValueError("compressed bytes are not read")
    if record.is_long_value(place):
        long = record.get_value_data_as_long_value(place)
        if long is None:
            raise ValueError("the long value it stands for is not there")
        return _long_text(long) if kind in _TEXTS else _within(long.get_data())
    if kind in _TEXTS:
        if record.get_value_data(place) is None:
            return None
        found = record.get_value_data_as_string(place)
        return None if found is None else found.split("\0", 1)[0]
    stored = record.get_value_data(place)
    if stored is None:
        return None
    if is_fixed and len(stored) > 1 and not stored.strip(_FILL):
        return None
    if kind == _BOOLEAN:
        return bool(stored[0]) if stored != _FILL else None
    if kind in _NUMBERS:
        try:
            return struct.unpack(_NUMBERS[kind], stored)[0]
        except struct.error as error:
            raise ValueError(f"{len(stored)} bytes for a number") from error
    if kind == _DATE_TIME:
        if len(stored) != 8:
            raise ValueError(f"{len(stored)} bytes for a time")
        return moment(stored)
    if kind == _GUID:
        return str(uuid.UUID(bytes_le=stored))
    return _within(stored)


def _long_text(long: Any) -> str | None:
    found = long.get_data_as_string()
    return None if found is None else _within(found).split("\0", 1)[0]


def _within(value: Any) -> Any:
    if value is not None and len(value) > _MOST_LONG_BYTES:
        raise ValueError(f"{len(value)} bytes, more than the {_MOST_LONG_BYTES} that are read")
    return value


def reason(error: BaseException) -> str:
    """What libesedb says: its message begins with what was wanted, the cause stands next."""
    parts = [one.partition(": ")[2] or one for one in str(error).split(". ")]
    return parts[min(1, len(parts) - 1)].strip().rstrip(".")[:200] or type(error).__name__
