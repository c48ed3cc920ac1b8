"""Finds the columns of a table written in fixed columns, from how its lines agree.

A column begins behind a gap that all lines leave, or, in records of one width, where all lines go from one kind of sign
to another (digits to kanji). A line of dashes under the header tells the columns by itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from parsers.formats import tabular
from parsers.formats.text_measure import MEASURES, index_at, starts

LEAST_SHARE = 0.95
GAP, TURN, FREE = "gap", "turn", "free"
_LEAST_COLUMNS = 3
_LEAST_LINES = 5
# Without a header or records of one width, chance has to be ruled out by more lines.
_LEAST_LINES_ALONE = 10
_LEAST_RECORD = 20
_MOST_WIDTH = 32_768
_MOST_LINES = 500
# Lines above a header: titles, dates of print.
_MOST_ABOVE = 5
_BLANKS = " \u3000\t\x0c"
_RULER = re.compile(r"\s*[-=─━―]{2,}(\s+[-=─━―]+)*\s*")
_DASHES = re.compile(r"[-=─━―]+")
_LOG = re.compile(
    r"\W{0,3}(?:\[?\w+\]?[\s:]\s*)?(?:\d{2,4}[-/.]\d{1,2}[-/.]\d{1,4}[T ,]\s*|[A-Z][a-z]{2} +\d{1,2} (?:\d{4} )?|\[?)\d{1,2}:\d{2}(?::\d{2})?\b"
)
_CODE = re.compile(
    r".*[;{}\\]\s*|\s*(?:#\s?\w|//|/\*|\*|<[\w/!?]|--\s|@\w|import |from |def |class |return\b|if\b|for\b|const |let |var |function ).*|.*[A-Za-z_]\w*\([\x00-\x7f]*\).*|\s*[\w.]+\s*[:+]?=\s.*"
)
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}\s+){8}")
_DATE = re.compile(r"(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_DATE_SIGNS = 8
# A blank of full width takes two columns.
_NAME_BLANK = 2
_QUOTE = re.compile(r"\s*>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where the columns of a table begin, measured in columns of a screen, signs or bytes, and which line is the header.

    `edges` tells of each column but the first what has to be before it: a blank (`gap`), another kind of sign (`turn`),
    or anything (`free`).
    """

    measure: str
    cuts: tuple[int, ...]
    edges: tuple[str, ...]
    header: tuple[str, ...] | None = None
    header_index: int | None = None
    first_index: int = 0

    def cells(self, line: str) -> list[str] | None:
        """The cells of a line; None where it does not keep to the columns."""
        places = starts(line, self.measure)
        begins = [0]
        for place, edge in zip(self.cuts[1:], self.edges, strict=True):
            index = index_at(places, place)
            if index is None:
                return None
            is_touching = 0 < index < len(line) and line[index - 1] not in _BLANKS
            if is_touching and (edge == GAP or (edge == TURN and _continues(line[index - 1], line[index]))):
                return None
            begins.append(index)
        return [line[a:b].strip(_BLANKS) for a, b in zip(begins, [*begins[1:], len(line)], strict=True)]


def find(lines: Sequence[str]) -> Layout | None:
    """The layout of a table that begins in the first lines; None for prose, logs, code, and whatever agrees by chance."""
    lines = [line if line.strip(_BLANKS) else "" for line in lines[:_MOST_LINES]]
    filled = [index for index, line in enumerate(lines) if line]
    if len(filled) < _LEAST_LINES or any(len(line) > _MOST_WIDTH for line in lines) or _is_other(lines):
        return None
    ruled = _ruled(lines)
    if ruled is not None:
        return ruled
    measures = ["columns"] if all(line.isascii() for line in lines) else list(MEASURES)
    for first in filled[: min(_MOST_ABOVE, len(filled) - _LEAST_LINES) + 1]:
        for measure in measures:
            layout = _headed(lines, first, measure)
            if layout is not None:
                return layout
    return next((layout for one in measures if (layout := _headless(lines, one)) is not None), None)


def is_ruler(line: str) -> bool:
    """Whether a line is only there to be seen: dashes under a header or between rows."""
    return _RULER.fullmatch(line) is not None


def is_log(lines: Sequence[str]) -> bool:
    """Whether lines begin with a time of day, as those of a log do."""
    filled = [line for line in lines if line.strip()]
    return sum(_LOG.match(line) is not None for line in filled) > 0.3 * len(filled)


def is_code(lines: Sequence[str]) -> bool:
    """Whether lines look like those of a program, of markup, or of a dump of bytes."""
    filled = [line for line in lines if line.strip()]
    odd = sum(
        _CODE.fullmatch(line) is not None or _HEX.search(line) is not None or _QUOTE.match(line) is not None
        for line in filled
    )
    return odd > 0.1 * len(filled)


def _is_other(lines: Sequence[str]) -> bool:
    return is_log(lines) or is_code([line for line in lines if not is_ruler(line)])


def _ruled(lines: Sequence[str]) -> Layout | None:
    """Columns as a line of dashes in several runs tells them, with the header above it."""
    for index, line in enumerate(lines[: _MOST_ABOVE + 3]):
        if index == 0 or not is_ruler(line) or not lines[index - 1]:
            continue
        for measure in MEASURES:
            places = starts(line, measure)
            cuts = [places[found.start()] for found in _DASHES.finditer(line)]
            if len(cuts) < _LEAST_COLUMNS:
                continue
            cuts[0] = 0
            layout = Layout(measure=measure, cuts=tuple(cuts), edges=(GAP,) * (len(cuts) - 1))
            header = layout.cells(lines[index - 1])
            if header is not None and _share(layout, lines[index + 1 :]) >= LEAST_SHARE:
                return replace(layout, header=tuple(header), header_index=index - 1, first_index=index + 1)
    return None


def _headed(lines: Sequence[str], first: int, measure: str) -> Layout | None:
    """Columns as the lines below one agree on, where that one heads them with words that usually do."""
    head = lines[first]
    body = [line for line in lines[first + 1 :] if line and not is_ruler(line)]
    # A header may be wider than what stands below it: its words bar gaps as well.
    layout = _layout(body, head, measure)
    cells = None if layout is None else layout.cells(head)
    if layout is None or cells is None or _share(layout, body) < LEAST_SHARE:
        return None
    rows = [layout.cells(line) or [line] for line in body[: tabular.LOOK_ROWS - 1]]
    is_header = tabular.header_position([(1, cells), *enumerate(rows, 2)]) == 0
    if not is_header or sum(map(tabular.is_usual, cells)) < 2:
        return None
    layout, cells = _joined(layout, cells)
    if len(cells) < _LEAST_COLUMNS:
        return None
    return replace(layout, header=tuple(cells), header_index=first, first_index=first + 1)


def _headless(lines: Sequence[str], measure: str) -> Layout | None:
    """Columns as all lines agree on: records of one width, or many lines with a column of values."""
    body = [line for line in lines if line and not is_ruler(line)]
    layout = _layout(body, None, measure)
    if layout is None or _share(layout, body) < LEAST_SHARE:
        return None
    return layout if _stands_alone(layout, body, is_record=_is_record(body, measure)) else None


def _layout(body: Sequence[str], bar: str | None, measure: str) -> Layout | None:
    cuts, edges = _cuts(body, bar, measure, is_record=_is_record(body, measure))
    return Layout(measure=measure, cuts=cuts, edges=edges) if len(cuts) >= _LEAST_COLUMNS else None


def _joined(layout: Layout, header: list[str]) -> tuple[Layout, list[str]]:
    """Columns under one word are one: all family names of two signs leave a gap behind them."""
    kept = [index for index, word in enumerate(header) if word or index == 0]
    cuts = tuple(layout.cuts[index] for index in kept)
    edges = tuple(layout.edges[index - 1] for index in kept[1:])
    return Layout(measure=layout.measure, cuts=cuts, edges=edges), [header[index] for index in kept]


def _stands_alone(layout: Layout, lines: Sequence[str], *, is_record: bool) -> bool:
    """Whether lines without a header are a table: records of one width, or many lines with a column of values."""
    if len(lines) < (_LEAST_LINES if is_record else _LEAST_LINES_ALONE):
        return False
    rows = [cells for line in lines if (cells := layout.cells(line)) is not None]
    columns = [[cell for cell in column if cell] for column in zip(*rows, strict=True)]
    has_values = any(
        len(column) >= 0.8 * len(rows) and sum(map(tabular.is_value, column)) >= 0.8 * len(column)
        for column in columns
    )
    is_filled = sum(len(column) for column in columns) >= 0.5 * len(rows) * len(columns)
    return has_values and is_filled


def _is_record(lines: Sequence[str], measure: str) -> bool:
    """Whether lines are records of one width; blanks at their end count."""
    width, most = Counter(starts(line, measure)[-1] for line in lines).most_common(1)[0]
    return width >= _LEAST_RECORD and most >= LEAST_SHARE * len(lines)


def _share(layout: Layout, lines: Sequence[str]) -> float:
    """Which part of the filled lines keeps to the columns and fills two of them."""
    filled = [line for line in lines if line and not is_ruler(line)]
    if not filled:
        return 0.0
    fitting = sum(cells is not None and sum(map(bool, cells)) >= 2 for cells in map(layout.cells, filled))
    return fitting / len(filled)


def _cuts(
    lines: Sequence[str], bar: str | None, measure: str, *, is_record: bool
) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Where columns begin, and of each but the first what stands before it."""
    drawn = [_drawn(line, measure) for line in lines]
    width = max(map(len, drawn))
    most_wrong = (1 - LEAST_SHARE) * len(lines)
    barred = _drawn(bar, measure) if bar is not None else ""
    columns = [[line[place] if place < len(line) else " " for line in drawn] for place in range(width)]
    blank = [
        len(column) - column.count(" ") <= most_wrong and barred[place : place + 1] in ("", " ")
        for place, column in enumerate(columns)
    ]
    begin = next((place for place in range(width) if not blank[place]), 0)
    found = {0: GAP}
    for place in range(begin + 1, width):
        if blank[place]:
            continue
        if blank[place - 1]:
            if bar is not None or not _is_blank_within(drawn, place):
                found[place] = GAP
        elif is_record and _turns(columns[place - 1], columns[place], most_wrong):
            found[place] = TURN
    if is_record:
        for place in _dates(lines, columns, measure):
            found.setdefault(place, FREE)
    cuts = tuple(sorted(found))
    return cuts, tuple(found[place] for place in cuts[1:])


def _is_blank_within(drawn: Sequence[str], place: int) -> bool:
    """Whether what looks like a gap is the one blank between family and given names that happen to be of one length."""
    filled = [line for line in drawn if line[place : place + 1].strip()]
    within = 0
    for line in filled:
        before = line[:place].rstrip(" ")
        is_one_kind = before[-1:].upper() == line[place] and line[place] in "WK"
        within += is_one_kind and place - len(before) <= _NAME_BLANK
    return within >= 0.8 * len(filled)


def _dates(lines: Sequence[str], columns: Sequence[Sequence[str]], measure: str) -> Iterator[int]:
    """Where a date of eight digits begins and ends within a run of digits: fields of numbers touch in records."""
    is_digit = [column.count("9") == len(column) for column in columns]
    places = [starts(line, measure) for line in lines]
    place = 0
    while place + _DATE_SIGNS <= len(columns):
        if all(is_digit[place : place + _DATE_SIGNS]) and all(
            (index := index_at(own, place)) is not None and _DATE.match(line, index)
            for own, line in zip(places, lines, strict=True)
        ):
            yield from (one for one in (place, place + _DATE_SIGNS) if 0 < one < len(columns))
            place += _DATE_SIGNS
        else:
            place += 1


def _turns(before: Sequence[str], at: Sequence[str], most_wrong: float) -> bool:
    """Whether nearly all lines begin something here: a blank or another kind of sign stands before it."""
    begins = goes_on = 0
    for one, other in zip(before, at, strict=True):
        if other == " ":
            continue
        if other.islower() or (one != " " and (one.upper() == other or "." in (one, other))):
            goes_on += 1
        else:
            begins += 1
    return goes_on <= most_wrong and begins >= 0.5 * len(at)


def _continues(one: str, other: str) -> bool:
    first, second = _kind(one), _kind(other)
    return first == second or "." in (first, second)


def _drawn(line: str, measure: str) -> str:
    """The line with a letter for the kind of each sign, as wide as the sign, in lower case where the sign goes on."""
    widths = MEASURES[measure]
    if measure == "signs" or line.isascii():
        return "".join(map(_kind, line))
    parts = []
    for sign in line:
        kind, width = _kind(sign), widths[sign]
        parts.append((kind + kind.lower() * (width - 1))[:width])
    return "".join(parts)


def _kind(sign: str) -> str:
    if sign in _BLANKS:
        return " "
    if sign.isascii():
        return "9" if sign.isdigit() else "A" if sign.isalpha() else "."
    return "K" if "｡" <= sign <= "ﾟ" else "W"
