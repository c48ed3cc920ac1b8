r"""Move tables of the Distributed Link Tracking client (\System Volume Information\tracking.log) of NTFS volumes.

Shows: which machine last kept the volume, by its NetBIOS name, and the volume's object identifier, which shell links
repeat; which files with an object identifier were moved away from the volume, to which machine and volume, and when.
Does not show: copies, names and paths; moves of files without an object identifier (most have none until a link to
them is made); moves while the service was off. The time is a span of about seven minutes, since only the upper half
of a FILETIME is kept. Old entries are overwritten, and a volume used by another machine takes that one's name.
Not read: the order of entries (next, previous), fields of unknown meaning, entries marked as unused.

Microsoft has not published this layout: it is known from research, and the meaning of an entry is that of the
protocol's move notification. The header was held to a real file, an entry in use only to the description.

References:
    - M. Suhanov, dfir_ntfs, "MoveTable (tracking.log)": header, sectors and entries
    - [MS-DLTW] 1.3, 2.2 (MachineID, DROID, move notification)
    - [MS-DTYP] 2.3.3 FILETIME
"""

from __future__ import annotations

import struct
import uuid
from typing import Any

from parsers.contract import (
    Artefact,
    Column,
    Problem,
    ProblemKind,
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
from parsers.formats import codecs
from parsers.formats.filetime import instant

VOLUME = Table(
    "windows_tracking_volume",
    Column("volume_machine_id", text, "NetBIOS name of the machine that last kept the volume."),
    Column("volume_object_id", text, "Object identifier of the volume."),
    Column("is_flushed", boolean, "Whether the log was closed in order."),
)
MOVES = Table(
    "windows_tracking_log",
    Column("move_number", integer, "Number of the entry."),
    Column("moved_object_id", text, "Object identifier the file had on this volume."),
    Column("machine_id", text, "NetBIOS name of the machine the target was last known on."),
    Column("droid_volume_id", text, "Object identifier of the volume the file was moved to."),
    Column("droid_file_id", text, "Object identifier of the file after the move."),
    Column("birth_volume_id", text, "Object identifier of the volume the target was created on."),
    Column("birth_file_id", text, "Object identifier of the target when it was created."),
    Column("moved_after_at", utc, "Begin of the span in which the file was moved."),
    Column("moved_before_at", utc, "End of the span in which the file was moved."),
)

SIGNATURE = uuid.UUID("6643a7ec-effe-11d1-b2ae-00c04fb9386d").bytes_le
_HEADER = struct.Struct("<16sII16x16s16s")  # signature, -, flags, machine at 40, volume at 56
_FLUSHED = 1
# Next and previous entry, kind, number, -, object, droid (2), machine, birth droid (2), upper half of a FILETIME, -.
_ENTRY = struct.Struct("<IIIII16s16s16s16s16s16sII")
_UNUSED, _MOVE = 1, 2
_FOOTER_BYTES = 16
_READ_BYTES = 16 << 20
_MOST_PROBLEMS = 1000


@parser(
    version=1,
    wants=(Want("**/System Volume Information/tracking.log", signature=SIGNATURE),),
    tables=(VOLUME, MOVES),
)
def tracking_log(artefact: Artefact) -> Yields:
    """One row for the volume, then one for each move, in stored order."""
    with artefact.open() as stream:
        content = stream.read(_READ_BYTES)
    if not content.startswith(SIGNATURE):
        message = f"no move table: it begins with {content[:16].hex(' ')}"
        yield Problem(kind=ProblemKind.UNRECOGNISED, locator="0", message=message)
        return
    if len(content) < _HEADER.size:
        message = f"the header is {_HEADER.size} bytes long, {len(content)} are there"
        yield Problem(kind=ProblemKind.TRUNCATED, locator="0", message=message)
        return
    _, _, flags, machine, volume = _HEADER.unpack_from(content)
    problems: list[Problem] = []
    name = _machine(machine, "40", "volume_machine_id", problems)
    yield VOLUME.row(
        "0",
        Status.PARTIAL if problems else Status.OK,
        volume_machine_id=name,
        volume_object_id=_identifier(volume),
        is_flushed=bool(flags & _FLUSHED),
    )
    yield from problems
    yield from _moves(content)
    if artefact.size > len(content):
        message = f"{artefact.size} bytes; only the first {len(content)} are read"
        yield Problem(kind=ProblemKind.LIMIT, locator=str(len(content)), message=message)


def _moves(content: bytes) -> Yields:
    # The first sector is the header; on a disk with sectors of 4096 bytes zeros follow its first 512.
    sector = 512 if content[512:528].strip(b"\0") else 4096
    told = 0
    for begin in range(sector, len(content), sector):
        end = min(begin + sector, len(content))
        if end - begin < sector:
            message = f"the sector at {begin} has {end - begin} of {sector} bytes"
            yield Problem(kind=ProblemKind.TRUNCATED, locator=str(begin), message=message)
        for place in range(begin, min(end, begin + sector - _FOOTER_BYTES) - _ENTRY.size + 1, _ENTRY.size):
            entry = _ENTRY.unpack_from(content, place)
            if entry[2] == _MOVE:
                yield from _move(entry, place)
            elif entry[2] != _UNUSED:
                told += 1
                if told <= _MOST_PROBLEMS:
                    message = f"an entry of the unknown kind {entry[2]:#x}"
                    yield Problem(kind=ProblemKind.UNSUPPORTED, locator=str(place), message=message)
    if told > _MOST_PROBLEMS:
        message = f"{told - _MOST_PROBLEMS} more entries of unknown kinds are not listed"
        yield Problem(kind=ProblemKind.LIMIT, locator=str(len(content)), message=message)


def _move(entry: tuple[Any, ...], place: int) -> Yields:
    _, _, _, number, _, moved, volume, file, machine, birth_volume, birth_file, upper, _ = entry
    problems: list[Problem] = []
    values: dict[str, Any] = {
        "move_number": number,
        "moved_object_id": _identifier(moved),
        "machine_id": _machine(machine, str(place + 68), "machine_id", problems),
        "droid_volume_id": _identifier(volume),
        "droid_file_id": _identifier(file),
        "birth_volume_id": _identifier(birth_volume),
        "birth_file_id": _identifier(birth_file),
    }
    if upper:
        for column, ticks in (("moved_after_at", upper << 32), ("moved_before_at", upper << 32 | 0xFFFFFFFF)):
            try:
                values[column] = instant(ticks)
            except ValueError as error:
                problem = Problem(
                    kind=ProblemKind.DAMAGED, locator=str(place + 116), message=str(error), column=column
                )
                problems.append(problem)
    yield MOVES.row(str(place), Status.PARTIAL if problems else Status.OK, **values)
    yield from problems


def _machine(stored: bytes, locator: str, column: str, problems: list[Problem]) -> str | None:
    """A name in the code page of the machine that wrote it, which is not told: read as cp932."""
    name, replaced = codecs.decode(stored.partition(b"\0")[0], "cp932")
    if replaced:
        message = f"{replaced} bytes of the name are not cp932; they stand in it as \\xNN"
        problems.append(Problem(kind=ProblemKind.DAMAGED, locator=locator, message=message, column=column))
    return name or None


def _identifier(stored: bytes) -> str | None:
    return str(uuid.UUID(bytes_le=stored)) if any(stored) else None
