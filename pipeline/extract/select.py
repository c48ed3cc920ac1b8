"""Selects which parsers read an entry: by its path first, by its first bytes when they are read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from parsers.contract import Parser, Want

HEAD_BYTES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Parsers that read an entry; where there are none, those its name promised but its bytes refuse."""

    chosen: tuple[Parser, ...]
    refused: tuple[Parser, ...]


def select(parsers: Sequence[Parser], path: str, head: bytes) -> Selection:
    """Which parsers want an entry of this path that begins with these bytes; an empty entry is wanted by none.

    A parser that wants it as a fallback has it where no other reads its content, in the order of the parsers the first one: one that
    takes only what stands around persons, as of a log, leaves the content to be read.
    """
    if not head:
        return Selection(chosen=(), refused=())
    chosen, refused, fallback = [], [], []
    for parser in parsers:
        verdicts = {(_verdict(want, path, head), want.is_fallback) for want in parser.wants}
        if ("wanted", False) in verdicts:
            chosen.append(parser)
        elif ("wanted", True) in verdicts:
            fallback.append(parser)
        elif ("refused", False) in verdicts:
            refused.append(parser)
    if all(one.is_metadata_only for one in chosen):
        chosen = [one for one in parsers if one in (*chosen, *fallback[:1])]
    # A deleted workbook's record is named `$I4F7.xlsx`: who knows it by its bytes has read it, and nothing is amiss.
    return Selection(chosen=tuple(chosen), refused=() if chosen else tuple(refused))


def wanted_by_path(parsers: Sequence[Parser], path: str) -> tuple[Parser, ...]:
    """Parsers whose patterns match the path, whatever the bytes: what is owed a word when the bytes cannot be read."""
    return tuple(
        one
        for one in parsers
        if any(want.pattern and _pattern(want.pattern).fullmatch(path) for want in one.wants)
    )


def _verdict(want: Want, path: str, head: bytes) -> str:
    named = want.pattern is not None and _pattern(want.pattern).fullmatch(path) is not None
    if want.signature is None and want.sniff is None:
        return "wanted" if named else "no"
    fits = True
    if want.signature is not None:
        fits = head[want.offset : want.offset + len(want.signature)] == want.signature
    if fits and want.sniff is not None:
        fits = want.sniff(head)
    bytes_alone = want.pattern is None or (want.signature is not None and not want.is_shared)
    if fits and (named or bytes_alone):
        return "wanted"
    return "refused" if named and want.is_strict else "no"


@cache
def _pattern(glob: str) -> re.Pattern[str]:
    """A glob over a path from `/`: `**/` any folders, `*` within one part, `?` one sign; case is folded."""
    parts = []
    position = 0
    while position < len(glob):
        if glob.startswith("**/", position):
            parts.append("(?:.*/)?")
            position += 3
        elif glob[position] == "*":
            parts.append("[^/]*")
            position += 1
        elif glob[position] == "?":
            parts.append("[^/]")
            position += 1
        else:
            parts.append(re.escape(glob[position]))
            position += 1
    return re.compile("/?" + "".join(parts), re.IGNORECASE | re.DOTALL)
