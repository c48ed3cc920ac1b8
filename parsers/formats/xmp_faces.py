"""Faces that the XMP of a picture marks, and the names somebody gave them.

References:
    - Metadata Working Group, "Guidelines for Handling Image Metadata", 2.0, 5.9 (image regions: `mwg-rs:RegionInfo`)
    - Microsoft, "People Tagging" (`MP:RegionInfo`, `MPReg:PersonDisplayName`)
    - ISO 16684-1 (XMP)
"""

from __future__ import annotations

import html
import re

_BEGIN, _END = b"<x:xmpmeta", b"</x:xmpmeta>"
_MOST_PACKET = 1 << 20
_MOST_NAMED = 1_000
_REGIONS = re.compile(rb"(?:mwg-rs|MP):RegionInfo\b")
_FACE = re.compile(
    rb"mwg-rs:Type\s*(?:=\s*[\"']Face[\"']|>\s*Face\s*<)|MPReg:(?:Rectangle|PersonDisplayName)\b"
)
_NAME = re.compile(
    rb"(?:mwg-rs:Name|MPReg:PersonDisplayName)\s*(?:=\s*\"([^\"]{0,1000})\"|=\s*'([^']{0,1000})'|>([^<]{0,1000})<)"
)


def faces(content: bytes) -> tuple[int | None, list[str]]:
    """How many faces are marked, and the names given; None where the picture marks no regions, which says nothing of what it shows."""
    begin = content.find(_BEGIN)
    end = content.find(_END, begin)
    if begin < 0 or not begin < end <= begin + _MOST_PACKET:
        return None, []
    packet = content[begin:end]
    if not _REGIONS.search(packet):
        return None, []
    count = 0
    names: list[str] = []
    for region in packet.split(b"<rdf:li")[1:]:
        if not _FACE.search(region):
            continue
        count += 1
        if (found := _NAME.search(region)) and len(names) < _MOST_NAMED:
            told = next(one for one in found.groups() if one is not None)
            if name := html.unescape(told.decode("utf-8", "replace")).replace("\0", "").strip():
                names.append(name)
    return count, names
