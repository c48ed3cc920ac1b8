"""The stage match: traces become devices, rules over events give hits, recognisers over sheets and texts give mentions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from parsers.contract import Table
from pipeline.case import Case
from pipeline.match import (
    clocks,
    columns,
    devices,
    event_rules,
    events,
    hashes,
    items,
    on_device,
    personal_data,
)
from pipeline.match.columns import Judgement
from pipeline.match.items import Items
from pipeline.tables import answers, read
from pipeline.tables.catalogue import (
    CONNECTED,
    DEVICE,
    DEVICE_OBSERVATION,
    MACHINE_CLOCK,
    MENTION,
    ON_DEVICE,
    SHEET_COLUMN,
    SPINE,
)
from pipeline.tables.schema import full_schema, provenance_values
from pipeline.tables.write import Rows, rows_to_table
from pipeline.work.session import PROJECT, Session, Step

READS = ("sheet", "text", "coverage", "volume", "evidence_item", *hashes.READS, *events.READS)
WRITES = (
    "machine_clock",
    "device_observation",
    "device",
    "connected",
    "on_device",
    "hash_hit",
    "event_hit",
    "event_rule",
    "sheet_column",
    "mention",
)

# Of the spine, what the device step reads; whatever parsers declare may answer its questions.
_OF_DEVICES = ("coverage", "evidence_item", "file_entry", "machine_clock", "volume")


def run(session: Session) -> None:
    """Match clocks, devices, events, sheets and texts, each unless that is done for the same tables and rules."""
    _match_clocks(session)
    _match_devices(session)
    _match_hashes(session)
    _match_events(session)
    _match_persons(session)


def compute(case: Case) -> Iterator[tuple[Table, Rows]]:
    """The tables of the stage, but for those of known content and rules over events, which rest on folders of rules as well."""
    yield from machine_clocks(case)
    yield from device_graph(case)
    yield from persons(case)


def _match_clocks(session: Session) -> None:
    step = Step(
        name=clocks.STEP,
        basis={"case": session.case.number, "version": clocks.VERSION},
        materials=session.materials("windows_host_fact", "windows_evtx"),
        rules=session.rule_use([Path(clocks.__file__)]),
    )
    session.once(step, lambda: machine_clocks(session.case))


def _match_devices(session: Session) -> None:
    spine = {table.name for table in SPINE}
    tables = [one for one in session.tables_of("") if one not in spine or one in _OF_DEVICES]
    step = Step(
        name="match devices",
        basis={"case": session.case.number, "version": [devices.VERSION, on_device.VERSION]},
        materials=session.materials(*tables),
        rules=session.rule_use(
            [
                *devices.FOLDER.glob("*.sql"),
                *answers.FOLDER.rglob("*.sql"),
                Path(devices.__file__),
                Path(on_device.__file__),
            ]
        ),
    )
    session.once(step, lambda: device_graph(session.case))


def _match_hashes(session: Session) -> None:
    folders = (hashes.FOLDER, *session.rule_folders)
    step = Step(
        name=hashes.STEP,
        basis={"case": session.case.number, "version": hashes.VERSION},
        materials=session.materials("entry_content"),
        rules=session.rule_use([*(one.path for one in hashes.lists(folders)), Path(hashes.__file__)]),
    )
    session.once(step, lambda: hashes.compute(session.case, folders))


def _match_events(session: Session) -> None:
    folders = (event_rules.FOLDER, *session.rule_folders)
    rules = {path for folder in folders for path in event_rules.paths(folder)}
    step = Step(
        name=events.STEP,
        basis={"case": session.case.number, "version": events.VERSION},
        materials=session.materials(*events.READS),
        rules=session.rule_use([*rules, *(PROJECT / "pipeline" / "match").glob("*.py")]),
    )
    session.progress.stage("match", "rules over events")
    session.once(step, lambda: events.compute(session.case, folders, session.progress.advance))


def _match_persons(session: Session) -> None:
    rules = [items.FOLDER / one.name for one in items.read_items().files]
    step = Step(
        name="match",
        basis={"case": session.case.number, "version": personal_data.VERSION},
        materials=session.materials("sheet", "text"),
        rules=session.rule_use([*rules, *(PROJECT / "pipeline" / "match").glob("*.py")]),
    )
    session.progress.stage("match", "rows of sheets")
    session.once(step, lambda: persons(session.case, session.progress.advance))


def machine_clocks(case: Case) -> list[tuple[Table, Rows]]:
    """What the wall clock of each machine may mean."""
    connection = read.connect(case.tables, only=("windows_host_fact", "windows_evtx"))
    try:
        told = clocks.claims(connection)
    finally:
        connection.close()
    return [(MACHINE_CLOCK, rows_to_table(MACHINE_CLOCK, clocks.clock_rows(told, case.number)))]


def device_graph(case: Case) -> list[tuple[Table, Rows]]:
    """Devices, what was observed of each, when each was connected, and what was touched on it."""
    connection = read.connect(case.tables, case.work / "duckdb")
    try:
        found = devices.devices(devices.observe(connection, devices.rules()))
        connected = [
            *devices.connected_rows(found, case.number),
            *devices.looked_rows(connection, case.number),
        ]
        made = [
            (
                DEVICE_OBSERVATION,
                rows_to_table(DEVICE_OBSERVATION, devices.observation_rows(found, case.number)),
            ),
            (DEVICE, rows_to_table(DEVICE, devices.device_rows(found, case.number))),
            (CONNECTED, rows_to_table(CONNECTED, connected)),
        ]
        # What was made just now stands before what an earlier run has stored under the same name.
        for table, rows in made:
            connection.register(table.name, rows)
        return [*made, (ON_DEVICE, on_device.on_device(connection, case.number))]
    finally:
        connection.close()


def persons(case: Case, seen: Any = lambda _: None) -> list[tuple[Table, Rows]]:
    """What each column of each sheet holds, and the mentions of the case in the order of entry, sheet and row.

    The mentions come batch by batch as they are asked for; a sheet is read twice and never held. `seen` is told rows.
    """
    known = items.read_items()
    connection = read.connect(case.tables, only=("sheet",))
    sheets = connection.execute(
        "SELECT evidence_id, entry_id, sheet_id, header, width FROM sheet ORDER BY evidence_id, entry_id, sheet_id"
    ).fetchall()
    connection.close()
    judged: dict[str, list[Judgement]] = {}
    rows = []
    for evidence_id, entry_id, sheet_id, header, width in sheets:
        words = None if header is None else tuple(header)
        judged[sheet_id] = columns.judge(words, width, read.sheet(case.sheets, sheet_id), known)
        provenance = _provenance(case, evidence_id, entry_id)
        rows += [provenance | _column_row(sheet_id, one) for one in judged[sheet_id]]
    schema = full_schema(MENTION)

    def mentions() -> Iterator[pa.RecordBatch]:
        for evidence_id, entry_id, sheet_id, header, _ in sheets:
            words = None if header is None else tuple(header)
            found = _of_sheet(case, sheet_id, words, judged[sheet_id], known, seen)
            for part, locators in found:
                stored = personal_data.stored(part, _provenance(case, evidence_id, entry_id), locators)
                yield from stored.to_batches()
        yield from _of_texts(case, known)

    return [
        (SHEET_COLUMN, rows_to_table(SHEET_COLUMN, rows)),
        (MENTION, pa.RecordBatchReader.from_batches(schema, mentions())),
    ]


def _of_sheet(
    case: Case,
    sheet_id: str,
    header: tuple[str | None, ...] | None,
    judged: list[Judgement],
    known: Items,
    seen: Any,
) -> Iterator[tuple[pa.Table, pa.Array]]:
    """Mentions of a sheet with their locators, batch by batch; none where no column speaks of persons."""
    if not personal_data.speaks_of_persons(judged):
        return
    kind = personal_data.subject_kind(judged, header, known)
    for batch in read.sheet(case.sheets, sheet_id):
        found = personal_data.mentions_of_rows(sheet_id, judged, kind, batch, known)
        numbers = found.column("row_number").to_pylist()
        yield found, pa.array([f"{sheet_id}:{number}" for number in numbers], pa.string())
        seen(batch.num_rows)


def _of_texts(case: Case, known: Items) -> Iterator[pa.RecordBatch]:
    """Mentions of every entry's texts, entry by entry."""
    connection = read.connect(case.tables, only=("text",))
    try:
        for evidence_id, entry_id, segments in _entries(connection):
            found = personal_data.mentions_of_text(entry_id, segments, known)
            locators = found.column("locator").combine_chunks()
            yield from personal_data.stored(
                found, _provenance(case, evidence_id, entry_id), locators
            ).to_batches()
    finally:
        connection.close()


def _entries(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
    """Each entry with the segments of its text, in order; one entry's text is held at a time."""
    found = connection.execute(
        "SELECT evidence_id, entry_id, locator, content FROM text ORDER BY evidence_id, entry_id, locator, content"
    )
    current: tuple[str, str] | None = None
    segments: list[tuple[str, str]] = []
    while rows := found.fetchmany(1000):
        for evidence_id, entry_id, locator, content in rows:
            if current is not None and current != (evidence_id, entry_id):
                yield *current, segments
                segments = []
            current = (evidence_id, entry_id)
            segments.append((locator, content or ""))
    if current is not None:
        yield *current, segments


def _column_row(sheet_id: str, one: Judgement) -> dict[str, Any]:
    return {
        "locator": f"{sheet_id}:{one.column}",
        "sheet_id": sheet_id,
        "column_name": one.column,
        "header_word": one.header or None,
        "item": None if one.item is None else one.item.name,
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
        parser=personal_data.STAGE,
        version=personal_data.VERSION,
    )
