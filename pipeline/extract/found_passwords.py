"""Passwords found in mails and texts of the case: which words are tried on which locked file, where a ruling allows it.

Words stand behind a word for a password (`password_words`); they are never made up and never varied. Those nearest to a file come
first, at most 200 a file. The table keeps where each word stands and not the word. Without the ruling nothing is tried, and the
locked files say how many texts there are. Words in what a found password opened, and in what was read from pictures, are not tried.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from parsers.contract import Table
from pipeline import digest
from pipeline.case import Case
from pipeline.custody.record import Material
from pipeline.extract import ocr
from pipeline.extract.nearness import Entry, Key, Neighbourhood
from pipeline.extract.password_words import ANNOUNCED, words
from pipeline.tables import read
from pipeline.tables.catalogue import FOUND_PASSWORD, PROBLEM
from pipeline.tables.schema import provenance_values
from pipeline.tables.write import Rows, rows_to_table
from pipeline.work.session import Step

READER = "pipeline/extract/found_passwords"
VERSION = "1"
STEP = "extract passwords"
MOST_TRIED = 200
# Parsers that try the passwords they are given.
OPENERS = ("archives/seven_zip", "archives/zip", "documents/pdf", "documents/protected_office")
_TABLES = ("file_entry", "entry_content", "problem", "text", "mail_message")
# A member that is refused has no content of its own: what opens it is the file it lies in.
_LOCKED = (
    "WITH locked AS (SELECT DISTINCT evidence_id, entry_id, path FROM problem WHERE kind = 'locked' AND parser <> $reader) "
    "SELECT l.evidence_id, l.entry_id, l.path FROM locked l JOIN entry_content c USING (evidence_id, entry_id) "
    "WHERE list_has_any(c.parsers, $openers) "
    "UNION SELECT l.evidence_id, f.container_entry_id, k.path FROM locked l JOIN entry_content c USING (evidence_id, entry_id) "
    "JOIN file_entry f USING (evidence_id, entry_id) JOIN entry_content o ON o.evidence_id = f.evidence_id "
    "AND o.entry_id = f.container_entry_id JOIN file_entry k ON k.evidence_id = f.evidence_id AND k.entry_id = f.container_entry_id "
    "WHERE len(c.parsers) = 0 AND list_has_any(o.parsers, $openers) ORDER BY 1, 3, 2"
)
_SAID = (
    "SELECT evidence_id, entry_id, locator, content FROM text "
    "WHERE parser <> $reader AND entry_id IS NOT NULL AND regexp_matches(content, $announced)"
)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a word stands: in which text, and which of its words it is."""

    evidence_id: str
    entry_id: str
    locator: str
    number: int


@dataclass(frozen=True, slots=True)
class _Said:
    """The words of one text; the first has the number `start`, where texts share a locator."""

    entry: Entry
    locator: str
    start: int
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Which words are tried on which files, by where they stand; files by the entry of the walk they are reached through."""

    files: Mapping[Entry, tuple[Source, ...]] = field(default_factory=dict)
    roots: Mapping[Entry, tuple[str, ...]] = field(default_factory=dict)

    def openers(self, evidence_id: str, roots: Iterable[str]) -> list[str]:
        """The files with words to try among those that are reached through some entries of the walk."""
        return [file for root in roots for file in self.roots.get((evidence_id, root), ())]

    def basis(self, evidence_id: str, roots: Iterable[str]) -> str | None:
        """A digest over what is tried on files reached through some entries; None where nothing is.

        It stands for the words as well: evidence and parsers, which the step names too, decide what stands at a place.
        """
        tried = [
            [file, [[one.evidence_id, one.entry_id, one.locator, one.number] for one in self.files[evidence_id, file]]]
            for file in self.openers(evidence_id, roots)
        ]  # fmt: skip
        return digest.of_json(tried) if tried else None


class Words:
    """The words of a plan, read where they stand when they are asked for; they are held in memory alone."""

    def __init__(self, plan: Plan | None = None, tables: Path | None = None) -> None:
        """Nothing is read yet; without tables there is no word."""
        self.plan = plan or Plan()
        self._tables = tables

    @cached_property
    def _at(self) -> Mapping[Source, str]:
        wanted = {one for tried in self.plan.files.values() for one in tried}
        if self._tables is None or not wanted:
            return {}
        connection = read.connect(self._tables, only=("text",))
        try:
            return {
                source: word
                for said in _said(connection)
                for number, word in enumerate(said.words, said.start)
                if (source := Source(*said.entry, said.locator, number)) in wanted
            }
        finally:
            connection.close()

    @property
    def missing(self) -> int:
        """How many places of the plan hold no word: none, where plan and texts belong together."""
        return len({one for tried in self.plan.files.values() for one in tried} - self._at.keys())

    def of(self, evidence_id: str, roots: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """For each file reached through some entries of the walk the words to try, in their order."""
        return {
            file: tuple(self._at[one] for one in self.plan.files[evidence_id, file] if one in self._at)
            for file in self.plan.openers(evidence_id, roots)
        }

    def source(self, evidence_id: str, roots: Sequence[str], file: str, word: str) -> Source | None:
        """Where a word that opened a file stands; of a file within a file on which the same words were tried, too."""
        for one in (file, *self.plan.openers(evidence_id, roots)):
            for source in self.plan.files.get((evidence_id, one), ()):
                if self._at.get(source) == word:
                    return source
        return None


def load(tables: Path) -> Words:
    """The plan as the table has it, empty where there is none, with its words."""
    files: dict[Entry, list[tuple[int, Source]]] = {}
    roots: dict[Entry, dict[str, None]] = {}
    for row in read.table(tables, FOUND_PASSWORD.name).to_pylist():
        source = Source(
            row["text_evidence_id"], row["text_entry_id"], row["text_locator"], row["word_number"]
        )
        files.setdefault((row["evidence_id"], row["entry_id"]), []).append((row["try_number"], source))
        roots.setdefault((row["evidence_id"], row["root_entry_id"]), {})[row["entry_id"]] = None
    plan = Plan(
        files={file: tuple(one for _, one in sorted(tried, key=lambda each: each[0])) for file, tried in files.items()},
        roots={root: tuple(sorted(held)) for root, held in roots.items()},
    )  # fmt: skip
    return Words(plan, tables)


def step(case: Case, materials: Sequence[Material], identities: Sequence[str]) -> Step:
    """The step that makes the plan; it rests on all that was parsed without found passwords."""
    basis = {
        "case": case.number,
        "parsed": digest.of_json(list(identities)),
        "is_tried": case.is_trying_found,
        "version": VERSION,
    }
    return Step(name=STEP, basis=basis, materials=tuple(materials))


def make(case: Case) -> list[tuple[Table, Rows]]:
    """The plan as a table; without a ruling, of each locked file the problem that there are words which were not tried."""
    connection = read.connect(case.tables, only=_TABLES)
    try:
        locked = connection.execute(_LOCKED, {"reader": READER, "openers": list(OPENERS)}).fetchall()
        said = list(_said(connection)) if locked else []
        if not said:
            return []
        if not case.is_trying_found:
            return [(PROBLEM, rows_to_table(PROBLEM, _not_tried(case, locked, len(said))))]
        entries = [*((item, entry) for item, entry, _ in locked), *(one.entry for one in said)]
        around = Neighbourhood(connection, entries, case.zone)
    finally:
        connection.close()
    said.sort(key=lambda one: (one.entry[0], around.path(one.entry), one.entry[1]))
    near = _by_key(said, around)
    rows = [row for item, entry, _ in locked for row in _rows(case, (item, entry), near, around)]
    return [(FOUND_PASSWORD, rows_to_table(FOUND_PASSWORD, rows))]


def _said(connection: Any) -> Iterator[_Said]:
    """Texts with words that look like passwords; those of one entry in the order they were read."""
    rows = connection.execute(_SAID, {"reader": ocr.READER, "announced": ANNOUNCED})
    counts: dict[tuple[str, ...], int] = {}
    while row := rows.fetchone():
        item, entry, locator, content = row
        if found := words(content):
            place = (item, entry, locator or "")
            start = counts.get(place, 0)
            counts[place] = start + len(found)
            yield _Said((item, entry), locator or "", start, found)


def _by_key(said: list[_Said], around: Neighbourhood) -> dict[tuple[str, Key], dict[str, Source]]:
    """Words by what the texts they stand in are near to, the first 200 distinct ones of each."""
    near: dict[tuple[str, Key], dict[str, Source]] = {}
    for one in said:
        keys = [*around.of_text(one.entry, one.locator), ("case", ())]
        held = [near.setdefault(key, {}) for key in keys]
        for number, word in enumerate(one.words, one.start):
            for each in held:
                if len(each) < MOST_TRIED:
                    each.setdefault(word, Source(*one.entry, one.locator, number))
    return near


def _rows(
    case: Case, file: Entry, near: Mapping[tuple[str, Key], Mapping[str, Source]], around: Neighbourhood
) -> Iterator[dict[str, Any]]:
    tried: dict[str, tuple[str, Source]] = {}
    for key in (*around.of_file(file), ("case", ())):
        for word, source in near.get(key, {}).items():
            tried.setdefault(word, (key[0], source))
    for number, (nearness, source) in enumerate(islice(tried.values(), MOST_TRIED)):
        yield {
            **provenance_values(
                case_id=case.number, evidence_id=file[0], entry_id=file[1], locator=None, parser=READER, version=VERSION
            ),
            "root_entry_id": around.root(file),
            "text_evidence_id": source.evidence_id,
            "text_entry_id": source.entry_id,
            "text_locator": source.locator,
            "word_number": source.number,
            "nearness": nearness,
            "try_number": number,
        }  # fmt: skip


def _not_tried(case: Case, locked: list[tuple[Any, ...]], count: int) -> list[dict[str, Any]]:
    message = (
        f"locked, and words that look like passwords stand in {count} texts of the case: none was tried; a ruling in case.toml "
        '(on = "passwords:found", decision = "try") lets them be tried'
    )
    return [
        {
            **provenance_values(
                case_id=case.number, evidence_id=item, entry_id=entry, locator="0", parser=READER, version=VERSION
            ),
            "stage": "extract",
            "kind": "locked",
            "path": path,
            "message": message,
        }
        for item, entry, path in locked
    ]  # fmt: skip
