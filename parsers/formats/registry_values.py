"""Forms of registry values beyond text and numbers: lists of text, SYSTEMTIME, seconds since 1970, split FILETIMEs.

References:
    - Microsoft, "Registry Value Types" (REG_MULTI_SZ)
    - M. Suhanov, Windows registry file format specification (cited as [REGF])
    - [MS-DTYP] 2.3.13 SYSTEMTIME, 2.3.3 FILETIME, 2.4.2.2 SID (packet representation)
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from parsers.contract import Artefact, ProblemKind, Yields
from parsers.formats import filetime
from parsers.formats.regf import is_hive_or_lost
from parsers.formats.regf_tree import (
    DEVICE_STRING,
    REG_DWORD,
    REG_DWORD_BIG_ENDIAN,
    REG_EXPAND_SZ,
    REG_LINK,
    REG_QWORD,
    REG_SZ,
    Hive,
    Key,
    Value,
    decode_text,
)

REG_MULTI_SZ = 7
DEVICE_FILETIME = 0xFFFF0010  # [REGF] Data types: 0xffff0000 and DEVPROP_TYPE_FILETIME
_PROPERTY = 0xFFFF0000
_TYPE_NAMES = (
    "REG_NONE",
    "REG_SZ",
    "REG_EXPAND_SZ",
    "REG_BINARY",
    "REG_DWORD",
    "REG_DWORD_BIG_ENDIAN",
    "REG_LINK",
    "REG_MULTI_SZ",
    "REG_RESOURCE_LIST",
    "REG_FULL_RESOURCE_DESCRIPTOR",
    "REG_RESOURCE_REQUIREMENTS_LIST",
    "REG_QWORD",
)
_MOST_SHOWN = 2048
_MOST_TEXTS = 4096
_UNIX = datetime(1970, 1, 1, tzinfo=UTC)
_SYSTEMTIME = struct.Struct("<8H")


def first_problems(hive: Hive, artefact: Artefact, found: Sequence[Key], *names: str) -> Yields:
    """Problems met on opening a hive, where they concern one of these hives."""
    if found or is_hive_or_lost(hive, artefact, *names):
        yield from hive.problems()


def keys_at(hive: Hive, *paths: str) -> list[Key]:
    """The keys there are of these paths, in that order."""
    found = [hive.key(path) for path in paths] if hive.root is not None else []
    return [key for key in found if key is not None]


def as_texts(hive: Hive, value: Value | None, column: str | None = None) -> list[str] | None:
    """The texts of a list (REG_MULTI_SZ) without empty ones; a single text is a list of one."""
    if value is None:
        return None
    if value.kind != REG_MULTI_SZ:
        one = hive.as_text(value, column)
        return None if one is None else [one] if one else []
    content = value.content[: len(value.content) // 2 * 2].decode("utf-16-le", "surrogatepass")
    found = [one for one in content.split("\0") if one]
    if len(found) > _MOST_TEXTS:
        message = f"the list holds {len(found)} texts, {_MOST_TEXTS} are given"
        hive.tell(ProblemKind.LIMIT, value.locator, message, column)
    return found[:_MOST_TEXTS]


def as_wall_clock(hive: Hive, value: Value | None, column: str | None = None) -> datetime | None:
    """The wall clock of a SYSTEMTIME of 16 bytes; None where it is all zero, a problem where it is no time."""
    if value is None or value.content == bytes(_SYSTEMTIME.size):
        return None
    try:
        year, month, _, day, hour, minute, second, thousandth = _SYSTEMTIME.unpack(value.content)
        return datetime(year, month, day, hour, minute, second, thousandth * 1000)  # noqa: DTZ001
    except (struct.error, ValueError) as error:
        hive.tell(ProblemKind.DAMAGED, value.locator, f"no SYSTEMTIME: {error}", column)
        return None


def as_unix_instant(hive: Hive, value: Value | None, column: str | None = None) -> datetime | None:
    """The instant a number counts seconds to since 1970; None for 0."""
    seconds = hive.as_number(value, column)
    if not seconds or value is None:
        return None
    try:
        return _UNIX + timedelta(seconds=seconds)
    except OverflowError:
        hive.tell(ProblemKind.DAMAGED, value.locator, f"{seconds} seconds lie after the year 9999", column)
        return None


def as_signed(hive: Hive, value: Value | None, column: str | None = None) -> int | None:
    """A number whose highest bit is its sign."""
    number = hive.as_number(value, column)
    if number is None or value is None:
        return None
    bits = 8 * len(value.content)
    return number - (1 << bits) if number >> (bits - 1) else number


def as_flag(hive: Hive, value: Value | None, column: str | None = None) -> bool | None:
    """Whether a number is not 0."""
    number = hive.as_number(value, column)
    return None if number is None else number != 0


def split_instant(
    hive: Hive, high: Value | None, low: Value | None, column: str | None = None
) -> datetime | None:
    """The instant of a FILETIME whose halves stand in two numbers."""
    if high is None or low is None:
        return None
    halves = [hive.as_number(one, column) for one in (high, low)]
    if halves[0] is None or halves[1] is None:
        return None
    if high.kind != REG_DWORD or low.kind != REG_DWORD:
        hive.tell(ProblemKind.DAMAGED, high.locator, "a half of a FILETIME is no DWORD", column)
        return None
    return hive.instant_of(halves[0] << 32 | halves[1], high.locator, column)


def sid_text(content: bytes) -> str:
    """A security identifier in its written form.

    Raises:
        ValueError: the bytes hold no whole identifier of revision 1.
    """
    if len(content) < 8 or content[0] != 1 or len(content) < 8 + 4 * content[1]:
        raise ValueError(f"{len(content)} bytes hold no security identifier")
    parts = struct.unpack_from(f"<{content[1]}I", content, 8)
    return "-".join(map(str, ("S", 1, int.from_bytes(content[2:8], "big"), *parts)))


def type_name(kind: int) -> str:
    """The name of a type of value, its number in hex digits where it has none."""
    if kind >= _PROPERTY:
        return f"device property {kind - _PROPERTY:#x}"
    return _TYPE_NAMES[kind] if kind < len(_TYPE_NAMES) else f"{kind:#x}"


def shown_value(kind: int, content: bytes) -> str:
    """Data of a value as text: texts, numbers and instants by their type, all else as hex digits; its beginning where long."""
    if kind in (REG_SZ, REG_EXPAND_SZ, REG_LINK, DEVICE_STRING):
        return decode_text(content)[:_MOST_SHOWN]
    if kind == REG_MULTI_SZ:
        whole = content[: len(content) // 2 * 2].decode("utf-16-le", "replace")
        return "; ".join(one for one in whole.split("\0") if one)[:_MOST_SHOWN]
    if kind in (REG_DWORD, REG_QWORD) and len(content) in (4, 8):
        return str(int.from_bytes(content, "little"))
    if kind == REG_DWORD_BIG_ENDIAN and len(content) == 4:
        return str(int.from_bytes(content, "big"))
    if kind == DEVICE_FILETIME and len(content) == 8:
        try:
            at = filetime.instant(int.from_bytes(content, "little"))
        except ValueError:
            at = None
        return content.hex() if at is None else at.isoformat()
    return content[: _MOST_SHOWN // 2].hex()
