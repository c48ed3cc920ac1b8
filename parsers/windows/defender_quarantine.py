r"""Entries of Microsoft Defender's quarantine (Quarantine\Entries\{GUID}): what was taken away, as what, and when.

Shows: files, registry values, tasks and other things Defender put into quarantine, the name it has for the threat, when,
and the times and the size of a file as they stood then.
Does not show: that the file was harmful (a detection can be wrong), who brought or ran it, nor that it is still in
quarantine: entries are deleted after some months, and a file may have been restored. Times are the machine's clock.
Not read: the content of quarantined files (Quarantine\ResourceData, named by `quarantine_name`), the checksums of
the entry, fields without a known meaning, entries of versions that are not enciphered so.

An entry is three parts, each enciphered with RC4 and one key that is the same on every machine (it stands in
mpengine.dll and was published); nothing secret of the machine is needed.

References:
    - Fox-IT (M. Groot, E. Schamper), "Reverse, Reveal, Recover: Windows Defender Quarantine Forensics" (2023), and the
      structures in dissect.target, plugin defender.quarantine
    - F. Bauch, ERNW Whitepaper 71, "Analysis of Quarantine Files" (key)
    - [MS-DTYP] 2.3.3 FILETIME
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from parsers.contract import (
    Artefact,
    Column,
    Problem,
    ProblemKind,
    Status,
    Table,
    Want,
    Yields,
    integer,
    parser,
    text,
    utc,
)
from parsers.formats.filetime import instant
from parsers.formats.wide import wide_text
from parsers.questions import PROTECTED

QUARANTINE = Table(
    "windows_defender_quarantine",
    Column("quarantined_at", utc, "When the entry was put into quarantine."),
    Column("threat_name", text, "Name Defender has for the threat."),
    Column("threat_number", integer, "Number Defender has for the threat."),
    Column("target_kind", text, "Kind of resource, as written: file, regkey, taskscheduler, startup, ..."),
    Column("target_path", text, "File or other resource taken away; of a file its path on the machine."),
    Column("target_bytes", integer, "Size of the file when it was put into quarantine."),
    Column("target_created_at", utc, "Creation time of the file when it was put into quarantine."),
    Column("target_modified_at", utc, "Last write time of the file when it was put into quarantine."),
    Column("target_accessed_at", utc, "Last access time of the file when it was put into quarantine."),
    Column("quarantine_name", text, "Name its content was given under Quarantine\\ResourceData, hex."),
    Column("quarantine_guid", text, "Identifier of the entry, upper case in braces."),
    Column("scan_guid", text, "Identifier of the scan that found it, upper case in braces."),
    answers=PROTECTED(at="quarantined_at", what="target_path"),
)

# ERNW Whitepaper 71; Fox-IT (2023).
_KEY = bytes.fromhex(
    "1e87781b8dbaa844ce69702c0c78b786a3f623b738f5edf9af83530fb3fc54faa21eb9cf1331fd0f0da954f687cb9e18"
    "279697900e53fb317c9cbce48e23d05371ecc15951b8f3649d7ca33ed68dc9047e82c9baad9799d0d458cb847ca9ffbe"
    "3c8a775233557dde13a8b14087cc1bc8f10f6ecdd083a959cff84a9d1d50755e3e191818af23e2293558766d2c07e257"
    "12b2ca0b535ed8f6c56ce73d24bdd0291771861a54b4c285a9a3db7aca6d224aeacd621db9f2a22ed1e9e11d75bed7dc"
    "0ecb0a8e68a2ff1263408dc808dffd164b116774cd0b9b8d05411ed6262e429ba495676b8398db2f35d3c1b9ced52636"
    "f2765e1a95cb7ca4c3ddabddbff38253"
)
# Fox-IT, QuarantineEntryFileHeader: mark, 36 bytes not known, sizes of both sections, their checksums, mark.
_HEADER = struct.Struct("<4s36xIIII4s")
# QuarantineEntrySection1: identifiers of entry and scan, FILETIME, number of the threat, 1; then the threat's name.
_SECTION_1 = struct.Struct("<16s16sqqI")
_MARK = b"\xdb\xe8\xc5\x01"
_STORED_MARK = b"\xd3\x45\xc5\x99"  # the mark enciphered, as it stands in the file
# QuarantineEntryResourceField: size, identifier of 12 bits and type of 4 bits.
_FIELD = struct.Struct("<HH")
_RESOURCE, _PATH, _CREATED, _ACCESSED, _MODIFIED, _SIZE = 0x02, 0x0C, 0x0F, 0x10, 0x11, 0x12
_TIMES = {_CREATED: "target_created_at", _ACCESSED: "target_accessed_at", _MODIFIED: "target_modified_at"}
_MOST_BYTES = 1 << 22
_MOST_RESOURCES = 10_000
_MOST_FIELDS = 100


def rc4(content: bytes) -> bytes:
    """Bytes enciphered or deciphered with Defender's key (RC4 does both alike)."""
    box = list(range(256))
    other = 0
    for index in range(256):
        other = (other + box[index] + _KEY[index]) & 0xFF
        box[index], box[other] = box[other], box[index]
    out = bytearray(content)
    first = second = 0
    for index, one in enumerate(content):
        first = (first + 1) & 0xFF
        second = (second + box[first]) & 0xFF
        box[first], box[second] = box[second], box[first]
        out[index] = one ^ box[(box[first] + box[second]) & 0xFF]
    return bytes(out)


@parser(
    version=1,
    wants=(
        Want("**/Windows Defender/Quarantine/Entries/*", signature=_STORED_MARK),
        Want(signature=_STORED_MARK),
    ),
    tables=(QUARANTINE,),
)
def defender_quarantine(artefact: Artefact) -> Yields:
    """One row for each resource of an entry, in stored order."""
    with artefact.open() as stream:
        content = stream.read(_MOST_BYTES)
    head = rc4(content[: _HEADER.size])
    if head[:4] != _MARK:
        message = f"no entry of a quarantine: it begins {content[:4].hex(' ')}"
        yield Problem(kind=ProblemKind.UNRECOGNISED, locator="0", message=message)
        return
    if len(head) < _HEADER.size:
        message = f"an entry has a header of {_HEADER.size} bytes, {len(head)} are there"
        yield Problem(kind=ProblemKind.TRUNCATED, locator="0", message=message)
        return
    first, second = _HEADER.unpack(head)[1:3]
    begin = _HEADER.size + first
    if begin + second > artefact.size:
        message = f"the entry should end at byte {begin + second}, the file has {artefact.size}"
        yield Problem(kind=ProblemKind.TRUNCATED, locator=str(_HEADER.size), message=message)
    elif begin + second > _MOST_BYTES:
        message = f"an entry of {begin + second} bytes is stated; {_MOST_BYTES} are read"
        yield Problem(kind=ProblemKind.LIMIT, locator=str(_HEADER.size), message=message)
    reader = _Entry(rc4(content[begin : begin + second]), begin)
    common = reader.common(rc4(content[_HEADER.size : begin]))
    if begin + second > len(content):
        reader.is_cut = True
    yield from reader.rows(common)


class _Entry:
    """The parts of one entry, deciphered."""

    def __init__(self, resources: bytes, begin: int) -> None:
        self.is_cut = False
        self._content = resources
        self._begin = begin
        self._left = 2 * len(
            resources
        )  # bytes left to read; resources that do not overlap need no more than there are
        self._problems: list[Problem] = []

    def common(self, section: bytes) -> dict[str, Any]:
        """What holds for every resource."""
        at = str(_HEADER.size)
        if len(section) < _SECTION_1.size:
            message = (
                f"the first section has {len(section)} bytes, {_SECTION_1.size} and a name were expected"
            )
            self._tell(ProblemKind.DAMAGED, at, message, "threat_name")
            return {}
        entry, scan, ticks, number, _ = _SECTION_1.unpack_from(section)
        name = section[_SECTION_1.size :].partition(b"\0")[0]
        if not name.isascii():
            self._tell(
                ProblemKind.DAMAGED, at, "the name of the threat has bytes beyond ASCII", "threat_name"
            )
        return {
            "quarantine_guid": _guid(entry),
            "scan_guid": _guid(scan),
            "quarantined_at": self._instant(ticks, at, "quarantined_at"),
            "threat_number": number,
            "threat_name": name.decode("ascii", "replace") or None,
        }

    def rows(self, common: dict[str, Any]) -> Yields:
        """One row for each resource; one without a resource where the entry names none."""
        is_damaged = bool(self._problems)
        offsets = list(self._offsets())
        for offset in offsets:
            yield from self._given()
            if self._left < 0:
                self._tell(ProblemKind.LIMIT, str(self._begin), "resources overlap: the others are not read")
                break
            values = self._resource(offset)
            is_partial = is_damaged or self.is_cut or bool(self._problems)
            status = Status.PARTIAL if is_partial else Status.OK
            yield QUARANTINE.row(str(self._begin + offset), status, **common, **values)
        if not offsets and common:
            yield QUARANTINE.row(
                str(_HEADER.size), Status.PARTIAL if self._problems or self.is_cut else Status.OK, **common
            )
        yield from self._given()

    def _offsets(self) -> Iterator[int]:
        """Where the resources begin (QuarantineEntrySection2: a count, then offsets)."""
        content, at = self._content, str(self._begin)
        if len(content) < 4:
            self._tell(ProblemKind.DAMAGED, at, f"the second section has {len(content)} bytes, no count")
            return
        (count,) = struct.unpack_from("<I", content)
        there = min(count, (len(content) - 4) // 4, _MOST_RESOURCES)
        if there < count:
            self._tell(ProblemKind.DAMAGED, at, f"{count} resources are stated, {there} can be there")
        for number, offset in enumerate(struct.unpack_from(f"<{there}I", content, 4)):
            if 4 + 4 * there <= offset < len(content):
                yield offset
            else:
                self._tell(ProblemKind.DAMAGED, at, f"resource {number} should stand at {offset}, outside")

    def _resource(self, offset: int) -> dict[str, Any]:
        """Path, number of fields, kind, and fields each at a multiple of four."""
        content, at = self._content, str(self._begin + offset)
        end = offset
        while content[end : end + 2] != b"\0\0" and end + 1 < len(content):
            end += 2
        self._left -= end - offset
        path, is_whole = wide_text(content[offset:end])
        kind_end = content.find(b"\0", end + 4)
        if kind_end < 0:
            self._tell(ProblemKind.DAMAGED, at, "the resource runs over the end of the entry", "target_kind")
            return {"target_path": path or None}
        if not is_whole:
            self._tell(ProblemKind.DAMAGED, at, "the path is not UTF-16 throughout", "target_path")
        kind = content[end + 4 : kind_end]
        values: dict[str, Any] = {
            "target_path": path or None,
            "target_kind": kind.decode("ascii", "replace") or None,
        }
        (count,) = struct.unpack_from("<H", content, end + 2)
        if count > _MOST_FIELDS:
            self._tell(ProblemKind.DAMAGED, at, f"{count} fields are stated; {_MOST_FIELDS} are read")
        place = kind_end + 1
        for _ in range(min(count, _MOST_FIELDS)):
            place = (place + 3) & ~3
            if place + _FIELD.size > len(content):
                self._tell(ProblemKind.DAMAGED, at, "a field runs over the end of the entry")
                break
            size, told = _FIELD.unpack_from(content, place)
            stored = content[place + _FIELD.size : place + _FIELD.size + size]
            if len(stored) < size:
                self._tell(ProblemKind.DAMAGED, at, "a field runs over the end of the entry")
                break
            self._field(values, told & 0x0FFF, stored, str(self._begin + place))
            place += _FIELD.size + size
            self._left -= _FIELD.size + size
        return values

    def _field(self, values: dict[str, Any], identifier: int, stored: bytes, at: str) -> None:
        if identifier == _RESOURCE:
            values["quarantine_name"] = stored.hex()
        elif identifier == _PATH:
            path, is_whole = wide_text(stored)
            if not is_whole:
                self._tell(ProblemKind.DAMAGED, at, "the path is not UTF-16 throughout", "target_path")
            values["target_path"] = path.split("\0", 1)[0] or values["target_path"]
        elif identifier == _SIZE or identifier in _TIMES:
            column = _TIMES.get(identifier, "target_bytes")
            if len(stored) != 8:
                self._tell(ProblemKind.DAMAGED, at, f"a number of {len(stored)} bytes, 8 expected", column)
                return
            number = int.from_bytes(stored, "little", signed=True)
            if identifier != _SIZE:
                values[column] = self._instant(number, at, column)
            elif number >= 0:
                values[column] = number
            else:
                self._tell(ProblemKind.DAMAGED, at, f"{number} is no size", column)

    def _instant(self, ticks: int, at: str, column: str) -> datetime | None:
        try:
            return instant(ticks)
        except ValueError as error:
            self._tell(ProblemKind.DAMAGED, at, str(error), column)
            return None

    def _tell(self, kind: ProblemKind, at: str, message: str, column: str | None = None) -> None:
        self._problems.append(Problem(kind=kind, locator=at, message=message, column=column))

    def _given(self) -> Yields:
        yield from self._problems
        self._problems = []


def _guid(stored: bytes) -> str:
    return f"{{{UUID(bytes_le=stored)}}}".upper()
