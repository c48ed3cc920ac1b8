"""Text of the parts that documents, slides and workbooks share: diagrams, charts, links, and any XML taken as text.

References:
    - ISO/IEC 29500-1 part 21 (DrawingML: text 21.1.2, charts 21.2, diagrams 21.4)
"""

from __future__ import annotations

from collections.abc import Iterator

from parsers.contract import Yields
from parsers.formats.office_text import CELL_SIGNS, Lines
from parsers.formats.package import Package, Relation, problem
from parsers.formats.xml_stream import END, START, TEXT, BadPart

# A drawing of a diagram repeats its data, so only the data are read.
ROOTS = {"dgm:dataModel": "diagram", "c:chartSpace": "chart", "c:userShapes": "chart"}


def texts(parts: Package, name: str, segment: str) -> Yields:
    """Paragraphs of a diagram or chart, and the words and figures a chart keeps of its workbook."""
    lines = Lines(segment)
    paragraph: list[str] = []
    size = number = cached_size = 0
    is_text = False
    cached: list[str] = []
    try:
        for kind, one, _ in parts.events(name):
            if kind == TEXT:
                if is_text and size < CELL_SIGNS:
                    paragraph.append(one)
                    size += len(one)
            elif kind == START:
                is_text = one in ("a:t", "c:v", "c:f")
                if one == "a:br":
                    paragraph.append("\n")
            else:
                is_text = False
                if one == "c:v":
                    cached.append("".join(paragraph))
                    cached_size += size + 1
                    paragraph, size = [], 0
                    if cached_size > CELL_SIGNS:
                        yield from lines.add(f"part:{name}/paragraph:{number + 1}", "\t".join(cached))
                        cached, cached_size = [], 0
                elif one == "c:f":
                    paragraph, size = [], 0
                elif one in ("a:p", "c:strCache", "c:numCache", "c:strLit", "c:numLit", "c:tx", "c:lvl"):
                    number += 1
                    line = "".join(paragraph) if one == "a:p" else "\t".join(cached)
                    yield from lines.add(f"part:{name}/paragraph:{number}", line)
                    paragraph, size = [], 0
                    cached = cached if one == "a:p" else []
    except BadPart as error:
        yield problem(name, error)
    yield from lines.add(f"part:{name}/paragraph:{number + 1}", "\t".join(cached))
    yield from lines.end()


def every_text(parts: Package, name: str, segment: str) -> Yields:
    """The text of each element of a part that is of no known kind, a line for each."""
    lines = Lines(segment)
    held: list[str] = []
    size = number = 0
    try:
        for kind, one, _ in parts.events(name):
            if kind == TEXT:
                held.append(one)
                size += len(one)
                if size < CELL_SIGNS:
                    continue
            number += kind == START
            if held:
                yield from lines.add(f"part:{name}/element:{number - (kind == START)}", "".join(held).strip())
                held, size = [], 0
            if kind not in (START, END, TEXT):
                return
    except BadPart as error:
        yield problem(name, error)
    yield from lines.end()


def links(parts: Package, name: str) -> Yields:
    """Targets outside the package that a part names: pages, mail addresses, templates, sources of serial letters."""
    lines = Lines("hyperlink")
    try:
        for one in parts.relations(name):
            if one.is_external:
                kind = "" if one.kind == "hyperlink" else f"{one.kind}: "
                yield from lines.add(f"part:{name}/relation:{one.id[:200]}", kind + one.target)
    except BadPart as error:
        yield problem(name, error)
    yield from lines.end()


def targets(parts: Package, name: str, kind: str) -> Iterator[str]:
    """Names of the parts a part refers to by a kind of relationship, in stored order."""
    try:
        found: list[Relation] = parts.relations(name)
    except BadPart:
        return  # told where the links of the part are
    for one in found:
        if one.kind == kind and not one.is_external and one.target in parts.parts:
            yield one.target


def rootless(parts: Package, name: str) -> Yields:
    """Why a part has no root element."""
    try:
        for _ in parts.events(name):
            return
    except BadPart as error:
        yield problem(name, error)
