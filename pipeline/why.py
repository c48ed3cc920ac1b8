"""Walks back from a figure, a person, a mention or a document to the bytes it rests on.

Nothing here repeats a personal value: persons and mentions are named by their numbers, and where they stand by sheet and row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from pipeline.case import Case
from pipeline.custody import log as custody
from pipeline.errors import TableError
from pipeline.progress import printable
from pipeline.scope import entrusters, gone
from pipeline.scope.counts import GRADES
from pipeline.tables import read
from pipeline.tables.catalogue import DECEASED

# Each grade with what it includes, as the counts have it.
_GRADES = dict(GRADES)
_DEAD = (
    f"SELECT q.likely FROM person_mention q JOIN mention d USING (mention_id) WHERE d.doubt = '{DECEASED}'"
)
_DIMENSIONS = {
    "category": "list_contains(m.categories, $value)",
    "item": "list_contains(m.items, $value)",
    "document": "concat(m.evidence_id, '/', m.entry_id) = $value",
    "route": "x.route = $value",
    "medium": "x.medium = $value",
    "entruster": "EXISTS (SELECT 1 FROM entrusted e WHERE e.evidence_id = m.evidence_id AND e.entry_id = m.entry_id AND e.name = $value)",
    "subject_kind": "coalesce(m.subject_kind, 'unknown') = $value",
    "deceased": f"$value = '{DECEASED}' AND p.likely IN ({_DEAD})",
}
# What report, workbooks and drafts call the rows behind a number.
_REFERENCES = (
    (re.compile(r"affected_count\[grade=([a-z]+),dimension=all,value=all\]"), r"\1"),
    (re.compile(r"affected_count\[grade=([a-z]+),dimension=([a-z_]+),value=(.+)\]"), r"\1/\2=\3"),
    (re.compile(r"per_person\[person_id=(\d+)\]"), r"person:\1"),
    (re.compile(r"exposure\[evidence_id=([^,\]]+),entry_id=([^,\]]+)(?:,[^\]]*)?\]"), r"document:\1/\2"),
)
_FIGURE = re.compile(r"(confirmed|likely|possible)(?:/([a-z_]+)=(.+))?")
FORMS = "GRADE, GRADE/DIMENSION=VALUE, person:NUMBER, mention:ID, document:ITEM/ENTRY, or a reference of the report (affected_count[...])"


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """One step back: what it is, in words, and what it rests on."""

    what: str
    told: str
    below: tuple[Why, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The tree as JSON values."""
        return {"what": self.what, "told": self.told, "rests_on": [one.as_json() for one in self.below]}

    def as_text(self, depth: int = 0) -> str:
        """The tree as lines, each level further in; signs that would steer a terminal are taken out."""
        own = f"{'  ' * depth}{printable(self.what)}: {printable(self.told)}"
        return "\n".join([own, *(one.as_text(depth + 1) for one in self.below)])


def why(case: Case, subject: str, bound: str = "likely", limit: int = 10) -> Why:
    """What a figure (`confirmed`, `likely/category=health`), `person:17`, `mention:ID` or `document:ITEM/ENTRY` rests on.

    The references of report, workbooks and drafts (`affected_count[grade=likely,dimension=all,value=all]`) are taken as well.

    `bound` says whose numbers persons have: high, likely or low. At most `limit` of each kind are listed, and how many there are is told.

    Raises:
        TableError: the subject has none of these forms, or the case holds no such thing.
    """
    for form, meant in _REFERENCES:
        subject = form.sub(meant, subject, count=1) if form.fullmatch(subject) else subject
    connection = read.connect(case.tables)
    try:
        entrusters.hold(connection, case)
        back = _Back(connection, _products(case), bound, limit)
        kind, _, named = subject.partition(":")
        asked: dict[str, Callable[[str], Why]] = {
            "person": back.person,
            "mention": back.mention,
            "document": back.document,
        }
        if kind in asked and named:
            return asked[kind](named)
        figure = _FIGURE.fullmatch(subject)
        if figure is None or (figure[2] and figure[2] not in _DIMENSIONS):
            raise TableError(
                f"{subject!r} is nothing that can be walked back: give {FORMS} "
                f"(grades {', '.join(_GRADES)}; dimensions {', '.join(_DIMENSIONS)})"
            )
        return back.figure(figure[1], figure[2], figure[3])
    finally:
        connection.close()


def _products(case: Case) -> dict[str, str]:
    records = [one for one in custody.read(case.root).records if one is not None]
    return {path: product.sha256 for path, product in custody.current_products(records).items()}


@dataclass(frozen=True, slots=True)
class _Back:
    connection: duckdb.DuckDBPyConnection
    products: dict[str, str]
    bound: str
    limit: int

    def figure(self, grade: str, dimension: str | None, value: str | None) -> Why:
        name = dimension or "all"
        rows = self._rows(
            "SELECT low, likely, high, estimate, is_open, open_reasons FROM affected_count "
            "WHERE grade = $grade AND dimension = $name AND value IS NOT DISTINCT FROM $value",
            grade=grade,
            name=name,
            value=value,
        )
        if not rows:
            raise TableError(
                f"the case has no figure {grade}/{name}={value}: `kanshiki query` affected_count"
            )
        low, likely, high, estimate, is_open, reasons = rows[0]
        told = f"low {low}, likely {likely} (as joined {estimate}), high {high}"
        told += f"; at least, since {'; '.join(reasons)}" if is_open else ""
        listed = ", ".join(f"'{one}'" for one in _GRADES[grade])
        narrowed = f"AND {_DIMENSIONS[dimension]}" if dimension else ""
        given = {"value": value} if dimension else {}
        # As in the counts, who may be no natural person, or is told to be dead in any list, is in the highest bound only.
        sure = (
            "true"
            if self.bound == "high" or dimension == "deceased"
            else f"m.doubt IS NULL AND p.likely NOT IN ({_DEAD})"
        )
        scope = (
            f"(SELECT DISTINCT m.mention_id, m.evidence_id, m.entry_id, p.{self.bound} AS person FROM exposure x "
            "JOIN mention m USING (evidence_id, entry_id) JOIN person_mention p USING (mention_id) "
            f"WHERE x.grade IN ({listed}) AND {gone.WENT} AND {sure} {narrowed})"
        )
        documents = self._rows(
            f"SELECT evidence_id, entry_id, count(DISTINCT person), count(*) FROM {scope} GROUP BY ALL ORDER BY 3 DESC, 1, 2",
            **given,
        )
        persons = self._rows(f"SELECT person, count(*) FROM {scope} GROUP BY 1 ORDER BY 1", **given)
        below = [
            Why(
                what=f"document:{evidence_id}/{entry_id}",
                told=f"{count} persons ({self.bound}) in {mentions} mentions",
                below=(
                    *self._exposures(evidence_id, entry_id, _GRADES[grade]),
                    *self._source(evidence_id, entry_id),
                ),
            )
            for evidence_id, entry_id, count, mentions in documents[: self.limit]
        ]
        below += self._more(documents, "documents")
        below += [
            Why(what=f"person:{number}", told=f"{count} mentions", below=self._mentions_of(number, 2))
            for number, count in persons[: self.limit]
        ]
        below += self._more(persons, f"persons ({self.bound}; `why` takes each as person:NUMBER)")
        return Why(
            what=f"affected_count[grade={grade},dimension={name},value={value or 'all'}]",
            told=told,
            below=tuple(below),
        )

    def person(self, number: str) -> Why:
        mentions = self._mentions_of(int(number) if number.isdecimal() else -1, self.limit)
        if not mentions:
            raise TableError(f"the case has no person {number!r} in the bound {self.bound}")
        return Why(what=f"person:{number}", told=f"one human in the bound {self.bound}", below=mentions)

    def mention(self, named: str) -> Why:
        rows = self._rows(
            "SELECT m.evidence_id, m.entry_id, m.sheet_id, m.row_number, m.locator, m.items, m.doubt, p.high, p.likely, p.low, p.likely_reason "
            "FROM mention m LEFT JOIN person_mention p USING (mention_id) WHERE mention_id = $named",
            named=named,
        )
        if not rows:
            raise TableError(f"the case has no mention {named!r}")
        evidence_id, entry_id, sheet_id, row, locator, items, doubt, high, likely, low, reason = rows[0]
        where = f"sheet {sheet_id}, row {row}" if sheet_id else f"at {locator}"
        told = f"{where}, items {', '.join(items)}; person {high} (high), {likely} (likely: {reason}), {low} (low)"
        below = list(self._source(evidence_id, entry_id))
        if sheet_id:
            below.insert(0, self._product(f"sheets/{sheet_id}.parquet"))
        return Why(
            what=f"mention:{named}", told=f"{told}; in doubt: {doubt}" if doubt else told, below=tuple(below)
        )

    def document(self, named: str) -> Why:
        evidence_id, _, entry_id = named.partition("/")
        found = self._source(evidence_id, entry_id)
        if not found:
            raise TableError(f"the case has no document {named!r}: ITEM/ENTRY as in file_entry")
        ((mentions, persons),) = self._rows(
            f"SELECT count(*), count(DISTINCT p.{self.bound}) FROM mention m JOIN person_mention p USING (mention_id) "
            "WHERE m.evidence_id = $evidence_id AND m.entry_id = $entry_id",
            evidence_id=evidence_id,
            entry_id=entry_id,
        )
        return Why(
            what=f"document:{named}",
            told=f"{persons} persons ({self.bound}) in {mentions} mentions",
            below=(
                *self._exposures(evidence_id, entry_id, ("confirmed", "likely", "possible", "excluded")),
                *found,
            ),
        )

    def _mentions_of(self, number: int, limit: int) -> tuple[Why, ...]:
        rows = self._rows(
            f"SELECT p.mention_id, p.{self.bound}_reason, p.weight FROM person_mention p WHERE p.{self.bound} = $number ORDER BY 1",
            number=number,
        )
        told = []
        for mention_id, reason, weight in rows[:limit]:
            own = self.mention(mention_id)
            by = f"why this person: {reason}" + (f" (weight {weight:.1f})" if weight is not None else "")
            told.append(Why(what=own.what, told=f"{by}; {own.told}", below=own.below))
        return (*told, *self._more(rows, "mentions", limit))

    def _exposures(self, evidence_id: str, entry_id: str, grades: Sequence[str]) -> list[Why]:
        rows = self._rows(
            "SELECT rule, grade, route, reason, supports, parser_version FROM exposure "
            "WHERE evidence_id = $evidence_id AND entry_id = $entry_id AND list_contains($grades, grade) ORDER BY ALL",
            evidence_id=evidence_id,
            entry_id=entry_id,
            grades=list(grades),
        )
        return [
            Why(
                what=f"exposure, {grade}, rule {rule} {version}",
                told=f"{route}: {reason}",
                below=tuple(Why(what="row", told=one) for one in supports[: self.limit]),
            )
            for rule, grade, route, reason, supports, version in rows
        ]

    def _source(self, evidence_id: str, entry_id: str) -> tuple[Why, ...]:
        """The entry with its digest, what it lies in, and the item with its digest."""
        rows = self._rows(
            "SELECT f.path, f.locator, f.container_entry_id, c.sha256, c.size_bytes, f.volume_id FROM file_entry f "
            "LEFT JOIN entry_content c USING (evidence_id, entry_id) WHERE f.evidence_id = $evidence_id AND f.entry_id = $entry_id",
            evidence_id=evidence_id,
            entry_id=entry_id,
        )
        if not rows:
            return ()
        path, locator, container, sha256, size, volume = rows[0]
        if container:
            below = self._source(evidence_id, container)
        else:
            items = self._rows(
                "SELECT item_path, role, format, sha256, acquisition FROM evidence_item WHERE evidence_id = $evidence_id",
                evidence_id=evidence_id,
            )
            below = tuple(
                Why(
                    what=f"item {evidence_id}",
                    told=f"{item_path}, {role or 'role not stated'}, {kind}, sha256 {digest}, acquisition {acquisition}",
                )
                for item_path, role, kind, digest, acquisition in items
            )
        where = f"volume {volume}, " if volume else ""
        told = f"{path}, {where}at {locator}, {size} bytes, sha256 {sha256 or 'not taken'}"
        return (Why(what=f"entry {entry_id}", told=told, below=below),)

    def _product(self, path: str) -> Why:
        return Why(
            what=path,
            told=f"sha256 {self.products.get(path, 'not in the custody log')}, as the custody log has it",
        )

    def _more(self, rows: Sequence[Any], words: str, limit: int | None = None) -> list[Why]:
        left = len(rows) - (self.limit if limit is None else limit)
        return [Why(what="and", told=f"{left} more {words}")] if left > 0 else []

    def _rows(self, sql: str, **given: Any) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = self.connection.execute(sql, given).fetchall()
        return found
