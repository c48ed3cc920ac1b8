"""Keys and values left in what is not in use of a registry hive, with the path and the data they still lead to.

A record that was deleted names its parent, its values and its data by offsets. They are followed only into free space, with
one exception: the parent of a deleted key, and the owner of a value taken out of a list, may be keys in use, which is told.
Nobody can tell whether a cell was given to another key in between; Windows writes the time of a key anew when one below it
is deleted, so a key that is older than one below it is a sign that it was not its parent.

References:
    - M. Suhanov, Windows registry file format specification (cited as [REGF])
    - M. Suhanov, yarp (RegistryRecover): what a hive is scanned for
"""

from __future__ import annotations

import re
import struct
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field

from parsers.formats.regf_free import STRAY, HiveMap, Space
from parsers.formats.regf_log import BASE_BLOCK_BYTES
from parsers.formats.regf_nodes import Node, ValueCell, node_at, value_at

INLINE, FREE, REUSED, LOST = "inline", "free", "reused", "lost"
CONTENT_MOST = 4096  # bytes of a value's data that are given
MOST = 200_000  # records, and steps for each: a made hive can be filled with keys that all lead through one another
_STEPS = 4_000_000
_DEEPEST = 512  # [MS-RRP] and Windows: registry trees have at most 512 levels
_RECORD = re.compile(rb"[nv]k")
_INLINE_BIT = 0x80000000
_BIG = 16344  # [REGF] Big data: bytes of a segment before the last
_NOWHERE = 0xFFFFFFFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    r"""Where a key stood: names parted by `\`, with one in front where the root was reached."""

    text: str
    is_complete: bool
    is_in_order: bool  # no key of it is older than a deleted one below it


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """The key a deleted value belonged to, and whether it is in use."""

    node: Node
    is_live: bool


@dataclass(slots=True, kw_only=True)
class Deleted:
    """What was found in the free space of a hive."""

    map: HiveMap
    keys: dict[int, tuple[Node, Space]] = field(default_factory=dict)
    values: dict[int, tuple[ValueCell, Space]] = field(default_factory=dict)
    owners: dict[int, Owner] = field(default_factory=dict)
    is_cut_short: bool = False
    _paths: dict[int, Path] = field(default_factory=dict)
    _places: list[int] = field(default_factory=list)
    _steps: int = _STEPS

    def in_order(self) -> Iterator[tuple[Node | ValueCell, Space]]:
        """Every record in the order of the file."""
        yield from (one for _, one in sorted((self.keys | self.values).items()))

    def index(self) -> None:
        """Make the records found known by their place."""
        self._places = sorted(self.keys.keys() | self.values.keys())

    def parent_of(self, node: Node) -> tuple[Node, bool] | None:
        """The key a key names as its parent, and whether that one is in use; None where there is none any more."""
        own = self.keys.get(node.place)
        if own is not None and own[1].kind == STRAY:
            return None
        known = self.keys.get(node.parent)
        if known is not None and known[1].kind != STRAY:
            return known[0], False
        live = self.map.live_node(node.parent)
        return None if live is None else (live, True)

    def path_of(self, node: Node) -> Path:
        """Where a key stood, as far as parents lead."""
        chain: dict[int, Node] = {}
        one, path = node, None
        while path is None:
            path = self._paths.get(one.place)
            if path is not None:
                break
            if one.place == self.map.root:
                path = Path(text="", is_complete=True, is_in_order=True)
                break
            chain[one.place] = one
            parent = None if len(chain) > _DEEPEST or not self.spend(1) else self.parent_of(one)
            if parent is None or parent[0].place in chain:
                path = Path(text="", is_complete=False, is_in_order=True)
            else:
                one = parent[0]
        above = one if path.text or path.is_complete else None
        for each in reversed(chain.values()):
            path = self._below(path, each, above)
            self.spend(len(path.text) // 64)
            self._paths[each.place] = path
            above = each
        return path

    def _below(self, path: Path, node: Node, parent: Node | None) -> Path:
        """The path of a key below another, whose own is given; a key in use may well be older than one below it."""
        begins = "\\" if path.text or path.is_complete else ""
        is_older = parent is not None and parent.written_ticks < node.written_ticks
        return Path(
            text=f"{path.text}{begins}{node.name}",
            is_complete=path.is_complete,
            is_in_order=path.is_in_order and not (is_older and node.place in self.keys),
        )

    def data_of(self, value: ValueCell) -> tuple[bytes | None, str]:
        """The beginning of a value's data, and where they stood; None where they are not there any more."""
        if value.size & _INLINE_BIT:
            content = self.map.content
            at = BASE_BLOCK_BYTES + value.place + 4 + 8
            return content[at : at + min(4, value.size & ~_INLINE_BIT)], INLINE
        if not value.size:
            return b"", INLINE
        own = self.values.get(value.place)
        if own is not None and own[1].kind == STRAY:
            return None, LOST
        return self._stored(value.where, value.size)

    def _stored(self, where: int, size: int) -> tuple[bytes | None, str]:
        at = BASE_BLOCK_BYTES + where
        if where == _NOWHERE or at + 4 > len(self.map.content):
            return None, LOST
        space = self.map.space_at(at)
        if space is None:
            return None, REUSED
        content = self.map.content
        # The size in front of a cell stays when the cell is joined with free ones; a smaller one is that of a later cell.
        held = min(abs(struct.unpack_from("<i", content, at)[0]), space.end - at) - 4
        if size > _BIG and content[at + 4 : at + 6] == b"db" and held >= 8:
            (listed,) = struct.unpack_from("<I", content, at + 8)
            first, state = self._stored(listed, 4)
            return (None, state) if first is None else self._segment(int.from_bytes(first, "little"))
        if held < size:
            return None, LOST
        if self._holds_record(where, where + 4 + size):
            return None, REUSED
        return content[at + 4 : at + 4 + min(size, CONTENT_MOST)], FREE

    def _holds_record(self, start: int, end: int) -> bool:
        """Whether a record begins in what would be data: then the cell was given away, and given back, in between."""
        number = bisect_left(self._places, start)
        return number < len(self._places) and self._places[number] < end

    def _segment(self, where: int) -> tuple[bytes | None, str]:
        """The beginning of the first segment of large data: no more is given of it."""
        return self._stored(where, CONTENT_MOST)

    def spend(self, count: int) -> bool:
        """Whether so much more may be done for this hive."""
        self._steps -= count
        self.is_cut_short |= self._steps < 0
        return self._steps >= 0


def deleted(found: HiveMap) -> Deleted:
    """Every record in the free space of a hive, and the keys that values belonged to."""
    every = Deleted(map=found, is_cut_short=found.is_cut_short)
    for space in found.spaces:
        if not _scan(every, space):
            every.is_cut_short = True
            break
    every.index()
    for node, space in every.keys.values():
        if node.value_count and node.values != _NOWHERE and space.kind != STRAY:
            at = BASE_BLOCK_BYTES + node.values
            where = found.space_at(at)
            if where is not None and at + 4 <= where.end:
                held = min(abs(struct.unpack_from("<i", found.content, at)[0]), where.end - at) // 4 * 4
                end = at + min(held, 4 + 4 * node.value_count)
                _claim(every, at + 4, end, Owner(node=node, is_live=False))
    for remnant in found.remnants:
        live = found.live_node(remnant.key)
        if live is not None:
            _claim(every, remnant.start, remnant.end, Owner(node=live, is_live=True))
    return every


def _scan(every: Deleted, space: Space) -> bool:
    """Keep every record of a space; whether there was room for them."""
    content = every.map.content
    for match in _RECORD.finditer(content, space.start + 4, space.end):
        at = match.start()
        if at % 8 != 4:  # [REGF] Cell: cells begin at multiples of 8, what they hold after their size
            continue
        if len(every.keys) + len(every.values) >= MOST:
            return False
        if node := node_at(content, at, space.end):
            every.keys[node.place] = (node, space)
        elif value := value_at(content, at, space.end):
            every.values[value.place] = (value, space)
    return True


def _claim(every: Deleted, start: int, end: int, owner: Owner) -> None:
    """Give the deleted values a list names to its key; the first list that names a value has it."""
    for at in range(start, end - 3, 4):
        if not every.spend(1):
            return
        place = int.from_bytes(every.map.content[at : at + 4], "little")
        value = every.values.get(place)
        if value is not None and value[1].kind != STRAY:
            every.owners.setdefault(place, owner)
