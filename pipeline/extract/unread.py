"""Tells documents that may hold persons and that no parser here reads: they keep the maximum open."""

from __future__ import annotations

# Signature, offset, and what it is. Sources: the formats' own specifications, as in file(1).
_SIGNATURES = (
    (b"%PDF-", 0, "PDF documents"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0, "OLE documents of this kind"),
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
    (b"\xff\xd8\xff", 0, "pictures (a scan may hold persons)"),
    (b"\x89PNG\r\n\x1a\n", 0, "pictures (a scan may hold persons)"),
    (b"II*\x00", 0, "pictures (a scan may hold persons)"),
    (b"MM\x00*", 0, "pictures (a scan may hold persons)"),
    (b"WEBP", 8, "pictures (a scan may hold persons)"),
    *(
        (b"ftyp" + one, 4, "pictures (a scan may hold persons)")
        for one in (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif")
    ),
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
}


def unread_document(path: str, head: bytes) -> str | None:
    """What kind of document this is, where it may hold persons; None for what holds none by its nature."""
    for signature, offset, kind in _SIGNATURES:
        if head[offset : offset + len(signature)] == signature:
            return kind
    if not head:
        return None
    dot = path.rfind(".")
    return _ENDINGS.get(path[dot:].lower()) if dot > path.rfind("/") else None
