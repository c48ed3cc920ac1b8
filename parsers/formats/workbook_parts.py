"""What a workbook of Office Open XML holds beside the cells of its sheets.

References:
    - ISO/IEC 29500-1 part 18 (SpreadsheetML: comments 18.7, connections 18.13, revisions 18.11, names 18.2.5), 20.5 (drawings)
    - [MS-XLSX] 2.6.203 and 2.6.205 (persons, threaded comments)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC
from functools import partial

from parsers.contract import Problem, ProblemKind, Yields
from parsers.formats import biff12, drawing_text, package, pivot_cache
from parsers.formats.office_text import CELL_SIGNS, REMARK_SIGNS, REMARKS, Lines
from parsers.formats.office_times import moment
from parsers.formats.package import Package, problem
from parsers.formats.sheet_xml import Hidden, SheetBytes, header_lines
from parsers.formats.xml_stream import END, START, TEXT, BadPart, Event, events

_MOST_PERSONS = 10_000
_FIELDS = {
    "x:connection": ("name", "description", "sourceFile"), "x:dbPr": ("connection", "command"), "x:webPr": ("url", "post"),
    "x:textPr": ("sourceFile",), "x:fileSharing": ("userName",), "x:userInfo": ("name", "dateTime"), "x:header": ("userName", "dateTime"),
}  # fmt: skip
_COPY = "tc="  # begins the author of a comment that is the copy of a thread for older programs
# Parts without text of persons, and those others read.
_LEFT_OUT = ("xl/styles.xml", "xl/calcchain.xml", "xl/metadata.xml", "[content_types].xml")
_FOLDERS = ("xl/theme/", "xl/worksheets/", "docprops/", "_rels/")
_KEPT = ("/embeddings/", "/media/", "/activex/", "vbaproject.bin", "attachedtoolbars.bin")


def hidden(parts: Package, sheets: dict[str, SheetBytes]) -> dict[str, Hidden]:
    """Hidden rows and columns by the name of the sheet."""
    found = biff12.hidden(parts)
    try:
        names = dict(_sheets(parts))
    except BadPart:
        return found  # told where the text of the workbook is
    for part, seen in sheets.items():
        columns = 0
        try:
            for kind, one, given in events([bytes(seen.around)]):
                if kind == START and one == "x:col" and given.get("hidden") in ("1", "true"):
                    first, last = _number(given.get("min")), _number(given.get("max"))
                    columns += max(min(last, 16384) - first + 1, 0) if first else 0
        except BadPart:
            pass  # told where the text around the cells is
        if part in names:
            found[names[part]] = Hidden(seen.hidden_rows, columns)
    return found


def _sheets(parts: Package) -> Iterator[tuple[str, str]]:
    """Part and name of each sheet in the workbook's order."""
    for main in drawing_text.targets(parts, "", "officeDocument"):
        targets = {one.id: one.target for one in parts.relations(main)}
        for kind, one, given in parts.events(main):
            if kind == START and one == "x:sheet" and given.get("r:id", "") in targets:
                yield targets[given["r:id"]], given.get("name", "")


def texts(parts: Package, sheets: dict[str, SheetBytes]) -> Yields:
    """Text of every part but the cells, by the name of the part; then caches of other data, and files within."""
    named = [one for one in parts.parts if one.lower().endswith(".xml") and one.lower() not in _LEFT_OUT]
    order = package.in_order([one for one in named if not one.lower().startswith(_FOLDERS)])
    roots = {name: parts.root(name) for name in order if name.lower() != "xl/sharedstrings.xml"}
    persons: dict[str, str] = {}
    for name in (one for one, root in roots.items() if root == "xtc:personList"):
        yield from _persons(parts, name, persons)
    has_threads = "xtc:ThreadedComments" in roots.values()
    for name in package.in_order(list(sheets)):
        yield from _around(parts, name, sheets[name])
    for name, root in roots.items():
        match root:
            case "x:comments":
                yield from _told(parts, name, "comment", partial(_comments, has_threads=has_threads))
            case "xtc:ThreadedComments":
                yield from _told(parts, name, "comment", partial(_threads, persons=persons))
            case "x:workbook":
                yield from _told(parts, name, "defined_name", _names)
                yield from _told(parts, name, "setting", _fields)
            case "xdr:wsDr":
                yield from drawing_text.texts(parts, name, "text_box")
                yield from _told(parts, name, "alternative", _alternatives)
            case "x:externalLink":
                yield from pivot_cache.external(parts, name)
            case "x:pivotCacheDefinition":
                yield from pivot_cache.rows(parts, name)
            case "x:revisions":
                yield from drawing_text.every_text(parts, name, "revision")
            case "x:connections" | "x:users" | "x:headers":
                yield from _told(parts, name, "setting", _fields)
            case _ if root in drawing_text.ROOTS:
                yield from drawing_text.texts(parts, name, drawing_text.ROOTS[root])
            case _ if name.lower().startswith("customxml/item") and "props" not in name.lower():
                yield from drawing_text.every_text(parts, name, "custom_xml")
            case "":
                yield from drawing_text.rootless(parts, name)
        yield from drawing_text.links(parts, name)
    yield from biff12.texts(parts)


def members(parts: Package) -> Yields:
    """Files within: embedded documents, pictures, macros; not the binary parts of the workbook itself."""
    own = tuple(
        one.lower()
        for one in parts.parts
        if one.lower().startswith("xl/")
        and one.lower().endswith((".bin", ".data"))
        and not any(kept in f"/{one.lower()}" for kept in _KEPT)
    )
    yield from parts.members(own)


def _told(parts: Package, name: str, segment: str, read: Callable[[Package, str, Lines], Yields]) -> Yields:
    """What `read` gives, with the lines it gathers; a part that breaks off is told, and what came before is kept."""
    lines = Lines(segment)
    try:
        yield from read(parts, name, lines)
    except BadPart as error:
        yield problem(name, error)
    yield from lines.end()


def items(
    given: Iterator[Event], element: str, inner: Sequence[str], skipped: str = ""
) -> Iterator[tuple[dict[str, str], str]]:
    """Attributes of each element of a name with the text of the `inner` elements within it.

    Raises:
        BadPart: the part cannot be read further.
    """
    attributes: dict[str, str] | None = None
    held: list[str] = []
    size = skipping = 0
    is_text = False
    for kind, one, found in given:
        if kind == TEXT:
            if is_text and not skipping and attributes is not None and size < CELL_SIGNS:
                held.append(one)
                size += len(one)
        elif kind == START:
            skipping += one == skipped
            if one == element:
                attributes, held, size = found, [], 0
            is_text = one in inner
        else:
            skipping -= one == skipped
            is_text = False
            if kind == END and one == element and attributes is not None:
                yield attributes, "".join(held)
                attributes = None


def _comments(parts: Package, name: str, lines: Lines, *, has_threads: bool) -> Yields:
    """Comments of cells; copies of threads are left out where the threads are there."""
    authors = [text for _, text in items(parts.events(name), "x:author", ("x:author",))]
    for given, text in items(parts.events(name), "x:comment", ("x:t",), "x:rPh"):
        number = _number(given.get("authorId"))
        author = authors[number] if number < len(authors) else ""
        if has_threads and author.startswith(_COPY):
            continue
        locator = f"part:{name}/cell:{given.get('ref', '')[:40]}"
        yield from lines.add(locator, text)
        yield REMARKS.row(
            locator, remark_kind="comment", remark_author=author or None, remark_text=text[:REMARK_SIGNS] or None, document_part=name
        )  # fmt: skip


def _persons(parts: Package, name: str, persons: dict[str, str]) -> Yields:
    """Who may have commented; told as text too, since their accounts may be addresses of mail."""
    lines = Lines("setting")
    try:
        for kind, one, given in parts.events(name):
            if kind == START and one == "xtc:person":
                if len(persons) < _MOST_PERSONS:
                    persons[given.get("id", "")] = given.get("displayName", "")
                words = "\t".join(filter(None, (given.get("displayName"), given.get("userId"))))
                yield from lines.add(f"part:{name}/person:{given.get('id', '')[:60]}", words)
    except BadPart as error:
        yield problem(name, error)
    yield from lines.end()


def _threads(parts: Package, name: str, lines: Lines, *, persons: dict[str, str]) -> Yields:
    """Comments of threads; [MS-XLSX] 2.6.205: their time is UTC, though it names no zone."""
    for given, text in items(parts.events(name), "xtc:threadedComment", ("xtc:text",)):
        locator = f"part:{name}/cell:{given.get('ref', '')[:40]}"
        yield from lines.add(locator, text)
        made = None
        try:
            made = moment(given.get("dT"))
        except ValueError as error:
            yield Problem(kind=ProblemKind.DAMAGED, locator=locator, message=str(error), column="remark_at")
        yield REMARKS.row(
            locator,
            remark_kind="comment",
            remark_author=persons.get(given.get("personId", "")) or None,
            remark_at=None if made is None else made.replace(tzinfo=made.tzinfo or UTC),
            remark_text=text[:REMARK_SIGNS] or None,
            document_part=name,
        )


def _names(parts: Package, name: str, lines: Lines) -> Yields:
    """Defined names with what they stand for."""
    for given, text in items(parts.events(name), "x:definedName", ("x:definedName",)):
        words = " ".join(filter(None, (given.get("name", ""), given.get("comment", ""))))
        yield from lines.add(f"part:{name}/name:{given.get('name', '')[:100]}", f"{words}: {text}")


def _fields(parts: Package, name: str, lines: Lines) -> Yields:
    """Attributes that name persons, accounts, files or addresses."""
    for kind, one, given in parts.events(name):
        if kind == START and one in _FIELDS:
            words = "\t".join(filter(None, (given.get(word) for word in _FIELDS[one])))
            yield from lines.add(f"part:{name}/{one.rpartition(':')[2]}", words)


def _alternatives(parts: Package, name: str, lines: Lines) -> Yields:
    for kind, one, given in parts.events(name):
        if kind == START and one == "xdr:cNvPr":
            words = "\t".join(filter(None, (given.get("title"), given.get("descr"))))
            yield from lines.add(f"part:{name}/shape:{given.get('id', '')[:20]}", words)


_HEADERS = {
    f"x:{which}{side}": side.lower() for which in ("odd", "even", "first") for side in ("Header", "Footer")
}
_WORDS = ("promptTitle", "prompt", "errorTitle", "error")


def _around(parts: Package, name: str, seen: SheetBytes) -> Yields:
    """Headers, footers, lists of allowed values with their prompts, and links of a sheet."""
    place = f"part:{name}"
    if seen.is_cut:
        message = "what stands around the cells is too long; headers, footers and lists are not read"
        yield Problem(kind=ProblemKind.LIMIT, locator=place, message=message)
        return
    lines = {one: Lines(one) for one in ("header", "footer", "validation", "hyperlink")}
    where, held, size = "", "", 0
    try:
        for kind, one, given in events([bytes(seen.around)]):
            if kind == TEXT:
                held += one if size < CELL_SIGNS else ""
                size += len(one)
            elif kind == START:
                held, size = "", 0
                if one.endswith(":dataValidation"):
                    where = f"{place}/cells:{given.get('sqref', '')[:40]}"
                    told = "\t".join(given[word] for word in _WORDS if given.get(word))
                    yield from lines["validation"].add(where, told)
                elif one == "x:hyperlink":
                    told = "\t".join(given[word] for word in ("display", "tooltip") if given.get(word))
                    yield from lines["hyperlink"].add(f"{place}/cells:{given.get('ref', '')[:40]}", told)
            elif one in _HEADERS:
                for line in header_lines(held):
                    yield from lines[_HEADERS[one]].add(f"{place}/{one[2:]}", line)
            elif one in ("x:formula1", "x:formula2", "xm:f") and held.startswith('"'):
                yield from lines["validation"].add(
                    where or place, held.strip('"').replace('""', '"').replace(",", "\n")
                )
    except BadPart as error:
        yield problem(name, error)
    for left in lines.values():
        yield from left.end()
    yield from drawing_text.links(parts, name)


def _number(stored: str | None) -> int:
    return int(stored) if stored and stored.isascii() and stored.isdigit() and len(stored) < 8 else 0
