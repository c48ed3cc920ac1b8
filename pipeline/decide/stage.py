"""The stage decide: law packs over the facts of the case."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from parsers.contract import Table
from pipeline import digest
from pipeline.case import Case
from pipeline.decide.decision import decide
from pipeline.errors import FactError
from pipeline.rulebook import RULES
from pipeline.tables import read
from pipeline.tables.catalogue import DECISION
from pipeline.tables.schema import provenance_values
from pipeline.tables.write import rows_to_table
from pipeline.work.session import PROJECT, Session, Step

READS = ("fact",)
WRITES = ("decision",)
STAGE = "pipeline/decide"
VERSION = "2"


def run(session: Session) -> None:
    """Decide unless that is done for the same facts and law packs."""
    packs = list((RULES / "reportability").rglob("*.toml"))
    step = Step(
        name="decide",
        basis={"case": session.case.number, "toml": session.case.toml_sha256 or "", "version": VERSION},
        materials=session.materials(*READS),
        rules=session.rule_use([*packs, *(PROJECT / "pipeline" / "decide").glob("*.py")]),
    )
    session.once(step, lambda: compute(session.case))


def compute(case: Case) -> list[tuple[Table, pa.Table]]:
    """One row for the decision over every law pack of the case."""
    rows = read.table(case.tables, "fact").to_pylist()
    facts = {row["name"]: json.loads(row["value"]) for row in rows}
    # Each fact a reason names walks back to the rows it was made from.
    outcome = decide(case.entity.kind, facts, case.entity.law_packs).as_json() | {
        "facts": [
            {"fact": row["name"], "source": row["source"], "supports": list(row["supports"] or ())}
            for row in sorted(rows, key=lambda row: str(row["name"]))
        ]
    }
    provenance = provenance_values(
        case_id=case.number, evidence_id=None, entry_id=None, locator=None, parser=STAGE, version=VERSION
    )
    row = {
        **provenance,
        "law_pack": ", ".join(case.entity.law_packs),
        "reportable": str(outcome["reportable"]).lower(),
        "outcome": digest.canonical(outcome).decode("utf-8"),
    }
    return [(DECISION, rows_to_table(DECISION, [row]))]


def decide_file(path: Path, law_packs: Sequence[str] | None = None) -> Any:
    """The decision over the facts of a JSON file: one object with `entity_kind` and `facts`, or a list of them.

    The law packs are those named, or every law of Japan in force.

    Raises:
        FactError: the file is not such JSON, or a fact is wrong.
        RuleError: there is no such law pack.
    """
    try:
        given = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise FactError(f"{path} is no JSON: {error}") from error
    many = (
        given
        if isinstance(given, list)
        else given["cases"]
        if isinstance(given, dict) and "cases" in given
        else None
    )
    return _one(given, path, law_packs) if many is None else [_one(one, path, law_packs) for one in many]


def _one(given: Any, path: Path, law_packs: Sequence[str] | None) -> dict[str, Any]:
    if (
        not isinstance(given, dict)
        or not isinstance(given.get("facts"), dict)
        or not isinstance(given.get("entity_kind"), str)
    ):
        raise FactError(f"{path}: each object needs `entity_kind` and a table `facts`")
    answer: dict[str, Any] = decide(given["entity_kind"], given["facts"], law_packs).as_json()
    return {**({"id": given["id"]} if "id" in given else {}), **answer}
