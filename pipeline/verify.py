"""The numbered checks that do the case again: all of them, every time, none raising on what it finds.

 1 the log is readable                          6 products are present, unaltered, none extra
 2 the chain is unbroken                        7 rules and parsers are those recorded
 3 its head is the one noted outside            8 parsing again gives the same rows
 4 evidence digests hold                        9 facts and decision follow again
 5 materials are evidence or earlier products  10 every number in the report stands in the document

Checks 8 to 10 are handed in by who can run the stages; without that they are `not run`. Integrity (no
check failed) and completeness (all that was begun is in the log, and the log is sealed) are judged apart.
Not shown by any of this: that the log tells of acts done outside the program, and, without a head noted
outside the case, that the case was not put back to an older sealed state.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from pipeline.custody.chain import breaks, link
from pipeline.custody.log import (
    Log,
    current_products,
    current_steps,
    custody_folder,
    failed_steps,
    follow_products,
    listing_of,
    read,
    torn_files,
    unfinished_steps,
)
from pipeline.custody.record import PRODUCT_FOLDERS, Product, Record
from pipeline.custody.seal import Seal, read_seals, seal_name, seal_problems
from pipeline.digest import BLOCK_BYTES
from pipeline.errors import CustodyError, PipelineError
from pipeline.progress import printable
from pipeline.rulebook import RULES

NAMES: Mapping[int, str] = {
    1: "the log is readable",
    2: "the chain is unbroken",
    3: "its head is the one noted outside",
    4: "evidence digests hold",
    5: "each step's materials are evidence or an earlier product",
    6: "products are present, unaltered, none extra",
    7: "rules and parsers are those recorded",
    8: "parsing again gives the same rows",
    9: "facts and decision follow again",
    10: "every number in the report stands in the document",
}
_CUSTODY_NAMES = {"log.jsonl", "lock", "seals", "torn"}
_HEAD = re.compile(r"([0-9]{1,10}):([0-9a-f]{64})", re.ASCII)
_HEX = re.compile(r"[0-9a-f]+", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One numbered check: passed, failed, or None where there was nothing to run it on."""

    number: int
    name: str
    passed: bool | None
    expected: str
    found: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What verifying a case gave: ten checks in order, and the verdicts over them."""

    checks: tuple[Check, ...]
    incomplete: tuple[str, ...]
    tail_pinned: str
    head: str

    @property
    def is_intact(self) -> bool:
        """Whether no check failed."""
        return all(one.passed is not False for one in self.checks)

    @property
    def is_complete(self) -> bool:
        """Whether every step that was begun ended and the log is sealed to its end."""
        return not self.incomplete


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    root: Path
    project: Path
    log: Log
    records: tuple[Record, ...]
    seals: Mapping[int, Seal]
    seal_issues: tuple[str, ...]
    expect_head: tuple[int, str] | None
    public_key: str | None
    seen: Callable[[int], None]


def verify(
    case_root: Path,
    *,
    expect_head: str | None = None,
    public_key: str | None = None,
    again: Mapping[int, Callable[[Path], Check]] | None = None,
    project: Path = RULES.parent,
    seen: Callable[[int], None] = lambda _: None,
) -> Verification:
    """All ten checks over a case folder.

    `expect_head` is a head noted outside (`SIZE:HASH`), `public_key` the key that must have signed (64 hex
    digits; else the one genesis names). `again` gives checks 8, 9 and 10, each called with the case folder.
    `project` is where `rules/` and `parsers/` lie now; `seen` is told the sizes of blocks hashed.

    Raises:
        CustodyError: `expect_head` or `public_key` has not the form it must have.
    """
    log = read(case_root)
    seals, issues = read_seals(custody_folder(case_root) / "seals")
    case = _Case(
        root=case_root,
        project=project,
        log=log,
        records=tuple(one for one in log.records if one is not None),
        seals=seals,
        seal_issues=tuple(issues),
        expect_head=_head_given(expect_head),
        public_key=_key_given(public_key),
        seen=seen,
    )
    own = (_readable, _unbroken, _pinned, _evidence, _materials, _products, _rules)
    checks = [check(case) for check in own]
    checks += [_again(number, case_root, (again or {}).get(number)) for number in (8, 9, 10)]
    return Verification(
        checks=tuple(checks),
        incomplete=tuple(_incomplete(case)),
        tail_pinned=_tail_pinned(case),
        head=log.head,
    )


def _head_given(text: str | None) -> tuple[int, str] | None:
    if text is None:
        return None
    found = _HEAD.fullmatch(text.strip())
    if found is None:
        raise CustodyError(f"the head {text!r} is not SIZE:HASH, such as 12:{'0' * 8}... with 64 hex digits")
    return int(found[1]), found[2]


def _key_given(text: str | None) -> str | None:
    if text is not None and (len(text) != 64 or not _HEX.fullmatch(text)):
        raise CustodyError(f"the public key {text!r} is not 64 hex digits")
    return text


def _judged(
    number: int, expected: str, found: str, failures: Iterable[str], notes: Iterable[str] = ()
) -> Check:
    """A check that fails where there are failures; they come first in its details, notes after them."""
    named = tuple(_shown(one) for one in failures)
    return Check(
        number=number,
        name=NAMES[number],
        passed=not named,
        expected=expected,
        found=f"{len(named)} failed, the first: {named[0]}" if named else found,
        details=named + tuple(_shown(one) for one in notes),
    )


def _nothing(number: int, expected: str, why: str) -> Check:
    return Check(number=number, name=NAMES[number], passed=None, expected=expected, found=f"not run: {why}")


def _shown(text: str) -> str:
    return printable(text.encode("utf-8", "backslashreplace").decode("utf-8"))


# 1 The log is readable: canonical JSON of the schema, whole lines, cut bytes kept.
def _readable(case: _Case) -> Check:
    custody = custody_folder(case.root)
    failures = list(case.log.problems)
    if case.log.exists and not case.log.lines and not failures:
        failures.append("custody/log.jsonl is empty")
    told = {one.sha256 for record in case.records if record.action == "recovery" for one in record.materials}
    try:
        names = {one.name for one in custody.iterdir()} if custody.is_dir() else set[str]()
        kept = {name for name, _ in torn_files(custody)}
        strange = (
            {one.name for one in (custody / "torn").iterdir()} - kept
            if (custody / "torn").is_dir()
            else set()
        )
    except OSError as error:
        failures.append(f"custody/ cannot be listed: {error.strerror}")
        names, kept, strange = set(), set(), set()
    failures += [f"custody/{name} does not belong there" for name in sorted(names - _CUSTODY_NAMES)]
    failures += [f"custody/torn/{name} does not belong there" for name in sorted(strange)]
    failures += [f"custody/torn/{name} is told by no recovery record" for name in sorted(kept - told)]
    for name in sorted(told):
        problem = _file_problem(custody / "torn" / name, name, None, lambda _: None)
        failures += [f"custody/torn/{name}: {problem}"] if problem else []
    recoveries = [
        f"line {one.seq + 1}: recovery: {one.note}" for one in case.records if one.action == "recovery"
    ]
    return _judged(
        1,
        "canonical JSON lines of the schema",
        f"{case.log.size} records, {len(told)} set aside",
        failures,
        recoveries,
    )


# 2 The chain is unbroken: seq, prev, genesis, case, identifiers, order of time.
def _unbroken(case: _Case) -> Check:
    found = breaks(case.log.lines, case.log.records)
    turned = [f"line {one.seq + 1}: {one.clock}" for one in case.records if one.clock is not None]
    return _judged(2, "each record names the one before", f"head {case.log.head}", map(str, found), turned)


# 3 The head is the one noted outside, or at least the one signed.
def _pinned(case: _Case) -> Check:
    genesis = case.log.records[0] if case.log.records else None
    key = case.public_key or (genesis.public_key if genesis else None)
    failures = list(case.seal_issues)
    if genesis is not None and case.public_key not in {None, genesis.public_key}:
        failures.append(f"genesis names the key {genesis.public_key}, not the one given")
    failures += seal_problems(
        case.seals, case.log.lines, case=genesis.case if genesis else None, public_key=key
    )
    failures += _seals_missing(case)
    newest = max(case.seals, default=0)
    if newest < case.log.size:
        failures.append(f"{case.log.size - newest} records after the newest seal are signed by nobody")
    if not case.seals:
        failures.append("there is no seal")
    if case.expect_head is not None and not _has_head(case):
        size, head = case.expect_head
        failures.append(
            f"the head noted outside, {size}:{head}, is not in this log of {case.log.size} records"
        )
    notes = [f"key {key}, {'given' if case.public_key else 'as genesis names it'}"]
    notes.append(f"tail_pinned: {_tail_pinned(case)}")
    expected = "{}:{}".format(*case.expect_head) if case.expect_head else "a valid seal over the whole log"
    return _judged(3, expected, f"sealed at {newest}, head {case.log.head}", failures, notes)


def _seals_missing(case: _Case) -> Iterator[str]:
    """Seal records whose seal is not there, unless the next record tells that the run ended in between."""
    for record, after in zip_longest(case.records, case.records[1:]):
        if record is None or record.action != "seal" or record.seq + 1 in case.seals:
            continue
        size = record.seq + 1
        if after is None or after.action != "recovery" or after.params.get("unsealed") != str(size):
            yield f"seals/{seal_name(size)} is missing: line {size} says it was made"


def _has_head(case: _Case) -> bool:
    if case.expect_head is None:
        return False
    size, head = case.expect_head
    return 0 < size <= case.log.size and link(case.log.lines[size - 1]) == head


def _tail_pinned(case: _Case) -> str:
    if case.expect_head is None:
        return "no (no head noted outside was given: a return to an older sealed state cannot be excluded)"
    if not _has_head(case):
        return "no (the head given is not in this log)"
    size = case.expect_head[0]
    return f"yes (by the head given, at size {size}, {case.log.size - size} records after)"


# 4 Evidence digests hold: every registered file is read again.
def _evidence(case: _Case) -> Check:
    expected = "every registered file has its digest"
    items: dict[str, str] = {}
    files: dict[tuple[str, str], tuple[str, int]] = {}
    doubted: dict[str, list[str]] = {}
    for record in case.records:
        if record.action != "evidence_register":
            continue
        for withdrawn in record.superseded:
            items.pop(withdrawn, None)
            doubted.pop(withdrawn, None)
            files = {key: one for key, one in files.items() if key[0] != withdrawn}
        for item in record.materials:
            again = f"{item.id}: line {record.seq + 1} registers it again with another digest"
            is_other = items.setdefault(item.id, item.sha256) != item.sha256
            for one in item.files:
                stated = (one.sha256, one.size)
                is_other |= files.setdefault((item.id, one.path), stated) != stated
            if is_other:
                doubted.setdefault(item.id, []).append(again)
    failures = [one for told in doubted.values() for one in told]
    if not items:
        return _nothing(4, expected, "no evidence is registered")
    named = {name for name, _ in files}
    failures += [f"{name}: no file of it is registered" for name in sorted(items.keys() - named)]
    for (name, path), (sha256, size) in sorted(files.items()):
        problem = _file_problem(case.root / path, sha256, size, case.seen, is_link_followed=True)
        failures += [f"{name}: {path}: {problem}"] if problem else []
    return _judged(4, expected, f"{len(files)} files of {len(items)} items read again", failures)


def _file_problem(
    path: Path, sha256: str, size: int | None, seen: Callable[[int], None], *, is_link_followed: bool = False
) -> str | None:
    """Why a file is not the one recorded; None where it is. A pipe or a device is refused, not waited for."""
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | (0 if is_link_followed else os.O_NOFOLLOW)
    try:
        with os.fdopen(os.open(path, flags), "rb") as stream:
            status = os.fstat(stream.fileno())
            if not stat.S_ISREG(status.st_mode):
                return "is no regular file"
            if size is not None and status.st_size != size:
                return f"has {status.st_size} bytes, expected {size}"
            hasher = hashlib.sha256()
            while block := stream.read(BLOCK_BYTES):
                hasher.update(block)
                seen(len(block))
    except FileNotFoundError:
        return "is missing"
    except (OSError, ValueError) as error:
        return f"cannot be read: {error}"
    found = hasher.hexdigest()
    return None if found == sha256 else f"has SHA-256 {found}, expected {sha256}"


# 5 Each step's materials are evidence or an earlier product.
def _materials(case: _Case) -> Check:
    expected = "every material was registered or produced before"
    known: set[str] = set()
    current: dict[str, Product] = {}
    listings: dict[str, str] = {}
    begun: dict[str | None, Record] = {}
    failures: list[str] = []
    count = 0
    for record in case.records:
        if record.action == "evidence_register":
            known.update(item.sha256 for item in record.materials)
            known.update(file.sha256 for item in record.materials for file in item.files)
            continue
        # An end that names what its begin named was judged there: others may have produced since.
        begin = begun.pop(record.step_id, None) if record.action == "step_end" else None
        if record.action == "step_begin":
            begun[record.step_id] = record
        if record.action.startswith(("step_", "values_shown")) and (
            begin is None or begin.materials != record.materials
        ):
            count += len(record.materials)
            for one in record.materials:
                if one.sha256 not in known and one.sha256 != _listing(listings, current, one.id):
                    failures.append(
                        f"line {record.seq + 1}: {record.step or record.action}: {one.id} of {one.sha256} was not known then"
                    )
        changed = [*record.superseded, *(product.path for product in record.products)]
        listings = {
            folder: listing
            for folder, listing in listings.items()
            if not any(path.startswith(folder) for path in changed)
        }
        known.update(product.sha256 for product in record.products)
        follow_products(current, record)
    if not count:
        return _nothing(5, expected, "no step names a material")
    return _judged(5, expected, f"{count} materials traced", failures)


def _listing(listings: dict[str, str], current: Mapping[str, Product], folder: str) -> str:
    """The digest of a folder of current products, kept until one of them changes."""
    if folder not in listings:
        listings[folder] = listing_of(current.values(), folder)
    return listings[folder]


# 6 Products are present, unaltered, none extra.
def _products(case: _Case) -> Check:
    expected = "the current products of the log and nothing else"
    current = current_products(case.records)
    failures: list[str] = []
    present: set[str] = set()
    for path, kind in _tree(case.root):
        present.add(path)
        if kind != "file":
            failures.append(f"{path}: is a {kind}, expected none")
        elif path not in current:
            failures.append(f"{path}: is extra: no record speaks of it")
    for path, product in sorted(current.items()):
        if path not in present:
            failures.append(f"{path}: is missing")
            continue
        problem = _file_problem(case.root / path, product.sha256, product.size, case.seen)
        failures += [f"{path}: {problem}"] if problem else []
    if not current and not present:
        return _nothing(6, expected, "there are no products")
    return _judged(6, expected, f"{len(current)} products unaltered", failures)


def _tree(root: Path) -> Iterator[tuple[str, str]]:
    """Everything below the product folders that is no folder, by path and kind; no link is followed."""
    waiting = [root / name for name in reversed(PRODUCT_FOLDERS)]
    while waiting:
        path = waiting.pop()
        name = path.relative_to(root).as_posix()
        try:
            mode = path.lstat().st_mode
            if stat.S_ISDIR(mode):
                waiting += sorted(path.iterdir(), reverse=True)
            elif stat.S_ISREG(mode):
                yield name, "file"
            else:
                yield name, "link" if stat.S_ISLNK(mode) else "special file"
        except FileNotFoundError:
            continue
        except OSError as error:
            yield name, f"place that cannot be read ({error.strerror})"


# 7 Rules and parsers are those recorded.
def _rules(case: _Case) -> Check:
    expected = "every rule and parser file has the digest its step recorded"
    steps = current_steps(case.records)
    uses = {(one.file, one.sha256): step for step, record in sorted(steps.items()) for one in record.rules}
    if not uses:
        return _nothing(7, expected, "no step names a rule or parser")
    failures: list[str] = []
    folders: dict[tuple[Path, str], set[str]] = {}
    for (file, sha256), step in sorted(uses.items()):
        path = _rule_path(case.project, file)
        problem = _file_problem(path, sha256, None, lambda _: None, is_link_followed=True)
        failures += [f"{file}: {problem} (step {step})"] if problem else []
        if path.is_relative_to(case.project / "rules"):
            folders.setdefault((path.parent, path.suffix), set()).add(path.name)
    for (folder, suffix), recorded in sorted(folders.items()):
        try:
            now = {one.name for one in folder.iterdir() if one.suffix == suffix}
        except OSError:
            continue  # the files recorded from it are named as missing above
        added = sorted(now - recorded)
        failures += [
            f"{(folder / name).relative_to(case.project).as_posix()}: was added since" for name in added
        ]
    return _judged(7, expected, f"{len(uses)} files unaltered", failures)


def _rule_path(project: Path, file: str) -> Path:
    """Where a recorded rule lies: an absolute path stands for itself, another is relative to the project or to rules/."""
    is_of_project = file.split("/")[0] in {"rules", "parsers", "pipeline"}
    return project / file if is_of_project else project / "rules" / file


# 8 to 10 are run by who can run the stages.
def _again(number: int, root: Path, hook: Callable[[Path], Check] | None) -> Check:
    if hook is None:
        return _nothing(number, NAMES[number], "nothing was given that can run it")
    try:
        return hook(root)
    except (PipelineError, OSError, ValueError) as error:
        return _judged(number, NAMES[number], "", [f"{type(error).__name__}: {error}"])


def _incomplete(case: _Case) -> Iterator[str]:
    """Why the log does not tell of finished work."""
    if not case.log.lines:
        yield "the log holds no record"
    if case.log.torn:
        yield "the log ends in a record that was cut off"
    for record in unfinished_steps(case.records):
        yield _shown(f"line {record.seq + 1}: step {record.step} was begun and did not end")
    for record in failed_steps(case.records):
        yield _shown(f"line {record.seq + 1}: step {record.step} failed and was not done again")
    if case.log.size not in case.seals:
        yield "the log is not sealed to its end: the last run did not finish"
