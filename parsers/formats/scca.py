"""Windows prefetch files (SCCA), whole or what is left of them: program, runs, files and volumes.

Nothing here raises for what stands in a file; what cannot be read waits as problems. Offsets are those of the
unpacked file. The library for the format, libscca, refuses a damaged file as a whole and gives made-up bytes
for the end of a packed file that is cut off; it is the second reader of the tests.

References:
    - J. Metz, Windows Prefetch File (PF) format (cited as [SCCA]); libscca, scca_file_information.h and scca_volume_information.h
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from parsers.contract import Problem, ProblemKind
from parsers.formats.filetime import instant
from parsers.formats.xpress_huffman import unpack

SIGNATURE = b"SCCA"
PACKED = b"MAM"
MOST_BYTES = 16 << 20  # real files have some hundred kilobytes
_HEADER_BYTES = 84
_XPRESS_HUFFMAN, _HAS_CHECKSUM = 0x04, 0x80
_MOST_VOLUMES = 1024  # shadow copies count as volumes of their own
_MOST_SIGNS = 32767  # longest path Windows takes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """Where a format version keeps what: offsets from the start of the file, sizes of entries."""

    run_offset: int
    run_slots: int
    count_offset: int
    metrics_bytes: int
    volume_bytes: int


# [SCCA] File information; Windows 8 and later keep eight runs.
_LAYOUTS = {
    17: _Layout(run_offset=120, run_slots=1, count_offset=144, metrics_bytes=20, volume_bytes=40),
    23: _Layout(run_offset=128, run_slots=1, count_offset=152, metrics_bytes=32, volume_bytes=104),
    26: _Layout(run_offset=128, run_slots=8, count_offset=208, metrics_bytes=32, volume_bytes=104),
    30: _Layout(run_offset=128, run_slots=8, count_offset=208, metrics_bytes=32, volume_bytes=96),
}
# libscca: where the metrics begin at 0x128, as since Windows 10 1809 and in version 31, eight bytes in front of the count are gone.
_SHORT_METRICS_OFFSET = 0x128
_SHORT = _Layout(run_offset=128, run_slots=8, count_offset=200, metrics_bytes=32, volume_bytes=96)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One of the runs kept, the newest first; `at` is None where the time cannot be read."""

    offset: int
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file the program reached; `reference` is that of NTFS, None where none is kept."""

    offset: int
    path: str
    reference: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A volume the program reached, with the folders on it."""

    offset: int
    device_path: str
    serial: str
    created_at: datetime | None
    folders: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class Prefetch:
    """A prefetch file being read; what was not reached is empty or None."""

    content: bytes
    is_packed: bool = False
    version: int | None = None
    name: str | None = None
    hash: int | None = None
    run_count: int | None = None
    stated_files: int | None = None
    runs: list[Run] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    volumes: list[Volume] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    spent_signs: int = 0

    def tell(self, kind: ProblemKind, offset: int, message: str, column: str | None = None) -> None:
        """Keep a problem."""
        self.problems.append(Problem(kind=kind, locator=str(offset), message=message, column=column))

    def numbers(self, layout: str, offset: int) -> tuple[Any, ...] | None:
        """Little-endian numbers at an offset, None past the end."""
        form = struct.Struct(f"<{layout}")
        if offset + form.size > len(self.content):
            return None
        return form.unpack_from(self.content, offset)

    def text(self, offset: int, count: int) -> str | None:
        """So many signs of UTF-16 at an offset; None where they are not there or the budget for text is spent."""
        # An empty text costs something too: lists of them may overlap.
        self.spent_signs += count + 8
        if count > _MOST_SIGNS or self.spent_signs > len(self.content):
            return None
        raw = self.content[offset : offset + 2 * count]
        if len(raw) < 2 * count:
            return None
        return raw.decode("utf-16-le", "surrogatepass").partition("\0")[0]

    def instant(self, ticks: int, offset: int, column: str) -> datetime | None:
        """The instant of a FILETIME; a problem where it is none."""
        try:
            return instant(ticks)
        except ValueError as error:
            self.tell(ProblemKind.DAMAGED, offset, str(error), column)
            return None


def read(raw: bytes) -> Prefetch:
    """What a prefetch file holds; `version` is None where it is no such file."""
    found = _unpacked(raw)
    head = found.numbers("I4sII", 0)
    if head is None or len(found.content) < _HEADER_BYTES:
        kind = ProblemKind.TRUNCATED if found.is_packed or raw[4:8] == SIGNATURE else ProblemKind.UNRECOGNISED
        found.tell(
            kind, 0, f"a prefetch file begins with {_HEADER_BYTES} bytes, {len(found.content)} are there"
        )
        return found
    version, signature, _, size = head
    if signature != SIGNATURE:
        found.tell(
            ProblemKind.UNRECOGNISED,
            4,
            f"no prefetch file: {SIGNATURE!r} is expected, {signature!r} is there",
        )
        return found
    found.version = version
    name = found.content[16:76].decode("utf-16-le", "surrogatepass")
    found.name = name.partition("\0")[0]
    (found.hash,) = found.numbers("I", 76) or (None,)
    if size > len(found.content):
        found.tell(
            ProblemKind.TRUNCATED,
            len(found.content),
            f"{size} bytes are stated, {len(found.content)} are there",
        )
    elif size < len(found.content):
        found.tell(ProblemKind.DAMAGED, 12, f"{size} bytes are stated, {len(found.content)} are there")
    layout = _layout(found, version)
    if layout is None:
        found.tell(
            ProblemKind.UNSUPPORTED, 0, f"format version {version} is not known: runs and files are not read"
        )
        return found
    _runs(found, layout)
    _sections(found, layout)
    return found


def _unpacked(raw: bytes) -> Prefetch:
    """The bytes of a file as they were before Windows packed them ([SCCA] MAM file format)."""
    if raw[:3] != PACKED:
        return Prefetch(content=raw)
    found = Prefetch(content=b"", is_packed=True)
    if len(raw) < 12:
        found.tell(ProblemKind.TRUNCATED, 0, f"the packed file has {len(raw)} bytes")
        return found
    method, size = raw[3], int.from_bytes(raw[4:8], "little")
    if method & ~_HAS_CHECKSUM != _XPRESS_HUFFMAN:
        found.tell(ProblemKind.UNSUPPORTED, 3, f"packed by method {method:#04x}, which is not known here")
        return found
    if size > MOST_BYTES:
        found.tell(ProblemKind.LIMIT, 4, f"unpacks to {size} bytes, at most {MOST_BYTES} are read")
        size = MOST_BYTES
    found.content, why = unpack(raw[12 if method & _HAS_CHECKSUM else 8 :], size)
    if why is not None:
        found.tell(ProblemKind.TRUNCATED if "end at" in why else ProblemKind.DAMAGED, len(found.content), why)
    return found


def _layout(found: Prefetch, version: int) -> _Layout | None:
    metrics = found.numbers("I", _HEADER_BYTES)
    if version in (30, 31) and metrics == (_SHORT_METRICS_OFFSET,):
        return _SHORT
    return _LAYOUTS.get(30 if version == 31 else version)


def _runs(found: Prefetch, layout: _Layout) -> None:
    """The runs kept, the newest first, and how many there were."""
    for slot in range(layout.run_slots):
        offset = layout.run_offset + 8 * slot
        ticks = found.numbers("Q", offset)
        if ticks is None:
            found.tell(ProblemKind.TRUNCATED, offset, "the times of the runs are cut off", "ran_at")
            break
        if ticks[0]:
            found.runs.append(Run(offset=offset, at=found.instant(ticks[0], offset, "ran_at")))
    count = found.numbers("I", layout.count_offset)
    if count is None:
        found.tell(ProblemKind.TRUNCATED, layout.count_offset, "the run count is cut off", "run_count")
    else:
        (found.run_count,) = count


def _sections(found: Prefetch, layout: _Layout) -> None:
    """Files and volumes, each as far as they are there."""
    places = found.numbers("9I", _HEADER_BYTES)
    if places is None:
        found.tell(ProblemKind.TRUNCATED, _HEADER_BYTES, "the places of files and volumes are cut off")
        return
    metrics, found.stated_files, _, _, names, names_bytes, volumes, volume_count, volumes_bytes = places
    found.files += _files(found, metrics, (names, names + names_bytes), layout.metrics_bytes)
    found.volumes += _volumes(found, (volumes, volume_count), volumes_bytes, layout.volume_bytes)


def _files(found: Prefetch, start: int, names: tuple[int, int], entry_bytes: int) -> Iterator[File]:
    """[SCCA] Metrics array: each entry has the place and the length of its name, and from version 23 the reference."""
    lost = 0
    first = None
    for number in range(found.stated_files or 0):
        offset = start + number * entry_bytes
        place = found.numbers("2I" if entry_bytes == 20 else "4x2I4xQ", offset + 8)
        if place is None:
            message = f"{found.stated_files} files are stated, the list ends behind {number}"
            found.tell(ProblemKind.TRUNCATED, offset, message, "file_path")
            break
        begin, count = names[0] + place[0], place[1]
        path = None if begin + 2 * count > names[1] else found.text(begin, count)
        if path is None:
            lost, first = lost + 1, offset if first is None else first
        else:
            yield File(offset=offset, path=path, reference=place[2] if len(place) > 2 else None)
    if first is not None:
        found.tell(_kind(found), first, f"the names of {lost} files cannot be read", "file_path")


def _volumes(found: Prefetch, listed: tuple[int, int], size: int, entry_bytes: int) -> Iterator[Volume]:
    """[SCCA] Volume information: places of texts are counted from its start."""
    start, count = listed
    if count > _MOST_VOLUMES:
        message = f"{count} volumes are stated, the first {_MOST_VOLUMES} are read"
        found.tell(ProblemKind.LIMIT, start, message, "device_path")
    for number in range(min(count, _MOST_VOLUMES)):
        offset = start + number * entry_bytes
        entry = found.numbers("2IQI8x2I", offset)
        if entry is None or (number + 1) * entry_bytes > size:
            message = f"{count} volumes are stated, the list ends behind {number}"
            found.tell(
                _kind(found) if entry is not None else ProblemKind.TRUNCATED, offset, message, "device_path"
            )
            return
        place, signs, created, serial, folders, folder_count = entry
        device_path = found.text(start + place, signs)
        if device_path is None:
            found.tell(_kind(found), offset, "the path of the volume cannot be read", "device_path")
            continue
        yield Volume(
            offset=offset,
            device_path=device_path,
            serial=f"{serial:08X}",
            created_at=found.instant(created, offset + 8, "volume_created_at"),
            folders=tuple(_folders(found, start + folders, folder_count)),
        )


def _folders(found: Prefetch, position: int, count: int) -> Iterator[str]:
    """[SCCA] Directory strings: a count of signs, the signs, a NUL."""
    for number in range(count):
        signs = found.numbers("H", position)
        folder = None if signs is None else found.text(position + 2, signs[0])
        if signs is None or folder is None:
            message = f"{count} folders are stated, {number} can be read"
            found.tell(_kind(found), position, message, "folder_paths")
            return
        yield folder
        position += 4 + 2 * signs[0]


def _kind(found: Prefetch) -> ProblemKind:
    """What a text that is not there comes from: bytes that are missing, or wrong ones."""
    cut = any(one.kind is ProblemKind.TRUNCATED for one in found.problems)
    return ProblemKind.TRUNCATED if cut else ProblemKind.DAMAGED


def path_hashes(path: str) -> set[int]:
    """Hashes Windows would give the device path of a program that takes none of its arguments into account.

    [SCCA] Calculating the prefetch hash: that of Windows XP, of Vista, and of Windows 7 and later.
    """
    content = path.upper().encode("utf-16-le", "surrogatepass")
    vista, xp = 314159, 0
    for one in content:
        vista = (37 * vista + one) & 0xFFFFFFFF
        xp = (37 * xp + one) & 0xFFFFFFFF
    xp = xp * 314159269 & 0xFFFFFFFF
    xp = (0x100000000 - xp if xp > 0x80000000 else xp) % 1000000007
    later, place = 314159, 0
    while place + 8 < len(content):
        sign = 0
        for one in content[place + 1 : place + 7]:
            sign = (sign + one) * 37
        sign += content[place] * 442596621 + content[place + 7]
        later = (sign - later * 803794207) & 0xFFFFFFFF
        place += 8
    for one in content[place:]:
        later = (37 * later + one) & 0xFFFFFFFF
    return {xp, vista, later}
