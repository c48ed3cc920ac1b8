r"""JSON documents and JSON Lines.

Shows: arrays of objects as sheets named by their path, one row for each object, its members as columns in order of first
sight; members of objects within by names with points (`address.city`), of lists of plain values by their place
(`phones`, `phones.1`). Arrays of objects within a row are sheets of their own whose column `parent_row` is the number of that row. An
object whose members are objects alike is a sheet as well, its keys in the column `key`. All other values stand as text,
`path: value`. `row_number` counts the objects of an array or sequence, in JSON Lines it is the line.
Does not show: which program wrote it, or when. Numbers stand as written; true, false as these words; null as nothing.
Not read: what is nested deeper than 60 levels; a string beyond 1 Mi signs. Behind damage the next whole objects are read.

References:
    - RFC 8259, The JavaScript Object Notation (JSON) Data Interchange Format; jsonlines.org
"""

from __future__ import annotations

import io
from collections.abc import Iterator

from parsers.contract import Artefact, Problem, ProblemKind, Want, Yield, Yields, parser
from parsers.formats import codecs
from parsers.formats.delimited import CELL_SIGNS
from parsers.formats.json_rows import JsonRows
from parsers.formats.json_text import DECODER, Damage, JsonText

_ENDINGS = ("json", "jsonl", "ndjson", "geojson", "har")
_LINE_SIGNS = 16 * CELL_SIGNS
_MOST_NOTED = 100


@parser(
    version=1,
    wants=tuple(Want(f"**/*.{ending}", sniff=codecs.is_text, is_fallback=True) for ending in _ENDINGS),
)
def json_document(artefact: Artefact) -> Yields:
    """Text lines first, then one sheet for each array of objects in order of first sight; the locator is a path."""
    with artefact.open() as stream:
        codec = codecs.decide(codecs.sample(stream))
    with artefact.open() as stream:
        head = "".join(codecs.texts(io.BytesIO(stream.read(1 << 18)), codecs.Decoder(codec)))
    decoder = codecs.Decoder(codec)
    found = JsonRows(artefact, codec)
    with artefact.open() as stream:
        texts = codecs.texts(stream, decoder)
        if artefact.path.lower().endswith((".jsonl", ".ndjson")) or _is_lines(head):
            yield from _lines(texts, found)
        else:
            yield from _document(JsonText(texts), found)
    yield from found.end()
    if decoder.replaced:
        message = f"{decoder.replaced} bytes are not {codec}, the first at offset {decoder.first_offset}; they stand as \\xNN"
        yield Problem(kind=ProblemKind.DAMAGED, locator=f"offset:{decoder.first_offset}", message=message)


def _is_lines(head: str) -> bool:
    """Whether the first two lines that are not empty are values by themselves."""
    lines = [line for line in head.split("\n", 50)[:50] if line.strip()][:2]
    try:
        return len(lines) == 2 and all(isinstance(DECODER.decode(line), dict | list) for line in lines)
    except (ValueError, RecursionError):
        return False


def _lines(texts: Iterator[str], found: JsonRows) -> Iterator[Yield]:
    """A value in each line; a line that is none is told, kept as text, and the rest is read."""
    for number, line, is_cut in _numbered(texts):
        if not line.strip():
            continue
        try:
            value = DECODER.decode(line.strip())
        except (ValueError, RecursionError) as error:
            kind = ProblemKind.LIMIT if is_cut or isinstance(error, RecursionError) else ProblemKind.DAMAGED
            why = f"longer than {_LINE_SIGNS} signs" if is_cut else "no JSON that can be read"
            found.tell(kind, f"line:{number}", f"the line is {why}; it stands as text")
            yield from found.text(f"line:{number}", line)
            continue
        yield from found.element("", number, value, f"line:{number}")


def _numbered(texts: Iterator[str]) -> Iterator[tuple[int, str, bool]]:
    """Lines with their number, and whether they were cut."""
    number, held, is_cut = 1, io.StringIO(), False
    for piece in texts:
        for at, part in enumerate(piece.split("\n")):
            if at:
                yield number, held.getvalue(), is_cut
                number, held, is_cut = number + 1, io.StringIO(), False
            room = _LINE_SIGNS - held.tell()
            is_cut = is_cut or len(part) > room
            held.write(part[: max(room, 0)])
    yield number, held.getvalue(), is_cut


def _document(reader: JsonText, found: JsonRows) -> Iterator[Yield]:
    """One value, or several one behind the other; what is damaged is told."""
    count, noted = 0, 0
    while reader.sign():
        count += 1
        try:
            if count == 1:
                yield from _value(reader, found, "", 0)
            else:
                # Behind the first value or behind damage: objects of the array that was read last.
                value, line = reader.whole(), reader.line
                yield from found.element(found.array_path, 0 if noted else count, value, f"line:{line}")
        except Damage as damage:
            noted += 1
            if noted <= _MOST_NOTED:
                found.tell(damage.kind, f"line:{damage.line}", damage.message)
            yield from found.text(f"line:{damage.line}", reader.skip_to_object())
        if noted:
            reader.skip_closings()


def _value(reader: JsonText, found: JsonRows, path: str, depth: int) -> Iterator[Yield]:
    """A value: at once where it is whole within a few million signs, else member by member."""
    is_whole, value = reader.try_whole()
    if is_whole:
        yield from found.value(path, value, depth)
        return
    sign = reader.sign()
    if sign not in ("{", "[") or depth >= found.most_depth:
        yield from found.value(path, reader.scalar(), depth)
        return
    reader.take()
    if sign == "[":
        number = 0
        found.array_path = path
        while reader.goes_on("]"):
            number += 1
            yield from _member(reader, found, path, number, depth)
        return
    while reader.goes_on("}"):
        key = reader.key()
        inner = f"{path}.{key}" if path else key
        is_whole, value = reader.try_whole()
        if is_whole:
            yield from found.member(path, key, value, depth)
        else:
            yield from _value(reader, found, inner, depth + 1)
    yield from found.end_of_members(path, depth)


def _member(reader: JsonText, found: JsonRows, path: str, number: int, depth: int) -> Iterator[Yield]:
    """An element of an array that is read one by one."""
    is_whole, value = reader.try_whole()
    if is_whole:
        yield from found.element(path, number, value, f"line:{reader.line}")
    else:
        yield from _value(reader, found, f"{path}[{number}]", depth + 1)
