"""Where each figure stands: its table, its row as SQL, and how to walk back from it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.report.book_words import KIND_OF_ROW
from pipeline.report.document import Count, Document
from pipeline.report.signs import on_one_line
from pipeline.tables.views import literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """A reference, the table it names, the query that gives its rows, and the command that walks back from it."""

    kind: str
    reference: str
    table: str
    sql: str
    back: str


def behind(document: Document) -> list[Behind]:
    """Every reference of the workbooks, each once, in the order of the report."""
    found = {one.reference: one for one in _all(document)}
    return list(found.values())


def _all(document: Document) -> Iterator[Behind]:
    for count in document.counts:
        yield _row(
            "count",
            count.reference,
            "affected_count",
            {"grade": count.grade, "dimension": count.dimension, "value": count.value},
            _subject(count),
        )
    for one in document.exposed:
        yield _row(
            "exposure",
            f"exposure[evidence_id={one.evidence_id},entry_id={one.entry_id},rule={one.rule},grade={one.grade}]",
            "exposure",
            {
                "evidence_id": one.evidence_id,
                "entry_id": one.entry_id,
                "rule": one.rule,
                "grade": one.grade,
            },
            f"document:{one.evidence_id}/{one.entry_id}",
        )
    for decision in document.decisions:
        pack = str(decision.get("law_pack", ""))
        yield _row("decision", f"decision[law_pack={pack}]", "decision", {"law_pack": pack})
    for name, _, _ in document.facts:
        yield _row("fact", f"fact[name={name}]", "fact", {"name": name})
    for what in document.estimated:
        yield _row("open", f"open_item[what={what.what}]", "open_item", {"what": what.what})
    for unread in document.unread:
        yield _row(
            "problem",
            f"problem[evidence_id={unread.evidence_id},kind={unread.kind}]",
            "problem",
            {"evidence_id": unread.evidence_id or None, "kind": unread.kind},
        )


def _row(
    kind: str, reference: str, table: str, where: dict[str, str | None], subject: str | None = None
) -> Behind:
    conditions = " AND ".join(
        f"{name} IS NULL" if value is None else f"{name} = {literal(value)}" for name, value in where.items()
    )
    return Behind(
        kind=KIND_OF_ROW[kind],
        reference=reference,
        table=table,
        sql=f"SELECT * FROM {table} WHERE {conditions}",
        back="" if subject is None else f"kanshiki why CASE {shlex.quote(on_one_line(subject))}",
    )


def _subject(count: Count) -> str | None:
    """What `kanshiki why` calls the figure; None where it walks back from no such figure."""
    if count.dimension == "all":
        return count.grade
    return None if count.dimension == "deceased" else f"{count.grade}/{count.dimension}={count.value}"
