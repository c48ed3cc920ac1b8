r"""Delimited text: CSV, TSV, semicolon and pipe, and tables drawn with bars (Markdown, psql, MySQL).

Shows: every record below the header as a row, cell for cell, with the encoding it was read in; lines above the header as text.
Does not show: formats or formulas; which program wrote it; what a cell meant where the header is missing.
Not read: fixed-width tables named as CSV (they come as one column); records whose cells are all empty; what a cell holds beyond 1 Mi signs.

References:
    - RFC 4180, Common Format and MIME Type for CSV Files
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import pyarrow as pa

from parsers.contract import Artefact, Problem, ProblemKind, Sheet, Want, Yields, parser
from parsers.formats import codecs, delimited, pipe_table, tabular, text_shape, zengin

_HEAD_BYTES = 1 << 18
_Read = Callable[[Iterator[str]], Iterator[str]]
# Names of text that may be delimited: what the bytes show decides.
_OPEN = ("txt", "text", "dat", "psv", "tab", "asc")


def _is_delimited(head: bytes) -> bool:
    return codecs.is_text(head) and not zengin.looks_like(head)


@parser(
    version=2,
    wants=(
        *(Want(f"**/*.{one}", sniff=_is_delimited) for one in ("csv", "tsv")),
        *(
            Want(f"**/*.{one}", sniff=text_shape.is_delimited, is_strict=False, is_fallback=True)
            for one in _OPEN
        ),
    ),
)
def csv(artefact: Artefact) -> Yields:
    """One sheet: every record below the header; row_number is the line at which the record begins."""
    with artefact.open() as stream:
        codec = codecs.decide(codecs.sample(stream))
    with artefact.open() as stream:
        head = "".join(codecs.texts(io.BytesIO(stream.read(_HEAD_BYTES)), codecs.Decoder(codec)))
    read = pipe_table.texts if pipe_table.is_framed(head.split("\n", 100)[:100]) else iter
    usual = "\t" if artefact.path.lower().endswith(".tsv") else ","
    delimiter = "|" if read is pipe_table.texts else delimited.delimiter_of(head, usual)
    after = 1 if head.startswith(f"sep={delimiter}\n") else 0
    # First pass: the width, the first lines, and what is wrong.
    decoder, reading = codecs.Decoder(codec), delimited.Reading()
    first: list[tabular.Line] = []
    with artefact.open() as stream:
        for block in delimited.blocks(read(codecs.texts(stream, decoder)), delimiter, reading):
            if len(first) < tabular.LOOK_ROWS:
                first += _first_lines(block, after, tabular.LOOK_ROWS - len(first))
    if first:
        position = tabular.header_position(first)
        above = first[: position or 0]
        for line in above:
            yield tabular.banner(line, codec, "line")
        header_row = None if position is None else first[position][0]
        yield Sheet(
            name=artefact.path.rsplit("/", 1)[-1],
            locator=f"line:{header_row or first[0][0]}",
            width=reading.width,
            header=None if position is None else tabular.header_words(first[position][1], reading.width),
            header_row=header_row,
            codec=codec,
            batches=tabular.at_least_one(
                _batches(artefact, codec, delimiter, read, reading.width, header_row or after), reading.width
            ),
        )
    yield from _problems(decoder, reading)


def _first_lines(block: delimited.Block, after: int, most: int) -> list[tabular.Line]:
    """The first filled lines of a block, cells as a list."""
    if isinstance(block, pa.Table):
        rows = block.slice(0, most + 20).to_pylist()
        block = [
            (row["row_number"], [cell for name, cell in row.items() if name != "row_number"]) for row in rows
        ]
    return [line for line in block if line[0] > after and tabular.is_filled(line[1])][:most]


def _batches(
    artefact: Artefact, codec: str, delimiter: str, read: _Read, width: int, after: int
) -> Iterator[pa.RecordBatch]:
    """Second pass: the rows below line `after`."""
    with artefact.open() as stream:
        texts = read(codecs.texts(stream, codecs.Decoder(codec)))
        for block in delimited.blocks(texts, delimiter, delimited.Reading()):
            yield from delimited.as_batches(block, width, after)


def _problems(decoder: codecs.Decoder, reading: delimited.Reading) -> Iterator[Problem]:
    if decoder.replaced:
        yield Problem(
            kind=ProblemKind.DAMAGED,
            locator=f"offset:{decoder.first_offset}",
            message=f"{decoder.replaced} bytes are not {decoder.codec}, the first at offset {decoder.first_offset}; they stand in the cells as \\xNN",
        )
    told = (
        (reading.open_quotes, ProblemKind.TRUNCATED, "a quote opened in this line is never closed; the line is read as a record by itself"),
        (reading.stray_quotes, ProblemKind.AMBIGUOUS, "a quote opened in this line closes within a word of a later line; the line is read as a record by itself"),
        (reading.overlong, ProblemKind.LIMIT, f"a cell or line has more than {delimited.CELL_SIGNS} signs; what is beyond is not in the row"),
        (reading.too_wide, ProblemKind.LIMIT, f"more than {delimited.MOST_COLUMNS} cells; the last column holds the rest of the line"),
    )  # fmt: skip
    for numbers, kind, message in told:
        for number in numbers:
            yield Problem(kind=kind, locator=f"line:{number}", message=message)
