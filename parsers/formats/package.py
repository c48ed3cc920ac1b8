"""Packages of parts in a zip, as Office and OpenDocument write them: bounded in parts, bytes unpacked and bytes at once.

References:
    - ISO/IEC 29500-2 (packages, relationships 9.3), PKWARE APPNOTE 6.3.10 sections 4.3.12 and 4.3.16
"""

from __future__ import annotations

import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import BinaryIO

from parsers.contract import Artefact, Member, Problem, ProblemKind
from parsers.formats.compound import SIGNATURE
from parsers.formats.xml_stream import BLOCK_BYTES, START, BadPart, Event, events

ZIP = b"PK\x03\x04"
_OPEN_XML = (
    "docx", "docm", "dotx", "dotm", "xlsx", "xlsm", "xltx", "xltm", "xlsb", "pptx", "pptm", "potx", "potm", "ppsx", "ppsm",
    "vsdx", "thmx",
)  # fmt: skip
_OPEN_DOCUMENT = ("odt", "ott", "ods", "ots", "odp", "otp", "odg", "odf", "epub", "sxw", "sxc", "sxi")
ENDINGS = (*_OPEN_XML, *_OPEN_DOCUMENT)
_CONTENT_TYPES, _MIMETYPE = "[Content_Types].xml", "mimetype"
# Parts that programs write first; some libraries do not begin with the list of types.
_FIRST_PARTS = {
    _CONTENT_TYPES.encode(), _MIMETYPE.encode(), b"_rels/.rels", b"docProps/app.xml", b"docProps/core.xml", b"xl/workbook.xml",
    b"xl/styles.xml", b"xl/sharedStrings.xml", b"word/document.xml", b"word/styles.xml", b"ppt/presentation.xml",
}  # fmt: skip
_FIRST_NAME = 30  # APPNOTE 4.3.7: where the name of the first file stands
# A directory of so many bytes names 90,000 parts at most; programs write some hundreds.
_MOST_DIRECTORY = 4 << 20
_FREE_BYTES = 64 << 20
_MOST_BYTES = 512 << 20
_MOST_RATIO = 100
_MOST_MEMBER = 64 << 20
_MOST_RELATIONS = 20_000
_MOST_HEADS = 20_000
_LOOK = 1 << 20
_STEP = 1 << 16
_XML = (".xml", ".rels", ".vml", ".rdf")
_DIGITS = re.compile(r"(\d{1,9})")
_FAULTS = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    OSError,
    EOFError,
    ValueError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
    struct.error,
)


@dataclass(frozen=True, slots=True)
class Relation:
    """A relationship: its identifier, the last word of its type, its target, whether that lies outside."""

    id: str
    kind: str
    target: str
    is_external: bool


class _Bounded:
    """A stream that gives no more at once than a directory of parts may have."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.seek, self.tell, self.seekable = stream.seek, stream.tell, stream.seekable

    def read(self, size: int = -1) -> bytes:
        """Bytes from where the stream stands."""
        if size > _MOST_DIRECTORY:
            raise BadPart(
                ProblemKind.LIMIT, f"a directory of {size} bytes: more parts than a document has; not read"
            )
        return self._stream.read(size)

    def close(self) -> None:
        """Left to who opened it."""


class Package:
    """The parts of one package, by name in stored order; used as a context."""

    def __init__(self, artefact: Artefact) -> None:
        """Open it.

        Raises:
            BadPart: it is no zip, is encrypted, or names too many parts.
        """
        self.parts: dict[str, zipfile.ZipInfo] = {}
        self.problems: list[Problem] = []
        self._left = min(_MOST_BYTES, max(_FREE_BYTES, _MOST_RATIO * artefact.size))
        self._budget = self._left
        self._stack = ExitStack()
        self._heads: dict[str, int] = {}
        self._stream = self._stack.enter_context(artefact.open())
        listed: list[zipfile.ZipInfo] = []
        try:
            self._zip = self._stack.enter_context(zipfile.ZipFile(_Bounded(self._stream)))
            listed = self._zip.infolist()
        except BadPart:
            self._stack.close()
            raise
        except _FAULTS as error:
            self._salvage(error)
        twice = 0
        for one in listed:
            twice += one.filename in self.parts
            self.parts[one.filename] = one
        if twice:
            message = f"{twice} names of parts stand twice in the directory; the last of each is read"
            self.problems.append(Problem(kind=ProblemKind.AMBIGUOUS, locator="package", message=message))

    def __enter__(self) -> Package:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close what was opened."""
        self._stack.close()

    def _salvage(self, error: Exception) -> None:
        """Find the parts by their own heads, where the directory is gone.

        Raises:
            BadPart: there is none.
        """
        for info, place in local_heads(self._stream):
            if info.filename not in self.parts:
                self.parts[info.filename], self._heads[info.filename] = info, place
        if not self.parts:
            self._stack.close()
            raise BadPart(ProblemKind.DAMAGED, f"the zip cannot be read: {error}") from error
        message = f"the directory of the zip cannot be read ({error}); {len(self.parts)} parts are read by their own heads"
        self.problems.append(Problem(kind=ProblemKind.DAMAGED, locator="package", message=message))

    @property
    def is_encrypted(self) -> bool:
        """Whether any part is encrypted by the zip itself."""
        return any(one.flag_bits & 1 for one in self.parts.values())

    def blocks(self, name: str) -> Iterator[bytes]:
        """The bytes of a part, in blocks.

        Raises:
            BadPart: the part is damaged, packed in a way that is not read, or beyond the budget.
        """
        info = self.parts[name]
        if info.flag_bits & 1:
            raise BadPart(ProblemKind.LOCKED, "the part is encrypted by the zip; ask for the password")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise BadPart(
                ProblemKind.UNSUPPORTED, f"packed by method {info.compress_type}, which is not read"
            )
        try:
            for block in self._inflated(name) if name in self._heads else self._read(info):
                if block:
                    self._left -= len(block)
                    if self._left < 0:
                        message = (
                            f"the package unpacks to more than {self._budget} bytes; the rest is not read"
                        )
                        raise BadPart(ProblemKind.LIMIT, message)  # noqa: TRY301  told apart below
                    yield block
        except BadPart:
            raise
        except _FAULTS as error:
            raise BadPart(ProblemKind.DAMAGED, f"the part cannot be unpacked further: {error}") from error

    def _read(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        with self._zip.open(info) as stream:
            while block := stream.read(BLOCK_BYTES):
                yield block

    def _inflated(self, name: str) -> Iterator[bytes]:
        """The bytes of a part found by its own head, as far as they go."""
        info, place = self.parts[name], self._heads[name]
        is_packed = info.compress_type == zipfile.ZIP_DEFLATED
        inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        left = (1 << 62) if is_packed else info.compress_size
        while left > 0 and not inflate.eof:
            self._stream.seek(place)
            block = self._stream.read(min(_STEP, left))
            place, left = place + len(block), left - len(block)
            if not block:
                raise BadPart(ProblemKind.TRUNCATED, "the part ends early; what came before is kept")
            if not is_packed:
                yield block
                continue
            while block and not inflate.eof:
                yield inflate.decompress(block, BLOCK_BYTES)
                block = inflate.unconsumed_tail

    def events(self, name: str) -> Iterator[Event]:
        """The XML events of a part.

        Raises:
            BadPart: as `blocks`, or the XML cannot be read.
        """
        return events(self.blocks(name))

    def root(self, name: str) -> str:
        """Name of the root element of a part, empty where there is none."""
        try:
            for kind, found, _ in self.events(name):
                if kind == START:
                    return found
        except BadPart:
            pass
        return ""

    def relations(self, name: str) -> list[Relation]:
        """Relationships of a part in stored order, those within the package by name of the part; `` is the package.

        Raises:
            BadPart: they cannot be read.
        """
        folder, _, last = name.rpartition("/")
        part = f"{folder}/_rels/{last}.rels".lstrip("/")
        found: list[Relation] = []
        if part not in self.parts:
            return found
        for kind, element, given in self.events(part):
            if kind != START or element != "rel:Relationship":
                continue
            is_external = given.get("TargetMode") == "External"
            target = given.get("Target", "")
            if not is_external:
                target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            found.append(
                Relation(given.get("Id", ""), given.get("Type", "").rpartition("/")[2], target, is_external)
            )
            if len(found) >= _MOST_RELATIONS:
                raise BadPart(
                    ProblemKind.LIMIT, f"more than {_MOST_RELATIONS} relationships; the rest is not read"
                )
        return found

    def members(self, skipped: tuple[str, ...] = ()) -> Iterator[Member | Problem]:
        """Files within: every part that is no XML, and pages of other formats; pictures are inline."""
        for name in self.parts:
            lower = name.lower()
            if lower.endswith((*_XML, "/")) or lower in skipped:
                continue
            try:
                content = bytearray()
                for block in self.blocks(name):
                    content += block
                    if len(content) > _MOST_MEMBER:
                        raise BadPart(  # noqa: TRY301  told below
                            ProblemKind.LIMIT, f"more than {_MOST_MEMBER} bytes; not read"
                        )
            except BadPart as error:
                yield problem(name, error)
                continue
            if content:
                is_inline = "/media/" in lower or lower.startswith(
                    ("pictures/", "thumbnails/", "docprops/thumb")
                )
                yield Member(
                    locator=f"part:{name}",
                    name=name.rpartition("/")[2],
                    content=bytes(content),
                    is_inline=is_inline,
                )


def local_heads(stream: BinaryIO) -> Iterator[tuple[zipfile.ZipInfo, int]]:
    """Parts by their local file headers (APPNOTE 4.3.7) with where their bytes begin, wherever in the stream they stand."""
    begin, held, count = 0, b"", 0
    stream.seek(0)
    while block := stream.read(_LOOK):
        held += block
        at = held.find(ZIP)
        while 0 <= at <= len(held) - 30 and count < _MOST_HEADS:
            flags, method = struct.unpack_from("<HH", held, at + 6)
            packed, _, size, extra = struct.unpack_from("<IIHH", held, at + 18)
            if at + 30 + size > len(held):
                break
            name = held[at + 30 : at + 30 + size].decode("utf-8" if flags & 0x800 else "cp437", "replace")
            count += 1
            if name and method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                info = zipfile.ZipInfo(name)
                info.flag_bits, info.compress_type, info.compress_size = flags, method, packed
                yield info, begin + at + 30 + size + extra
                stream.seek(begin + len(held))
            at = held.find(ZIP, at + 30)
        # A header that the block cuts is looked at again with the next one.
        keep = min(len(held) - at if at >= 0 and len(held) - at < 1 << 17 else 3, len(held))
        begin += len(held) - keep
        held = held[len(held) - keep :]


def problem(name: str, error: BadPart) -> Problem:
    """The problem of a part."""
    return Problem(kind=error.kind, locator=f"part:{name}", message=str(error))


def in_order(names: list[str]) -> list[str]:
    """Names with their numbers in order of size: header2 before header10."""
    return sorted(names, key=lambda name: [
        (int(one), "") if one.isdigit() else (0, one) for one in _DIGITS.split(name)
    ])  # fmt: skip


def is_container(head: bytes) -> bool:
    """Whether the bytes begin like a zip, or like the compound file in which an encrypted package lies."""
    return head.startswith((ZIP, SIGNATURE))


def names_in_head(head: bytes) -> list[bytes]:
    """Names in the local file headers (APPNOTE 4.3.7) that stand in the first bytes of a zip."""
    found, at = [], 0
    while (at := head.find(ZIP, at)) >= 0 and at + 30 <= len(head):
        size = int.from_bytes(head[at + 26 : at + 28], "little")
        found.append(head[at + 30 : at + 30 + size])
        at += 30
    return found


def is_package(head: bytes, names: Sequence[str] | None = None, path: str = "") -> bool:
    """Whether a zip is a document: by its first file, or by all its files' names where it is named like one as well."""
    size = int.from_bytes(head[26:28], "little")
    first = head[_FIRST_NAME : _FIRST_NAME + size]
    if first in _FIRST_PARTS or first.startswith(b"xl/worksheets/sheet"):
        return True
    is_named = path.rpartition(".")[2].casefold() in ENDINGS
    return is_named and names is not None and (_CONTENT_TYPES in names or _MIMETYPE in names)
