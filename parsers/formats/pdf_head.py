"""What a PDF says of itself: its properties, out of the document information and XMP, and how it is encrypted.

References:
    - ISO 32000-2, 7.6.2 (encryption dictionary), 7.9.4 (dates), 14.3.3 (document information); ISO 16684-1 (XMP)
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

_MOST_BYTES = 64 << 20
_DATE = re.compile(
    r"(?:D:)?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:\.\d+)?\s*(Z|[+-])?(?:(\d\d)'?:?(\d\d)?'?)?.*",
    re.DOTALL,
)
_ISO_MARKS = re.compile(r"^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d))?(?:\.\d+)?")
_TEXTS = {
    "Title": "title",
    "Author": "author",
    "Subject": "subject",
    "Keywords": "document_keywords",
    "Creator": "application",
}
_TIMES = {"CreationDate": "created_at", "ModDate": "modified_at"}
_OTHERS = ("Producer",)
NAMES = (*_TEXTS, *_TIMES, *_OTHERS)
_PACKET = re.compile(rb"<x:xmpmeta.{0,1000000}?</x:xmpmeta>", re.DOTALL)
_XMP = {
    "Title": "dc:title",
    "Author": "dc:creator",
    "Creator": "xmp:CreatorTool",
    "Producer": "pdf:Producer",
    "CreationDate": "xmp:CreateDate",
    "ModDate": "xmp:ModifyDate",
}
_DICTIONARY = re.compile(rb"/Filter\s*/Standard\b")
_METHODS = {"AESV2": "AES-128", "AESV3": "AES-256", "V2": "RC4 128"}


def properties(told: Mapping[str, str], file: Path) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Values of the row, and columns with what is wrong with them; XMP fills what the information leaves out."""
    packet = _packet(file)
    values: dict[str, Any] = {}
    others: list[str] = []
    wrong: list[tuple[str, str]] = []
    for name, column in _TEXTS.items():
        values[column] = (told.get(name) or _xmp(packet, name)).replace("\0", "").strip() or None
    for name, column in _TIMES.items():
        stated = told.get(name) or _xmp(packet, name)
        if not stated:
            continue
        try:
            at = moment(stated)
        except ValueError as error:
            wrong.append((column, str(error)))
            continue
        values[column if at.tzinfo else column.replace("_at", "_local")] = at
    for name in _OTHERS:
        if stated := (told.get(name) or _xmp(packet, name)).strip():
            others.append(f"{name}={stated}")
    return values | {"custom_properties": others}, wrong


def moment(stated: str) -> datetime:
    """A date as an instant in UTC, as a wall clock where it names no zone.

    Raises:
        ValueError: it is no date, or one no calendar has.
    """
    found = _DATE.fullmatch(
        _ISO_MARKS.sub(lambda one: "".join(part or "00" for part in one.groups()), stated.strip())
    )
    if found is None:
        raise ValueError(f"{stated[:60]!r} is no date of ISO 32000 7.9.4")
    year, *rest = (int(one) if one else None for one in found.groups()[:6])
    month, day, hour, minute, second = rest
    try:
        # The zone is put on below.
        wall = datetime(year or 0, month or 1, day or 1, hour or 0, minute or 0, second or 0)  # noqa: DTZ001
        if found[7] is None:
            return wall
        offset = timedelta(hours=int(found[8] or 0), minutes=int(found[9] or 0))
        return wall.replace(tzinfo=timezone(-offset if found[7] == "-" else offset)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{stated[:60]!r} is no date: {error}") from error


def encryption(file: Path) -> str | None:
    """The method a document is encrypted with, out of its dictionary, which is never encrypted itself."""
    content = _content(file)
    found = _DICTIONARY.search(content)
    if found is None:
        return None
    own = content[max(found.start() - 2000, 0) : found.end() + 2000]
    start = own.rfind(b" obj", 0, own.find(found[0]) + 1)
    end = own.find(b"endobj", own.find(found[0]))
    own = own[max(start, 0) : end if end >= 0 else len(own)]
    version = re.search(rb"/V\s+(\d)", own)
    method = re.search(rb"/CFM\s*/(AESV2|AESV3|V2)\b", own)
    if method:
        return _METHODS[method[1].decode("ascii")]
    if version and version[1] == b"1":
        return "RC4 40"
    length = re.search(rb"/Length\s+(\d{1,3})\b", own)
    bits = int(length[1]) if length else 40
    return f"RC4 {bits}" if version and version[1] in b"23" else None


def _content(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(_MOST_BYTES)


def _packet(file: Path) -> str:
    found = _PACKET.findall(_content(file))
    # The last one is that of the last version.
    return found[-1].decode("utf-8", "replace") if found else ""


def _xmp(packet: str, name: str) -> str:
    """A property of XMP, as an element, the first of a list, or an attribute."""
    key = re.escape(_XMP.get(name, "none:none"))
    if found := re.search(rf"<{key}\b[^>]*>(.*?)</{key}>", packet, re.DOTALL):
        return html.unescape(re.sub(r"<[^>]*>", " ", found[1])).strip()
    found = re.search(rf"""\b{key}\s*=\s*(["'])(.*?)\1""", packet, re.DOTALL)
    return html.unescape(found[2]).strip() if found else ""
