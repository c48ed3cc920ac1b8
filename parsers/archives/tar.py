r"""Tar archives (ustar, GNU, pax), not packed; packed ones are unpacked by `archives/compressed` first.

Shows: each file as an entry of its own, with the time of its last change.
Does not show: folders, devices and links; owners. A name in no stated encoding is read as UTF-8 or cp932, whichever reads it first.
Not read: archives split over several files, sparse files of old forms beyond what the library reads.

References:
    - IEEE Std 1003.1-2017, pax, "ustar Interchange Format", "pax Interchange Format"
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from parsers.contract import Artefact, Member, Problem, ProblemKind, Want, Yields, parser
from parsers.formats.member_stream import blocks_of, from_blocks

_MOST_MEMBERS = 1_000_000
_ERRORS = (tarfile.TarError, EOFError, ValueError, KeyError)


@parser(version=1, wants=(Want(signature=b"ustar", offset=257),))
def tar(artefact: Artefact) -> Yields:
    """One member for each file, in stored order; the locator is `offset:` and where its header stands."""
    with artefact.open() as stream:
        try:
            with tarfile.open(fileobj=stream, mode="r:", errors="surrogateescape") as archive:
                for count, info in enumerate(archive):
                    if count >= _MOST_MEMBERS:
                        message = f"more than {_MOST_MEMBERS} members; the others are not read"
                        yield Problem(
                            kind=ProblemKind.LIMIT, locator=f"offset:{info.offset}", message=message
                        )
                        return
                    if info.isfile():
                        yield _member(archive, info)
        except (*_ERRORS, OSError) as error:
            message = f"the archive cannot be read to its end: {error}"
            yield Problem(kind=ProblemKind.TRUNCATED, locator="", message=message)


def _member(archive: tarfile.TarFile, info: tarfile.TarInfo) -> Member:
    name, raw = _name(info.name)
    return Member(
        locator=f"offset:{info.offset}",
        name=name,
        name_raw=raw,
        size=info.size,
        modified_at=_time(info.mtime),
        content=from_blocks(_blocks(archive, info), _ERRORS),
    )


def _blocks(archive: tarfile.TarFile, info: tarfile.TarInfo) -> Iterator[bytes]:
    opened: Any = archive.extractfile(info)
    found = 0
    for block in blocks_of(opened):
        found += len(block)
        yield block
    if found < info.size:
        raise EOFError(f"the archive ends {info.size - found} bytes before the member does")


def _name(stored: str) -> tuple[str, bytes | None]:
    raw = stored.encode("utf-8", "surrogateescape")
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        try:
            return raw.decode("cp932"), raw
        except UnicodeDecodeError:
            return stored, raw
    return stored, None


def _time(seconds: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None
