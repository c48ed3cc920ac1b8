"""Reads each entry's bytes once: digests, parsers, rules over bytes; what goes wrong becomes a row.

This is what a worker runs. Broad `except`s of the program stand here alone: whatever a parser
raises that it should have caught itself is told as a `crashed` problem, and the work goes on.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from parsers import all_parsers
from parsers.contract import Batch, Member, Parser, Problem, ProblemKind, Row, Sheet, Text
from pipeline import digest
from pipeline.evidence.entries import Door
from pipeline.evidence.entry import Address
from pipeline.evidence.names import escape
from pipeline.extract import scan
from pipeline.extract.content import Content, Taking
from pipeline.extract.select import Selection, select
from pipeline.extract.sink import Origin, Sink, sheet_id, storable
from pipeline.extract.unread import unread_document
from pipeline.tables.catalogue import (
    DOCUMENT_TABLE,
    ENTRY_CONTENT,
    FILE_ENTRY,
    PARSE_OUTCOME,
    PROBLEM,
    RULE_HIT,
    SHEET,
    TEXT,
)
from pipeline.tables.write import Part
from pipeline.work.job import Death, Limits
from pipeline.work.worker import Begin

STAGE = "pipeline/extract"
VERSION = "3"
DOCUMENT_FAMILIES = ("documents", "mail", "phones")
_ROWS_TOGETHER = 512
_TRY_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An entry to be read: what its row says, where its bytes are, and its companions by suffix."""

    entry_id: str
    path: str
    name: str
    kind: str
    size: int
    address: Address
    companions: tuple[tuple[str, Target], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a worker is given: entries of one item, what to do with them, and where to write.

    `found` are words of the case to try on an entry as well as its `passwords`.
    """

    case_id: str
    evidence_id: str
    targets: tuple[Target, ...]
    is_parsing: bool
    is_scanning: bool
    source: Path
    rule_folders: tuple[Path, ...]
    scratch: Path
    passwords: tuple[str, ...] = field(default=(), repr=False)
    found: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a worker leaves behind: parts by table and sheets by identifier, for each of its two tasks.

    `opened` are entries with the passwords that opened them.
    """

    parsed: list[tuple[str, Part]]
    sheets: list[tuple[str, Part]]
    scanned: list[tuple[str, Part]]
    opened: tuple[tuple[str, str], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tasks:
    """Everything a reading needs that does not change from entry to entry."""

    subject: Subject
    skipped: Mapping[str, Death]
    limits: Limits
    begin: Begin
    parsers: tuple[Parser, ...]
    scanner: scan.Scanner | None
    rows: Sink
    hits: Sink
    opened: list[tuple[str, str]] = field(default_factory=list, repr=False)

    def origin(self, entry_id: str | None, parser: Parser | None = None) -> Origin:
        """Provenance of rows about an entry."""
        return Origin(
            case_id=self.subject.case_id,
            evidence_id=self.subject.evidence_id,
            entry_id=entry_id,
            parser=STAGE if parser is None else parser.full_name,
            version=VERSION if parser is None else str(parser.version),
        )


def passwords_of(
    entry_id: str,
    given: tuple[str, ...],
    found: Mapping[str, tuple[str, ...]],
    inherited: tuple[str, ...] | None = None,
) -> tuple[str, ...]:
    """The passwords to try on an entry: those given, then those found for it; else what was tried on what holds it."""
    own = found.get(entry_id)
    if own is None:
        return given if inherited is None else inherited
    return tuple(dict.fromkeys((*given, *own)))


def read_entries(
    subject: Subject,
    skipped: Mapping[str, Death],
    limits: Limits,
    begin: Begin,
    parsers: tuple[Parser, ...] | None = None,
) -> Written:
    """Read every target once, with all parsers unless told otherwise; what was found stands in the scratch folder.

    Raises:
        OSError: the scratch folder cannot be written.
    """
    subject.scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    tasks = _Tasks(
        subject=subject,
        skipped=skipped,
        limits=limits,
        begin=begin,
        parsers=all_parsers() if parsers is None else parsers,
        scanner=scan.compile_rules(subject.rule_folders) if subject.is_scanning else None,
        rows=Sink(subject.scratch / "parse"),
        hits=Sink(subject.scratch / "scan"),
    )
    with Door(subject.source) as door:
        for target in subject.targets:
            with tempfile.TemporaryDirectory(dir=subject.scratch) as folder:
                _read_target(tasks, door, target, Path(folder))
    begin("", limits.most_seconds)
    parsed, sheets = tasks.rows.close()
    scanned, _ = tasks.hits.close()
    if not subject.is_parsing:
        parsed, sheets = [], []
    return Written(parsed=parsed, sheets=sheets, scanned=scanned, opened=tuple(dict.fromkeys(tasks.opened)))


def _read_target(tasks: _Tasks, door: Door, target: Target, folder: Path) -> None:
    place = f"read:{target.entry_id}"
    tasks.begin(place, tasks.limits.deadline(target.size))
    if place in tasks.skipped:
        death = tasks.skipped[place]
        _unread(
            tasks,
            target.entry_id,
            target.path,
            Problem(kind=ProblemKind(death.kind), locator="", message=death.message),
        )
        return
    try:
        content, digests = take(door, target, folder)
        companions = {}
        for suffix, one in target.companions:
            companions[suffix] = take(door, one, folder)[0]
    except (OSError, ValueError, EOFError, RuntimeError) as error:
        message = f"the bytes cannot be read: {storable(str(error))}"
        _unread(
            tasks,
            target.entry_id,
            target.path,
            Problem(kind=ProblemKind.UNREADABLE, locator="", message=message),
        )
        return
    content.companions = companions
    content.passwords = passwords_of(target.entry_id, tasks.subject.passwords, tasks.subject.found)
    _read_content(tasks, target.entry_id, content, digests, depth=0)


def take(door: Door, target: Target, folder: Path) -> tuple[Content, digest.Digests]:
    """All bytes of an entry, read once, with their digests."""
    taking = Taking(folder)
    with door.open(target.address) as stream:
        while block := stream.read(digest.BLOCK_BYTES):
            taking.add(block)
    return taking.end(target.path)


def _read_content(
    tasks: _Tasks,
    entry_id: str,
    content: Content,
    digests: digest.Digests,
    depth: int,
    broken: Problem | None = None,
) -> None:
    """Parse and scan content that is there; its members in turn. `broken` says why it is not whole."""
    head = content.head()
    selection = select(tasks.parsers, content.path, head)
    failures = _refusals(tasks, entry_id, content, selection, head)
    if broken is not None:
        _problem(tasks, entry_id, content.path, broken)
        failures += 1
    tally = _Tally()
    for parser in selection.chosen:
        failures += _parse(tasks, parser, entry_id, content, tally, depth)
    content.close()
    tasks.opened.extend((entry_id, word) for word in content.opened)
    state = "problem" if failures else "parsed" if selection.chosen else "not_wanted"
    tasks.rows.add(
        ENTRY_CONTENT,
        tasks.origin(entry_id),
        None,
        {
            "state": state,
            "size_bytes": digests.size,
            **digests.named(),
            "parsers": [one.full_name for one in selection.chosen],
        },
    )
    is_document = any(one.family in DOCUMENT_FAMILIES for one in (*selection.chosen, *selection.refused))
    if is_document or tally.sheets or tally.texts or failures:
        tasks.rows.add(
            DOCUMENT_TABLE,
            tasks.origin(entry_id),
            None,
            {
                "name": content.path.rsplit("/", 1)[-1],
                "path": content.path,
                "sha256": digests.sha256,
                "size_bytes": digests.size,
                "sheet_count": tally.sheets,
                "row_count": tally.rows,
                "text_count": tally.texts,
                "is_complete": failures == 0,
            },
        )
    if tasks.scanner is not None:
        _scan(tasks, entry_id, content)


@dataclass(slots=True)
class _Tally:
    sheets: int = 0
    rows: int = 0
    texts: int = 0
    member_bytes: int = 0
    is_spent: bool = False


def _refusals(tasks: _Tasks, entry_id: str, content: Content, selection: Selection, head: bytes) -> int:
    """Problems of entries whose name promises what their bytes are not, or that nothing here can read."""
    for parser in selection.refused:
        message = f"named like what {parser.full_name} reads, but the first bytes are {head[:8].hex(' ')}"
        problem = Problem(kind=ProblemKind.UNRECOGNISED, locator="0", message=message)
        _problem(tasks, entry_id, content.path, problem, parser)
    is_read = any(not one.is_metadata_only for one in selection.chosen)
    unread = None if is_read or selection.refused else unread_document(content.path, head)
    if unread is not None:
        message = f"no parser here reads {unread}: persons in it are not counted, so figures that touch it are `at least`"
        _problem(
            tasks, entry_id, content.path, Problem(kind=ProblemKind.UNSUPPORTED, locator="0", message=message)
        )
    return len(selection.refused) + (unread is not None)


def _parse(tasks: _Tasks, parser: Parser, entry_id: str, content: Content, tally: _Tally, depth: int) -> int:
    """Run one parser over one entry; gives the number of problems."""
    place = f"{parser.full_name}:{entry_id}"
    tasks.begin(place, _deadline(tasks, content))
    problems = rows = 0
    if place in tasks.skipped:
        death = tasks.skipped[place]
        _problem(
            tasks,
            entry_id,
            content.path,
            Problem(kind=ProblemKind(death.kind), locator="", message=death.message),
            parser,
        )
        problems = 1
    else:
        for kind, count in _run(tasks, parser, entry_id, content, tally, depth):
            if kind == "problem":
                problems += count
            else:
                rows += count
    outcome = "failed" if problems else "parsed" if rows else "empty"
    tasks.rows.add(
        PARSE_OUTCOME, tasks.origin(entry_id, parser), None, {"outcome": outcome, "row_count": rows}
    )
    return problems


def _deadline(tasks: _Tasks, content: Content) -> float:
    """Seconds a parser may take; it is slow by design to try a password."""
    tries = max(len(content.passwords) - len(tasks.subject.passwords), 0)
    return min(tasks.limits.deadline(content.size) + tries * _TRY_SECONDS, tasks.limits.most_seconds)


class _Rows(list[Row]):
    """Rows of one table that a parser yielded one after another."""


def gathered(given: Iterator[Any], most: int) -> Iterator[Any]:
    """What a parser yields, in its order, rows that follow one another together; cut where more than `most` came."""
    rows = _Rows()
    count = 0
    try:
        for one in given:
            if rows and (not isinstance(one, Row) or one.table is not rows[0].table):
                whole, rows = rows, _Rows()
                yield whole
            if not isinstance(one, Row):
                count += one.rows.num_rows if isinstance(one, Batch) else not isinstance(one, Problem)
                yield one
                continue
            rows.append(one)
            count += 1
            if len(rows) >= _ROWS_TOGETHER or count > most:
                whole, rows = rows, _Rows()
                yield whole
    finally:  # a parser that raises: what it gave before is kept
        if rows:
            yield rows


def _run(
    tasks: _Tasks, parser: Parser, entry_id: str, content: Content, tally: _Tally, depth: int
) -> Iterator[tuple[str, int]]:
    """What one parser yields, kept as it comes; gives (kind, count) of each."""
    origin = tasks.origin(entry_id, parser)
    given = 0
    try:
        for one in gathered(parser.parse(content), tasks.limits.rows):
            kind, count, problems = _keep(tasks, parser, origin, one, content, tally, depth)
            given += count
            yield kind, count
            for problem in problems:
                _problem(tasks, entry_id, content.path, problem, parser)
                yield "problem", 1
            if tally.is_spent:
                return
            if given > tasks.limits.rows:
                message = f"more than {tasks.limits.rows} rows from one entry; the rest is not read"
                _problem(
                    tasks,
                    entry_id,
                    content.path,
                    Problem(kind=ProblemKind.LIMIT, locator="", message=message),
                    parser,
                )
                yield "problem", 1
                return
    except MemoryError:
        _problem(tasks, entry_id, content.path, _out_of_memory(tasks.limits), parser)
        yield "problem", 1
    except Exception as error:  # noqa: BLE001  the one place: a parser that raises loses its entry, not the run
        message = f"the parser raised {type(error).__name__}: {storable(str(error))[:500]}; what it gave before is kept"
        _problem(
            tasks,
            entry_id,
            content.path,
            Problem(kind=ProblemKind.CRASHED, locator="", message=message),
            parser,
        )
        yield "problem", 1


def _keep(
    tasks: _Tasks, parser: Parser, origin: Origin, one: Any, content: Content, tally: _Tally, depth: int
) -> tuple[str, int, list[Problem]]:
    match one:
        case _Rows():
            return "row", len(one), tasks.rows.add_rows(origin, one)
        case Batch():
            tasks.rows.add_batch(origin, one)
            return "row", one.rows.num_rows, []
        case Text():
            values = {"segment": one.segment, "content": one.content, "codec": one.codec}
            tally.texts += 1
            return "text", 1, tasks.rows.add(TEXT, origin, one.locator, values)
        case Sheet():
            return "sheet", 1, _keep_sheet(tasks, origin, one, tally, tasks.limits.rows)
        case Member():
            return "member", 1, _keep_member(tasks, origin, one, content, tally, depth)
        case Problem():
            return "problem", 0, [one]
    raise TypeError(f"parser {parser.full_name} yielded {type(one).__name__}")


def _keep_sheet(tasks: _Tasks, origin: Origin, sheet: Sheet, tally: _Tally, most: int) -> list[Problem]:
    """Write a sheet's rows and its description; rows that came before a parser raised are kept as well.

    Rows beyond `most` for all sheets of the entry are not read, which is told.
    """
    identifier = sheet_id(origin, sheet.locator)
    writer = tasks.rows.open_sheet(identifier, sheet.width)
    tally.sheets += 1
    problems: list[Problem] = []
    try:
        for batch in sheet.batches:
            left = most - tally.rows - writer.rows
            writer.write(batch.slice(0, left).cast(writer.schema))
            if batch.num_rows > left:
                tally.is_spent = True
                message = f"more than {most} rows of sheets in one entry; the rest is not read"
                problems.append(Problem(kind=ProblemKind.LIMIT, locator=sheet.locator, message=message))
                break
    finally:
        tally.rows += writer.rows
        values = {
            "sheet_id": identifier,
            "sheet_name": escape(sheet.name)[0],
            "width": sheet.width,
            "header": None if sheet.header is None else [storable(word) for word in sheet.header],
            "header_row": sheet.header_row,
            "row_count": writer.rows,
            "codec": sheet.codec,
            "is_hidden": sheet.is_hidden,
        }
        problems += tasks.rows.add(SHEET, origin, sheet.locator, values, str(sheet.status))
    return problems


def _keep_member(
    tasks: _Tasks, origin: Origin, member: Member, content: Content, tally: _Tally, depth: int
) -> list[Problem]:
    """Make an entry of a file found inside this one, and read it in turn, within the budget."""
    limits = tasks.limits
    name, raw = escape(member.name)
    member_id = digest.short(origin.entry_id or "", storable(member.locator))
    path = f"{content.path}//{name}"
    refusal = member.refusal
    if depth + 1 > limits.depth:
        message = f"deeper than {limits.depth} containers; not read"
        refusal = Problem(kind=ProblemKind.LIMIT, locator=member.locator, message=message)
    taking = Taking(content.folder)
    broken = None
    if refusal is None:
        most = limits.free_bytes + limits.expansion * max(content.size, 1) - tally.member_bytes
        broken = take_member(member, taking, most)
        tally.member_bytes += taking.size
        if broken is not None and (broken.kind is ProblemKind.LIMIT or not taking.size):
            refusal = broken
    values = {
        "path": path,
        "name": name,
        "name_raw": member.name_raw or raw,
        "kind": "member",
        "is_allocated": True,
        "size_bytes": taking.size if refusal is None else member.size,
        "container_entry_id": origin.entry_id,
        "member_locator": storable(member.locator),
        "depth": depth + 1,
        "media_type": member.media_type,
        "modified_at": member.modified_at,
        "modified_local": member.modified_local,
    }
    tasks.rows.add(FILE_ENTRY, tasks.origin(member_id), member.locator, values)
    inner, digests = taking.end(path)
    inner.passwords = passwords_of(member_id, tasks.subject.passwords, tasks.subject.found, content.passwords)
    if refusal is None:
        _read_content(tasks, member_id, inner, digests, depth + 1, broken)
    else:
        _unread(tasks, member_id, path, refusal)
    inner.discard()
    # The clock of the container goes on where it stood.
    tasks.begin(f"{origin.parser}:{origin.entry_id}", _deadline(tasks, content))
    return []


def take_member(member: Member, taking: Taking, most: int) -> Problem | None:
    """Take the bytes of a member; why it is not whole, where it breaks off or is larger than what is left of the budget."""
    too_large = Problem(
        kind=ProblemKind.LIMIT,
        locator=member.locator,
        message="beyond what the members of one container may unpack to; not read",
    )
    if isinstance(member.content, bytes):
        if len(member.content) > most:
            return too_large
        taking.add(member.content)
        return None
    try:
        while block := member.content.read(digest.BLOCK_BYTES):
            if taking.size + len(block) > most:
                return too_large
            taking.add(block)
    except OSError as error:
        message = f"the member breaks off after {taking.size} bytes: {storable(str(error))[:300]}"
        return Problem(kind=ProblemKind.DAMAGED, locator=member.locator, message=message)
    return None


def members(parser: Parser, content: Content) -> Iterator[Member]:
    """The members of content that is parsed once more, for what is in them: all else was kept the first time, or told."""
    try:
        for one in parser.parse(content):
            if isinstance(one, Sheet):
                for _ in one.batches:
                    pass
            elif isinstance(one, Member):
                yield one
    except Exception:  # noqa: BLE001  the same as when it was parsed the first time
        return


def _scan(tasks: _Tasks, entry_id: str, content: Content) -> None:
    """Rules over bytes; a scan that could not end is a row as well."""
    place, origin = f"scan:{entry_id}", tasks.origin(entry_id)
    tasks.begin(place, tasks.limits.scan_seconds + tasks.limits.seconds)
    if place in tasks.skipped or content.size > tasks.limits.scan_bytes:
        outcome = (
            "too_large"
            if place not in tasks.skipped
            else "timed_out"
            if tasks.skipped[place].kind == "limit"
            else "failed"
        )
        tasks.hits.add(RULE_HIT, origin, None, {"outcome": outcome})
        return
    if tasks.scanner is None:
        return
    given = content.memory if content.memory is not None else content.local()
    for hit in tasks.scanner.scan(given, tasks.limits.scan_seconds):
        values = {
            "rule": hit.rule,
            "rule_file": hit.rule_file,
            "rule_sha256": hit.rule_sha256,
            "outcome": hit.outcome,
            "string_name": hit.string_name,
            "offset_bytes": hit.offset_bytes,
            "matched": hit.matched,
        }
        tasks.hits.add(RULE_HIT, origin, None if hit.offset_bytes is None else str(hit.offset_bytes), values)


def _unread(tasks: _Tasks, entry_id: str, path: str, problem: Problem) -> None:
    """An entry whose bytes were not read at all: a problem, its state, and a document that stays open."""
    _problem(tasks, entry_id, path, problem)
    tasks.rows.add(ENTRY_CONTENT, tasks.origin(entry_id), None, {"state": "problem", "parsers": []})
    tasks.rows.add(
        DOCUMENT_TABLE,
        tasks.origin(entry_id),
        None,
        {"name": path.rsplit("/", 1)[-1], "path": path, "is_complete": False},
    )
    if tasks.scanner is not None:
        tasks.hits.add(RULE_HIT, tasks.origin(entry_id), None, {"outcome": "failed"})


def _problem(tasks: _Tasks, entry_id: str, path: str, problem: Problem, parser: Parser | None = None) -> None:
    values = {
        "stage": "extract",
        "kind": str(problem.kind),
        "path": path,
        "column_name": problem.column,
        "message": storable(problem.message),
    }
    tasks.rows.add(PROBLEM, tasks.origin(entry_id, parser), problem.locator, values)


def _out_of_memory(limits: Limits) -> Problem:
    return Problem(
        kind=ProblemKind.LIMIT,
        locator="",
        message=f"the parser needed more than {limits.memory_bytes >> 20} MiB; what it gave before is kept",
    )
