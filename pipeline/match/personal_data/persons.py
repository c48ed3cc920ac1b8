"""What the sheets and texts of a case say of persons: `sheet_column`, `text_item` and `mention`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import duckdb
import pyarrow as pa

from parsers.contract import Table
from pipeline.case import Case
from pipeline.errors import CaseError
from pipeline.match.personal_data import columns, correspondents, remarks, rows
from pipeline.match.personal_data.items import Item, Items, read_items
from pipeline.match.personal_data.judgement import Judgement
from pipeline.match.personal_data.names.finder import FoundName, NameFinder, read_name_rules
from pipeline.match.personal_data.passages import Segment, mentions_of_text
from pipeline.match.personal_data.texts import Hit, TextRules, find_items, read_text_rules
from pipeline.tables import read
from pipeline.tables.catalogue import MENTION, SHEET_COLUMN, TEXT_ITEM
from pipeline.tables.schema import full_schema, provenance_values
from pipeline.tables.write import Rows, rows_to_table

NO_ITEM = "none"
STAGE = "pipeline/match"
READS = correspondents.READS
VERSION = "5"
_Entry = tuple[tuple[str, str], list[tuple[str, str | None, str]]]
# Texts are looked through many at once: about so many signs, which bounds what is held.
_CHUNK_SIGNS = 4_000_000
Found = list[tuple[int, str, Hit]]
_HOLDING_NAMES = frozenset(("address", "email", "login_id", "password", "bank_name", "bank_branch"))


def persons(case: Case, seen: Callable[[int], None] = lambda _: None) -> list[tuple[Table, Rows]]:
    """What each column of each sheet holds, each item found in a text, and the mentions in the order of entry, sheet and row.

    The mentions come batch by batch as they are asked for; a sheet is read twice and never held. `seen` is told rows.
    """
    known = read_items()
    connection = read.connect(case.tables, only=("sheet",))
    sheets = connection.execute(
        "SELECT evidence_id, entry_id, sheet_id, header, width FROM sheet ORDER BY evidence_id, entry_id, sheet_id"
    ).fetchall()
    connection.close()
    judged: dict[str, list[Judgement]] = {}
    told = []
    ruled = _ruled_columns(case, known, {sheet_id: width for _, _, sheet_id, _, width in sheets})
    for evidence_id, entry_id, sheet_id, header, width in sheets:
        words = None if header is None else tuple(header)
        found = columns.judge(words, width, partial(read.sheet, case.sheets, sheet_id), known)
        judged[sheet_id] = columns.ruled(found, ruled.get(sheet_id, {}))
        provenance = _provenance(case, evidence_id, entry_id)
        told += [
            provenance | one for judgement in judged[sheet_id] for one in _column_rows(sheet_id, judgement)
        ]
    in_texts = list(_of_texts(case))
    in_remarks: dict[str, list[Found]] = {}
    of_remarks = list(_of_remarks(case, [one[:3] for one in sheets], judged, in_remarks))

    def mentions() -> Iterator[pa.RecordBatch]:
        for evidence_id, entry_id, sheet_id, header, _ in sheets:
            words = None if header is None else tuple(header)
            for part in _of_sheet(
                case, sheet_id, words, judged[sheet_id], known, in_remarks.get(sheet_id, []), seen
            ):
                found_rows = rows.stored(part, _provenance(case, evidence_id, entry_id), rows.locators(part))
                yield from found_rows.to_batches()
        for part, _ in in_texts:
            yield from part.to_batches()
        yield from _of_mails(case, known)

    return [
        (SHEET_COLUMN, rows_to_table(SHEET_COLUMN, told)),
        (
            TEXT_ITEM,
            pa.concat_tables(
                [full_schema(TEXT_ITEM).empty_table(), *of_remarks, *(part for _, part in in_texts)]
            ),
        ),
        (MENTION, pa.RecordBatchReader.from_batches(full_schema(MENTION), mentions())),
    ]


def _ruled_columns(case: Case, known: Items, widths: dict[str, int]) -> dict[str, dict[str, Item | None]]:
    """By sheet and column what an examiner ruled a column to hold, None for nothing.

    Raises:
        CaseError: a ruling names a sheet, column or item that does not exist.
    """
    found: dict[str, dict[str, Item | None]] = {}
    names = {one.name for one in known.items}
    for ruling in case.rulings:
        if ruling.kind != "column":
            continue
        sheet_id, _, column = ruling.subject.partition("/")
        if int(column[1:]) >= widths.get(sheet_id, 0):
            raise CaseError(
                f"the ruling on {ruling.on!r} names a column this case does not hold: take it from the table sheet_column"
            )
        if ruling.decision != NO_ITEM and ruling.decision not in names:
            raise CaseError(
                f"the ruling on {ruling.on!r} decides {ruling.decision!r}, which is no data item: one of {NO_ITEM}, {', '.join(sorted(names))}"
            )
        item = None if ruling.decision == NO_ITEM else known.of(str(ruling.decision))
        found.setdefault(sheet_id, {})[column] = item
    return found


def _of_sheet(
    case: Case,
    sheet_id: str,
    header: tuple[str | None, ...] | None,
    judged: Sequence[Judgement],
    known: Items,
    in_remarks: Sequence[Found],
    seen: Callable[[int], None],
) -> Iterator[pa.Table]:
    """Mentions of a sheet, batch by batch; none where no column speaks of persons."""
    if not rows.speaks_of_persons(judged):
        return
    kind = rows.subject_kind(judged, header, known)
    staff: set[str] = set()
    for batch, found_there in zip(read.sheet(case.sheets, sheet_id), in_remarks, strict=True):
        found = rows.mentions_of_rows(sheet_id, judged, kind, batch, known)
        yield remarks.added(rows.staff_once(found, known, staff), found_there, batch)
        seen(batch.num_rows)


def _of_remarks(
    case: Case,
    sheets: Sequence[tuple[str, str, str]],
    judged: dict[str, list[Judgement]],
    kept: dict[str, list[Found]],
) -> Iterator[pa.Table]:
    """The rows of `text_item` for the remarks of sheets that speak of persons; what was found is kept, batch by batch."""
    rules = read_text_rules()
    for evidence_id, entry_id, sheet_id in sheets:
        if not rows.speaks_of_persons(judged[sheet_id]):
            continue
        provenance = _provenance(case, evidence_id, entry_id)
        for batch in read.sheet(case.sheets, sheet_id):
            found = remarks.of_batch(batch, judged[sheet_id], rules)
            kept.setdefault(sheet_id, []).append(found)
            told = remarks.item_rows(sheet_id, found, batch)
            yield rows_to_table(TEXT_ITEM, [provenance | one for one in told])


def _of_texts(case: Case) -> Iterator[tuple[pa.Table, pa.Table]]:
    """Mentions of every entry's texts, entry by entry, and the items found there."""
    rules = read_text_rules()
    finder = NameFinder(read_name_rules())
    own_domains = frozenset(case.incident.mail_domains)
    connection = read.connect(case.tables, only=("text",))
    try:
        for chunk in _chunks(_entries(connection)):
            for (evidence_id, entry_id), segments in _looked_through(chunk, rules, finder):
                mentions, items = mentions_of_text(entry_id, segments, rules.items, own_domains)
                provenance = _provenance(case, evidence_id, entry_id)
                yield (
                    rows.stored(mentions, provenance, mentions.column("locator").combine_chunks()),
                    rows_to_table(TEXT_ITEM, [provenance | one for one in items]),
                )
    finally:
        connection.close()


def _of_mails(case: Case, known: Items) -> Iterator[pa.RecordBatch]:
    """Mentions of the heads of mails, entry by entry."""
    connection = read.connect(case.tables, only=correspondents.READS)
    try:
        own = frozenset(case.incident.mail_domains)
        for (evidence_id, entry_id), found in correspondents.correspondents(connection, known, own):
            locators = found.column("locator").combine_chunks()
            yield from rows.stored(found, _provenance(case, evidence_id, entry_id), locators).to_batches()
    finally:
        connection.close()


def _looked_through(
    chunk: Sequence[_Entry], rules: TextRules, finder: NameFinder
) -> Iterator[tuple[tuple[str, str], list[Segment]]]:
    """The entries of a chunk, each with its segments and what was found in them."""
    contents = [content for _, segments in chunk for _, _, content in segments]
    hits = iter(find_items(contents, rules))
    for entry, segments in chunk:
        found = []
        for locator, mail, content in segments:
            own = next(hits)
            names = _names_beside(finder.find(content), own)
            found.append(Segment(locator=locator, content=content, hits=own, names=names, mail=mail))
        yield entry, found


def _names_beside(names: Sequence[FoundName], hits: Sequence[Hit]) -> list[FoundName]:
    """Names that are no part of an address or of a mail address, which are made of names as well."""
    taken = [(one.start, one.end) for one in hits if one.item in _HOLDING_NAMES]
    return [one for one in names if not any(start < one.end and one.start < end for start, end in taken)]


def _chunks(
    entries: Iterator[_Entry],
) -> Iterator[list[_Entry]]:
    chunk = []
    signs = 0
    for entry, segments in entries:
        chunk.append((entry, segments))
        signs += sum(len(content) for _, _, content in segments)
        if signs >= _CHUNK_SIGNS:
            yield chunk
            chunk, signs = [], 0
    if chunk:
        yield chunk


def _entries(
    connection: duckdb.DuckDBPyConnection,
) -> Iterator[_Entry]:
    """Each entry with the segments of its text (locator, mail of a store, content), in order; one entry's text is held at a time."""
    found = connection.execute(
        f"SELECT evidence_id, entry_id, locator, CASE WHEN parser IN {correspondents.STORES} THEN split_part(locator, '/', 1) END, content FROM text "  # noqa: S608
        "ORDER BY evidence_id, entry_id, locator, content"
    )
    current: tuple[str, str] | None = None
    segments: list[tuple[str, str | None, str]] = []
    while fetched := found.fetchmany(1000):
        for evidence_id, entry_id, locator, mail, content in fetched:
            if current is not None and current != (evidence_id, entry_id):
                yield current, segments
                segments = []
            current = (evidence_id, entry_id)
            segments.append((locator, mail, content or ""))
    if current is not None:
        yield current, segments


def _column_rows(sheet_id: str, one: Judgement) -> Iterator[dict[str, Any]]:
    for name in one.columns:
        yield {
            "locator": f"{sheet_id}:{name}",
            "sheet_id": sheet_id,
            "column_name": name,
            "header_word": one.header or None,
            "role": one.role,
            "item": None if one.item is None else one.item.name,
            "item_status": one.status,
            "joined_with": list(one.columns) if len(one.columns) > 1 else [],
            "proposed_by": one.proposed_by,
            "filled_count": one.filled,
            "passed_count": one.passed,
            "is_suspect": one.is_suspect,
        }


def _provenance(case: Case, evidence_id: str, entry_id: str) -> dict[str, Any]:
    return provenance_values(
        case_id=case.number,
        evidence_id=evidence_id,
        entry_id=entry_id,
        locator=None,
        parser=STAGE,
        version=VERSION,
    )
