"""Which pages are read by optical character recognition: the first ones without text, as many as the case allows.

Off unless `[ocr] pages` of case.toml is more than 0. What is read is added as text of the kind `ocr`; that a page is a
picture stays a problem, and figures that touch it stay `at least`: recognition misses names.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from parsers import all_parsers
from parsers.contract import Table
from pipeline import digest, secrets
from pipeline.custody.record import Material
from pipeline.extract import targets
from pipeline.extract.found_passwords import Words
from pipeline.extract.ocr import LANGUAGE, READER, VERSION, Scans, read_scans
from pipeline.extract.unread import PICTURES
from pipeline.tables import read
from pipeline.tables.catalogue import PROBLEM
from pipeline.tables.schema import provenance_values
from pipeline.tables.write import Rows, rows_to_table
from pipeline.work.job import Job
from pipeline.work.pool import Pool
from pipeline.work.session import Session, Step

_JOB_PAGES = 16
_ASK_SECONDS = 30
# Pages of a PDF that are pictures or have signs without meaning, then pictures; each by its path.
_WANTED = (
    "SELECT entry_id, any_value(path), CAST(regexp_extract(locator, '^page:([0-9]+)$', 1) AS BIGINT) AS page, 0 AS rank FROM problem "
    "WHERE evidence_id = ? AND kind = 'unsupported' AND parser = 'documents/pdf' AND regexp_matches(locator, '^page:[0-9]+$') "
    "GROUP BY entry_id, page "
    "UNION ALL SELECT entry_id, any_value(path), 0, 1 FROM problem WHERE evidence_id = ? AND kind = 'unsupported' "
    "AND parser = 'pipeline/extract' AND contains(message, ?) GROUP BY entry_id ORDER BY 4, 2, 1, 3"
)
_ABOVE = (
    "WITH RECURSIVE up AS (SELECT entry_id, container_entry_id FROM file_entry WHERE evidence_id = $item AND entry_id IN "
    "(SELECT unnest($wanted)) UNION SELECT f.entry_id, f.container_entry_id FROM file_entry f JOIN up ON "
    "f.entry_id = up.container_entry_id WHERE f.evidence_id = $item) SELECT entry_id, container_entry_id FROM up"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """Tesseract as it is on this machine: where, which version, and the digest of what it knows of Japanese."""

    path: Path
    version: str
    data: str


@dataclass(frozen=True, slots=True)
class _Page:
    entry_id: str
    path: str
    number: int


def read_all(session: Session, pool: Pool, items: list[dict[str, Any]], found: Words) -> None:
    """Read the pages of all items, one item after the other, until the budget of the case is spent."""
    left = session.case.ocr.pages
    program = find() if left else None
    for item in items:
        evidence_id = item["evidence_id"]
        pages = _wanted(session, evidence_id) if session.case.ocr.pages else []
        taken = pages[:left] if program is not None else []
        left -= len(taken)
        names = _read_item(session, pool, item, taken, program, found) if program is not None else set()
        if len(taken) < len(pages):
            names.add(_tell_rest(session, evidence_id, pages[len(taken) :], program))
        session.retire(f"extract {evidence_id} ocr ", names)


def find() -> Program | None:
    """The program with its data of Japanese; None where one of both is not on this machine."""
    found = shutil.which("tesseract")
    if found is None:
        return None
    try:
        version = _said(found, "--version").split("\n", 1)[0]
        listed = _said(found, "--list-langs")
    except (OSError, subprocess.SubprocessError):
        return None
    # The first line names the folder: List of available languages in "/usr/share/tesseract-ocr/5/tessdata/" (3):
    folder = Path(listed.partition('"')[2].partition('"')[0])
    data = folder / f"{LANGUAGE}.traineddata"
    if LANGUAGE not in listed.splitlines() or not data.is_file():
        return None
    return Program(path=Path(found), version=version, data=digest.of_file(data))


def _said(*words: str) -> str:
    done = subprocess.run(words, capture_output=True, check=True, timeout=_ASK_SECONDS)
    return (done.stdout or done.stderr).decode("utf-8", "replace")


def _wanted(session: Session, evidence_id: str) -> list[_Page]:
    connection = read.connect(session.case.tables, only=("problem",))
    rows = connection.execute(_WANTED, [evidence_id, evidence_id, PICTURES]).fetchall()
    connection.close()
    return [_Page(entry_id, path, number) for entry_id, path, number, _ in rows if entry_id is not None]


def _read_item(
    session: Session,
    pool: Pool,
    item: dict[str, Any],
    pages: list[_Page],
    program: Program,
    found: Words,
) -> set[str]:
    evidence_id = item["evidence_id"]
    roots = [root for one, root in found.plan.roots if one == evidence_id]
    tried = found.plan.basis(evidence_id, roots)
    waiting: dict[str, Step] = {}
    names: set[str] = set()

    def jobs() -> Iterator[Job]:
        for index, at in enumerate(range(0, len(pages), _JOB_PAGES)):
            own = pages[at : at + _JOB_PAGES]
            basis = {
                "case": session.case.number,
                "pages": [[one.entry_id, one.number] for one in own],
                "program": [program.version, program.data],
                "version": VERSION,
            }
            if seals := secrets.seals(session.case):
                basis["passwords"] = seals
            if tried is not None:
                basis["found_passwords"] = tried
            material = Material(id=evidence_id, sha256=item["sha256"])
            step = Step(name=f"extract {evidence_id} ocr {index:05d}", basis=basis, materials=(material,))
            names.add(step.name)
            if session.is_done(step):
                continue
            session.begin(step)
            subject = replace(
                _subject(session, evidence_id, own, program, step), found=found.of(evidence_id, roots)
            )
            job = Job(
                stage="extract",
                item=evidence_id,
                basis={"ocr": step.identity},
                subject=subject,
                count=len(own),
            )
            waiting[job.identity] = step
            yield job

    if pages:
        session.progress.stage("extract", f"pictures of {evidence_id}", len(pages), 0)
    for finished in pool.run(read_scans, jobs()):
        step = waiting.pop(finished.job.identity)
        for place, death in sorted(finished.deaths.items()):
            session.log.append("worker_killed", step=step.name, note=f"at {place}: {death.message}")
        session.end(
            step, session.take(finished.result.parsed, evidence_id, step), {"pages": finished.job.count}
        )
        session.progress.advance(finished.job.count, 0)
    return names


def _subject(session: Session, evidence_id: str, pages: list[_Page], program: Program, step: Step) -> Scans:
    """The pages of a job, with the entries of the item they are reached through."""
    wanted: dict[str, tuple[int, ...]] = {}
    for one in pages:
        wanted[one.entry_id] = (*wanted.get(one.entry_id, ()), one.number)
    connection = read.connect(session.case.tables, only=("file_entry",))
    above = connection.execute(_ABOVE, {"item": evidence_id, "wanted": sorted(wanted)}).fetchall()
    connection.close()
    roots = {entry_id for entry_id, container in above if container is None}
    suffixes = targets.companion_suffixes(all_parsers())
    listed = targets.targets(session.case.tables, evidence_id, suffixes)
    return Scans(
        case_id=session.case.number,
        evidence_id=evidence_id,
        targets=tuple(one for one in listed if one.entry_id in roots),
        pages=wanted,
        containers=frozenset(container for _, container in above if container is not None),
        program=program.path,
        source=session.case.source(session.case.item(evidence_id)),
        scratch=session.case.work / step.part,
        passwords=secrets.passwords(session.case),
    )


def _tell_rest(session: Session, evidence_id: str, pages: list[_Page], program: Program | None) -> str:
    """Pages that are not read, counted for each entry."""
    counts: dict[tuple[str, str], int] = {}
    for one in pages:
        counts[one.entry_id, one.path] = counts.get((one.entry_id, one.path), 0) + 1
    why = (
        f"the budget of {session.case.ocr.pages} pages ([ocr] pages in case.toml) is spent on others"
        if program is not None
        else f"tesseract with {LANGUAGE} is not on this machine: install it (tesseract-ocr and tesseract-ocr-{LANGUAGE} on Debian) and run again"
    )
    rows = [
        {
            **provenance_values(
                case_id=session.case.number, evidence_id=evidence_id, entry_id=entry_id, locator="0", parser=READER, version=VERSION
            ),
            "stage": "extract",
            "kind": "limit" if program is not None else "unsupported",
            "path": path,
            "message": f"{count} pages or pictures are not read by optical character recognition: {why}",
        }
        for (entry_id, path), count in counts.items()
    ]  # fmt: skip
    told = [[row["entry_id"], row["message"]] for row in rows]
    step = Step(
        name=f"extract {evidence_id} ocr rest", basis={"rest": told, "version": VERSION}, materials=()
    )

    def work() -> list[tuple[Table, Rows]]:
        return [(PROBLEM, rows_to_table(PROBLEM, rows))]

    session.once(step, work, evidence_id)
    return step.name
