"""The stage scope: exposures, persons, counts, facts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa

from parsers.contract import Table
from pipeline.case import Case
from pipeline.custody import history
from pipeline.scope import (
    counts,
    entrusters,
    exposure,
    facts,
    indicators,
    people,
    per_person,
    person_tables,
    reviewed,
    rulings,
)
from pipeline.scope.coded import read_exposures, read_mentions
from pipeline.scope.people import model as people_model
from pipeline.tables import answers, read
from pipeline.tables.catalogue import (
    AFFECTED_COUNT,
    EXPOSURE,
    FACT,
    INDICATOR,
    OPEN_ITEM,
    PER_PERSON,
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
WRITES = (
    "exposure",
    "indicator",
    "person",
    "person_mention",
    "person_model",
    "per_person",
    "affected_count",
    "open_item",
    "fact",
)


def run(session: Session) -> None:
    """Scope the case unless that is done for the same tables, rules and case.toml."""
    step = Step(
        name=history.STEP,
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
    session.progress.stage("scope", "steps", len(WRITES) + people.STEPS)
    figures: dict[str, Any] = {}

    def work() -> Iterator[tuple[Table, Rows]]:
        for table, rows in compute(session.case, advance=session.progress.advance):
            session.progress.advance()
            if table is AFFECTED_COUNT and isinstance(rows, pa.Table):
                figures.update(counts.headlines(rows))
            yield table, rows

    # The figures enter the log, so that nobody can say later that they were others.
    session.once(
        step,
        work,
        told=lambda: {history.FIGURES: figures, history.CASE_TOML: session.case.toml_sha256 or ""},
    )


def compute(
    case: Case,
    joined_from: Mapping[str, float] | None = None,
    answers: Sequence[reviewed.Answer] | None = None,
    advance: Callable[[], None] = lambda: None,
) -> Iterator[tuple[Table, Rows]]:
    """The tables of the stage, each from those before it, and each to be taken before the next is asked for.

    `joined_from` sets other probabilities from which mentions are joined, by bound; `answers` are those of reviewers, all the case
    holds unless given; `advance` is called at each step of the persons.
    """
    connection = read.connect(case.tables, case.work / "duckdb")

    def held(table: Table, rows: pa.Table) -> tuple[Table, Rows]:
        # What this stage makes stands before the case's view of the same name.
        connection.register(f"made_{table.name}", rows)
        connection.execute(f'CREATE OR REPLACE TEMP VIEW "{table.name}" AS SELECT * FROM "made_{table.name}"')
        return table, rows

    try:
        rulings.hold_documents(connection, case)
        entrusters.hold(connection, case)
        rules = exposure.rules()
        found = exposure.exposures(connection, case.number, rules, _params(case))
        yield held(EXPOSURE, exposure.stored(rulings.on_exposures(connection, case, found)))
        yield INDICATOR, indicators.rows(connection, case.number, _params(case))
        clustered = persons(connection, case, joined_from, answers, advance)
        yield PERSON_MENTION, person_tables.person_mentions(connection, clustered, case.number)
        mentions = read_mentions(connection, clustered.people["likely"])
        yield PERSON, person_tables.persons(connection, mentions, clustered, case.number)
        yield PERSON_MODEL, person_tables.person_model(clustered, case.number)
        exposures = read_exposures(connection, mentions)
        yield PER_PERSON, per_person.rows(connection, case, exposures, clustered)
        counted, kept_open = counts.counts(connection, case.number, rules, exposures, clustered)
        yield held(AFFECTED_COUNT, counted)
        yield OPEN_ITEM, kept_open
        yield held(FACT, facts.rows(facts.facts(connection, case), case.number))
    finally:
        connection.close()


def persons(
    connection: duckdb.DuckDBPyConnection,
    case: Case,
    joined_from: Mapping[str, float] | None = None,
    answers: Sequence[reviewed.Answer] | None = None,
    advance: Callable[[], None] = lambda: None,
) -> people.Clusters:
    """Persons of a connection that `rulings.hold_documents` prepared, by the rulings and the reviewers' answers of the case.

    Raises:
        CaseError: a ruling names what the case does not hold, or rulings and answers contradict each other.
        CustodyError: answers are gone, or not those recorded.
    """
    ruled = rulings.on_pairs(connection, case)
    said = reviewed.held(case) if answers is None else answers
    return people.cluster(connection, ruled, joined_from, reviewed.on_pairs(connection, said, ruled), advance)


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
        "window_from": case.window[0],
        "window_to": case.window[1],
    }
