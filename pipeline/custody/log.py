"""The custody log of a case: one holder appends, anyone reads.

A record is one write of one line and is on the medium before `append` returns. What a crash leaves
behind, a line without its end, is moved to `custody/torn/` by the next holder and told in a
`recovery` record. A log that is broken in any other way is not continued.
"""

from __future__ import annotations

import fcntl
import importlib.metadata
import json
import os
import platform
import re
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Any, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipeline import clock, digest
from pipeline.custody import seal as seals_of
from pipeline.custody.chain import NO_LINE, Tree, breaks, link
from pipeline.custody.record import (
    VERSION,
    Actor,
    Host,
    Material,
    Product,
    Record,
    RecordError,
    Tool,
    line_of,
    listing_sha256,
    parse,
    record_id,
)
from pipeline.custody.seal import Seal
from pipeline.errors import BusyError, CustodyError
from pipeline.progress import printable

PROGRAM = "kanshiki"
_HOLDER_BYTES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """A log as it lies on disk: its lines, each line's record (None where it holds none), and why not."""

    lines: tuple[bytes, ...]
    records: tuple[Record | None, ...]
    problems: tuple[str, ...]
    torn: bytes
    exists: bool

    @property
    def size(self) -> int:
        """Number of lines."""
        return len(self.lines)

    @property
    def head(self) -> str:
        """`SIZE:HASH`: what a person notes outside to be able to tell later that nothing was cut off."""
        return f"{self.size}:{link(self.lines[-1]) if self.lines else NO_LINE}"


def versions() -> dict[str, str]:
    """Versions of this program and of every library it requires, by distribution; `unknown` where not installed."""
    try:
        requirements = importlib.metadata.requires(PROGRAM) or []
    except importlib.metadata.PackageNotFoundError:
        requirements = []  # run from its sources without being installed
    names = {found[0] for one in requirements if (found := re.match(r"[A-Za-z0-9._-]+", one))}
    return {name: _version(name) for name in sorted({PROGRAM, *names})}


def program() -> Tool:
    """This program as a record names it."""
    libraries = versions()
    return Tool(
        name=PROGRAM,
        version=libraries[PROGRAM],
        libraries={name: version for name, version in libraries.items() if name != PROGRAM},
    )


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


def custody_folder(case_root: Path) -> Path:
    """Where the custody of a case lies."""
    return case_root / "custody"


def read(case_root: Path) -> Log:
    """The log of a case, without taking its lock; bad bytes are told, never raised."""
    path = custody_folder(case_root) / "log.jsonl"
    try:
        content = seals_of.read_regular(path)
    except FileNotFoundError:
        return Log(lines=(), records=(), problems=("custody/log.jsonl is missing",), torn=b"", exists=False)
    except (OSError, MemoryError) as error:
        return Log(lines=(), records=(), problems=(f"custody/log.jsonl: {error}",), torn=b"", exists=True)
    *lines, torn = content.split(b"\n")
    records: list[Record | None] = []
    problems: list[str] = []
    for number, line in enumerate(lines, start=1):
        try:
            records.append(parse(line))
        except RecordError as error:
            records.append(None)
            problems.append(f"line {number}: {error}")
    if torn:
        problems.append(
            f"line {len(lines) + 1}: {len(torn)} bytes without the end of the line: a write was cut off"
        )
    return Log(lines=tuple(lines), records=tuple(records), problems=tuple(problems), torn=torn, exists=True)


def current_products(records: Iterable[Record]) -> dict[str, Product]:
    """By path, the products that must lie in the case folder after these records."""
    current: dict[str, Product] = {}
    for record in records:
        follow_products(current, record)
    return current


def follow_products(current: dict[str, Product], record: Record) -> None:
    """Bring the current products, by path, to where they stand after one more record."""
    if record.action in {"step_end", "superseded"}:
        for path in record.superseded:
            current.pop(path, None)
        current.update((product.path, product) for product in record.products)


def current_steps(records: Sequence[Record]) -> dict[str, Record]:
    """By step name, the last end of each step that still counts.

    A step counts no more once it was superseded, or all it produced was superseded or written again by another.
    """
    ends: dict[str, Record] = {}
    maker: dict[str, str] = {}
    for record in records:
        if record.action not in {"step_end", "superseded"}:
            continue
        for withdrawn in record.superseded:
            maker.pop(withdrawn, None)
            if withdrawn.startswith("step:"):
                _, _, named = withdrawn.partition(":")
                ends = {name: end for name, end in ends.items() if named not in {name, end.step_id}}
        if record.action == "step_end" and record.step is not None:
            ends[record.step] = record
            maker.update((product.path, record.id) for product in record.products)
    makers = set(maker.values())
    return {name: end for name, end in ends.items() if not end.products or end.id in makers}


def unfinished_steps(records: Iterable[Record]) -> tuple[Record, ...]:
    """The `step_begin` records whose step neither ended nor failed."""
    begun: dict[str, Record] = {}
    for record in records:
        if record.step_id is not None:
            if record.action == "step_begin":
                begun[record.step_id] = record
            elif record.action in {"step_end", "step_failed"}:
                begun.pop(record.step_id, None)
    return tuple(begun.values())


def failed_steps(records: Iterable[Record]) -> tuple[Record, ...]:
    """The `step_failed` records of steps that did not end since and were not superseded as `step:<name>`."""
    failed: dict[str | None, Record] = {}
    for record in records:
        if record.action == "step_failed":
            failed[record.step] = record
        elif record.action == "step_end":
            failed.pop(record.step, None)
        for withdrawn in record.superseded:
            failed.pop(withdrawn.removeprefix("step:"), None)
    return tuple(failed.values())


def listing_of(products: Iterable[Product], prefix: str) -> str:
    """The digest of a folder of products: its listing of paths and digests."""
    inside = prefix.rstrip("/") + "/"
    return listing_sha256((one.path, one.sha256) for one in products if one.path.startswith(inside))


class CustodyLog:
    """The one holder of a case's log, who may append; a context manager that gives the lock back."""

    def __init__(
        self, case_root: Path, case: str, zone: tzinfo, actor: Actor, key: Ed25519PrivateKey
    ) -> None:
        """Nothing is opened yet: `open` does it."""
        self._folder = custody_folder(case_root)
        self._case, self._zone, self._actor, self._key = case, zone, actor, key
        self._host = Host(
            hostname=platform.node() or "unknown",
            system=platform.system() or "unknown",
            release=platform.release() or "unknown",
            python=platform.python_version(),
        )
        self._boot_id = clock.boot_id()
        self._lock = self._log = -1
        self._tree = Tree()
        self._link = NO_LINE
        self._is_failed = False
        self._products: dict[str, Product] = {}
        self.records: list[Record] = []

    @classmethod
    def open(cls, case_root: Path, case: str, zone: tzinfo, actor: Actor, *, key: Path | None = None) -> Self:
        """The log of a case, locked; made with its genesis record when the case has none.

        Raises:
            BusyError: another run holds it.
            CustodyError: it is broken, cut back, of another case or key, or cannot be written.
        """
        where = seals_of.key_path() if key is None else key
        if where.absolute().resolve().is_relative_to(case_root.absolute().resolve()):
            raise CustodyError(
                f"the examiner's key {where} lies inside the case: name one outside by KANSHIKI_KEY"
            )
        log = cls(case_root, case, zone, actor, seals_of.load_key(where))
        is_open = False
        try:
            log._take_lock()
            log._continue(read(case_root))
            is_open = True
        except OSError as error:
            raise CustodyError(f"the custody log in {log._folder} cannot be opened: {error}") from error
        finally:
            if not is_open:
                log.close()
        return log

    def __enter__(self) -> Self:
        """The log itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Give the lock back."""
        self.close()

    def close(self) -> None:
        """Give the lock back; the lock file stays, empty: removing it would let two holders in."""
        if self._lock >= 0:
            if self._log >= 0:
                os.ftruncate(self._lock, 0)
            os.close(self._lock)
        if self._log >= 0:
            os.close(self._log)
        self._lock = self._log = -1

    @property
    def head(self) -> str:
        """`SIZE:HASH`, to be noted outside the case."""
        return f"{self._tree.size}:{self._link}"

    def material(self, prefix: str) -> Material:
        """A folder of current products as the input of a step."""
        return Material(id=prefix, sha256=self.listing(prefix))

    def listing(self, prefix: str) -> str:
        """The digest of the current products under a folder such as `tables/file_entry`."""
        return listing_of(self._products.values(), prefix)

    def append(self, action: str, **fields: Any) -> Record:
        """Write one record and have it on the medium; `fields` are those of `Record`.

        Raises:
            CustodyError: it is not of the schema (nothing is written), or could not be written whole.
        """
        now = clock.now()
        at, seq, before = clock.utc_text(now), self._tree.size, self.records[-1].at if self.records else ""
        try:
            record = Record(
                v=VERSION,
                seq=seq,
                case=self._case,
                prev=self._link,
                id=record_id(self._case, seq, self._link, at),
                at=at,
                at_local=clock.local_text(now, self._zone),
                boot_id=self._boot_id,
                action=action,
                actor=self._actor,
                host=self._host,
                clock=f"the clock went back: the record before is of {before}" if at < before else None,
                **fields,
            )
            line = line_of(record)
        except RecordError as error:
            raise CustodyError(f"nothing was recorded: {error}") from error
        self._write(line)
        self._took(record, line)
        return record

    def seal(self) -> Seal | None:
        """Record that the run ends here and sign the head; None, and no byte changed, when it is signed already.

        Raises:
            CustodyError: the seal cannot be written.
        """
        folder = self._folder / "seals"
        if self.records[-1].action == "seal" and (folder / seals_of.seal_name(self._tree.size)).exists():
            return None
        record = self.append("seal", public_key=seals_of.public_text(self._key))
        made = seals_of.sign(self._key, case=self._case, tree=self._tree, head=self._link, at=record.at)
        try:
            seals_of.write_seal(folder, made)
        except OSError as error:
            raise CustodyError(f"the seal over {made.size} records cannot be written: {error}") from error
        return made

    def _write(self, line: bytes) -> None:
        if self._is_failed or self._log < 0:
            raise CustodyError("the custody log is closed, or failed before: start the run again")
        content = line + b"\n"
        try:
            written = os.write(self._log, content)
            if written == len(content):
                # An fsync that failed may have dropped the pages: trying again would report success for lost bytes.
                os.fsync(self._log)
        except OSError as error:
            self._is_failed = True
            raise CustodyError(
                f"a custody record could not be written: {error}; mend this and run again"
            ) from error
        if written != len(content):
            self._is_failed = True
            raise CustodyError(
                f"only {written} of {len(content)} bytes of a custody record were written: free space and run again"
            )

    def _took(self, record: Record, line: bytes) -> None:
        self.records.append(record)
        follow_products(self._products, record)
        self._tree.add(line)
        self._link = link(line)

    def _take_lock(self) -> None:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        for place in (self._folder, self._folder / "seals", self._folder / "torn"):
            if place.is_symlink():
                raise CustodyError(
                    f"{place} is a link: custody is written inside the case only, put the folder there"
                )
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        self._lock = os.open(self._folder / "lock", flags, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError(f"the case is held by {self._holder()}: wait for it to end") from error
        os.ftruncate(self._lock, 0)
        holder = {"pid": str(os.getpid()), "at": clock.utc_text(clock.now()), "hostname": self._host.hostname}
        os.pwrite(self._lock, digest.canonical(holder) + b"\n", 0)

    def _holder(self) -> str:
        try:
            stated = json.loads(os.pread(self._lock, _HOLDER_BYTES, 0))
            return printable(f"process {stated['pid']} on {stated['hostname']} since {stated['at']}")
        except (ValueError, TypeError, KeyError, RecursionError):
            return "another process"

    def _continue(self, log: Log) -> None:
        """Take over the log as it lies there: refuse a broken one, recover a torn one, begin a new one."""
        log = _without_lost_line(log)
        sealed, _ = seals_of.read_seals(self._folder / "seals")
        self._refuse_broken(log, sealed)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        self._log = os.open(self._folder / "log.jsonl", flags, 0o600)
        if not log.exists:
            seals_of.sync_folder(self._folder)
            seals_of.sync_folder(self._folder.parent)
        if log.torn:
            self._set_aside(log)
        for record, line in zip(log.records, log.lines, strict=True):
            if record is not None:
                self._took(record, line)
        if not self.records:
            self.append("genesis", public_key=seals_of.public_text(self._key))
        self._record_recoveries()

    def _refuse_broken(self, log: Log, sealed: dict[int, Seal]) -> None:
        problems = (
            [one for one in log.problems if not one.startswith(f"line {log.size + 1}:")] if log.exists else []
        )
        records = [one for one in log.records if one is not None]
        if records:
            problems += [str(one) for one in breaks(log.lines, log.records, records[0].case)]
            if records[0].case != self._case:
                problems.append(f"it is of case {records[0].case}, this is case {self._case}")
            if records[0].public_key != seals_of.public_text(self._key):
                problems.append(
                    f"it is sealed with the key {records[0].public_key}: name that key by KANSHIKI_KEY"
                )
        case, key = (records[0].case, records[0].public_key) if records else (None, None)
        newest = {size: seal for size, seal in sealed.items() if size == max(sealed)}
        problems += seals_of.seal_problems(newest, log.lines, case=case, public_key=key)
        if problems:
            raise CustodyError(
                f"the custody log in {self._folder} cannot be continued: {printable(problems[0])}"
                f" ({len(problems)} found; `kanshiki verify` names them all)"
            )

    def _set_aside(self, log: Log) -> None:
        """Move the bytes of a write that was cut off to `torn/`, and cut the log behind its last whole line."""
        folder = self._folder / "torn"
        folder.mkdir(mode=0o700, exist_ok=True)
        seals_of.sync_folder(self._folder)
        kept = folder / digest.of_bytes(log.torn)
        if not kept.exists() or digest.of_file(kept) != kept.name:
            kept.unlink(missing_ok=True)
            seals_of.write_new(kept, log.torn)
        seals_of.sync_folder(folder)
        os.ftruncate(self._log, sum(len(line) + 1 for line in log.lines))
        os.fsync(self._log)

    def _record_recoveries(self) -> None:
        """A `recovery` record for everything an interrupted run left that no record speaks of yet."""
        told = {
            one.sha256 for record in self.records if record.action == "recovery" for one in record.materials
        }
        for name, size in torn_files(self._folder):
            if name not in told:
                torn = Material(id=f"custody/torn/{name}", sha256=name, size=size)
                note = "A record whose writing was cut off was moved from the end of the log; no step relied on it."
                self.append("recovery", materials=(torn,), note=note)
        seals = self._folder / "seals"
        if seals.is_dir():
            for left in seals.glob(".*.tmp"):
                left.unlink()
        size = self._tree.size
        if self.records[-1].action == "seal" and not (seals / seals_of.seal_name(size)).exists():
            note = f"The run before ended before its seal over {size} records was written."
            self.append("recovery", params={"unsealed": str(size)}, note=note)


def torn_files(custody: Path) -> list[tuple[str, int]]:
    """Names and sizes of the regular files in `torn/` that are named like digests, sorted."""
    folder = custody / "torn"
    if not folder.is_dir():
        return []
    named = [
        (one.name, one.lstat()) for one in sorted(folder.iterdir()) if re.fullmatch("[0-9a-f]{64}", one.name)
    ]
    return [(name, status.st_size) for name, status in named if stat.S_ISREG(status.st_mode)]


def _without_lost_line(log: Log) -> Log:
    """The log with a last line of lost pages taken as torn.

    After a power cut a file system may keep the length of a write and not all of its pages: these read
    as zeros, which no JSON holds.
    """
    if log.torn or not log.lines or log.records[-1] is not None or b"\0" not in log.lines[-1]:
        return log
    return Log(
        lines=log.lines[:-1],
        records=log.records[:-1],
        problems=tuple(one for one in log.problems if not one.startswith(f"line {log.size}:")),
        torn=log.lines[-1] + b"\n",
        exists=log.exists,
    )
