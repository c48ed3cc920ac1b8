"""The checks that do the case again: parsing gives the same rows, facts and decision follow, figures stand in the report.

Each is given to `verify` by its number. They work in a scratch folder outside the case and change nothing in it.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from parsers import all_parsers
from parsers.contract import Table
from pipeline import case as cases
from pipeline import digest, secrets
from pipeline.case import Case
from pipeline.custody.history import STEP as SCOPE_STEP
from pipeline.custody.history import history
from pipeline.custody.log import current_products, read
from pipeline.custody.record import Product, Record
from pipeline.decide import stage as decide
from pipeline.errors import TableError
from pipeline.extract import found_passwords, targets
from pipeline.extract import stage as extract
from pipeline.extract.parse import Subject, Target, Written, read_entries
from pipeline.match import event_rules, events, hashes
from pipeline.match import stage as match
from pipeline.report import stage as report
from pipeline.report.document import Head
from pipeline.scope import reviewed
from pipeline.scope import stage as scope
from pipeline.tables import read as tables
from pipeline.tables.write import Rows, batches
from pipeline.verify import NAMES, Check
from pipeline.work.job import Job, Limits
from pipeline.work.pool import Pool
from pipeline.work.session import PROJECT

PARSING, FACTS, FIGURES = 8, 9, 10
__all__ = ["CHECKS", "PROJECT", "facts", "figures", "parsing"]


def parsing(root: Path) -> Check:
    """Every entry is read and parsed again; the digests of the rows are compared with those recorded."""
    case = cases.load(root)
    recorded = _recorded(root)
    differing, compared = [], 0
    found = found_passwords.load(case.tables)
    plan = found_passwords.STEP
    if found.missing:
        differing.append(f"{plan}: {found.missing} places of words without a word")
    # What was opened adds texts the plan did not rest on; where nothing was, it is made again.
    for table, rows in () if found.plan.files else found_passwords.make(case):
        compared += 1
        if recorded.get((plan, f"tables/{table.name}")) != _digest(rows):
            differing.append(f"{plan}: {table.name}")
    items = [
        one
        for one in tables.table(case.tables, "evidence_item").to_pylist()
        if one["acquisition"] in extract.ACCEPTED
    ]
    with tempfile.TemporaryDirectory(prefix="kanshiki-verify-") as scratch, Pool(Limits()) as pool:
        for item in items:
            chunks = list(
                extract.chunks(
                    targets.targets(
                        case.tables, item["evidence_id"], targets.companion_suffixes(all_parsers())
                    )
                )
            )
            jobs = [
                _job(case, item["evidence_id"], index, chunk, Path(scratch), found)
                for index, chunk in enumerate(chunks)
            ]
            for finished in pool.run(read_entries, jobs):
                step = f"extract {item['evidence_id']} parse {finished.job.basis['index']:05d}"
                for name, found_rows in _rows(finished.result).items():
                    compared += 1
                    if recorded.get((step, name)) != found_rows:
                        differing.append(f"{step}: {name}")
    return Check(
        number=PARSING,
        name=NAMES[PARSING],
        passed=not differing,
        expected="the rows recorded",
        found=f"{compared} parts compared, {len(differing)} differ",
        details=tuple(sorted(differing)),
    )


def facts(root: Path) -> Check:
    """Mentions, hits of events, persons, counts, facts and decision are made again from the tables before them."""
    case = cases.load(root)
    products = {
        path: one for path, one in current_products(_records(root)).items() if path.startswith("tables/")
    }
    scoped_at = _scoped_at(case)
    then, now = (reviewed.recorded(case, reviewed.ANSWERS, until) for until in (scoped_at, None))
    if then.keys() - now.keys():
        return Check(
            number=FACTS,
            name=NAMES[FACTS],
            passed=None,
            expected="the rows recorded",
            found="not run: answers of a reviewer that were counted are withdrawn since, run the case again",
        )
    differing, compared = [], 0
    folders = _rule_folders(case)
    works: tuple[Callable[[Case], Iterable[tuple[Table, Rows]]], ...] = (
        match.compute,
        lambda given: hashes.compute(given, _list_folders(case)),
        lambda given: events.compute(given, folders),
        # What reviewers answered since is in no figure yet: the next run counts by it.
        lambda given: scope.compute(given, answers=reviewed.held(given, scoped_at)),
        decide.compute,
    )
    for work in works:
        with tempfile.TemporaryDirectory(prefix="kanshiki-verify-") as scratch:
            made = work(_elsewhere(case, Path(scratch)))
            digests = {table: _digest(rows) for table, rows in made}
        for table, found in digests.items():
            compared += 1
            if found not in {
                one.rows_sha256 for path, one in products.items() if path.split("/")[1] == table.name
            }:
                differing.append(table.name)
    return Check(
        number=FACTS,
        name=NAMES[FACTS],
        passed=not differing,
        expected="the rows recorded",
        found=f"{compared} tables made again, {len(differing)} differ",
        details=tuple(differing),
    )


def _scoped_at(case: Case) -> int:
    """How many records stood in the log when the step that counts now ended."""
    return max(
        (one.seq for one in _records(case.root) if one.action == "step_end" and one.step == SCOPE_STEP),
        default=0,
    )


def figures(root: Path) -> Check:
    """figures.json is made again from the tables, and every number in it must be the same; so must page and drafts be, byte for byte."""
    case = cases.load(root)
    path = case.report / "figures.json"
    try:
        stands = json.loads(path.read_bytes())
        head = Head(size=stands["custody"]["size"], sha256=stands["custody"]["head"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        return Check(
            number=FIGURES,
            name=NAMES[FIGURES],
            passed=False,
            expected="report/figures.json",
            found=f"cannot be read: {error}",
            details=(),
        )
    document = report.document_of(case, head, history(_records(root)[: head.size]))
    made = report.rendered(document)
    wanted = json.loads(made[path.name])
    differing = sorted(key for key in {*wanted, *stands} if wanted.get(key) != stands.get(key))
    for name in {*report.FILES, *made} - {path.name}:
        file = case.report / name
        if (file.read_bytes() if file.is_file() else None) != made.get(name):
            differing.append(f"report/{name}")
    return Check(
        number=FIGURES,
        name=NAMES[FIGURES],
        passed=not differing,
        expected="the figures the tables give",
        found="the same" if not differing else f"{len(differing)} parts differ",
        details=tuple(sorted(differing)),
    )


CHECKS: Mapping[int, Callable[[Path], Check]] = {PARSING: parsing, FACTS: facts, FIGURES: figures}


def _elsewhere(case: Case, scratch: Path) -> Case:
    """The case with its scratch folder outside: `work` hangs on root, the rest is reached by links to it."""
    for name in ("tables", "sheets", "custody", "report", "review", "evidence"):
        target = (case.root / name).absolute()
        if target.exists():
            (scratch / name).symlink_to(target)
    return replace(case, root=scratch)


def _digest(rows: Rows) -> str:
    plain = (batch.replace_schema_metadata(None) for batch in batches(rows))
    return digest.of_rows(plain, rows.schema.remove_metadata())


def _list_folders(case: Case) -> list[Path]:
    """The folders of lists of known content that the step used: above `bad/` and `good/`."""
    used = [
        Path(rule.file)
        for record in _records(case.root)
        if record.action == "step_end" and record.step == hashes.STEP
        for rule in record.rules
    ]
    further = {path.parent.parent for path in used if path.is_absolute() and path.parent.name in hashes.KINDS}
    return [hashes.FOLDER, *sorted(further)]


def _rule_folders(case: Case) -> list[Path]:
    """The folders of rules over events: custody names each file by its whole path, the table by its place in the folder."""
    used = [
        Path(rule.file)
        for record in _records(case.root)
        if record.action == "step_end" and record.step == events.STEP
        for rule in record.rules
        if rule.file.endswith(event_rules.SUFFIXES)
    ]
    names = {one["rule_file"] for one in tables.table(case.tables, "event_rule").to_pylist()}
    further = {
        path.parents[len(Path(name).parts) - 1]
        for path in used
        if path.is_absolute()
        for name in names
        if path.parts[-len(Path(name).parts) :] == Path(name).parts
    }
    return [event_rules.FOLDER, *sorted(further)]


def _job(
    case: Case,
    evidence_id: str,
    index: int,
    chunk: list[Target],
    scratch: Path,
    found: found_passwords.Words,
) -> Job:
    subject = Subject(
        case_id=case.number,
        evidence_id=evidence_id,
        targets=tuple(chunk),
        is_parsing=True,
        is_scanning=False,
        source=case.source(case.item(evidence_id)),
        rule_folders=(),
        scratch=scratch / f"{evidence_id}-{index}",
        passwords=secrets.passwords(case),
        found=found.of(evidence_id, extract.roots_of(chunk)),
    )
    return Job(stage="verify", item=evidence_id, basis={"index": index}, subject=subject)


def _rows(written: Written) -> dict[str, str]:
    named = {f"tables/{name}": part.rows_sha256 for name, part in written.parsed}
    return named | {f"sheets/{name}": part.rows_sha256 for name, part in written.sheets}


def _recorded(root: Path) -> dict[tuple[str, str], str | None]:
    """Digest of rows by step and table or sheet, of the steps that count now."""
    current = current_products(_records(root))
    found: dict[tuple[str, str], str | None] = {}
    for record in _records(root):
        if record.action != "step_end" or record.step is None:
            continue
        for product in record.products:
            if current.get(product.path) == product:
                found[record.step, _named(product)] = product.rows_sha256
    return found


def _named(product: Product) -> str:
    parts = product.path.split("/")
    return f"sheets/{parts[1].removesuffix('.parquet')}" if parts[0] == "sheets" else f"tables/{parts[1]}"


def _records(root: Path) -> list[Record]:
    records = [one for one in read(root).records if one is not None]
    if not records:
        raise TableError("the custody log holds no record to compare with")
    return records
