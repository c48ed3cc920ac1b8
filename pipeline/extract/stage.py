"""The stage extract: walk each item once, read each entry once, tell what was covered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from parsers import all_parsers
from parsers.contract import Table
from pipeline import digest, secrets
from pipeline.custody.record import Material, RuleUse
from pipeline.errors import TableError
from pipeline.extract import coverage, scans, targets, walk
from pipeline.extract.parse import Subject, Target, Written, read_entries
from pipeline.extract.scan import SUFFIXES
from pipeline.rulebook import RULES
from pipeline.tables import read
from pipeline.tables.catalogue import COVERAGE
from pipeline.tables.write import Rows
from pipeline.work.job import Job
from pipeline.work.pool import Finished, Pool
from pipeline.work.session import PROJECT, Session, Step

READS = ("evidence_item",)
WRITES = (
    "volume",
    "file_entry",
    "entry_content",
    "parse_outcome",
    "coverage",
    "problem",
    "document",
    "sheet",
    "text",
    "rule_hit",
)
# Verdicts of intake with which an item is parsed.
ACCEPTED = ("match", "absent")
MALWARE = RULES / "malware"
# What one job holds at most: enough to spread the cost of a record, little enough to lose in a kill.
_JOB_ENTRIES = 256
_JOB_BYTES = 64 << 20
# Of the limits, those that decide which rows there are.
_DECIDING = ("rows", "depth", "expansion", "free_bytes", "scan_bytes")


def run(session: Session) -> None:
    """Extract every item that intake accepted.

    Raises:
        TableError: entries are not all accounted for: a fault of this program, never passed over.
    """
    listed = read.table(session.case.tables, "evidence_item").to_pylist()
    items = [one for one in listed if one["acquisition"] in ACCEPTED]
    with Pool(session.limits, session.workers) as pool:
        for item in items:
            material = Material(id=item["evidence_id"], sha256=item["sha256"])
            walk.walk_item(session, pool, item, material)
            _read_item(session, pool, item, material)
        scans.read_all(session, pool, items)
    for item in items:
        _cover_item(session, item)
    connection = read.connect(session.case.tables, only=("file_entry", "entry_content"))
    wrong = coverage.imbalance(connection)
    connection.close()
    if wrong:
        raise TableError(
            f"entries are not all accounted for, so no figure may rest on them: {'; '.join(wrong)}"
        )


def _read_item(session: Session, pool: Pool, item: dict[str, Any], material: Material) -> None:
    """Read every entry of an item that has content, in jobs; jobs done before are kept."""
    evidence_id = item["evidence_id"]
    listed = targets.targets(session.case.tables, evidence_id, targets.companion_suffixes(all_parsers()))
    session.progress.stage(
        "extract", f"entries of {evidence_id}", len(listed), sum(one.size for one in listed)
    )
    uses = _uses(session)
    seals = secrets.seals(session.case)  # slow by design, and the same for every job
    waiting: dict[str, tuple[Step, Step]] = {}
    names: set[str] = set()

    def jobs() -> Iterator[Job]:
        for index, chunk in enumerate(chunks(listed)):
            parsing, scanning = _steps(session, evidence_id, material, index, chunk, uses, seals)
            names.update((parsing.name, scanning.name))
            job = _job(session, item, chunk, parsing, scanning)
            if job is None:
                session.progress.advance(len(chunk), sum(one.size for one in chunk))
                continue
            waiting[job.identity] = (parsing, scanning)
            yield job

    for finished in pool.run(read_entries, jobs()):
        _keep(session, evidence_id, finished, *waiting.pop(finished.job.identity))
        session.progress.advance(finished.job.count, finished.job.size)
    session.retire(f"extract {evidence_id} parse ", names)
    session.retire(f"extract {evidence_id} scan ", names)


def _uses(session: Session) -> tuple[tuple[RuleUse, ...], tuple[RuleUse, ...]]:
    """The modules parsing rests on and the rules scanning rests on: the same for every job of an item, so read once."""
    folders = (MALWARE, *session.rule_folders)
    rule_files = [path for folder in folders for path in folder.rglob("*") if path.suffix in SUFFIXES]
    return session.rule_use((PROJECT / "parsers").rglob("*.py")), session.rule_use(rule_files)


def _steps(
    session: Session,
    evidence_id: str,
    material: Material,
    index: int,
    chunk: list[Target],
    uses: tuple[tuple[RuleUse, ...], tuple[RuleUse, ...]],
    seals: list[str],
) -> tuple[Step, Step]:
    """The two steps of a job: parsing rests on parsers, scanning on rules, so each is done again alone."""
    limits = {name: value for name, value in asdict(session.limits).items() if name in _DECIDING}
    entries = digest.of_json(
        [
            [one.entry_id, one.path, [[suffix, other.entry_id] for suffix, other in one.companions]]
            for one in chunk
        ]
    )
    parsers = {one.full_name: one.version for one in all_parsers()}
    # Members are found by parsers, so what is scanned depends on them too.
    common = {"case": session.case.number, "entries": entries, "limits": limits, "parsers": parsers}
    if seals:
        common["passwords"] = seals
    return (
        Step(
            name=f"extract {evidence_id} parse {index:05d}",
            basis=common,
            materials=(material,),
            rules=uses[0],
        ),
        Step(
            name=f"extract {evidence_id} scan {index:05d}",
            basis=common,
            materials=(material,),
            rules=uses[1],
        ),
    )


def _job(
    session: Session, item: dict[str, Any], chunk: list[Target], parsing: Step, scanning: Step
) -> Job | None:
    is_parsing, is_scanning = not session.is_done(parsing), not session.is_done(scanning)
    if not is_parsing and not is_scanning:
        return None
    for step, is_wanted in ((parsing, is_parsing), (scanning, is_scanning)):
        if is_wanted:
            session.begin(step)
    subject = Subject(
        case_id=session.case.number,
        evidence_id=item["evidence_id"],
        targets=tuple(chunk),
        is_parsing=is_parsing,
        is_scanning=is_scanning,
        source=session.case.source(session.case.item(item["evidence_id"])),
        rule_folders=(MALWARE, *session.rule_folders),
        scratch=session.case.work / parsing.part,
        passwords=secrets.passwords(session.case),
    )
    basis = {"parse": parsing.identity, "scan": scanning.identity}
    size = sum(one.size for one in chunk)
    return Job(
        stage="extract", item=item["evidence_id"], basis=basis, subject=subject, size=size, count=len(chunk)
    )


def _keep(session: Session, evidence_id: str, finished: Finished, parsing: Step, scanning: Step) -> None:
    """Bring what a worker wrote to its place, then record it."""
    subject: Subject = finished.job.subject
    written: Written = finished.result
    for place, death in sorted(finished.deaths.items()):
        session.log.append("worker_killed", step=parsing.name, note=f"at {place}: {death.message}")
    if subject.is_parsing:
        products = [*session.take(written.parsed, evidence_id, parsing), *session.take_sheets(written.sheets)]
        session.end(parsing, products, {"entries": finished.job.count})
    if subject.is_scanning:
        session.end(
            scanning, session.take(written.scanned, evidence_id, scanning), {"entries": finished.job.count}
        )


def _cover_item(session: Session, item: dict[str, Any]) -> None:
    evidence_id, role = item["evidence_id"], item["role"] or "unknown"
    step = Step(
        name=f"extract {evidence_id} coverage",
        basis={"role": role, "parsers": {one.full_name: one.version for one in all_parsers()}},
        materials=session.materials_of(evidence_id, "parse_outcome", "problem"),
    )

    def work() -> list[tuple[Table, Rows]]:
        connection = read.connect(session.case.tables, only=("parse_outcome", "problem"))
        try:
            return [(COVERAGE, coverage.coverage(connection, session.case.number, evidence_id, role))]
        finally:
            connection.close()

    session.once(step, work, evidence_id)


def chunks(listed: list[Target]) -> Iterator[list[Target]]:
    """Targets in jobs of a bounded number of entries and bytes, always cut at the same places."""
    chunk: list[Target] = []
    size = 0
    for one in listed:
        if chunk and (len(chunk) >= _JOB_ENTRIES or size + one.size > _JOB_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(one)
        size += one.size
    if chunk:
        yield chunk
