"""Tells documents that may hold persons and that no parser here reads: they keep the maximum open."""

from __future__ import annotations

import struct

from parsers.formats import compound, picture_kinds

PICTURES = "pictures (a scan may hold persons)"
# Signature, offset, and what it is. Sources: the formats' own specifications, as in file(1).
_SIGNATURES = (
    (b"%PDF-", 0, "PDF documents"),
    (compound.SIGNATURE, 0, "OLE documents of this kind"),
    (b"{\\rtf", 0, "RTF documents"),
    (b"7z\xbc\xaf\x27\x1c", 0, "7z archives"),
    (b"Rar!\x1a\x07", 0, "RAR archives"),
    (b"PK\x03\x04", 0, "zip archives and documents of this kind"),
    (b"\x1f\x8b", 0, "gzip streams"),
    (b"BZh", 0, "bzip2 streams"),
    (b"\xfd7zXZ\x00", 0, "xz streams"),
    (b"\x28\xb5\x2f\xfd", 0, "zstd streams"),
    (b"-lh", 2, "LZH archives"),
    (b"MSCF", 0, "cabinet archives"),
    (b"!BDN", 0, "Outlook stores"),
    (b"SQLite format 3\x00", 0, "SQLite databases"),
    (b"\x00\x01\x00\x00Standard Jet DB", 0, "Access databases"),
    (b"\x00\x01\x00\x00Standard ACE DB", 0, "Access databases"),
    (b"BEGIN:VCARD", 0, "vCards"),
    (b"From ", 0, "mbox mail folders"),
    *((signature, offset, PICTURES) for signature, offset, _ in picture_kinds.SIGNATURES),
    (b"WEBP", 8, PICTURES),
    (b"ustar", 257, "tar archives"),
)
_ENDINGS = {
    ".json": "JSON documents",
    ".jsonl": "JSON documents",
    ".xml": "XML documents",
    ".html": "HTML documents",
    ".htm": "HTML documents",
    ".sql": "SQL dumps",
    ".dbf": "dBase tables",
    ".ldif": "LDIF directories",
    ".parquet": "Parquet tables",
    # What postcard programs (筆王, 筆ぐるめ, 筆まめ, 楽々はがき, 宛名職人, 筆休め, はがきスタジオ, はがき作家) keep their addresses in.
    **dict.fromkeys(
        (".fzd", ".fga", ".fwa", ".jsr", ".ata", ".fya", ".hsa", ".hwa", ".hwl"),
        "address books of postcard programs",
    ),
}


# A picture of so few pixels on either side shows no line of text: icons are of this size.
_ICON_PIXELS = 32
_PNG_SIZE = struct.Struct(">8x4x4sII")
_JPEG_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}


def is_icon(head: bytes) -> bool:
    """Whether the first bytes are those of a PNG or JPEG too small to show text, as far as they reach to its size.

    PNG (W3C), 11.2.2 IHDR; ITU-T T.81, B.2.2 frame header.
    """
    if head.startswith(b"\x89PNG\r\n\x1a\n") and len(head) >= _PNG_SIZE.size:
        kind, width, height = _PNG_SIZE.unpack_from(head)
        return bool(kind == b"IHDR" and 0 < width <= _ICON_PIXELS and 0 < height <= _ICON_PIXELS)
    place = 2 if head.startswith(b"\xff\xd8\xff") else len(head)
    while place + 9 <= len(head) and head[place] == 0xFF:
        size, height, width = struct.unpack_from(">HxHH", head, place + 2)
        if head[place + 1] in _JPEG_FRAMES:
            return bool(0 < width <= _ICON_PIXELS and 0 < height <= _ICON_PIXELS)
        place += 2 + max(size, 2)
    return False


def unread_document(path: str, head: bytes) -> str | None:
    """What kind of document this is, where it may hold persons; None for what holds none by its nature."""
    if is_icon(head):
        return None
    for signature, offset, kind in _SIGNATURES:
        if head[offset : offset + len(signature)] == signature:
            return kind
    if not head:
        return None
    dot = path.rfind(".")
    return _ENDINGS.get(path[dot:].lower()) if dot > path.rfind("/") else None
