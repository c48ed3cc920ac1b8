r"""HTML pages and web archives (MHTML).

Shows: title, description, text in segments, values of form fields, addresses of mail and telephone links; tables of values as
sheets, with a cell that reaches over several rows in each of them. A table within a table is one of its own.
Does not show: what scripts would put there, what a browser hid or showed, from where or when the page was stored.
Not read: comments, scripts, styles, passwords in forms; what is beyond 64 Mi bytes of a page. Tables that lay out a page (without
head cells, of one column, with others or long texts within) are text. Pictures of a web archive are entries of their own.

References:
    - HTML Standard (WHATWG), 4.9 (tables), 13.2 (parsing); RFC 2557 (MHTML)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from parsers.contract import Artefact, Member, Problem, ProblemKind, Sheet, Want, Yield, Yields, parser
from parsers.formats import codecs, mime, tabular
from parsers.formats.html_tables import MOST_CELLS, HtmlTable, folded
from parsers.formats.html_tokens import Markup, markup
from parsers.formats.segments import Segments
from parsers.formats.spool import clean

_MOST_BYTES = 64 << 20
_MOST_TABLES = 64
_META = re.compile(rb"""<meta[^>]{1,200}charset\s*=\s*["']?([A-Za-z0-9_:.-]{1,40})|<\?xml[^>]{1,100}encoding\s*=\s*["']([A-Za-z0-9_:.-]{1,40})""", re.IGNORECASE)  # fmt: skip
_BLOCKS = {
    "p", "div", "br", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "hr", "title", "section",
    "article", "header", "footer", "nav", "form", "option", "select", "textarea", "dt", "dd", "dl", "td", "th", "caption", "body", "fieldset",
}  # fmt: skip
_TOLD_META = {"description", "keywords", "author", "og:title", "og:description"}
_SILENT_FIELDS = {"submit", "button", "reset", "image", "password"}
_PAGES = ("html", "htm", "xhtml", "shtml")


@parser(
    version=1,
    wants=(
        *(Want(f"**/*.{ending}", sniff=codecs.is_text) for ending in _PAGES),
        *(Want(f"**/*.{ending}", sniff=codecs.is_text) for ending in ("mht", "mhtml")),
    ),
)
def html_document(artefact: Artefact) -> Yields:
    """Text and sheets in the order of the page; the locator is the line, in a web archive behind the number of the part."""
    with artefact.open() as stream:
        content = stream.read(_MOST_BYTES)
    if artefact.path.lower().endswith((".mht", ".mhtml")):
        yield from _archive(content)
    else:
        yield from _page(content, None, artefact.path.rsplit("/", 1)[-1], "")
    if artefact.size > _MOST_BYTES:
        message = f"the page has {artefact.size} bytes; {_MOST_BYTES} are read"
        yield Problem(kind=ProblemKind.LIMIT, locator=f"offset:{_MOST_BYTES}", message=message)


def _archive(content: bytes) -> Iterator[Yield]:
    """The pages of a web archive; its pictures and other files are members."""
    for part in mime.parts(content):
        where = f"part:{part.number}"
        for defect in part.defects:
            yield Problem(kind=ProblemKind.DAMAGED, locator=where, message=defect)
        if part.is_container or part.is_cut:
            continue
        body, wrong = mime.transfer_decoded(part)
        if wrong:
            yield Problem(
                kind=ProblemKind.DAMAGED, locator=where, message=f"the transfer encoding is damaged: {wrong}"
            )
        kind = part.media_type
        name = (part.parameter("content-type", "name") or _location(part) or where).rsplit("/", 1)[-1][:200]
        if kind in ("text/html", "application/xhtml+xml"):
            yield from _page(body, part.parameter("content-type", "charset"), name, f"{where}/")
        elif kind == "text/plain":
            yield from _plain(body, part.parameter("content-type", "charset"), where)
        elif body and kind not in (
            "text/css",
            "text/javascript",
            "application/javascript",
            "application/x-javascript",
        ):
            yield Member(locator=where, name=clean(name), content=body, media_type=kind, is_inline=True)


def _location(part: mime.Part) -> str:
    return (part.field("content-location") or b"").decode("utf-8", "replace").strip().split("?")[0]


def _plain(body: bytes, charset: str | None, where: str) -> Iterator[Yield]:
    decoded = mime.decode_text(body, charset)
    segments = Segments("text", decoded.codec)
    for line in decoded.text.splitlines():
        yield from segments.add(where, line)
    yield from segments.end()


def _decoded(content: bytes, charset: str | None) -> mime.Decoded:
    """The page as text: a mark of byte order or wide text first, then what header or page say, as far as the bytes agree."""
    codec = codecs.decide(content[: codecs.SAMPLE_BYTES])
    if codec.startswith("utf-16") or codec in ("utf-32", "utf-8-sig"):
        text, replaced = codecs.decode(content, codec)
        return mime.Decoded(text=text, codec=codec, replaced=replaced)
    found = _META.search(content[:8192])
    label = charset or ((found[1] or found[2]).decode("ascii") if found else None)
    return mime.decode_text(content, label)


@dataclass(slots=True)
class _State:
    """Where the reading of a page stands."""

    page: str
    segments: Segments
    name: str
    where: str
    codec: str
    tables: list[HtmlTable] = field(default_factory=list)
    buffer: list[str] = field(default_factory=list)
    count: int = 0
    cells: int = 0
    is_over: bool = False
    at: int = 0
    line: int = 1
    problems: list[Problem] = field(default_factory=list)

    def line_of(self, at: int) -> int:
        self.line += self.page.count("\n", self.at, at)
        self.at = at
        return self.line


def _page(content: bytes, charset: str | None, name: str, where: str) -> Iterator[Yield]:
    decoded = _decoded(content, charset)
    page = decoded.text.replace("\0", "\\x00").replace("\r\n", "\n").replace("\r", "\n")
    state = _State(
        page=page, segments=Segments("text", decoded.codec), name=name, where=where, codec=decoded.codec
    )
    for one in markup(page):
        line = state.line_of(one.at)
        if not one.tag:
            _text(state, one.text)
            continue
        if one.tag in _BLOCKS:
            yield from _line_end(state, line, is_cell=bool(state.tables) and state.tables[-1].is_in_cell)
        yield from _element(state, one, line)
    while state.tables:
        yield from _table_end(state)
    yield from _line_end(state, state.line)
    yield from state.segments.end()
    yield from state.problems
    if decoded.replaced:
        message = f"{decoded.replaced} bytes are not {decoded.codec}; they stand in the text as \\xNN"
        yield Problem(kind=ProblemKind.DAMAGED, locator=f"{where}line:1", message=message)


def _text(state: _State, content: str) -> None:
    if state.tables and state.tables[-1].is_in_cell:
        state.tables[-1].add(content.replace("\n", " "))
    else:
        state.buffer.append(content.replace("\n", " "))


def _line_end(state: _State, line: int, *, is_cell: bool = False) -> Iterator[Yield]:
    """A block ends a line of text; in a cell it is a line end of the cell."""
    if is_cell:
        state.tables[-1].add("\n")
        return
    content = " ".join("".join(state.buffer).split())
    state.buffer = []
    if content:
        yield from state.segments.add(f"{state.where}line:{line}", content)


def _element(state: _State, one: Markup, line: int) -> Iterator[Yield]:
    """What an element means for tables and for values in attributes."""
    table = state.tables[-1] if state.tables else None
    if one.tag == "table":
        if not one.is_end:
            yield from _table_begin(state, one, line)
        elif table is not None:
            yield from _table_end(state)
    elif table is not None and one.tag in ("tr", "td", "th"):
        if one.tag == "tr":
            table.end_row() if one.is_end else table.begin_row(line)
        elif one.is_end:
            table.end_cell()
        else:
            table.begin_cell(line, one.attributes, is_head=one.tag == "th")
    elif not one.is_end and (told := _value(one)):
        _text(state, f" {told} ")
        yield from _line_end(state, line, is_cell=table is not None and table.is_in_cell)


def _value(one: Markup) -> str | None:
    """What an attribute tells a reader."""
    given = one.attributes
    if one.tag == "meta" and (given.get("name") or given.get("property", "")).lower() in _TOLD_META:
        return given.get("content")
    if one.tag == "input" and given.get("value") and given.get("type", "text").lower() not in _SILENT_FIELDS:
        return f"{given.get('name', '')}: {given['value']}"
    if one.tag == "img":
        return given.get("alt")
    href = given.get("href", "") if one.tag == "a" else ""
    return href if href.lower().startswith(("mailto:", "tel:")) else None


def _table_begin(state: _State, one: Markup, line: int) -> Iterator[Yield]:
    if len(state.tables) >= _MOST_TABLES:
        if not state.is_over:
            message = f"tables are nested deeper than {_MOST_TABLES}; those below are read as text"
            state.problems.append(
                Problem(kind=ProblemKind.LIMIT, locator=f"{state.where}line:{line}", message=message)
            )
        state.is_over = True
        return
    if state.tables:
        state.tables[-1].has_inner = True
    is_presentation = one.attributes.get("role", "").lower() in ("presentation", "none")
    state.tables.append(HtmlTable(line=line, is_presentation=is_presentation))
    yield from ()


def _table_end(state: _State) -> Iterator[Yield]:
    """A table of values is a sheet; of any other the cells are text."""
    table = state.tables.pop()
    table.end_row()
    state.cells += table.cells
    is_too_much = state.cells > MOST_CELLS or len(table.lines) * table.width > 10 * MOST_CELLS
    locator = f"{state.where}line:{table.line}"
    if is_too_much or table.is_cut:
        message = (
            "the cells of its tables are too many" if is_too_much else "a table has more than 1024 columns"
        )
        if not any(one.message.startswith(message) for one in state.problems):
            told = f"{message}; {'tables from here on are read as text' if is_too_much else 'the last one holds the rest'}"
            state.problems.append(Problem(kind=ProblemKind.LIMIT, locator=locator, message=told))
    if not table.is_sheet or is_too_much:
        header = (
            [] if table.header is None else [(table.line, [table.header[at] for at in sorted(table.header)])]
        )
        for line, cells in (*header, *table.lines):
            content = "\t".join(folded(cell).replace("\n", " ") for cell in cells if cell)
            if content:
                yield from state.segments.add(f"{state.where}line:{line}", content)
        return
    yield from _sheet(state, table, locator)


def _sheet(state: _State, table: HtmlTable, locator: str) -> Iterator[Yield]:
    state.count += 1
    # Text before the table comes before it, unless the table stands in a cell.
    yield from state.segments.end()
    lines = [(line, [None if cell is None else clean(cell) for cell in cells]) for line, cells in table.lines]
    header_row = table.line if table.header is not None else None
    header = None
    if table.header is not None:
        header = tuple(clean(" ".join(table.header.get(at, "").split())) for at in range(table.width))
    else:
        first = [line for line in lines if tabular.is_filled(line[1])][: tabular.LOOK_ROWS]
        place = tabular.header_position(first)
        if place is not None:
            for line in first[:place]:
                yield tabular.banner(line, state.codec, f"{state.where}line")
            header_row = first[place][0]
            header = tabular.header_words(first[place][1], table.width)
            lines = lines[lines.index(first[place]) + 1 :]
    yield Sheet(
        name=f"{state.name} table {state.count}",
        locator=locator,
        width=table.width,
        header=header,
        header_row=header_row,
        codec=state.codec,
        batches=tabular.at_least_one(tabular.batches(lines, table.width), table.width),
    )
