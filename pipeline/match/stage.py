"""The stage match: traces become devices, rules over events give hits, recognisers over sheets and texts give mentions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from parsers.contract import Table
from pipeline.case import Case
from pipeline.match import (
    clocks,
    devices,
    event_rules,
    events,
    hashes,
    on_device,
)
from pipeline.match.personal_data import items, persons
from pipeline.tables import answers, read
from pipeline.tables.catalogue import (
    CONNECTED,
    DEVICE,
    DEVICE_OBSERVATION,
    MACHINE_CLOCK,
    ON_DEVICE,
    SPINE,
)
from pipeline.tables.write import Rows, rows_to_table
from pipeline.work.session import PROJECT, Session, Step

READS = ("sheet", "text", *persons.READS, "coverage", "volume", "evidence_item", *hashes.READS, *events.READS)
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
    "text_item",
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
    yield from persons.persons(case)


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
        basis={
            "case": session.case.number,
            "version": persons.VERSION,
            "mail_domains": list(session.case.incident.mail_domains),
            "ruled": [[one.on, one.decision] for one in session.case.rulings if one.kind == "column"],
        },
        materials=session.materials("sheet", "text", *persons.READS),
        rules=session.rule_use([*rules, *Path(persons.__file__).parent.rglob("*.py")]),
    )
    session.progress.stage("match", "rows of sheets")
    session.once(step, lambda: persons.persons(session.case, session.progress.advance))


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
