"""What of a registry hive is not in use: free cells, ends of cells larger than what they hold, what lies behind the bins.

Every cell is looked at once, from the first bin to the last. A bin or cell that is none is counted, and the rest of its
bin is left alone: what cannot be told to be free is never taken for deleted.

References:
    - M. Suhanov, Windows registry file format specification (cited as [REGF])
"""

from __future__ import annotations

import struct
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from parsers.formats.regf_log import BASE_BLOCK_BYTES
from parsers.formats.regf_nodes import NODE_BYTES, VALUE_BYTES, Node, node_at, value_at

FREE_CELL, SLACK = "free_cell", "cell_slack"
# Behind the bins in use: bins the hive had when it was larger, and what is no bin in its place, which may be another file's.
FORMER_BIN, STRAY = "former_bin", "stray"
_BIN_HEADER = 32
_NOWHERE = 0xFFFFFFFF
_LEAST = VALUE_BYTES + 4  # the smallest record with the size in front of it
_INLINE = 0x80000000
_BIG = 16344  # [REGF] Big data: larger values are cut into segments and stand in no one cell
_MOST = 2_000_000  # free cells, ends of cells and lists; a large real hive has some hundred thousand
# [REGF] Key node: how many values and their list at 36, the length of the name at 72. Key value: name, size, where at 2.
_VALUES_OF_KEY, _NAME_OF_KEY, _VALUE = (
    struct.Struct("<36xII"),
    struct.Struct("<72xH"),
    struct.Struct("<2xHII"),
)
_STEPS = {b"lf": 8, b"lh": 8, b"li": 4, b"ri": 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """A stretch of a hive that is not in use, by file offset; it begins where the size of a cell would stand.

    Offsets that records of a stray one hold are those of a hive nobody knows: they lead nowhere.
    """

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Remnant:
    """The end of a live key's list of values, where offsets of values taken out of it may still stand."""

    key: int
    start: int
    end: int


@dataclass(slots=True, kw_only=True)
class HiveMap:
    """The cells of a hive: which are in use, which are not, and how many bins could not be read.

    `is_cut_short` says that there are more cells than are kept: no cell behind them is known, in use or not.
    """

    content: bytes
    bins_end: int
    root: int
    spaces: list[Space] = field(default_factory=list)
    remnants: list[Remnant] = field(default_factory=list)
    bad_count: int = 0
    first_bad: str = ""
    is_cut_short: bool = False
    _cells: array[int] = field(default_factory=lambda: array("Q"))
    _starts: list[int] = field(default_factory=list)

    def space_at(self, offset: int) -> Space | None:
        """The space an offset lies in, None where it is in use or outside the hive."""
        number = bisect_right(self._starts, offset) - 1
        one = self.spaces[number] if number >= 0 else None
        return one if one is not None and offset < one.end else None

    def live_node(self, place: int) -> Node | None:
        """The key in use whose cell stands at an offset among the bins."""
        at = BASE_BLOCK_BYTES + place
        size = self._size(at)
        return node_at(self.content, at + 4, at + size, is_live=True) if size else None

    def live_values(self, node: Node) -> Iterator[str]:
        """The names of a key's values in use; their data are not looked at."""
        at = BASE_BLOCK_BYTES + node.values
        count = min(node.value_count, max(0, self._size(at) - 4) // 4)
        for place in struct.unpack_from(f"<{count}I", self.content, at + 4) if count else ():
            start = BASE_BLOCK_BYTES + place
            value = value_at(self.content, start + 4, start + self._size(start))
            if value is not None:
                yield value.name

    def _size(self, at: int) -> int:
        """The size of the cell in use that begins at a file offset, 0 where none does."""
        number = bisect_left(self._cells, at)
        if number >= len(self._cells) or self._cells[number] != at:
            return 0
        return -int(struct.unpack_from("<i", self.content, at)[0])


def hive_map(content: bytes) -> HiveMap:
    """The map of a hive's bytes."""
    root, stated = struct.unpack_from(
        "<II", content, 36
    )  # [REGF] Base block: root cell at 36, size of the bins at 40
    found = HiveMap(content=content, bins_end=min(BASE_BLOCK_BYTES + stated, len(content)), root=root)
    reader = _Reader(found)
    position = BASE_BLOCK_BYTES
    while position + _BIN_HEADER <= found.bins_end:
        if reader.is_full():
            found.is_cut_short = True
            break
        size = _bin_size(content, position)
        if not size:
            reader.bad(f"no hive bin at {position:#x}")
        elif reader.cells(position + _BIN_HEADER, min(position + size, found.bins_end)):
            position += size
            continue
        position += BASE_BLOCK_BYTES
        while position < found.bins_end and not _bin_size(content, position):
            position += BASE_BLOCK_BYTES
    reader.finish()
    return found


def _bin_size(content: bytes, position: int) -> int:
    """The size a bin at a file offset states, 0 where none stands there ([REGF] Hive bin header)."""
    signature, offset, size = struct.unpack_from("<4sII", content[position : position + 12].ljust(12, b"\0"))
    is_bin = signature == b"hbin" and offset == position - BASE_BLOCK_BYTES
    return int(size) if is_bin and size % BASE_BLOCK_BYTES == 0 else 0


def _behind(content: bytes, start: int) -> Iterator[Space]:
    """What lies behind the bins in use: each former bin that still stands in its place, and all between them as one."""
    position, stray = start, start
    while position < len(content):
        size = _bin_size(content, position)
        if not size:
            position += BASE_BLOCK_BYTES
            continue
        if stray < position:
            yield Space(start=stray, end=position, kind=STRAY)
        end = min(position + size, len(content))
        yield Space(start=min(position + _BIN_HEADER, end), end=end, kind=FORMER_BIN)
        position = stray = end
    if stray < len(content):
        yield Space(start=stray, end=len(content), kind=STRAY)


class _Reader:
    """Fills a map from front to back; ends of cells are settled once all cells are known."""

    def __init__(self, found: HiveMap) -> None:
        self._map = found
        self._content = found.content
        self._lists: list[tuple[int, int, int]] = []  # cell of a key, its list of values, how many
        self._ends: list[tuple[int, int]] = []  # a cell, and how many of its bytes are used

    def bad(self, what: str) -> None:
        self._map.bad_count += 1
        self._map.first_bad = self._map.first_bad or what

    def cells(self, at: int, end: int) -> bool:
        """Take every cell of a bin; whether all of them are cells."""
        while at + 8 <= end:
            (size,) = struct.unpack_from("<i", self._content, at)
            whole = abs(size)
            if whole < 8 or whole % 8 or at + whole > end:
                self.bad(f"no cell at {at:#x}")
                return False
            if size > 0:
                self._free(at, at + whole)
            else:
                self._map._cells.append(at)
                self._used(at, at + whole)
            at += whole
        return True

    def is_full(self) -> bool:
        """Whether no more is kept."""
        return len(self._map.spaces) + len(self._ends) + len(self._lists) > _MOST

    def _free(self, at: int, end: int) -> None:
        """Note a free cell, joined with the one before it where they touch."""
        spaces = self._map.spaces
        if spaces and spaces[-1].end == at:
            at = spaces.pop().start
        spaces.append(Space(start=at, end=end, kind=FREE_CELL))

    def _used(self, at: int, end: int) -> None:
        """Note what a cell in use says of itself and of others."""
        signature = self._content[at + 4 : at + 6]
        if signature == b"nk":
            self._key(at, end)
        elif signature == b"vk":
            self._value(at, end)
        elif signature in _STEPS and end - at >= 8:
            count = int.from_bytes(self._content[at + 6 : at + 8], "little")
            self._end(at, 4 + _STEPS[signature] * count)

    def _key(self, at: int, end: int) -> None:
        if end - at < NODE_BYTES + 4:
            return
        count, values = _VALUES_OF_KEY.unpack_from(self._content, at + 4)
        (name_bytes,) = _NAME_OF_KEY.unpack_from(self._content, at + 4)
        self._end(at, NODE_BYTES + name_bytes)
        if count and values != _NOWHERE:
            self._lists.append((at - BASE_BLOCK_BYTES, BASE_BLOCK_BYTES + values, count))

    def _value(self, at: int, end: int) -> None:
        if end - at < VALUE_BYTES + 4:
            return
        name_bytes, size, where = _VALUE.unpack_from(self._content, at + 4)
        self._end(at, VALUE_BYTES + name_bytes)
        if not size & _INLINE and 4 < size <= _BIG:
            self._end(BASE_BLOCK_BYTES + where, size)

    def _end(self, at: int, used: int) -> None:
        """Note how much of a cell is used, where enough is left for a record."""
        if at + 4 <= len(self._content):
            size = -int(struct.unpack_from("<i", self._content, at)[0])
            if size - 4 - used >= _LEAST:
                self._ends.append((at, used))

    def finish(self) -> None:
        """Settle the ends of cells and what lies behind the bins; put all in the order of the file."""
        found = self._map
        ends: dict[int, int] = {}
        for at, used in self._ends:
            ends[at] = max(used, ends.get(at, 0))
        listed: dict[int, tuple[int, int]] = {}
        for key, at, count in self._lists:
            # Where lists are shared by several keys, which no sound hive does, the first has what is left over.
            owner, most = listed.get(at, (key, 0))
            listed[at] = (owner, max(count, most))
        for at, (key, count) in listed.items():
            size = found._size(at)
            if size - 4 - 4 * count >= 4:
                found.remnants.append(Remnant(key=key, start=at + 4 + 4 * count, end=at + size))
                if size - 4 - 4 * count >= _LEAST:
                    ends[at] = max(4 * count, ends.get(at, 0))
        for at, used in ends.items():
            # Only what begins where a cell begins has an end: a damaged value may name any place.
            if size := found._size(at):
                start = at + 4 + -(-used // 4) * 4
                found.spaces.append(Space(start=start, end=at + size, kind=SLACK))
        found.spaces += _behind(found.content, found.bins_end)
        found.spaces.sort(key=lambda one: one.start)
        found._starts = [one.start for one in found.spaces]
