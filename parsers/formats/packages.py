"""Tells documents that are packages of zip (OOXML, OpenDocument, EPUB) from archives.

References:
    - ISO/IEC 29500-2 (Open Packaging Conventions): [Content_Types].xml
    - OASIS OpenDocument 1.3 part 2, 3.3; EPUB OCF 3.2, 4.3: the first file is `mimetype`, stored
"""

from __future__ import annotations

from collections.abc import Sequence

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


def is_package(head: bytes, names: Sequence[str] | None = None, path: str = "") -> bool:
    """Whether a zip is a document: by its first file, or by all its files' names where it is named like one as well."""
    size = int.from_bytes(head[26:28], "little")
    first = head[_FIRST_NAME : _FIRST_NAME + size]
    if first in _FIRST_PARTS or first.startswith(b"xl/worksheets/sheet"):
        return True
    is_named = path.rpartition(".")[2].casefold() in ENDINGS
    return is_named and names is not None and (_CONTENT_TYPES in names or _MIMETYPE in names)
