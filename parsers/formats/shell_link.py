"""Decodes a shell link: alone in a file, or embedded in a jump list.

Decoded here and not by a library, since those refuse a link cut short; liblnk is the second reader of the tests.
A path stored in ANSI alone names no code page: `parsers.formats.ansi` decides it, and `codec` says which.

References:
    - [MS-SHLLINK] Shell Link (.LNK) Binary File Format, 2.1 to 2.5
    - [MS-DTYP] 2.3.3 FILETIME
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from parsers.contract import Column, Problem, ProblemKind, integer, text, utc
from parsers.formats.ansi import code_page, until_nul
from parsers.formats.filetime import instant
from parsers.formats.shellitem import read_id_list

# What a link tells of its target, in every table that reads links.
LINK_COLUMNS = (
    Column(
        "target_path",
        text,
        "Path of the target: local, else on a share, else with environment variables, else as shell items name it.",
    ),
    Column("local_path", text, "Path of the target on a volume of the machine."),
    Column("network_path", text, "Path of the target on a share."),
    Column("environment_path", text, "Path of the target with environment variables, as stored."),
    Column(
        "id_list_path",
        text,
        "Path of the target by its shell items: from its drive or share on, else from the shell's root.",
    ),
    Column("target_created_at", utc, "Creation time of the target when the link was written."),
    Column("target_modified_at", utc, "Last write time of the target when the link was written."),
    Column("target_accessed_at", utc, "Last access time of the target when the link was written."),
    Column("target_bytes", integer, "Size of the target when the link was written, low 32 bits."),
    Column("attributes_flags", integer, "File attributes of the target, as Windows numbers them."),
    Column("drive_type", text, "removable, fixed, network, cdrom, ramdisk, no_root or unknown."),
    Column("volume_serial", text, "Serial number of the volume, eight upper-case hex digits."),
    Column("volume_label", text, "Label of the volume."),
    Column("device_name", text, "Drive letter the share was mapped to."),
    Column("relative_path", text, "Path of the target seen from the link."),
    Column("working_path", text, "Working directory for the target."),
    Column("arguments", text, "Command line arguments.", is_personal=True),
    Column("description", text, "Description of the link.", is_personal=True),
    Column("icon_path", text, "File the icon is taken from."),
    Column("machine_id", text, "NetBIOS name of the machine the target was last known on."),
    Column("droid_volume_id", text, "Object identifier of the volume, when the link was written."),
    Column("droid_file_id", text, "Object identifier of the target, when the link was written."),
    Column("birth_volume_id", text, "Object identifier of the volume the target was created on."),
    Column("birth_file_id", text, "Object identifier of the target when it was created."),
    Column("codec", text, "Code page the ANSI texts were read with, null where none was needed."),
)

# [MS-SHLLINK] 2.1: HeaderSize is always 0x4C, LinkCLSID 00021401-0000-0000-C000-000000000046.
SIGNATURE = bytes.fromhex("4c0000000114020000000000c000000000000046")
_HEADER = struct.Struct("<20sII3QIiIH10x")
# [MS-SHLLINK] 2.3.1 DriveType, as GetDriveType gives it.
_DRIVE_TYPES = {
    0: "unknown",
    1: "no_root",
    2: "removable",
    3: "fixed",
    4: "network",
    5: "cdrom",
    6: "ramdisk",
}
_STRINGS = (
    (0x04, "description"),
    (0x08, "relative_path"),
    (0x10, "working_path"),
    (0x20, "arguments"),
    (0x40, "icon_path"),
)
_ENVIRONMENT, _TRACKER = 0xA0000001, 0xA0000003


@dataclass(slots=True, kw_only=True)
class Link:
    """A link: its bytes, and what was found; `end` is where it ends, None where that could not be told."""

    content: bytes
    is_link: bool = False
    end: int | None = None
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    codec: str | None = None

    @property
    def is_whole(self) -> bool:
        """Whether it was read to its end without a problem."""
        return self.end is not None and not self.problems

    def problem(self, offset: int, message: str, column: str | None = None, *, is_cut: bool = False) -> None:
        """Keep a problem."""
        kind = ProblemKind.TRUNCATED if is_cut else ProblemKind.DAMAGED
        self.problems.append(Problem(kind=kind, locator=str(offset), message=message, column=column))

    def numbers(self, layout: str, offset: int) -> tuple[int, ...]:
        """Little-endian numbers at an offset; raises struct.error past the end."""
        return struct.unpack_from(f"<{layout}", self.content, offset)

    def part(self, offset: int, size: int) -> bytes:
        """Bytes at an offset; raises struct.error where they are not all there."""
        found = self.content[offset : offset + size]
        if offset < 0 or len(found) < size:
            raise struct.error(f"{size} bytes at {offset}: {len(found)} are there")
        return found


def read_link(content: bytes) -> Link:
    """The link that begins with the first byte; what follows its end is left alone."""
    link = Link(content=content)
    if not content.startswith(SIGNATURE[:8]):
        message = f"no shell link: it begins with {content[:8].hex(' ')}"
        link.problems.append(Problem(kind=ProblemKind.UNRECOGNISED, locator="0", message=message))
        return link
    if len(content) < _HEADER.size:
        message = f"the header is {_HEADER.size} bytes long, {len(content)} are there"
        link.problem(0, message, is_cut=True)
        return link
    link.is_link = True
    link.end = _read(link)
    values = link.values
    values["target_path"] = (
        values.get("local_path")
        or values.get("network_path")
        or values.get("environment_path")
        or values.get("id_list_path")
    )
    values["codec"] = link.codec
    return link


def _read(link: Link) -> int | None:
    """Every section in stored order; where the link ends, None where that could not be told."""
    _, flags, attributes, created, accessed, modified, size, *_ = _HEADER.unpack_from(link.content)
    link.values |= {"target_bytes": size, "attributes_flags": attributes}
    # [MS-SHLLINK] 2.1: CreationTime at 0x1C, AccessTime at 0x24, WriteTime at 0x2C.
    for offset, column, stored in (
        (0x1C, "target_created_at", created), (0x24, "target_accessed_at", accessed), (0x2C, "target_modified_at", modified)
    ):  # fmt: skip
        try:
            link.values[column] = instant(stored)
        except ValueError as error:
            link.problem(offset, str(error), column)
    position = _HEADER.size
    section = "target identifier list"
    try:
        if flags & 0x01:  # HasLinkTargetIDList; [MS-SHLLINK] 2.2: its size stands in front
            (size,) = link.numbers("H", position)
            _id_list(link, position + 2, size)
            position += 2 + size
        section = "link information"
        # ForceNoLinkInfo (0x100) tells a reader to ignore the section, yet it is stored and shows the volume.
        if flags & 0x02:
            position += _link_info(link, position)
        for flag, column in _STRINGS:
            if flags & flag:
                section = column
                position = _string(link, position, column, is_unicode=bool(flags & 0x80))
        section = "extra data"
        return _extra(link, position)
    except struct.error:
        link.problem(position, f"the {section} at {position} runs past the end of the link", is_cut=True)
        return None


def _id_list(link: Link, start: int, size: int) -> None:
    """[MS-SHLLINK] 2.2 LinkTargetIDList: shell items; times in them that are none are not told, since none is shown."""
    found = read_id_list(link.content[: start + size], start)
    link.values["id_list_path"] = found.path
    if found.fault is not None:
        link.problem(start, found.fault, "id_list_path", is_cut=found.is_cut)
    for column, message in found.notes:
        if column in (None, "name"):
            link.problem(start, message, "id_list_path")


def _link_info(link: Link, start: int) -> int:
    """Volume, local path and share ([MS-SHLLINK] 2.3); gives the size of the section."""
    (size,) = link.numbers("I", start)
    if size < 0x1C:
        link.problem(start, f"link information of {size} bytes, at least 28 are needed")
        return max(size, 4)
    link.part(start, min(size, 0x1C))
    header, flags, volume, path, share, suffix = link.numbers("6I", start + 4)
    wide_path, wide_suffix = link.numbers("2I", start + 0x1C) if header >= 0x24 else (0, 0)
    end = min(start + size, len(link.content))
    tail = _text(link, start, suffix, wide_suffix, end, "target_path") or ""
    if flags & 1:  # VolumeIDAndLocalBasePath
        _section(link, start + volume, "volume", lambda: _volume(link, start + volume, end))
        base = _text(link, start, path, wide_path, end, "local_path")
        link.values["local_path"] = None if base is None else base + tail
    if flags & 2:  # CommonNetworkRelativeLinkAndPathSuffix
        _section(link, start + share, "share", lambda: _share(link, start + share, end, tail))
    link.part(start, size)
    return size


def _section(link: Link, offset: int, name: str, read: Callable[[], None]) -> None:
    """Read a section; one that points outside the link is a problem and what follows it is read on."""
    try:
        read()
    except struct.error:
        link.problem(offset, f"the {name} at {offset} does not lie within the link")


def _volume(link: Link, start: int, end: int) -> None:
    """[MS-SHLLINK] 2.3.1 VolumeID."""
    _, drive_type, serial, label = link.numbers("4I", start)
    wide = link.numbers("I", start + 0x10)[0] if label == 0x14 else 0
    # A drive type beyond the list is kept as unknown: GetDriveType gives no others.
    link.values["drive_type"] = _DRIVE_TYPES.get(drive_type, "unknown")
    link.values["volume_serial"] = f"{serial:08X}"
    link.values["volume_label"] = _text(link, start, 0 if wide else label, wide, end, "volume_label")


def _share(link: Link, start: int, end: int, tail: str) -> None:
    """[MS-SHLLINK] 2.3.2 CommonNetworkRelativeLink."""
    _, flags, name, device, _ = link.numbers("5I", start)
    wide_name, wide_device = link.numbers("2I", start + 0x14) if name > 0x14 else (0, 0)
    share = _text(link, start, name, wide_name, end, "network_path")
    if share is not None:
        link.values["network_path"] = "\\".join(part for part in (share, tail) if part)
    if flags & 1:  # ValidDevice
        link.values["device_name"] = _text(link, start, device, wide_device, end, "device_name")


def _text(link: Link, start: int, ansi: int, wide: int, end: int, column: str) -> str | None:
    """A text that ends with NUL, in UTF-16 where it is stored so, otherwise ANSI; None where it is empty or absent."""
    for offset, is_unicode in ((wide, True), (ansi, False)):
        place = start + offset
        if not offset:
            continue
        if place >= end:
            link.problem(
                place, f"the text at {place} does not lie within its section, which ends at {end}", column
            )
            continue
        raw = until_nul(link.content[place:end], 2 if is_unicode else 1)
        if found := _decoded(link, raw, place, column, is_unicode=is_unicode):
            return found
    return None


def _string(link: Link, start: int, column: str, *, is_unicode: bool) -> int:
    """[MS-SHLLINK] 2.4 StringData: a count of characters, then the characters; gives where it ends."""
    (count,) = link.numbers("H", start)
    raw = link.part(start + 2, count * (2 if is_unicode else 1))
    kept = until_nul(raw, 2 if is_unicode else 1)
    link.values[column] = _decoded(link, kept, start + 2, column, is_unicode=is_unicode) or None
    return start + 2 + len(raw)


def _extra(link: Link, start: int) -> int | None:
    """[MS-SHLLINK] 2.5 ExtraData: blocks up to a size below 4; gives where the link ends."""
    for position, size, signature in _blocks(link, start):
        if size < 4:
            return position + 4
        if signature == _ENVIRONMENT and size >= 0x314:
            # [MS-SHLLINK] 2.5.4: 260 bytes ANSI, 520 bytes UTF-16.
            link.values["environment_path"] = _text(
                link, position, 8, 0x10C, position + 0x314, "environment_path"
            )
        elif signature == _TRACKER and size >= 0x60:
            _tracker(link, position)
    return None


def _blocks(link: Link, position: int) -> Iterator[tuple[int, int, int]]:
    """Offset, size and signature of each block, the terminal block last."""
    if position >= len(link.content):
        # Links written by other programs often lack the terminal block; nothing is lost by that.
        yield position - 4, 0, 0
        return
    while True:
        (size,) = link.numbers("I", position)
        signature = link.numbers("I", position + 4)[0] if size >= 8 else 0
        link.part(position, max(size, 4))
        yield position, size, signature
        if size < 4:
            return
        position += size
        if position == len(link.content):
            yield position - 4, 0, 0
            return


def _tracker(link: Link, start: int) -> None:
    """[MS-SHLLINK] 2.5.10 TrackerDataBlock: machine at 0x10, four GUIDs from 0x20."""
    link.values["machine_id"] = _decoded(
        link, until_nul(link.part(start + 0x10, 16), 1), start + 0x10, "machine_id", is_unicode=False
    )
    columns = ("droid_volume_id", "droid_file_id", "birth_volume_id", "birth_file_id")
    for index, column in enumerate(columns):
        guid = uuid.UUID(bytes_le=link.part(start + 0x20 + 16 * index, 16))
        link.values[column] = str(guid) if guid.int else None


def _decoded(link: Link, raw: bytes, offset: int, column: str, *, is_unicode: bool) -> str:
    """Text of bytes; what cannot be decoded is U+FFFD and a problem naming the column."""
    if is_unicode:
        found = raw.decode("utf-16-le", "replace")
        lost = found.count("\ufffd") - raw.decode("utf-16-le", "ignore").count("\ufffd")
        codec = "UTF-16"
    elif raw.isascii():
        return raw.decode("ascii")
    else:
        codec = link.codec = code_page(raw, link.content, link.codec)
        found = raw.decode(codec, "replace")
        lost = found.count("\ufffd")
    if lost:
        link.problem(offset, f"{lost} signs of {column} are not {codec}; they stand as U+FFFD", column)
    return found
