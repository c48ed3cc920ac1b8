"""Looks at the container of a workbook before a library opens it: protection, size when unpacked, extent of its sheets.

References:
    - ISO/IEC 29500-2 (packages), PKWARE APPNOTE 6.3.10 sections 4.3.7 and 4.3.12
    - [MS-XLS] 2.1.2 (streams)
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from parsers.contract import Artefact, Problem, ProblemKind
from parsers.formats import biff
from parsers.formats.compound import Compound, locked, refusal
from parsers.formats.package import ZIP, names_in_head
from parsers.formats.sheet_xml import SharedBytes, SheetBytes, TooWide, long_signs
from parsers.formats.xml_stream import BadPart

FREE_BYTES = 64 << 20
MOST_BYTES = 2 << 30
MOST_RATIO = 100
MOST_COPIED = 512 << 20
_STEP = 1 << 18
_ODS = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What the container tells: why it is not to be opened, if so; and whether it is of Excel 95 or before."""

    refusal: Problem | None = None
    is_biff5: bool = False
    # What was seen of worksheets as their bytes went by, by the name of the part.
    sheets: dict[str, SheetBytes] = field(default_factory=dict)
    # The stream of a workbook in a compound file.
    stream: bytes = b""


def is_spreadsheet(head: bytes) -> bool:
    """Whether a zip tells in its first bytes that it holds a workbook; one that tells it later is known by name only."""
    if not head.startswith(ZIP):
        return False
    return head[30 : 30 + len(_ODS)] == _ODS or any(name.startswith(b"xl/") for name in names_in_head(head))


def look(artefact: Artefact) -> Look:
    """Whether the workbook may be opened."""
    if artefact.head(len(ZIP)) == ZIP:
        sheets: dict[str, SheetBytes] = {}
        return Look(refusal=_refused_zip(artefact, sheets), sheets=sheets)
    try:
        with Compound(artefact) as file:
            return _look_at_compound(artefact, file)
    except BadPart:
        # The reader of the cells may still open it, or tell why it cannot.
        return Look()


def _look_at_compound(artefact: Artefact, file: Compound) -> Look:
    """What a compound file tells.

    Raises:
        BadPart: the stream of the workbook cannot be read.
    """
    found = file.find("Workbook") or file.find("Book")
    if found is None:
        return Look(refusal=refusal(artefact, "workbook"))
    content = file.read(found)
    method = biff.protection(content)
    if method is not None:
        return Look(refusal=locked("workbook", method))
    return Look(is_biff5=found.lower() == "book", stream=content)


def _refused_zip(artefact: Artefact, sheets: dict[str, SheetBytes]) -> Problem | None:
    """Why a zip is not opened: it is none, is encrypted, unpacks to more than the budget, or has sheets that are too wide."""
    try:
        with artefact.open() as stream, zipfile.ZipFile(stream) as archive:
            listed = archive.infolist()
            budget = min(MOST_BYTES, max(FREE_BYTES, MOST_RATIO * artefact.size))
            declared = sum(one.file_size for one in listed)
            if any(one.flag_bits & 1 for one in listed):
                return locked("workbook", "encryption of the zip")
            if declared > budget:
                return _too_large(declared, artefact.size)
            # The directory may lie about sizes, so what it tells is unpacked once and counted.
            spent = 0
            shared = SharedBytes()
            for one in listed:
                sheet: SheetBytes | SharedBytes | None = None
                lower = one.filename.lower()
                if lower.startswith("xl/worksheets/") and lower.endswith(".xml"):
                    sheet = sheets[one.filename] = SheetBytes(one.filename)
                elif lower == "xl/sharedstrings.xml":
                    sheet = shared
                for block in _unpacked(stream, one):
                    spent += len(block)
                    if spent > budget:
                        return _too_large(spent, artefact.size)
                    if sheet is not None:
                        sheet.take(block)
                if isinstance(sheet, SheetBytes):
                    sheet.close()
            if shared.long:
                worksheets = (one for one in listed if one.filename in sheets)
                copied = sum(long_signs(_unpacked(stream, one), shared.long) for one in worksheets)
                if copied > MOST_COPIED:
                    message = f"cells name long strings of {copied} bytes in all, beyond the budget; not read"
                    return Problem(kind=ProblemKind.LIMIT, locator="workbook", message=message)
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        zlib.error,
        OSError,
        ValueError,
        NotImplementedError,
        struct.error,
    ) as error:
        return Problem(
            kind=ProblemKind.DAMAGED,
            locator="workbook",
            message=f"the workbook's zip cannot be read: {error}",
        )
    except TooWide as error:
        return Problem(kind=ProblemKind.LIMIT, locator="workbook", message=str(error))
    return None


def _too_large(size: int, packed: int) -> Problem:
    message = f"unpacks to {size} bytes or more from {packed}, beyond the budget; not read"
    return Problem(kind=ProblemKind.LIMIT, locator="workbook", message=message)


def _unpacked(stream: BinaryIO, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """A member in the steps in which it unpacks."""
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(f"method {info.compress_type} of compression")
    stream.seek(info.header_offset)
    header = stream.read(30)
    # APPNOTE 4.3.7: the lengths of name and extra field at 26 and 28 of the local header.
    name, extra = struct.unpack_from("<HH", header, 26)
    stream.seek(name + extra, 1)
    inflate = zlib.decompressobj(-zlib.MAX_WBITS) if info.compress_type == zipfile.ZIP_DEFLATED else None
    left = info.compress_size
    while left > 0 and (block := stream.read(min(left, _STEP))):
        left -= len(block)
        if inflate is None:
            yield block
            continue
        while block and not inflate.eof:
            content = inflate.decompress(block, 4 * _STEP)
            block = inflate.unconsumed_tail
            yield content
