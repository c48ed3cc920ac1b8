"""What keeps the maximum of a count open: everything that could not be looked at, one by one and in words.

A figure is printed as "at least" as long as one of these holds. "Nothing was found" never closes a figure by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import duckdb

from parsers import all_parsers
from parsers.questions import QUESTIONS
from pipeline.rulebook import SqlRule

_MOST_NAMED = 5
_QUESTIONS = {question.name for question in QUESTIONS}
# Kinds of problem that leave everything read: two stated digests that name different things, for example.
_HARMLESS = "('ambiguous')"

SUSPECT = "a sheet looks as if it held persons, but no column of it was recognised"
UNREAD = "an exposed document was not read whole"
PROBLEM = "an exposed entry has a problem"
DAMAGED = "an exposed file was damaged, and nothing of it could be read"
# Each query gives one row per thing that keeps a count open; `x` are the exposed entries of the grade.
_EXPOSED = {
    UNREAD: (
        "SELECT DISTINCT d.evidence_id, d.entry_id, concat(d.evidence_id, ' ', coalesce(d.path, d.entry_id)) FROM document d JOIN x USING (evidence_id, entry_id) "
        "WHERE NOT d.is_complete AND NOT EXISTS (SELECT 1 FROM ruled_document r WHERE r.entry_id = d.entry_id "
        "AND r.evidence_id = d.evidence_id) ORDER BY 3, 1, 2"
    ),
    PROBLEM: (
        "SELECT DISTINCT p.evidence_id, p.entry_id, concat(p.evidence_id, ' ', coalesce(p.path, p.entry_id)) FROM problem p JOIN x USING (evidence_id, entry_id) "
        "WHERE NOT EXISTS (SELECT 1 FROM ruled_document r WHERE r.entry_id = p.entry_id AND r.evidence_id = p.evidence_id) "
        "AND NOT EXISTS (SELECT 1 FROM document d WHERE d.entry_id = p.entry_id AND d.evidence_id = p.evidence_id AND NOT d.is_complete) "
        "ORDER BY 3, 1, 2"
    ),
    DAMAGED: (
        "SELECT DISTINCT f.evidence_id, f.entry_id, concat(f.evidence_id, ' ', coalesce(f.path, f.entry_id)) FROM file_entry f JOIN exposure e USING (evidence_id, entry_id) "
        "JOIN x USING (evidence_id, entry_id) WHERE e.route = 'damaged' AND e.grade <> 'excluded' "
        "AND NOT EXISTS (SELECT 1 FROM mention m WHERE m.entry_id = f.entry_id AND m.evidence_id = f.evidence_id) "
        "AND NOT EXISTS (SELECT 1 FROM sheet s WHERE s.entry_id = f.entry_id AND s.evidence_id = f.evidence_id) "
        "AND NOT EXISTS (SELECT 1 FROM text t WHERE t.entry_id = f.entry_id AND t.evidence_id = f.evidence_id) "
        "AND NOT EXISTS (SELECT 1 FROM ruled_document r WHERE r.entry_id = f.entry_id AND r.evidence_id = f.evidence_id) ORDER BY 3, 1, 2"
    ),
    "a page sent what visitors typed to a stranger, and no file says who they are": (
        "SELECT DISTINCT f.evidence_id, f.entry_id, concat(f.evidence_id, ' ', coalesce(f.path, f.entry_id)) FROM file_entry f JOIN exposure e USING (evidence_id, entry_id) "
        "JOIN x USING (evidence_id, entry_id) WHERE e.route = 'page_altered' AND e.grade <> 'excluded' ORDER BY 3, 1, 2"
    ),
    SUSPECT: (
        "SELECT DISTINCT s.evidence_id, s.entry_id, concat(s.evidence_id, ' ', coalesce(f.path, s.entry_id), ' ', coalesce(s.sheet_name, '')) "
        "FROM sheet s JOIN x USING (evidence_id, entry_id) LEFT JOIN file_entry f USING (evidence_id, entry_id) "
        "WHERE EXISTS (SELECT 1 FROM sheet_column c WHERE c.sheet_id = s.sheet_id AND c.is_suspect) "
        "AND NOT EXISTS (SELECT 1 FROM mention m WHERE m.sheet_id = s.sheet_id) "
        "AND NOT EXISTS (SELECT 1 FROM ruled_document r WHERE r.entry_id = s.entry_id AND r.evidence_id = s.evidence_id) ORDER BY 3, 1, 2"
    ),
}
_MEDIA = (
    "SELECT DISTINCT p.evidence_id, NULL, concat(p.evidence_id, ' ', coalesce(p.path, ''), ': ', p.kind) FROM problem p JOIN evidence_item e USING (evidence_id) "
    f"WHERE p.entry_id IS NULL AND p.kind NOT IN {_HARMLESS} AND e.role IN ({{roles}}) ORDER BY 3, 1, 2"  # noqa: S608
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """One thing that keeps a count open: why, and what it is about; null where it is about no item or no entry."""

    reason: str
    what: str
    evidence_id: str | None = None
    entry_id: str | None = None


def open_items(
    connection: duckdb.DuckDBPyConnection,
    grade: str,
    included: tuple[str, ...],
    rules: tuple[SqlRule, ...],
    counted: int,
) -> list[Open]:
    """What keeps the count of a grade open, reason after reason; none where it is closed. `counted` persons are in it at most.

    `connection` has `exposure`, `document`, `problem`, `sheet`, `sheet_column`, `mention`, `coverage`, `evidence_item`,
    `file_entry` and `ruled_document`.
    """
    listed = ", ".join(f"'{one}'" for one in included)
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW x AS SELECT DISTINCT evidence_id, entry_id FROM exposure WHERE grade IN ({listed})"  # noqa: S608
    )
    # What left the client's hands counts for every grade; any other item only for what is not seen leaving.
    roles = "'leaked_medium', 'sent_mail'" if grade == "confirmed" else "e.role"
    queries = {**_EXPOSED, "an item, or a part of it, could not be used": _MEDIA.format(roles=roles)}
    found = [
        Open(reason=reason, what=what.strip(), evidence_id=evidence_id, entry_id=entry_id)
        for reason, query in queries.items()
        for evidence_id, entry_id, what in connection.execute(query).fetchall()
    ]
    if grade != "confirmed":
        found += [
            Open(
                reason="traces that would show an exposure could not be looked at",
                what=f"{evidence_id} {what}",
                evidence_id=evidence_id,
            )
            for evidence_id, what in _unlooked(connection, rules)
        ]
    return [*found, *_nobody(connection, counted)]


def in_words(items: Iterable[Open]) -> list[str]:
    """One sentence a reason, with the first of the things it is about."""
    named: dict[str, list[str]] = {}
    for one in items:
        named.setdefault(one.reason, []).append(one.what)
    return [_told(reason, [one for one in things if one]) for reason, things in named.items()]


def _told(words: str, things: list[str]) -> str:
    if not things:
        return words
    more = f" and {len(things) - _MOST_NAMED} more" if len(things) > _MOST_NAMED else ""
    return f"{words}: {'; '.join(things[:_MOST_NAMED])}{more}"


def _nobody(connection: duckdb.DuckDBPyConnection, counted: int) -> list[Open]:
    """Where nobody is counted, that is only a zero if an examiner has ruled on every exposed document."""
    exposed = "SELECT count(*) FROM x"
    open_documents = (
        "SELECT count(*) FROM x JOIN entry_content c USING (evidence_id, entry_id) WHERE c.state <> 'not_wanted' "
        "AND NOT EXISTS (SELECT 1 FROM ruled_document r WHERE r.entry_id = x.entry_id AND r.evidence_id = x.evidence_id)"
    )
    if not _number(connection, exposed):
        return [
            Open(reason="nothing of this grade was found exposed, which is not a count of nobody", what="")
        ]
    if not counted and (count := _number(connection, open_documents)):
        return [
            Open(
                reason="no person was recognised in what is exposed, look at it and rule",
                what=f"{count} documents",
            )
        ]
    return []


def _number(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(connection.execute(query).fetchall()[0][0])


def _unlooked(connection: duckdb.DuckDBPyConnection, rules: tuple[SqlRule, ...]) -> list[tuple[str, str]]:
    """Sources of exposure rules that failed, or that were expected on an item and are all missing there.

    Many parsers answer a question; where one of them read its artefact to the end, a missing other is no gap.
    """
    told = connection.execute(
        "SELECT evidence_id, parser, outcome, is_expected FROM coverage ORDER BY evidence_id, parser"
    ).fetchall()
    found: dict[str, dict[str, tuple[str, bool]]] = {}
    for evidence_id, parser, outcome, is_expected in told:
        found.setdefault(evidence_id, {})[parser] = (outcome, is_expected)
    gaps = set()
    for name, parsers in _sources(rules).items():
        for evidence_id, outcomes in found.items():
            own = {one: outcomes[one] for one in parsers if one in outcomes}
            gaps |= {
                (evidence_id, f"{parser}: {outcome}")
                for parser, (outcome, _) in own.items()
                if outcome in ("failed", "partial")
            }
            is_read = any(outcome in ("parsed", "partial", "empty") for outcome, _ in own.values())
            if name in _QUESTIONS and not is_read and any(is_expected for _, is_expected in own.values()):
                gaps.add((evidence_id, f"{name}: missing"))
    return sorted(gaps)


def _sources(rules: tuple[SqlRule, ...]) -> Mapping[str, set[str]]:
    """For each table or question that a rule reads, the parsers that give it."""
    given: dict[str, set[str]] = {}
    for parser in all_parsers():
        for table in parser.tables:
            for name in (table.name, *(answer.question.name for answer in table.answers)):
                given.setdefault(name, set()).add(parser.full_name)
    read = {one.strip() for rule in rules for one in rule.stated["reads"].split(",")}
    return {name: given[name] for name in sorted(read) if name in given}
