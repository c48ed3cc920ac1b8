"""Automatic jump lists: what was opened through each program, with the time of its last use and the target's volume.

Shows: for each target a program was last used with, when (by the machine's clock), whether it is pinned, how often
it was used as the list counts, and from the link beside it path, size, times and volume of the target as they
stood when the link was last written. Targets may be gone and their volume removed: the list stays.
Does not show: earlier uses, only the last; who sat at the machine, only whose profile it is; nor that a target was
read, changed or copied. Explorer's own lists tell folders browsed and files opened through it, also by other programs
that tell Windows of them. Pinning and Windows itself (first sign-in) make entries too. The meaning of time and count
is known from published tests, not from Microsoft: the format is reverse engineered, and its author calls the time
`last modification time` of the entry and the count unknown. Lists may be cleared or switched off by the user.
Not read: the score of an entry, its checksum, DestListPropertyStore, former states of the DestList in free sectors.

A stream without an entry in DestList is a row whose `is_listed` is false: its time of use is gone. An entry without
a stream is a row whose `has_link` is false, and a problem. Links in no stream are found by their signature in the free
sectors of the compound file (what was removed from the list, or an older state of a link), and all links where the file
cannot be opened. Such rows are `recovered`: one whose sectors are not in one piece, or partly written over, reads wrongly.

References:
    - J. Metz, Jump lists format (dtformats), "Automatic destinations files" (cited as [JUMP])
    - [MS-CFB] Compound File Binary File Format
    - [MS-SHLLINK] Shell Link (.LNK) Binary File Format
"""

from __future__ import annotations

import re
import struct
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pyolecf

from parsers.contract import (
    Artefact,
    Column,
    Problem,
    ProblemKind,
    Row,
    Status,
    Table,
    Want,
    Yields,
    boolean,
    integer,
    parser,
    text,
    utc,
)
from parsers.formats.ansi import until_nul
from parsers.formats.compound import SIGNATURE
from parsers.formats.filetime import instant
from parsers.formats.jump_list import LINK_BYTES, LIST_COLUMNS, MOST_LINKS, app_id, app_name, carved_links
from parsers.formats.profile import profile_name
from parsers.formats.shell_link import LINK_COLUMNS, Link, read_link
from parsers.questions import OPENED

AUTOMATIC = Table(
    "windows_automatic_destinations",
    *LIST_COLUMNS,
    Column("entry_number", integer, "Number of the entry; in hexadecimal the name of its stream."),
    Column("list_version", integer, "Version of the DestList: 1 of Windows 7, 3 and 4 of Windows 10."),
    Column("last_used_at", utc, "When the entry was last used through the program, as the list keeps it."),
    Column("access_count", integer, "How often the entry was used, as the list counts; null in version 1."),
    Column("is_pinned", boolean, "Whether the entry is pinned to the list."),
    Column("is_listed", boolean, "Whether the DestList has an entry for the link."),
    Column("has_link", boolean, "Whether a link to the target is stored."),
    Column("opened_path", text, "Path of what was opened."),
    Column("list_path", text, "Path of the target as the list gives it."),
    Column("list_machine_id", text, "NetBIOS name of the machine the target lay on, as the list gives it."),
    Column("list_droid_volume_id", text, "Object identifier of the target's volume, as the list gives it."),
    Column("list_droid_file_id", text, "Object identifier of the target, as the list gives it."),
    Column("list_birth_volume_id", text, "Object identifier of the volume at birth, as the list gives it."),
    Column("list_birth_file_id", text, "Object identifier of the target at birth, as the list gives it."),
    *LINK_COLUMNS,
    answers=OPENED(
        at="last_used_at",
        what="opened_path",
        account="profile_name",
        volume_serial="volume_serial",
        target_bytes="target_bytes",
    ),
)

_READ_BYTES = 64 << 20
_LIST_BYTES = 16 << 20
_MOST_ENTRIES = 20_000
_SECTOR = 64  # [MS-CFB] 2.2: streams begin on a sector, small ones on a mini sector
_STREAM = re.compile("[1-9a-f][0-9a-f]{0,7}")  # [JUMP]: as numbers are written, without leading zeros
_UNREADABLE = (OSError, ValueError, RuntimeError, MemoryError)  # what libolecf raises
_DROIDS = ("list_droid_volume_id", "list_droid_file_id", "list_birth_volume_id", "list_birth_file_id")
_VERSIONS = (1, 2, 3, 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """An entry of the DestList: where it stands, its number, its values."""

    offset: int
    number: int
    values: dict[str, Any]
    problems: tuple[Problem, ...]


@dataclass(slots=True, kw_only=True)
class _Streams:
    """The streams of a compound file, links read once each, and what went wrong."""

    items: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)
    spent: int = 0
    _links: dict[int, Link | None] = field(default_factory=dict)

    def numbers(self) -> list[int]:
        """Numbers of the links, in order."""
        return sorted(int(name, 16) for name in self.items if _STREAM.fullmatch(name))

    def read(self, name: str, most: int) -> bytes | None:
        """The bytes of a stream; None where they cannot be read, and a problem."""
        item = self.items[name]
        name = "DestList" if name == "destlist" else name
        try:
            size = int(item.size)
            if size > most or self.spent + size > _READ_BYTES:
                message = f"the stream {name} has {size} bytes, beyond the budget; its first {most} are read"
                self.problems.append(Problem(kind=ProblemKind.LIMIT, locator=name, message=message))
                size = max(0, min(size, most, _READ_BYTES - self.spent))
            self.spent += size
            item.seek(0)
            content: bytes = item.read_buffer(size) if size else b""
        except _UNREADABLE as error:
            message = f"the stream {name} cannot be read: {_reason(error)}"
            self.problems.append(Problem(kind=ProblemKind.DAMAGED, locator=name, message=message))
            return None
        if len(content) < size:
            message = f"the stream {name} should have {size} bytes, {len(content)} are there"
            self.problems.append(Problem(kind=ProblemKind.TRUNCATED, locator=name, message=message))
        return content

    def link(self, number: int) -> Link | None:
        """The link of a number; None where there is none that can be read."""
        if number not in self._links:
            name = f"{number:x}"
            content = self.read(name, LINK_BYTES) if name in self.items else None
            link = None if content is None else read_link(content)
            if link is not None:
                link.problems = [replace(one, locator=f"{name}:{one.locator}") for one in link.problems]
            self._links[number] = link
        return self._links[number]

    def links(self) -> list[Link]:
        """The links read."""
        return [one for one in self._links.values() if one is not None]

    def taken(self) -> list[Problem]:
        """Problems met since this was last asked."""
        met, self.problems = self.problems, []
        return met


@parser(
    version=1,
    wants=(Want("**/*.automaticDestinations-ms", signature=SIGNATURE, is_shared=True),),
    tables=(AUTOMATIC,),
    is_expected_on=("host",),
)
def automatic_destinations(artefact: Artefact) -> Yields:
    """One row per entry of the DestList in stored order, then one per link it does not list."""
    identifier = app_id(artefact.path)
    common = {
        "profile_name": profile_name(artefact.path),
        "app_id": identifier,
        "app_name": app_name(identifier),
    }
    with artefact.open() as stream:
        file = pyolecf.file()
        try:
            file.open_file_object(stream)
            streams = _Streams(items=dict(_items(file)))
        except (*_UNREADABLE, AttributeError) as error:
            kind = ProblemKind.DAMAGED if artefact.head(8) == SIGNATURE else ProblemKind.UNRECOGNISED
            message = (
                f"the compound file cannot be opened, links are found by their signature: {_reason(error)}"
            )
            yield Problem(kind=kind, locator="0", message=message)
            yield from _carved(artefact, common, None)
            return
        yield from _rows(streams, common)
        yield from _carved(artefact, common, streams.links())


def _items(file: Any) -> Iterator[tuple[str, Any]]:
    """Streams of the root by name, folded; names occur once."""
    root = file.root_item
    for index in range(min(root.number_of_sub_items, _MOST_ENTRIES)):
        item = root.get_sub_item(index)
        if hasattr(item, "read_buffer"):
            yield (item.name or "").lower(), item


def _rows(streams: _Streams, common: dict[str, Any]) -> Yields:
    content = streams.read("destlist", _LIST_BYTES) if "destlist" in streams.items else None
    listed: set[int] = set()
    version = None
    if content is None:
        message = "no DestList can be read: when its targets were last used is not known"
        streams.problems.insert(0, Problem(kind=ProblemKind.DAMAGED, locator="DestList", message=message))
    elif content:
        version = int.from_bytes(content[:4], "little")
        for position, entry in enumerate(_entries(content, streams)):
            listed.add(entry.number)
            yield from streams.taken()
            yield from _listed(entry, streams, common | {"list_position": position, "list_version": version})
    yield from streams.taken()
    for number in streams.numbers():
        if number not in listed:
            link = streams.link(number)
            values = {"entry_number": number, "list_version": version, "is_listed": False, "has_link": True}
            yield _row(f"{number:x}", link, common | values, ())
            yield from streams.taken()
            yield from link.problems if link is not None else ()


def _listed(entry: _Entry, streams: _Streams, values: dict[str, Any]) -> Yields:
    """The row of an entry of the DestList and its problems."""
    number = entry.number
    has_link = f"{number:x}" in streams.items
    link = streams.link(number) if has_link else None
    problems = [*entry.problems, *streams.taken(), *(link.problems if link is not None else ())]
    if not has_link:
        message = f"entry {number} has no stream: size, times and volume of its target are not known"
        problems.append(
            Problem(kind=ProblemKind.AMBIGUOUS, locator=f"DestList:{entry.offset}", message=message)
        )
    values |= {"entry_number": number, "is_listed": True, "has_link": has_link, **entry.values}
    yield _row(f"DestList:{entry.offset}", link, values, entry.problems)
    yield from problems


def _row(locator: str, link: Link | None, values: dict[str, Any], problems: tuple[Problem, ...]) -> Row:
    """A row; partial where its link or its entry could not be read whole."""
    found = {} if link is None else link.values
    is_whole = not problems and (link.is_whole if link is not None else not values["has_link"])
    return AUTOMATIC.row(
        locator,
        Status.OK if is_whole else Status.PARTIAL,
        **found,
        **values,
        opened_path=_opened(found, values.get("list_path")),
    )


def _opened(link: dict[str, Any], listed: str | None) -> str | None:
    """Path of the target: as the link tells it, else by the list, else by the link's shell items."""
    return link.get("target_path") or listed or link.get("id_list_path")


def _entries(content: bytes, streams: _Streams) -> Iterator[_Entry]:
    """The entries of a DestList ([JUMP] DestList stream)."""
    if len(content) < 32:
        message = f"the header of the DestList has 32 bytes, {len(content)} are there"
        streams.problems.append(Problem(kind=ProblemKind.TRUNCATED, locator="DestList:0", message=message))
        return
    version, stated = struct.unpack_from("<II", content)
    if version not in _VERSIONS:
        message = f"DestList version {version} is not known; it is read as version 4"
        streams.problems.append(Problem(kind=ProblemKind.UNSUPPORTED, locator="DestList:0", message=message))
    at, count = 32, 0
    # [JUMP] DestList entry: the path's length at 112 in version 1, at 128 later, with four bytes behind the path.
    place, padding = (112, 0) if version == 1 else (128, 4)
    while at + place + 2 <= len(content) and count < _MOST_ENTRIES:
        (characters,) = struct.unpack_from("<H", content, at + place)
        end = at + place + 2 + 2 * characters
        if end > len(content):
            break
        yield _entry(content, at, place, end, version)
        at, count = min(end + padding, len(content)), count + 1
    if count != stated or at < len(content):
        kind = ProblemKind.LIMIT if count >= _MOST_ENTRIES else ProblemKind.DAMAGED
        message = (
            f"the DestList states {stated} entries, {count} are read; {len(content) - at} bytes are left"
        )
        streams.problems.append(Problem(kind=kind, locator=f"DestList:{at}", message=message))


def _entry(content: bytes, at: int, place: int, end: int, version: int) -> _Entry:
    """One entry: identifiers at 8, machine at 72, number at 88, time at 100, pin at 108, count at 116, path."""
    number, _, _, ticks, pin = struct.unpack_from("<IIfQi", content, at + 88)
    problems: list[Problem] = []
    values: dict[str, Any] = {"is_pinned": pin >= 0}
    for index, column in enumerate(_DROIDS):
        guid = uuid.UUID(bytes_le=content[at + 8 + 16 * index : at + 24 + 16 * index])
        values[column] = str(guid) if guid.int else None
    try:
        values["last_used_at"] = instant(ticks)
    except ValueError as error:
        problems.append(_damaged(at, str(error), "last_used_at"))
    if version != 1:
        values["access_count"] = int.from_bytes(content[at + 116 : at + 120], "little")
    machine = until_nul(content[at + 72 : at + 88], 1)
    values["list_machine_id"] = machine.decode("ascii", "replace") or None
    if not machine.isascii():
        problems.append(_damaged(at, "the machine's name is not ASCII", "list_machine_id"))
    path = content[at + place + 2 : end].decode("utf-16-le", "replace")
    values["list_path"] = path or None
    # [JUMP]: the path may hold halves of surrogate pairs.
    if path.encode("utf-16-le") != content[at + place + 2 : end]:
        problems.append(
            _damaged(at, "the path is no valid UTF-16; what is not stands as U+FFFD", "list_path")
        )
    return _Entry(offset=at, number=number, values=values, problems=tuple(problems))


def _damaged(offset: int, message: str, column: str) -> Problem:
    return Problem(kind=ProblemKind.DAMAGED, locator=f"DestList:{offset}", message=message, column=column)


def _carved(artefact: Artefact, common: dict[str, Any], known: list[Link] | None) -> Yields:
    """Links found by their signature: all, or those in no stream."""
    with artefact.open() as stream:
        content = stream.read(_READ_BYTES)
    if artefact.size > len(content):
        message = (
            f"the file has {artefact.size} bytes, beyond the budget; links are looked for in {len(content)}"
        )
        yield Problem(kind=ProblemKind.LIMIT, locator="0", message=message)
    found = list(carved_links(content))
    if len(found) >= MOST_LINKS:
        message = f"{MOST_LINKS} links are found by their signature; the rest is not looked for"
        yield Problem(kind=ProblemKind.LIMIT, locator=str(found[-1][0]), message=message)
    for offset, link in found if known is None else _in_no_stream(found, known):
        values = common | {"is_listed": False, "has_link": True} | link.values
        yield AUTOMATIC.row(str(offset), Status.RECOVERED, **values, opened_path=_opened(link.values, None))


def _in_no_stream(found: list[tuple[int, Link]], known: list[Link]) -> Iterator[tuple[int, Link]]:
    """Links found that are those of no stream.

    One that has the bytes of a stream's link is that link. A stream whose sectors are not in one piece is found with its
    first sector alone, so as many with its first 64 bytes are passed over as there are such streams not found whole.
    """
    wholes = {one.content[: one.end] for one in known}
    pieces = Counter(one.content[:_SECTOR] for one in known)
    aligned = [(offset, link) for offset, link in found if offset % _SECTOR == 0]
    pieces.subtract(link.content[:_SECTOR] for _, link in aligned if link.content[: link.end] in wholes)
    for offset, link in aligned:
        if link.content[: link.end] in wholes:
            continue
        head = link.content[:_SECTOR]
        if pieces[head] > 0:
            pieces[head] -= 1
            continue
        yield offset, link


def _reason(error: BaseException) -> str:
    """The deepest cause in libolecf's chain of messages; never a path of this machine."""
    return str(error).rpartition(". libolecf")[2].partition(": ")[2][:200] or type(error).__name__
