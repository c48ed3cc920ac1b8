"""Tags and text of HTML one after the other, in time that grows with the text alone.

References:
    - HTML Standard (WHATWG), 13.2.5 (tokenization)
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:-]{0,60})")
_ATTRIBUTE = re.compile(r"""[\s/]*+([^\s"'<>/=]{1,100}+)(?:\s*+=\s*+("[^"]*+"|'[^']*+'|[^\s"'>]++))?+""")
_SIGN = re.compile("[>\"']")
_SKIPPED = {"script", "style"}
_TAG_SIGNS = 1 << 16


@dataclass(frozen=True, slots=True)
class Markup:
    """Text (no tag), or the beginning or end of an element; where it stands."""

    at: int
    text: str = ""
    tag: str = ""
    is_end: bool = False
    attributes: dict[str, str] = field(default_factory=dict)


def markup(page: str) -> Iterator[Markup]:
    """Everything but comments, declarations, scripts and styles."""
    position = 0
    lost_quote: set[str] = set()
    while (start := page.find("<", position)) >= 0:
        if start > position:
            yield Markup(position, text=html.unescape(page[position:start]))
        found = _TAG.match(page, start)
        if page.startswith("<!--", start):
            position = _behind(page, "-->", start + 4)
        elif page.startswith("<![CDATA[", start):
            position = _behind(page, "]]>", start)
            yield Markup(start, text=page[start + 9 : position - 3])
        elif page.startswith(("<!", "<?"), start):
            position = _behind(page, ">", start)
        elif found is None:
            yield Markup(start, text="<")
            position = start + 1
        else:
            position = _tag_end(page, found.end(), lost_quote)
            name = found[2].lower()
            inside = page[found.end() : min(position - 1, found.end() + _TAG_SIGNS)]
            yield Markup(
                start,
                tag=name,
                is_end=bool(found[1]),
                attributes=_attributes(inside) if inside.strip() else {},
            )
            if name in _SKIPPED and not found[1]:
                closing = re.compile(f"</{name}", re.IGNORECASE).search(page, position)
                position = closing.start() if closing else len(page)
    if position < len(page):
        yield Markup(position, text=html.unescape(page[position:]))


def _attributes(inside: str) -> dict[str, str]:
    out: dict[str, str] = {}
    for one in _ATTRIBUTE.finditer(inside):
        value = one[2] or ""
        out.setdefault(one[1].lower(), html.unescape(value[1:-1] if value[:1] in ('"', "'") else value))
    return out


def _behind(page: str, mark: str, start: int) -> int:
    found = page.find(mark, start)
    return len(page) if found < 0 else found + len(mark)


def _tag_end(page: str, start: int, lost: set[str]) -> int:
    """Behind the `>` that ends a tag; a quote that is never closed on the page is none."""
    position = start
    while found := _SIGN.search(page, position):
        if found[0] == ">":
            return found.end()
        closing = -1 if found[0] in lost else page.find(found[0], found.end())
        if closing < 0:
            lost.add(found[0])
            position = found.end()
        else:
            position = closing + 1
    return len(page)
