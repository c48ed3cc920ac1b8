"""Reads pictures by optical character recognition: the one place that runs a program on bytes of evidence.

This is what a worker runs after everything was parsed. Tesseract is given a picture on its standard input and told neither
name nor place of anything; it runs without a shell, within limits of time, memory and files, in the worker's process group.
"""

from __future__ import annotations

import csv
import io
import resource
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from parsers import all_parsers
from parsers.contract import Problem, ProblemKind
from parsers.formats.page_picture import PageError, grey_page
from pipeline import digest
from pipeline.evidence.entries import Door
from pipeline.evidence.names import escape
from pipeline.extract.content import Content, Taking
from pipeline.extract.parse import Target, Written, members, passwords_of, take, take_member
from pipeline.extract.select import select
from pipeline.extract.sink import Origin, Sink, storable
from pipeline.tables.catalogue import PROBLEM, TEXT
from pipeline.work.job import Death, Limits
from pipeline.work.worker import Begin

READER = "pipeline/extract/ocr"
VERSION = "1"
LANGUAGE = "jpn"
PAGE_SECONDS = 120
_SLACK_SECONDS = 30
_MEMORY_BYTES = 3 << 30
_MOST_PICTURE_BYTES = 64 << 20
_MOST_ANSWER_BYTES = 16 << 20
# Below this a line is dots and edges of a photograph that were taken for signs.
_LEAST_CONFIDENCE = 40
# tesseract(1), tsv: level 5 is a word.
_WORD = "5"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scans:
    """What a worker is given: pages to read by entry (0 is a picture that is the entry itself), and the containers on the way."""

    case_id: str
    evidence_id: str
    targets: tuple[Target, ...]
    pages: Mapping[str, tuple[int, ...]]
    containers: frozenset[str]
    program: Path
    source: Path
    scratch: Path
    passwords: tuple[str, ...] = field(default=(), repr=False)
    found: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was read on a page: its lines, and how sure the program is of them, of 100."""

    text: str
    confidence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tasks:
    subject: Scans
    skipped: Mapping[str, Death]
    limits: Limits
    begin: Begin
    rows: Sink

    def origin(self, entry_id: str) -> Origin:
        return Origin(
            case_id=self.subject.case_id,
            evidence_id=self.subject.evidence_id,
            entry_id=entry_id,
            parser=READER,
            version=VERSION,
        )

    def problem(self, entry_id: str, path: str, problem: Problem) -> None:
        values = {
            "stage": "extract",
            "kind": str(problem.kind),
            "path": path,
            "message": storable(problem.message),
        }
        self.rows.add(PROBLEM, self.origin(entry_id), problem.locator, values)


def read_scans(subject: Scans, skipped: Mapping[str, Death], limits: Limits, begin: Begin) -> Written:
    """Read the pages asked for; what was read stands in the scratch folder.

    Raises:
        OSError: the scratch folder cannot be written.
    """
    subject.scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    tasks = _Tasks(
        subject=subject, skipped=skipped, limits=limits, begin=begin, rows=Sink(subject.scratch / "ocr")
    )
    with Door(subject.source) as door:
        for target in subject.targets:
            begin(f"read:{target.entry_id}", limits.deadline(target.size))
            with tempfile.TemporaryDirectory(dir=subject.scratch) as folder:
                try:
                    content, _ = take(door, target, Path(folder))
                except (OSError, ValueError, EOFError, RuntimeError):
                    continue  # told when it was parsed
                content.passwords = passwords_of(target.entry_id, subject.passwords, subject.found)
                _visit(tasks, target.entry_id, content)
    begin("", limits.most_seconds)
    return Written(parsed=tasks.rows.close()[0], sheets=[], scanned=[])


def _visit(tasks: _Tasks, entry_id: str, content: Content) -> None:
    """The pages of an entry, and what is asked for of its members."""
    for page in tasks.subject.pages.get(entry_id, ()):
        _page(tasks, entry_id, content, page)
    if entry_id not in tasks.subject.containers:
        return
    for parser in select(all_parsers(), content.path, content.head()).chosen:
        place = f"{parser.full_name}:{entry_id}"
        if place in tasks.skipped:
            continue
        tasks.begin(place, tasks.limits.deadline(content.size))
        for member in members(parser, content):
            member_id = digest.short(entry_id, storable(member.locator))
            if member.refusal is not None or not (
                member_id in tasks.subject.pages or member_id in tasks.subject.containers
            ):
                continue
            taking = Taking(content.folder)
            take_member(
                member, taking, tasks.limits.free_bytes + tasks.limits.expansion * max(content.size, 1)
            )
            inner, _ = taking.end(f"{content.path}//{escape(member.name)[0]}")
            inner.passwords = passwords_of(
                member_id, tasks.subject.passwords, tasks.subject.found, content.passwords
            )
            _visit(tasks, member_id, inner)
            inner.discard()
            tasks.begin(place, tasks.limits.deadline(content.size))
    content.close()


def _page(tasks: _Tasks, entry_id: str, content: Content, page: int) -> None:
    locator = f"page:{page}" if page else "picture"
    place = f"ocr:{entry_id}:{page}"
    tasks.begin(place, PAGE_SECONDS + _SLACK_SECONDS + tasks.limits.deadline(content.size))
    if place in tasks.skipped:
        death = tasks.skipped[place]
        tasks.problem(
            entry_id,
            content.path,
            Problem(kind=ProblemKind(death.kind), locator=locator, message=death.message),
        )
        return
    try:
        picture = grey_page(content.local(), page, content.passwords) if page else _bytes(content)
        told = read_picture(tasks.subject.program, picture)
    except (PageError, OcrError) as error:
        kind = ProblemKind.LIMIT if isinstance(error, OcrLimitError) else ProblemKind.UNREADABLE
        message = f"not read by optical character recognition: {error}"
        tasks.problem(entry_id, content.path, Problem(kind=kind, locator=locator, message=message))
        return
    if told.text:
        values = {"segment": "ocr", "content": storable(told.text), "codec": None}
        tasks.rows.add(
            TEXT, tasks.origin(entry_id), f"{locator}/confidence:{told.confidence}", values, "partial"
        )


def _bytes(content: Content) -> bytes:
    if content.size > _MOST_PICTURE_BYTES:
        raise OcrLimitError(f"the picture has {content.size} bytes")
    with content.open() as stream:
        return stream.read()


class OcrError(ValueError):
    """A picture that the program does not read; the message says why."""


class OcrLimitError(OcrError):
    """A picture that takes more than a page may."""


def read_picture(program: Path, picture: bytes) -> Reading:
    """What a picture says.

    Raises:
        OcrError: the program does not know the picture, or ends otherwise than it should.
        OcrLimitError: it takes too long.
    """
    words = [str(program), "stdin", "stdout", "-l", LANGUAGE, "--oem", "1", "tsv"]
    with subprocess.Popen(
        words,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd="/",
        # One thread: the same rows each time, and the other worker its processor.
        env={"OMP_THREAD_LIMIT": "1", "LC_ALL": "C.UTF-8"},
    ) as process:
        for what, most in (
            (resource.RLIMIT_AS, _MEMORY_BYTES),
            (resource.RLIMIT_CPU, PAGE_SECONDS),
            (resource.RLIMIT_FSIZE, 0),
            (resource.RLIMIT_CORE, 0),
        ):
            with suppress(ProcessLookupError):  # it ended already
                resource.prlimit(process.pid, what, (most, most))
        try:
            answer, said = process.communicate(picture, timeout=PAGE_SECONDS)
        except subprocess.TimeoutExpired as error:
            process.kill()
            raise OcrLimitError(f"it takes more than {PAGE_SECONDS} seconds") from error
    if process.returncode:
        message = said.decode("utf-8", "replace").strip().splitlines()
        raise OcrError(
            f"tesseract ended with {process.returncode}: {message[-1][:200] if message else 'nothing said'}"
        )
    return reading(answer[:_MOST_ANSWER_BYTES].decode("utf-8", "replace"))


def reading(answer: str) -> Reading:
    """The lines of the program's table of words that it is sure enough of, in its order."""
    rows = [
        row
        for row in csv.DictReader(io.StringIO(answer), delimiter="\t", quoting=csv.QUOTE_NONE)
        if row.get("level") == _WORD
    ]
    lines: list[str] = []
    weights = total = 0.0
    for _, given in groupby(rows, key=lambda row: (row["block_num"], row["par_num"], row["line_num"])):
        words = [row for row in given if (row.get("text") or "").strip()]
        signs = sum(len(row["text"]) for row in words)
        sure = sum(float(row["conf"]) * len(row["text"]) for row in words)
        if signs and sure >= _LEAST_CONFIDENCE * signs:
            lines.append("".join(_spaced(words)))
            weights, total = weights + sure, total + signs
    return Reading(text="\n".join(lines), confidence=round(weights / total) if total else 0)


def _spaced(words: list[dict[str, str]]) -> Iterator[str]:
    """Words with a blank where the picture has one: the program parts Japanese words that touch."""
    end = None
    for row in words:
        left, width, height = (int(row[name]) for name in ("left", "width", "height"))
        if end is not None and left - end > height * 0.6:
            yield " "
        yield row["text"].strip()
        end = left + width
