r"""Prefetch files (Windows\Prefetch\*.pf), which Windows writes when a program has started.

Shows: that a program was started, when last (Windows 8 and later: the last eight times), how often by the count of
Windows, and which files and folders were reached while it started, on which volumes. A program that was run from a
removable volume, or has opened a document there, can so be told by the volume's serial number.
Does not show: who started it, with which arguments, how long it ran, or what it did after the first seconds. That a
file is named tells that the program reached it in one of the traced starts, not in the last one, nor that a person
opened it. Windows keeps 128 files (since Windows 8: 1024) and deletes others; servers and some machines with
solid-state disks write none; no file is no proof that a program was not run. Windows counts and may count anew.
Not read: the trace chains, the file references of a volume, the string behind the run count in newer versions, the
checksum of packed files, the files of other kinds in the folder (Layout.ini, Ag*.db). The boot trace (NTOSBOOT) has its
row and names no program.

`program_path` is the file among those named whose own name is that of the program; where several are, the one whose path
gives the hash in the file, else none. Offsets in locators of a packed file are those of the unpacked one.

References:
    - J. Metz, Windows Prefetch File (PF) format
    - [MS-XCA] 2.1.4 and 2.2 LZ77+Huffman
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from parsers.contract import (
    Artefact,
    Column,
    ProblemKind,
    Status,
    Table,
    Want,
    Yields,
    boolean,
    integer,
    parser,
    text,
    texts,
    utc,
)
from parsers.formats.scca import MOST_BYTES, PACKED, SIGNATURE, Prefetch, path_hashes, read
from parsers.questions import RAN

_NAME = Column("program_name", text, "File name of the program, as stored.")
_PATH = Column("program_path", text, "Path of the program, as stored; its name alone where no path is known.")
_SERIAL = Column("volume_serial", text, "Serial number of the volume, eight upper-case hex digits.")
_COUNT = Column("run_count", integer, "How often it ran, as counted by the artefact.")

PREFETCH = Table(
    "windows_prefetch",
    _NAME,
    _PATH,
    Column("prefetch_hash", text, "Hash in the name of a prefetch file, eight upper-case hex digits."),
    Column(
        "is_hash_of_path",
        boolean,
        "Whether the hash is that of the path alone; arguments may be part of it otherwise.",
    ),
    _SERIAL,
    _COUNT,
    Column("last_run_at", utc, "Last run of the program, as the artefact tells it."),
    Column("format_version", integer, "Version of the file's format."),
    Column("is_packed", boolean, "Whether the file is stored compressed."),
    Column("file_count", integer, "Files it names."),
    answers=RAN(
        where="last_run_at is null and program_name <> 'NTOSBOOT'",
        program_path="program_path",
        run_count="run_count",
    ),
)
RUNS = Table(
    "windows_prefetch_run",
    _NAME,
    _PATH,
    _SERIAL,
    Column("ran_at", utc, "When the program was started."),
    Column("run_place", integer, "Place among the runs kept, 1 for the newest."),
    _COUNT,
    answers=RAN(
        where="program_name <> 'NTOSBOOT'", at="ran_at", program_path="program_path", run_count="run_count"
    ),
)
FILES = Table(
    "windows_prefetch_file",
    _NAME,
    Column("file_path", text, "Path of the file, as stored."),
    _SERIAL,
    Column("file_reference", integer, "MFT entry or inode number."),
    Column("sequence", integer, "Sequence number of the MFT entry."),
)
VOLUMES = Table(
    "windows_prefetch_volume",
    _NAME,
    Column("device_path", text, "Path of the device, as stored."),
    _SERIAL,
    Column("volume_created_at", utc, "Creation time of the volume."),
    Column("folder_paths", texts, "Folders on the volume that were reached, as stored."),
)

_NAME_SIGNS = 29  # [SCCA] File header: longer names are cut
_DEVICE_PARTS = 4  # parts of a path in which that of its volume is looked for
_MOST_NAMED = 16
_MOST_VOLUMES = 32  # a volume of a higher number is not tried


def _is_prefetch(head: bytes) -> bool:
    return head[4:8] == SIGNATURE or (head[:3] == PACKED and head[3:4] in (b"\x04", b"\x84"))


@parser(
    version=1,
    wants=(
        Want("**/Prefetch/*.pf", sniff=_is_prefetch),
        Want("**/*.pf", sniff=_is_prefetch, is_strict=False),
    ),
    tables=(PREFETCH, RUNS, FILES, VOLUMES),
    is_expected_on=("host",),
)
def prefetch(artefact: Artefact) -> Yields:
    """One row for the file, one for each run kept, each file named and each volume."""
    with artefact.open() as stream:
        raw = stream.read(MOST_BYTES)
    found = read(raw)
    if artefact.size > MOST_BYTES:
        found.tell(
            ProblemKind.LIMIT,
            MOST_BYTES,
            f"the file has {artefact.size} bytes, the first {MOST_BYTES} are read",
        )
    if found.version is not None:
        yield from _rows(found)
    yield from found.problems


def _rows(found: Prefetch) -> Yields:
    path, is_hash = _program(found)
    serials = {volume.device_path.casefold(): volume.serial for volume in reversed(found.volumes)}
    program = {
        "program_name": found.name,
        "program_path": path or found.name,
        "volume_serial": _serial(serials, path),
        "run_count": found.run_count,
    }
    status = Status.PARTIAL if found.problems else Status.OK
    yield PREFETCH.row(
        "0",
        status,
        **program,
        prefetch_hash=None if found.hash is None else f"{found.hash:08X}",
        is_hash_of_path=is_hash,
        last_run_at=found.runs[0].at if found.runs else None,
        format_version=found.version,
        is_packed=found.is_packed,
        file_count=found.stated_files,
    )
    for place, run in enumerate(found.runs, 1):
        yield RUNS.row(str(run.offset), status, **program, ran_at=run.at, run_place=place)
    for file in found.files:
        yield FILES.row(
            str(file.offset),
            status,
            program_name=found.name,
            file_path=file.path,
            volume_serial=_serial(serials, file.path),
            **_reference(file.reference),
        )
    for volume in found.volumes:
        yield VOLUMES.row(
            str(volume.offset),
            status,
            program_name=found.name,
            device_path=volume.device_path,
            volume_serial=volume.serial,
            volume_created_at=volume.created_at,
            folder_paths=list(volume.folders),
        )


def _program(found: Prefetch) -> tuple[str | None, bool | None]:
    """The program among the files, and whether the hash is that of its path; None where that cannot be told."""
    name = (found.name or "").casefold()
    named: dict[str, None] = {}
    for file in found.files:
        own = file.path.rpartition("\\")[2].casefold()
        if name and (own == name or (len(name) == _NAME_SIGNS and own.startswith(name))):
            named[file.path] = None
    if len(named) > _MOST_NAMED:
        return None, None
    for path in named:
        if any(found.hash in path_hashes(one) for one in _device_paths(path)):
            return path, True
    return (next(iter(named)), False) if len(named) == 1 else (None, None)


def _device_paths(path: str) -> list[str]:
    r"""A path as the hash may have been taken of it: Windows 10 stores `\VOLUME{...}` and hashes the name of the device."""
    volume, mark, rest = path.partition("}\\")
    if not (volume.startswith("\\VOLUME{") and mark):
        return [path]
    return [f"\\DEVICE\\HARDDISKVOLUME{number}\\{rest}" for number in range(1, _MOST_VOLUMES + 1)]


def _serial(serials: Mapping[str, str], path: str | None) -> str | None:
    r"""Serial number of the volume a path lies on, whose own path is that of a device (`\DEVICE\x`, `\VOLUME{x}`)."""
    parts = [] if path is None else path.casefold().split("\\", _DEVICE_PARTS)
    known = (serials.get("\\".join(parts[:count])) for count in range(2, len(parts)))
    return next((one for one in known if one is not None), None)


def _reference(stored: int | None) -> dict[str, Any]:
    """[SCCA] NTFS file reference: 48 bits of entry, 16 of sequence; 0 where none is set."""
    return {"file_reference": stored & (1 << 48) - 1, "sequence": stored >> 48} if stored else {}
