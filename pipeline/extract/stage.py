"""The stage extract: walk each item once, read each entry once, tell what was covered.

Jobs with files that are locked are done once more where a ruling lets passwords found in the case be tried: the same steps,
which then rest on those as well (`found_passwords`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any

from parsers import all_parsers
from parsers.contract import Table
from pipeline import digest, secrets
from pipeline.custody.record import Material, RuleUse
from pipeline.errors import TableError
from pipeline.extract import coverage, found_passwords, scans, targets, walk
from pipeline.extract.found_passwords import Words
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
    "found_password",
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
        before = found_passwords.load(session.case.tables)
        identities: list[str] = []
        for item in items:
            walk.walk_item(session, pool, item, _material(item))
            identities += _read_item(session, pool, item, before)
        found = _open_locked(session, pool, items, before, identities)
        scans.read_all(session, pool, items, found)
    for item in items:
        _cover_item(session, item)
    connection = read.connect(session.case.tables, only=("file_entry", "entry_content"))
    wrong = coverage.imbalance(connection)
    connection.close()
    if wrong:
        raise TableError(
            f"entries are not all accounted for, so no figure may rest on them: {'; '.join(wrong)}"
        )


def _material(item: dict[str, Any]) -> Material:
    return Material(id=item["evidence_id"], sha256=item["sha256"])


def _open_locked(
    session: Session, pool: Pool, items: list[dict[str, Any]], before: Words, identities: list[str]
) -> Words:
    """Plan which words found in the case are tried on what is locked, and try them; gives the words. A plan that holds is kept."""
    step = found_passwords.step(session.case, [_material(item) for item in items], identities)
    if not session.is_done(step):
        # Words come from what is read without them: what the last plan opened is closed again.
        for item in items if before.plan.files else []:
            _read_item(session, pool, item, Words())
        session.once(step, lambda: found_passwords.make(session.case))
    found = found_passwords.load(session.case.tables)
    for item in items:
        if any(evidence_id == item["evidence_id"] for evidence_id, _ in found.plan.roots):
            _read_item(session, pool, item, found, is_opening=True)
    return found


def _read_item(
    session: Session, pool: Pool, item: dict[str, Any], found: Words, *, is_opening: bool = False
) -> list[str]:
    """Read every entry of an item that has content, in jobs; jobs done before, with the words found or without, are kept.

    Words are tried where `is_opening`, which reads the jobs alone that have files to try them on. Gives the identities of
    all steps without words.
    """
    evidence_id, material = item["evidence_id"], _material(item)
    listed = targets.targets(session.case.tables, evidence_id, targets.companion_suffixes(all_parsers()))
    parts = [(one, found.plan.basis(evidence_id, roots_of(one))) for one in chunks(listed)]
    shown = [target for one, tried in parts if tried is not None or not is_opening for target in one]
    what = "locked files" if is_opening else "entries"
    session.progress.stage("extract", f"{what} of {evidence_id}", len(shown), sum(one.size for one in shown))
    uses = _uses(session)
    seals = secrets.seals(session.case)  # slow by design, and the same for every job
    waiting: dict[str, tuple[Step, Step]] = {}
    identities: list[str] = []
    names: set[str] = set()

    def jobs() -> Iterator[Job]:
        for index, (chunk, tried) in enumerate(parts):
            plain = _steps(session, evidence_id, material, index, chunk, uses, seals)
            opened = plain if tried is None else (_with_words(plain[0], tried), _with_words(plain[1], tried))
            identities.extend(one.identity for one in plain)
            names.update(one.name for one in plain)
            if is_opening and tried is None:
                continue
            wanted = opened if is_opening else plain
            is_kept = [
                session.is_done(one) or session.is_done(other)
                for one, other in zip(wanted, opened, strict=True)
            ]
            if all(is_kept):
                session.progress.advance(len(chunk), sum(one.size for one in chunk))
                continue
            job = _job(session, item, chunk, wanted, is_kept, found if is_opening else Words())
            waiting[job.identity] = wanted
            yield job

    for finished in pool.run(read_entries, jobs()):
        _keep(session, evidence_id, finished, *waiting.pop(finished.job.identity), found)
        session.progress.advance(finished.job.count, finished.job.size)
    session.retire(f"extract {evidence_id} parse ", names)
    session.retire(f"extract {evidence_id} scan ", names)
    return identities


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


def _with_words(step: Step, tried: str) -> Step:
    """The step as it is where words found in the case are tried."""
    return replace(step, basis={**step.basis, "found_passwords": tried})


def roots_of(chunk: list[Target]) -> list[str]:
    """The entries of a job."""
    return [one.entry_id for one in chunk]


def _job(
    session: Session,
    item: dict[str, Any],
    chunk: list[Target],
    steps: tuple[Step, Step],
    is_kept: list[bool],
    found: Words,
) -> Job:
    parsing, scanning = steps
    is_parsing, is_scanning = not is_kept[0], not is_kept[1]
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
        found=found.of(item["evidence_id"], roots_of(chunk)),
    )
    basis = {"parse": parsing.identity, "scan": scanning.identity}
    size = sum(one.size for one in chunk)
    return Job(
        stage="extract", item=item["evidence_id"], basis=basis, subject=subject, size=size, count=len(chunk)
    )


def _keep(
    session: Session, evidence_id: str, finished: Finished, parsing: Step, scanning: Step, found: Words
) -> None:
    """Bring what a worker wrote to its place, then record it."""
    subject: Subject = finished.job.subject
    written: Written = finished.result
    for place, death in sorted(finished.deaths.items()):
        session.log.append("worker_killed", step=parsing.name, note=f"at {place}: {death.message}")
    if subject.is_parsing:
        _tell_opened(session, finished, parsing, found)
        products = [*session.take(written.parsed, evidence_id, parsing), *session.take_sheets(written.sheets)]
        session.end(parsing, products, {"entries": finished.job.count})
    if subject.is_scanning:
        session.end(
            scanning, session.take(written.scanned, evidence_id, scanning), {"entries": finished.job.count}
        )


def _tell_opened(session: Session, finished: Finished, step: Step, found: Words) -> None:
    """Which found word opened which file: custody names the word by its seal and by the text it stands in."""
    subject: Subject = finished.job.subject
    roots = roots_of(list(subject.targets))
    for entry_id, word in finished.result.opened:
        source = (
            None if word in subject.passwords else found.source(subject.evidence_id, roots, entry_id, word)
        )
        if source is None:
            continue
        params = {
            "entry": f"{subject.evidence_id}/{entry_id}",
            "seal": secrets.seal(session.case, word),
            "text": f"{source.evidence_id}/{source.entry_id}",
            "locator": source.locator,
            "word_number": source.number,
        }
        note = "a word found in a text of the case opened a protected file"
        session.log.append("password_found", step=step.name, step_id=step.identity, params=params, note=note)


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
