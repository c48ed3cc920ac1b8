"""The stage scope: exposures, persons, counts, facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa

from parsers.contract import Table
from pipeline.case import Case
from pipeline.scope import counts, exposure, facts, indicators, people, reviewed, rulings
from pipeline.scope.people import model as people_model
from pipeline.tables import answers, read
from pipeline.tables.catalogue import (
    AFFECTED_COUNT,
    EXPOSURE,
    FACT,
    INDICATOR,
    PERSON,
    PERSON_MENTION,
    PERSON_MODEL,
)
from pipeline.tables.write import Rows
from pipeline.work.session import PROJECT, Session, Step

READS = (
    "mention",
    "sheet",
    "text",
    "sheet_column",
    "entry_content",
    "device",
    "connected",
    "coverage",
    "file_entry",
    "volume",
    "evidence_item",
    "document",
    "problem",
    "mail_message",
    "windows_lnk",
    "on_device",
    "event_hit",
    "rule_hit",
    "hash_hit",
    "browser_visit",
    "browser_download",
)
WRITES = ("exposure", "indicator", "person", "person_mention", "person_model", "affected_count", "fact")


STEP = "scope"


def run(session: Session) -> None:
    """Scope the case unless that is done for the same tables, rules and case.toml."""
    step = Step(
        name=STEP,
        basis={
            "case": session.case.number,
            "toml": session.case.toml_sha256 or "",
            "version": counts.VERSION,
        },
        materials=(
            *session.materials(*READS, *session.tables_of("windows_", "server_")),
            *session.folder(reviewed.ANSWERS),
        ),
        rules=session.rule_use(
            [
                *exposure.FOLDER.rglob("*.sql"),
                *indicators.FOLDER.glob("*.sql"),
                *answers.FOLDER.rglob("*.sql"),
                people_model.FILE,
                *(PROJECT / "pipeline" / "scope").rglob("*.py"),
            ]
        ),
    )
    session.progress.stage("scope", "steps")
    session.once(step, lambda: compute(session.case))


def compute(
    case: Case,
    joined_from: Mapping[str, float] | None = None,
    answers: Sequence[reviewed.Answer] | None = None,
) -> Iterator[tuple[Table, Rows]]:
    """The tables of the stage, each from those before it, and each to be taken before the next is asked for.

    `joined_from` sets other probabilities from which mentions are joined, by bound; `answers` are those of reviewers, all the case
    holds unless given.
    """
    connection = read.connect(case.tables, case.work / "duckdb")

    def held(table: Table, rows: pa.Table) -> tuple[Table, Rows]:
        # What this stage makes stands before the case's view of the same name.
        connection.register(f"made_{table.name}", rows)
        connection.execute(f'CREATE OR REPLACE TEMP VIEW "{table.name}" AS SELECT * FROM "made_{table.name}"')
        return table, rows

    try:
        rulings.hold_documents(connection, case)
        rules = exposure.rules()
        found = exposure.exposures(connection, case.number, rules, _params(case))
        yield held(EXPOSURE, exposure.stored(rulings.on_exposures(connection, case, found)))
        yield INDICATOR, indicators.rows(connection, case.number, _params(case))
        clustered = persons(connection, case, joined_from, answers)
        yield PERSON_MENTION, counts.person_mentions(connection, clustered, case.number)
        yield PERSON, counts.persons(connection, clustered, case.number)
        yield PERSON_MODEL, counts.person_model(clustered, case.number)
        yield held(AFFECTED_COUNT, counts.counts(connection, case.number, rules, clustered))
        yield held(FACT, facts.rows(facts.facts(connection, case), case.number))
    finally:
        connection.close()


def persons(
    connection: duckdb.DuckDBPyConnection,
    case: Case,
    joined_from: Mapping[str, float] | None = None,
    answers: Sequence[reviewed.Answer] | None = None,
) -> people.Clusters:
    """Persons of a connection that `rulings.hold_documents` prepared, by the rulings and the reviewers' answers of the case.

    Raises:
        CaseError: a ruling names what the case does not hold, or rulings and answers contradict each other.
        CustodyError: answers are gone, or not those recorded.
    """
    ruled = rulings.on_pairs(connection, case)
    said = reviewed.held(case) if answers is None else answers
    return people.cluster(connection, ruled, joined_from, reviewed.on_pairs(connection, said, ruled))


def weighed(connection: duckdb.DuckDBPyConnection, case: Case) -> people.Weighed:
    """The pairs of such a connection with their weights, from the lowest stratum of a review on.

    Raises:
        CaseError: a ruling names what the case does not hold, or rulings and answers contradict each other.
        CustodyError: answers are gone, or not those recorded.
    """
    ruled = rulings.on_pairs(connection, case)
    answers = reviewed.on_pairs(connection, reviewed.held(case), ruled)
    return people.weighed(connection, ruled, answers, is_framed=True)


def _params(case: Case) -> dict[str, Any]:
    return {
        "mail_domains": [one.lower() for one in case.incident.mail_domains],
        "intruder_accounts": list(case.incident.intruder_accounts),
        "bad_hosts": list(case.incident.bad_hosts),
        "notices": list(case.incident.notices),
        "window_from": case.incident.window_from,
        "window_to": case.incident.window_to,
    }
