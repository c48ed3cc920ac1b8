"""What a review writes into a case: draws, answers, and that values were shown, each with its custody record.

A file of answers is written whole before the record that names it, and never written over. Answers given at a terminal
stand line by line in `reviewing/` until they are taken in, so that a review that breaks off loses none.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline import clock, digest
from pipeline.case import Case
from pipeline.custody.log import CustodyLog
from pipeline.custody.record import Actor, Material, Product
from pipeline.errors import BusyError, CaseError
from pipeline.review.draw import Draw
from pipeline.scope import reviewed
from pipeline.scope.reviewed import SAID, SAME, UNCLEAR, Answer, Pair, pair_of
from pipeline.tables.write import replace_file
from pipeline.work.acts import session_of
from pipeline.work.session import Step

_MOST_BYTES = 64 << 20
_KEYS = {"kanshiki_review", "case", "draw", "by", "answers"}
FORM = 1


def keep_draw(case: Case, made: Draw, by: str, command: Sequence[str] = ()) -> None:
    """Write a draw into the case, with its record."""
    with session_of(case, by, command) as session:
        step = Step(
            name=f"review draw {made.id}",
            basis={"draw": made.id},
            materials=session.materials("mention", "person_mention"),
        )
        if not session.is_done(step):
            session.begin(step)
            session.end(step, [_written(case, made.path, made.content())], {"pairs": len(made.pairs)})


def keep_shown(case: Case, made: Draw, by: str, where: str, command: Sequence[str] = ()) -> None:
    """Record that the values of a draw's pairs are shown to a reviewer: before they are."""
    with session_of(case, by, command) as session:
        file = case.root / made.path
        shown = Material(id=made.path, sha256=digest.of_file(file), size=file.stat().st_size)
        session.log.append(
            "values_shown",
            command=tuple(command),
            materials=(shown,),
            params={"where": where, "pairs": str(len(made.pairs))},
            note=f"personal values of {len(made.pairs)} drawn pairs shown to {by}",
        )


def take(case: Case, answers: Sequence[Answer], by: str, command: Sequence[str] = ()) -> None:
    """Take a reviewer's answers into the case, with their record.

    Raises:
        CaseError: the reviewer's answers, old and new, cannot all be true.
    """
    if not answers:
        return
    refuse_own_contradiction(case, answers, by)
    content = b"".join(one.line() for one in answers)
    sha256 = digest.of_bytes(content)
    with session_of(case, by, command) as session:
        step = Step(
            name=f"review answers {sha256[:24]}",
            basis={"answers": sha256},
            materials=session.folder(reviewed.DRAWS),
        )
        if session.is_done(step):
            return
        session.begin(step)
        product = _written(case, f"{reviewed.ANSWERS}{sha256[:24]}.jsonl", content)
        session.end(step, [product], {one: sum(own.answer == one for own in answers) for one in SAID})


def refuse_own_contradiction(case: Case, answers: Sequence[Answer], by: str) -> None:
    """Refuse answers that with the reviewer's earlier ones, and with the examiner's rulings, cannot all be true.

    Raises:
        CaseError: so it is; the message names the pairs.
    """
    own = reviewed.by_reviewer([*reviewed.held(case), *answers]).get(by, {})
    ruled = {pair: one.decision == SAME for one in case.rulings if (pair := pair_of(one.subject)) is not None}
    reviewed.refuse_contradiction(clear(own) | ruled, f"the answers of {by}")


def clear(own: Mapping[Pair, str]) -> dict[Pair, bool]:
    """Answers that say same or different: whether same."""
    return {pair: said == SAME for pair, said in own.items() if said != UNCLEAR}


def withdraw(case: Case, by: str, command: Sequence[str] = ()) -> int:
    """Withdraw every file of answers a reviewer gave; how many files.

    Raises:
        CaseError: there is none.
    """
    actor = Actor(name=by, role="reviewer")
    with CustodyLog.open(case.root, case.number, case.zone, actor) as log:
        current = reviewed.recorded(case, reviewed.ANSWERS)
        ends = [
            record
            for record in log.records
            if record.action == "step_end"
            and record.actor == actor
            and any(product.path in current for product in record.products)
        ]
        if not ends:
            raise CaseError(f"the case holds no answers of {by!r}")
        paths = sorted(product.path for record in ends for product in record.products)
        steps = sorted(f"step:{record.step}" for record in ends)
        log.append("superseded", superseded=(*paths, *steps), command=tuple(command))
        for path in paths:
            (case.root / path).unlink(missing_ok=True)
        log.seal()
    return len(paths)


def _written(case: Case, path: str, content: bytes) -> Product:
    replace_file(case.root / path, content)
    return Product(path=path, sha256=digest.of_bytes(content), size=len(content))


def read_answers(file: Path, case: Case, draws: Sequence[Draw], by: str) -> list[Answer]:
    """The answers of a filled-in sheet.

    Raises:
        CaseError: it is not the sheet of a draw of this case, or an answer of it is none; the message says what is wrong.
    """
    stated = _stated(file)
    if stated["case"] != case.number:
        raise CaseError(f"{file} is of case {stated['case']!r}, this is case {case.number!r}")
    if stated["by"] not in ("", by):
        raise CaseError(f"{file} names {stated['by']!r} as its reviewer, --by names {by!r}")
    made = next((one for one in draws if one.id == stated["draw"]), None)
    if made is None:
        known = ", ".join(one.id for one in draws) or "none"
        raise CaseError(f"{file} is of draw {stated['draw']!r}, which this case did not make: {known}")
    of_draw = {one.pair for one in made.pairs}
    at = clock.utc_text(clock.now())
    found = []
    for name, said in stated["answers"].items():
        pair = pair_of(name)
        if pair is None or pair not in of_draw:
            raise CaseError(f"{file}: {name!r} is no pair of draw {made.id}")
        if said not in SAID:
            raise CaseError(f"{file}: the answer to {name} must be {' | '.join(SAID)}, not {said!r}")
        found.append(Answer(draw=made.id, pair=pair, answer=said, by=by, at=at))
    if not found:
        raise CaseError(f"{file} holds no answer")
    return found


def _stated(file: Path) -> dict[str, Any]:
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise CaseError(f"{file} is larger than any sheet of answers")
        stated = json.loads(file.read_text(encoding="utf-8"), object_pairs_hook=_once)
    except (OSError, ValueError, RecursionError) as error:
        raise CaseError(f"{file} cannot be read as a sheet of answers: {error}") from error
    if not isinstance(stated, dict) or set(stated) != _KEYS or stated["kanshiki_review"] != FORM:
        raise CaseError(f"{file} is no sheet of answers: it must hold {', '.join(sorted(_KEYS))}")
    if not isinstance(stated["answers"], dict) or not all(
        isinstance(stated[key], str) for key in ("case", "draw", "by")
    ):
        raise CaseError(f"{file}: case, draw and by must be texts, and answers an object")
    return stated


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise ValueError("a key stands twice")
    return dict(pairs)


@dataclass(slots=True, kw_only=True)
class Pending:
    """The answers a reviewer gives at a terminal, on the medium one by one, until they are taken in."""

    path: Path
    descriptor: int

    @classmethod
    def open(cls, case: Case, by: str) -> Pending:
        """The file of a reviewer, held by one terminal at a time.

        Raises:
            BusyError: the reviewer answers at another terminal.
        """
        case.reviewing.mkdir(mode=0o700, exist_ok=True)
        path = case.reviewing / f"{digest.short(case.number, by)}.jsonl"
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = os.open(path, flags, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(descriptor)
            raise BusyError(f"{by} answers at another terminal: end that first") from error
        return cls(path=path, descriptor=descriptor)

    def answers(self) -> tuple[Answer, ...]:
        """What stands in it; a line a crash cut off is no answer."""
        content = self.path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        return reviewed.parsed(whole, str(self.path))

    def add(self, answer: Answer) -> None:
        """One answer more, on the medium before this returns."""
        size = os.fstat(self.descriptor).st_size
        if size and os.pread(self.descriptor, 1, size - 1) != b"\n":
            os.ftruncate(self.descriptor, self.path.read_bytes().rfind(b"\n") + 1)
        os.write(self.descriptor, answer.line())
        os.fsync(self.descriptor)

    def take(self, case: Case, by: str, command: Sequence[str] = ()) -> int:
        """Take the answers into the case and forget them here; how many pairs they answer."""
        last = {one.pair: one for one in self.answers()}
        take(case, list(last.values()), by, command)
        os.ftruncate(self.descriptor, 0)
        return len(last)

    def close(self) -> None:
        """Give the file back; it goes where nothing is left in it."""
        if not os.fstat(self.descriptor).st_size:
            self.path.unlink(missing_ok=True)
            with suppress(OSError):  # another reviewer's answers wait there
                self.path.parent.rmdir()
        os.close(self.descriptor)


def answered(case: Case, by: str, made: Draw, pending: Sequence[Answer] = ()) -> dict[Pair, str]:
    """What a reviewer answered of a draw so far."""
    own = reviewed.by_reviewer([*reviewed.held(case), *pending]).get(by, {})
    return {one.pair: own[one.pair] for one in made.pairs if one.pair in own}
