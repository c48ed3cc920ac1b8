r"""Small pictures kept in a folder (Thumbs.db): which pictures lay there, with names and times up to Windows XP.

Shows: that Explorer made a small picture of a file of this folder; up to Windows XP and 2003 the file's name and the time
of its last change then, even where the file is gone since; since Windows Vista, where such files are made on shares, the
identifier under which the index of Windows Search keeps the file's path (`thumbnail_cache_id`).
Does not show: when the small picture was made, by whom (on a share by anybody who opened the folder), or that a person
looked at it. A Thumbs.db that was copied with its folder tells of the folder it came from.
Not read: the small pictures themselves (their SHA-256 is given), entries of the catalog beyond its stated sizes.

References:
    - M. Roukine, K. Ates, Vinetto (catalog and heads of the pictures)
    - Archive Team, Just Solve the File Format Problem, "Windows thumbnail cache" (names of the streams)
    - [MS-DTYP] 2.3.3 FILETIME
"""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pyolecf

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
from parsers.formats.compound import SIGNATURE
from parsers.formats.filetime import instant
from parsers.formats.wide import wide_text

PICTURES = Table(
    "windows_thumbs_db",
    Column("picture_name", text, "Name of the file; `{A42CD7B6-...}` stands for the folder itself."),
    Column("target_modified_at", utc, "Last write time of the file when the small picture was made."),
    Column("picture_number", integer, "Number of the entry in the catalog."),
    Column("thumbnail_cache_id", text, "Identifier of the small picture, sixteen hex digits."),
    Column("cache_kind", text, "Which size, from the name of the stream: 96, 256, 1024, ..."),
    Column("image_format", text, "jpeg, png, bmp or unknown, from its first bytes; null where it is empty."),
    Column("image_bytes", integer, "Size of the small picture."),
    Column("image_sha256", text, "SHA-256 of the small picture, hex."),
)

# What libolecf raises; a root that is missing is None.
_UNREADABLE = (OSError, ValueError, RuntimeError, MemoryError, AttributeError)
_CATALOG = "catalog"
_CATALOG_HEAD = struct.Struct("<HHIII")  # size of the head, version, count, width, height
_CATALOG_ENTRY = struct.Struct("<IIQ")  # size, number, FILETIME; then the name and four bytes
_NUMBERED = re.compile(r"\d{1,6}", re.ASCII)
_IDENTIFIED = re.compile(r"(\d{1,5})_([0-9a-f]{1,16})", re.ASCII | re.IGNORECASE)
_FORMATS = {b"\xff\xd8\xff": "jpeg", b"\x89PNG": "png", b"BM": "bmp"}
_MOST_STREAMS = 50_000
_MOST_BYTES = 16 << 20


@parser(
    version=1,
    wants=(
        Want("**/Thumbs.db", signature=SIGNATURE, is_shared=True, is_strict=False),
        Want("**/ehthumbs*.db", signature=SIGNATURE, is_shared=True, is_strict=False),
    ),
    tables=(PICTURES,),
)
def thumbs_db(artefact: Artefact) -> Yields:
    """One row for each entry of the catalog, then one for each small picture it does not name, in stored order."""
    with artefact.open() as stream:
        file = pyolecf.file()
        try:
            file.open_file_object(stream)
            reader = _Pictures(_streams(file), artefact.size)
        except _UNREADABLE as error:
            kind = ProblemKind.DAMAGED if artefact.head(8) == SIGNATURE else ProblemKind.UNRECOGNISED
            message = f"the compound file cannot be opened: {_reason(error)}"
            yield Problem(kind=kind, locator="0", message=message)
            return
        yield from reader.rows()


def _reason(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:150]


def _streams(file: Any) -> dict[str, Any]:
    """Streams of the root by name, folded."""
    root = file.root_item
    found = {}
    for index in range(min(root.number_of_sub_items, _MOST_STREAMS)):
        item = root.get_sub_item(index)
        if hasattr(item, "read_buffer"):
            found[(item.name or "").lower()] = item
    return found


class _Pictures:
    """The streams of one file."""

    def __init__(self, streams: dict[str, Any], size: int) -> None:
        self._streams = streams
        # Streams of a made file can share their sectors: they are read for no more than twice the file.
        self._left = 2 * size
        self._problems: list[Problem] = []

    def rows(self) -> Yields:
        """Rows and problems in order."""
        taken: set[str] = set()
        known = [one for one in self._streams if _NUMBERED.fullmatch(one) or _IDENTIFIED.fullmatch(one)]
        if _CATALOG not in self._streams and not known:
            message = "neither a catalog nor small pictures: no Thumbs.db"
            yield Problem(kind=ProblemKind.UNRECOGNISED, locator="0", message=message)
            return
        for offset, number, values in self._entries():
            # The picture of entry 120 is the stream 021.
            name = str(number)[::-1]
            values |= {"picture_number": number, **self._image(name)}
            taken.add(name)
            yield from self._row(f"Catalog:{offset}", values)
        yield from self._given()
        for name in known:
            if name in taken:
                continue
            values = self._image(name)
            if found := _IDENTIFIED.fullmatch(name):
                values |= {"cache_kind": found[1], "thumbnail_cache_id": found[2].lower().zfill(16)}
            else:
                values["picture_number"] = int(name[::-1])
            yield from self._row(name, values)

    def _entries(self) -> Iterator[tuple[int, int, dict[str, Any]]]:
        """Offset, number and columns of the entries of the catalog."""
        content = self._read(_CATALOG) if _CATALOG in self._streams else None
        if content is None:
            return
        if len(content) < _CATALOG_HEAD.size:
            self._tell("Catalog:0", f"a catalog has a head of 16 bytes, {len(content)} are there")
            return
        at, _, count, _, _ = _CATALOG_HEAD.unpack_from(content)
        found = 0
        while found < min(count, _MOST_STREAMS) and at + _CATALOG_ENTRY.size <= len(content):
            size, number, ticks = _CATALOG_ENTRY.unpack_from(content, at)
            if size < _CATALOG_ENTRY.size:
                break
            stored = content[at + _CATALOG_ENTRY.size : at + size]
            end = next((n for n in range(0, len(stored) - 1, 2) if stored[n : n + 2] == b"\0\0"), len(stored))
            name, is_whole = wide_text(stored[:end])
            if not is_whole or end == len(stored):
                self._tell(f"Catalog:{at}", "the name has no end or is not UTF-16 throughout", "picture_name")
            values = {"picture_name": name or None, "target_modified_at": self._instant(ticks, at)}
            yield at, number, values
            found += 1
            at += size
        if found < count:
            self._tell(f"Catalog:{at}", f"the catalog states {count} entries, {found} are there")

    def _image(self, name: str) -> dict[str, Any]:
        """What a stream holds: a head that begins with its size, then a picture."""
        if name not in self._streams:
            return {}
        content = self._read(name)
        if content is None:
            return {}
        head = int.from_bytes(content[:4], "little")
        if not 12 <= head <= len(content):
            self._tell(name, f"the head of the picture should have {head} bytes", "image_bytes")
            return {}
        image = content[head:]
        kinds = [kind for mark, kind in _FORMATS.items() if image.startswith(mark)]
        return {
            "image_bytes": len(image),
            "image_format": (kinds or ["unknown"])[0] if image else None,
            "image_sha256": hashlib.sha256(image).hexdigest() if image else None,
        }

    def _read(self, name: str) -> bytes | None:
        item = self._streams[name]
        try:
            size = item.size
            self._left -= size
            if size > _MOST_BYTES or self._left < 0:
                self._tell(name, f"a stream of {size} bytes is not read", kind=ProblemKind.LIMIT)
                return None
            item.seek(0)
            content: bytes = item.read_buffer(size) if size else b""
        except _UNREADABLE as error:
            self._tell(name, f"the stream cannot be read: {_reason(error)}")
            return None
        if len(content) < size:
            self._tell(name, f"the stream has {size} bytes, {len(content)} are there")
        return content

    def _instant(self, ticks: int, at: int) -> datetime | None:
        try:
            return instant(ticks)
        except ValueError as error:
            self._tell(f"Catalog:{at}", str(error), "target_modified_at")
            return None

    def _row(self, locator: str, values: dict[str, Any]) -> Yields:
        status = Status.PARTIAL if self._problems else Status.OK
        yield PICTURES.row(locator, status, **values)
        yield from self._given()

    def _tell(
        self, at: str, message: str, column: str | None = None, kind: ProblemKind = ProblemKind.DAMAGED
    ) -> None:
        self._problems.append(Problem(kind=kind, locator=at, message=message, column=column))

    def _given(self) -> Yields:
        yield from self._problems
        self._problems = []
