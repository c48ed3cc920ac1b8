"""Acts of a named person on a case: recorded in the custody log under that name, and what they write outside of the case."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pipeline.case import Case
from pipeline.custody.log import CustodyLog, program
from pipeline.custody.record import Actor
from pipeline.errors import CaseError
from pipeline.progress import Progress
from pipeline.work.session import Session


@contextmanager
def session_of(case: Case, by: str, command: Sequence[str] = ()) -> Iterator[Session]:
    """A session over a case in the name of a reviewer, sealed at its end.

    Raises:
        BusyError: another run holds the case.
        CustodyError: the custody log cannot be continued, or answers are gone.
    """
    actor = Actor(name=by, role="reviewer")
    with CustodyLog.open(case.root, case.number, case.zone, actor) as log:
        session = Session(
            case=case, log=log, progress=Progress(is_quiet=True), tool=program(), command=tuple(command)
        )
        session.start()
        yield session
        session.finish()
        log.seal()


def refuse_place(case: Case, file: Path) -> None:
    """Refuse a place for a new file before anything is recorded of it.

    Raises:
        CaseError: the file exists, its folder does not, or it lies among what the case keeps.
    """
    own = (case.evidence_folder, case.custody, case.tables, case.sheets, case.report, case.review, case.work)
    if any(file.absolute().resolve().is_relative_to(one.absolute().resolve()) for one in own):
        raise CaseError(f"{file} lies among what the case keeps: name a place outside of it")
    if file.is_symlink() or file.exists():
        raise CaseError(f"{file} exists already: name a new file")
    if not file.absolute().parent.is_dir():
        raise CaseError(f"{file} cannot be written: its folder does not exist")


def write_new(file: Path, content: bytes) -> None:
    """Write a new file that its owner alone can read.

    Raises:
        CaseError: it cannot be written.
    """
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
    except OSError as error:
        raise CaseError(f"{file} cannot be written: {error}") from error
