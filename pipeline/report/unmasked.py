"""The persons to be told with their names and contacts, written outside of the case once it is recorded who asked, and why."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline import digest
from pipeline.case import Case
from pipeline.errors import CaseError
from pipeline.report.books import notification
from pipeline.report.books.notification import Written
from pipeline.tables import read
from pipeline.work.acts import refuse_place, session_of

_MOST_SIGNS = 500


def write(case: Case, file: Path, by: str, reason: str, command: Sequence[str] = ()) -> Written:
    """Write the workbook to a new file that its owner alone can read; how many persons there are, and in it.

    The custody record (`values_shown`) names the tables, how many persons, the digest of the file, who and why; no value of a person. Where
    it cannot be made the file is gone again.

    Raises:
        BusyError: another run holds the case.
        CaseError: no reason is given, or the file exists, or lies among what the case keeps.
        TableError: the case was not scoped yet.
    """
    reason = reason.strip()
    if not reason or len(reason) > _MOST_SIGNS or not reason.isprintable():
        raise CaseError(
            f"state a reason of at most {_MOST_SIGNS} printable signs: it stands in the custody log"
        )
    refuse_place(case, file)
    temporary = file.with_name(f".{file.name}.tmp")
    if temporary.exists() or temporary.is_symlink():
        raise CaseError(f"{temporary} exists already: remove it, or name another file")
    try:
        with session_of(case, by, command, "notifier") as session:
            temporary.touch(mode=0o600)
            connection = read.connect(case.tables, case.work / "duckdb", only=notification.TABLES)
            try:
                written = notification.write(
                    connection, temporary, case.number, case.time_zone, is_unmasked=True
                )
            finally:
                connection.close()
            session.log.append(
                "values_shown",
                command=tuple(command),
                materials=session.materials(*notification.TABLES),
                params={
                    "where": "notification",
                    "persons": str(written.rows),
                    "sha256": digest.of_file(temporary),
                    "reason": reason,
                },
                note=f"names and contacts of {written.rows} persons written for {by}",
            )
            temporary.rename(file)
    finally:
        temporary.unlink(missing_ok=True)
    return written
