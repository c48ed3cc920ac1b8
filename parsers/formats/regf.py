"""Windows registry hives: opened with their transaction logs replayed, damage told as problems, the rest read.

Nothing here raises for what stands in a hive. A key, value or list that cannot be read becomes a
problem that waits in the hive until `Hive.problems` is asked for it; what can be read is given.

Not read here: deleted keys and values in free cells (`regf_deleted`). Not read: transaction logs of the old format (DIRT).

References:
    - M. Suhanov, Windows registry file format specification (cited as [REGF])
"""

from __future__ import annotations

import io
import struct
from datetime import datetime
from typing import Any

import pyregf

from parsers.contract import Artefact, ProblemKind, Want
from parsers.formats.regf_cells import CellKey
from parsers.formats.regf_log import (
    BASE_BLOCK_BYTES,
    LOG_TYPES,
    Log,
    is_checksum_right,
    is_dirty,
    read_log,
    replay,
    sequences,
)
from parsers.formats.regf_tree import UNREADABLE, Hive, Key, decode_text, reason

SIGNATURE = b"regf"
LOG_SUFFIXES = (".LOG1", ".LOG2")
# Where Windows keeps each hive; copies elsewhere (Windows.old, snapshots, collections) are found by their names.
_PLACES = {
    "SYSTEM": ("system32/config/SYSTEM", "system32/config/RegBack/SYSTEM"),
    "SOFTWARE": ("system32/config/SOFTWARE", "system32/config/RegBack/SOFTWARE"),
    "SAM": ("system32/config/SAM", "system32/config/RegBack/SAM"),
    "SECURITY": ("system32/config/SECURITY", "system32/config/RegBack/SECURITY"),
    "NTUSER": ("NTUSER.DAT",),
    "USRCLASS": ("UsrClass.dat",),
    "AMCACHE": ("Amcache.hve",),
    "DEFAULT": ("system32/config/DEFAULT", "system32/config/RegBack/DEFAULT"),
}


def hive_wants(*names: str) -> tuple[Want, ...]:
    """What a parser wants that reads these hives: at their place by name, and any hive whose name begins like theirs."""
    placed = tuple(Want(f"**/{place}", signature=SIGNATURE) for name in names for place in _PLACES[name])
    return placed + tuple(Want(f"**/{name}*", signature=SIGNATURE, is_strict=False) for name in names)


def is_hive_or_lost(hive: Hive, artefact: Artefact, *names: str) -> bool:
    """Whether problems of a hive concern what is read from these hives: it is named so, or nothing of it can be read.

    Parsers of one kind of hive are given every hive of a similar name; those of another kind are passed over in silence.
    """
    told = (hive.stored_name.replace("\\", "/"), artefact.path)
    own = [one.rpartition("/")[2].casefold().partition(".")[0] for one in told]
    return hive.root is None or any(one == name.casefold() for one in own for name in names)


def open_hive(artefact: Artefact) -> Hive:
    """The hive of an artefact with its transaction logs replayed; what could not be done waits as problems.

    It is opened, and its logs are replayed, once for all parsers of the artefact; each has its own problems.
    """
    opened: Hive = artefact.once("regf", lambda: _opened(artefact))
    return opened.again()


def _opened(artefact: Artefact) -> Hive:
    hive = Hive()
    block = artefact.head(BASE_BLOCK_BYTES)
    if block[:4] != SIGNATURE:
        what = (
            "the file is empty" if not block else f"a hive begins with {SIGNATURE!r}, this with {block[:4]!r}"
        )
        hive.tell(ProblemKind.UNRECOGNISED, "0", what)
        return hive
    if len(block) >= 32 and int.from_bytes(block[28:32], "little") in LOG_TYPES:
        hive.is_log = True
        return hive
    if len(block) < BASE_BLOCK_BYTES:
        hive.tell(
            ProblemKind.TRUNCATED,
            "0",
            f"the base block has {BASE_BLOCK_BYTES} bytes, the file only {len(block)}",
        )
        return hive
    # [REGF] Base block: the file name stands at 48, 64 bytes of UTF-16.
    hive.stored_name = decode_text(block[48:112])
    content = _replayed(hive, artefact, block) if is_dirty(block) else None
    _open(hive, artefact, content)
    return hive


def _replayed(hive: Hive, artefact: Artefact, block: bytes) -> bytearray | None:
    """The bytes of a dirty hive with its logs applied; None where no log can be used."""
    hive.is_dirty = True
    logs = []
    for suffix, companion in sorted(artefact.companions.items()):
        with companion.open() as stream:
            logs.append(read_log(suffix, stream.read()))
    for log in logs:
        _tell_log(hive, log)
    with artefact.open() as stream:
        result = replay(stream.read(), logs)
    if not result.applied_count:
        primary, secondary = sequences(block)
        why = (
            f"sequence numbers {primary} and {secondary}"
            if is_checksum_right(block)
            else "the checksum does not hold"
        )
        beside = ", ".join(f"{log.name} {log.kind}" for log in logs) or "none given"
        message = (
            f"dirty, logs missing: {why}; logs: {beside}. What was written last may be absent or half there"
        )
        hive.tell(ProblemKind.AMBIGUOUS, "0", message)
        hive.is_partial = True
        return None
    hive.replayed_count = result.applied_count
    if result.gap is not None:
        hive.tell(ProblemKind.AMBIGUOUS, "0", f"{result.gap}: changes between are lost")
        hive.is_partial = True
    return result.content


def _tell_log(hive: Hive, log: Log) -> None:
    if log.kind == "old":
        message = (
            f"{log.name} is a log of the old format (DIRT), which is not replayed: compare with another tool"
        )
        hive.tell(ProblemKind.UNSUPPORTED, log.name, message)
    elif log.kind == "foreign":
        hive.tell(
            ProblemKind.DAMAGED, log.name, f"{log.name} is no transaction log, or its base block is damaged"
        )
    elif log.torn is not None:
        hive.tell(
            ProblemKind.DAMAGED, log.name, f"{log.name}: {log.torn}; it and what follows it is not applied"
        )


def _open(hive: Hive, artefact: Artefact, content: bytearray | None) -> None:
    """Give the hive its root key, read from its cell where libregf refuses the hive."""
    streams = [artefact.open() if content is None else io.BytesIO(content) for _ in range(2)]
    hive.streams += streams
    hive.content = streams[0]
    file = pyregf.file()
    try:
        file.open_file_object(streams[1])
        hive.file = file
        cell = file.get_root_key()
        hive.root = Key(path="", name=cell.name or "", written_at=_written_at(hive, cell), cell=cell)
    except (*UNREADABLE, AttributeError) as error:
        _open_by_cells(hive, reason(error))
        return
    # libregf reads a hive cut at the end of a bin as if it ended there.
    hive.is_partial |= _tell_cut(hive)


def _open_by_cells(hive: Hive, why: str) -> None:
    """Give the hive its root key without libregf, and say what is wrong with it as a whole."""
    hive.is_partial = True
    hive.content.seek(0)
    (root,) = struct.unpack_from("<I", hive.content.read(BASE_BLOCK_BYTES), 36)
    if not _tell_cut(hive):
        hive.tell(ProblemKind.DAMAGED, "0", f"the hive is not whole, its keys are read cell by cell: {why}")
    try:
        cell = CellKey(hive.content, root)
    except ValueError as error:
        hive.tell(ProblemKind.DAMAGED, "0", f"the root key cannot be read: {error}")
        return
    hive.root = Key(path="", name=cell.name, written_at=_written_at(hive, cell), cell=cell)


def _tell_cut(hive: Hive) -> bool:
    """Whether the hive is shorter than its base block states, which is told as a problem."""
    size = hive.content.seek(0, io.SEEK_END)
    hive.content.seek(40)  # [REGF] Base block: the size of the bins stands at 40
    stated = BASE_BLOCK_BYTES + int.from_bytes(hive.content.read(4), "little")
    if size >= stated:
        return False
    message = f"the hive should be {stated} bytes long, the file has {size}: what lay behind is lost"
    hive.tell(ProblemKind.TRUNCATED, f"{size:#x}", message)
    return True


def _written_at(hive: Hive, cell: Any) -> datetime | None:
    return hive.instant_of(cell.get_last_written_time_as_integer(), "\\")
