"""The stage match: recognisers over every sheet and every text of the case give mentions."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from parsers.contract import Table
from pipeline.case import Case
from pipeline.match import items, personal_data
from pipeline.tables import read
from pipeline.tables.catalogue import MENTION
from pipeline.tables.schema import full_schema, provenance_values
from pipeline.work.session import PROJECT, Session, Step

READS = ("sheet", "text")
WRITES = ("mention",)


def run(session: Session) -> None:
    """Match every sheet and text unless that is done for the same tables and rules."""
    rules = [items.FOLDER / one.name for one in items.read_items().files]
    step = Step(
        name="match",
        basis={"case": session.case.number, "version": personal_data.VERSION},
        materials=session.materials(*READS),
        rules=session.rule_use([*rules, *(PROJECT / "pipeline" / "match").glob("*.py")]),
    )
    session.progress.stage("match", "sheets")
    session.once(step, lambda: compute(session.case))


def compute(case: Case) -> dict[Table, pa.Table]:
    """The mentions of a case, in the order of entry, sheet and row."""
    known = items.read_items()
    connection = read.connect(case.tables)
    sheets = connection.execute(
        "SELECT evidence_id, entry_id, sheet_id, header FROM sheet ORDER BY evidence_id, entry_id, sheet_id"
    ).fetchall()
    texts = connection.execute(
        "SELECT evidence_id, entry_id, locator, content FROM text ORDER BY evidence_id, entry_id, locator, content"
    ).fetchall()
    connection.close()
    parts = [full_schema(MENTION).empty_table()]
    for evidence_id, entry_id, sheet_id, header in sheets:
        rows = read.sheet(case.sheets, sheet_id)
        found = personal_data.mentions_of_sheet(
            sheet_id, None if header is None else tuple(header), rows, known
        )
        locators = pa.array(
            [f"{sheet_id}:{number}" for number in found.column("row_number").to_pylist()], pa.string()
        )
        parts.append(personal_data.stored(found, _provenance(case, evidence_id, entry_id), locators))
    by_entry: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for evidence_id, entry_id, locator, content in texts:
        by_entry.setdefault((evidence_id, entry_id), []).append((locator, content or ""))
    for (evidence_id, entry_id), segments in by_entry.items():
        found = personal_data.mentions_of_text(entry_id, segments, known)
        parts.append(
            personal_data.stored(
                found, _provenance(case, evidence_id, entry_id), found.column("locator").combine_chunks()
            )
        )
    return {MENTION: pa.concat_tables(parts)}


def _provenance(case: Case, evidence_id: str, entry_id: str) -> dict[str, Any]:
    return provenance_values(
        case_id=case.number,
        evidence_id=evidence_id,
        entry_id=entry_id,
        locator=None,
        parser=personal_data.STAGE,
        version=personal_data.VERSION,
    )
