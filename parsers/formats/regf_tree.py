"""Keys and values of an opened registry hive, over libregf and, where it refuses them, cell by cell.

References:
    - M. Suhanov, Windows registry file format specification (cited as [REGF])
    - J. Metz, Windows NT Registry File (REGF) format (libregf)
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any, BinaryIO, Literal

from parsers.contract import Problem, ProblemKind, Status
from parsers.formats import filetime
from parsers.formats.regf_cells import CellKey, CellValue, inline_data
from parsers.formats.regf_log import BASE_BLOCK_BYTES

# [REGF] Data types; 0xffff0000 marks a device property, the rest is its DEVPROPTYPE.
REG_SZ, REG_EXPAND_SZ, REG_LINK = 1, 2, 6
REG_DWORD, REG_DWORD_BIG_ENDIAN, REG_QWORD = 4, 5, 11
DEVICE_STRING = 0xFFFF0012
_TEXTS = frozenset((REG_SZ, REG_EXPAND_SZ, REG_LINK, DEVICE_STRING))
UNREADABLE = (OSError, ValueError, RuntimeError, MemoryError)  # what libregf raises for a bad cell
_DEEPEST = 512  # [MS-RRP] and Windows: registry trees have at most 512 levels


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    r"""A key: its path from the root (`\Select`), its name, when it was last written."""

    path: str
    name: str
    written_at: datetime | None
    cell: Any = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A value: its name (empty for the default value), its type, its bytes, and the path of its key."""

    key_path: str
    name: str
    kind: int
    content: bytes = field(repr=False)

    @property
    def locator(self) -> str:
        """Path of the key and name of the value, parted by `@`."""
        return f"{self.key_path}@{self.name}"


class Named:
    """The values of one key, found by name without regard to case."""

    __slots__ = ("_values",)

    def __init__(self, values: dict[str, Value]) -> None:
        """Take values by their folded name."""
        self._values = values

    def __getitem__(self, name: str) -> Value | None:
        """The value of a name, None where there is none."""
        return self._values.get(name.casefold())


@dataclass(slots=True, kw_only=True)
class Hive:
    """An opened hive, or what is left of it; `root` is None where nothing can be read.

    `is_log` marks a transaction log given as an artefact of its own: it holds no keys and is no
    damaged hive. `stored_name` is the end of the path the hive had when it was made; `replayed_count`
    is the number of log entries the keys and values include.
    """

    root: Key | None = None
    is_log: bool = False
    is_dirty: bool = False
    is_partial: bool = False
    replayed_count: int = 0
    stored_name: str = ""
    content: BinaryIO = field(default_factory=io.BytesIO, repr=False)
    file: Any = field(default=None, repr=False)
    _waiting: list[Problem] = field(default_factory=list, repr=False)
    streams: list[BinaryIO] = field(default_factory=list, repr=False)
    _told: set[Problem] = field(default_factory=set, repr=False)

    def __enter__(self) -> Hive:
        """The hive, to be closed at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Keys and values cannot be read from here after; the streams stay open for who shares them."""
        self.root = None

    def again(self) -> Hive:
        """The same opened hive for another reader, with the problems of its opening and no others."""
        return replace(self, _waiting=list(self._waiting), _told=set(self._told))

    def close(self) -> None:
        """Close the streams it is read from."""
        self.root = None
        for stream in self.streams:
            stream.close()

    @property
    def is_replayed(self) -> bool:
        """Whether transaction logs were applied before reading."""
        return self.replayed_count > 0

    def problems(self) -> Iterator[Problem]:
        """Problems met since this was last asked, in the order they were met."""
        met, self._waiting = self._waiting, []
        yield from met

    def status(self) -> Status:
        """How a row read since problems were last asked for stands."""
        return Status.PARTIAL if self.is_partial or self._waiting else Status.OK

    def tell(self, kind: ProblemKind, locator: str, message: str, column: str | None = None) -> None:
        """Keep a problem until it is asked for; the same problem is told once."""
        problem = Problem(kind=kind, locator=locator, message=message, column=column)
        if problem not in self._told:
            self._told.add(problem)
            self._waiting.append(problem)

    def key(self, path: str, under: Key | None = None) -> Key | None:
        r"""The key of a path (`Enum\USBSTOR`) below another, the root by default; None where there is none."""
        found = under or self.root
        for name in path.strip("\\").split("\\"):
            if found is None:
                return None
            found = self._subkey(found, name)
        return found

    def subkeys(self, key: Key) -> Iterator[Key]:
        """The keys directly below a key, in stored order; those that cannot be read are one problem."""
        cells = self._listed(key, "subkeys")
        failures = _Failures()
        for cell in cells:
            one = failures.run(partial(self._wrap, key.path, cell))
            if one is not None:
                yield one
        self._tell_failures(failures, key, "subkeys")

    def values(self, key: Key) -> Iterator[Value]:
        """The values of a key, in stored order; those that cannot be read are one problem."""
        cells = self._listed(key, "values")
        failures = _Failures()
        for cell in cells:
            one = failures.run(partial(self._value, key.path, cell))
            if one is not None:
                yield one
        self._tell_failures(failures, key, "values")

    def named(self, key: Key) -> Named:
        """The values of a key by name, without regard to case; the default value is named ``."""
        found: dict[str, Value] = {}
        for one in self.values(key):
            found.setdefault(one.name.casefold(), one)
        return Named(found)

    def as_text(self, value: Value | None, column: str | None = None) -> str | None:
        """The text of a value up to its NUL; a problem where its type is no text."""
        if value is None:
            return None
        if value.kind not in _TEXTS:
            self.tell(
                ProblemKind.DAMAGED,
                value.locator,
                f"text was expected, the value has type {value.kind:#x}",
                column,
            )
            return None
        return decode_text(value.content)

    def as_instant(self, value: Value | None, column: str | None = None) -> datetime | None:
        """The instant a value of eight bytes holds; None for 0, and a problem for what is no time."""
        if value is None:
            return None
        if len(value.content) != 8:
            self.tell(
                ProblemKind.DAMAGED,
                value.locator,
                f"a FILETIME has 8 bytes, this has {len(value.content)}",
                column,
            )
            return None
        return self.instant_of(int.from_bytes(value.content, "little"), value.locator, column)

    def as_number(self, value: Value | None, column: str | None = None) -> int | None:
        """A value's number (DWORD or QWORD); None where there is none, and a problem where it is no number."""
        if value is None:
            return None
        order: Any = "big" if value.kind == REG_DWORD_BIG_ENDIAN else "little"
        if value.kind not in (REG_DWORD, REG_DWORD_BIG_ENDIAN, REG_QWORD) or len(value.content) not in (4, 8):
            self.tell(
                ProblemKind.DAMAGED,
                value.locator,
                f"a number was expected, the value has type {value.kind:#x}",
                column,
            )
            return None
        return int.from_bytes(value.content, order)

    def walk(self, key: Key | None = None) -> Iterator[Key]:
        """A key (the root by default) and every key below it, each before its subkeys, each cell once."""
        start = key or self.root
        stack = [] if start is None else [iter((start,))]
        seen: set[int] = set()
        while stack:
            one = next(stack[-1], None)
            if one is None:
                stack.pop()
                continue
            if one.cell.offset in seen or len(stack) > _DEEPEST:
                self.tell(
                    ProblemKind.DAMAGED,
                    one.path,
                    "the key is reached twice or lies too deep; it is not followed",
                )
                continue
            seen.add(one.cell.offset)
            yield one
            stack.append(self.subkeys(one))

    def _subkey(self, key: Key, name: str) -> Key | None:
        wanted = name.casefold()
        if not isinstance(key.cell, CellKey):
            failures = _Failures()
            cell = failures.run(partial(key.cell.get_sub_key_by_name, name))
            found: Key | None = None if cell is None else failures.run(partial(self._wrap, key.path, cell))
            if found is not None:
                return found
            if not failures.count and self._is_whole(key):
                return None
        return next((each for each in list(self.subkeys(key)) if each.name.casefold() == wanted), None)

    def _is_whole(self, key: Key) -> bool:
        """Whether libregf lists as many subkeys as the key states; it leaves out silently what it holds to be corrupted."""
        stated = self._stated(key)
        failures = _Failures()
        return stated is None or stated[0] == failures.run(lambda: key.cell.number_of_sub_keys)

    def _stated(self, key: Key) -> tuple[int, int] | None:
        """How many subkeys and values a key node says it has ([REGF] Key node: at 20 and 36)."""
        self.content.seek(key.cell.offset)
        node = self.content.read(40)
        if len(node) < 40 or node[:2] != b"nk":
            return None
        return int.from_bytes(node[20:24], "little"), int.from_bytes(node[36:40], "little")

    def _listed(self, key: Key, what: Literal["subkeys", "values"]) -> list[Any]:
        """The subkeys or values of a key as libregf gives them or, where it refuses one, cell by cell."""
        stated = self._stated(key)
        wanted = None if stated is None else stated[what == "values"]
        failures = _Failures()
        cells = [] if isinstance(key.cell, CellKey) else _list_cells(key.cell, what, failures)
        if not isinstance(key.cell, CellKey) and not failures.count and wanted in (None, len(cells)):
            return cells
        failures = _Failures()
        by_cell = failures.run(partial(CellKey, self.content, key.cell.offset - 4 - BASE_BLOCK_BYTES))
        if by_cell is not None:
            read = _list_cells(by_cell, what, failures)
            cells = read if len(read) >= len(cells) else cells
        self._tell_failures(failures, key, what)
        if not failures.count and wanted not in (None, len(cells)):
            self.tell(
                ProblemKind.DAMAGED,
                key.path or "\\",
                f"the key states {wanted} {what}, {len(cells)} are listed",
            )
        return cells

    def _value(self, key_path: str, cell: Any) -> Value:
        content = cell.data or b""
        if 0 < len(content) < 4 and not isinstance(cell, CellValue):
            # libregf takes data of one to three bytes from the wrong end of the field that holds them.
            content = inline_data(self.content, cell.offset) or content
        return Value(key_path=key_path, name=cell.name or "", kind=int(cell.type), content=bytes(content))

    def _wrap(self, parent: str, cell: Any) -> Key:
        name = cell.name or ""
        path = f"{parent}\\{name}"
        return Key(
            path=path,
            name=name,
            written_at=self.instant_of(cell.get_last_written_time_as_integer(), path),
            cell=cell,
        )

    def instant_of(self, ticks: int, locator: str, column: str | None = None) -> datetime | None:
        """The instant of a FILETIME; None for 0, and a problem for what is no time."""
        try:
            return filetime.instant(ticks)
        except ValueError as error:
            self.tell(ProblemKind.DAMAGED, locator, str(error), column)
            return None

    def _tell_failures(self, failures: _Failures, key: Key, what: str) -> None:
        if failures.count:
            self.tell(
                ProblemKind.DAMAGED,
                key.path or "\\",
                f"{failures.count} {what} cannot be read: {failures.first}",
            )


class _Failures:
    """Counts what could not be read from one list and keeps the first reason."""

    __slots__ = ("count", "first")

    def __init__(self) -> None:
        self.count = 0
        self.first = ""

    def run(self, read: Callable[[], Any]) -> Any:
        """What a reading gives, None where libregf refuses it."""
        try:
            return read()
        except UNREADABLE as error:
            self.count += 1
            self.first = self.first or reason(error)
            return None


def _list_cells(cell: Any, what: Literal["subkeys", "values"], failures: _Failures) -> list[Any]:
    """Every subkey or value of a cell that can be read."""
    read = cell.get_sub_key if what == "subkeys" else cell.get_value
    count = failures.run(lambda: cell.number_of_sub_keys if what == "subkeys" else cell.number_of_values) or 0
    found = [failures.run(partial(read, number)) for number in range(count)]
    return [one for one in found if one is not None]


def decode_text(content: bytes) -> str:
    """UTF-16 text of a value up to its first NUL; lone surrogates are kept, an odd last byte is left out."""
    return content[: len(content) // 2 * 2].decode("utf-16-le", "surrogatepass").partition("\0")[0]


def reason(error: BaseException) -> str:
    """The deepest cause in libregf's chain of messages, which tell the outermost first; never a path of this machine."""
    text = str(error)
    parts = [part.partition(": ")[2] or part for part in text.split(". libregf")]
    return parts[min(1, len(parts) - 1)][:200] or type(error).__name__
