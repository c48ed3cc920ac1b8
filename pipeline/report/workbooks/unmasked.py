"""notification.xlsx with values: written on demand to a file its owner alone can read, and told in the custody log before it is there.

The record names who, why, how many persons and the digest of the file; it holds no personal value. Without the record there is no file.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import duckdb
import numpy as np
import pyarrow as pa

from pipeline import digest
from pipeline.case import Case
from pipeline.custody.log import CustodyLog
from pipeline.custody.record import Actor
from pipeline.errors import CaseError
from pipeline.report.merge_fields import ADDRESS, EMAIL, NAME, OTHERS, PHONE, POSTAL
from pipeline.report.workbooks import notification
from pipeline.tables import read
from pipeline.tables.write import sync_file, sync_folder
from pipeline.work.acts import refuse_place

FOLDER, FILE = "unmasked", "notification.xlsx"
_MOST_SIGNS = 500
# Persons whose values are looked up at once: what is held of them is bounded, and the mentions are read once for each such span.
SPAN = 262_144
_COLUMNS = {
    NAME: "nullif(trim(regexp_replace(coalesce(m.full_name, m.name_key), '[\\s　]*(様|殿|さま)[\\s　]*$', '')), '')",
    POSTAL: "regexp_replace(m.postal_code, '^([0-9]{3})([0-9]{4})$', '\\1-\\2')",
    ADDRESS: "m.address_key",
    EMAIL: "m.email_key",
    PHONE: "m.phone_key",
}
_OTHERS_SHOWN = 5


def write(case: Case, by: str, reason: str, file: Path | None = None, command: Sequence[str] = ()) -> tuple[Path, int]:  # fmt: skip
    """Write the workbook with values to a new file, `unmasked/notification.xlsx` of the case unless given; it and how many persons.

    Raises:
        CaseError: nobody is named, no reason is given, or the file exists or lies among what the case keeps.
        BusyError: another run holds the case.
        CustodyError: the custody log cannot be continued.
    """
    for what, text in (("who writes it with --by NAME", by), ("why with --reason TEXT", reason)):
        if not text.strip() or len(text) > _MOST_SIGNS or not text.isprintable():
            raise CaseError(f"name {what}: plain text on one line of at most {_MOST_SIGNS} signs")
    target = _place(case, file)
    with CustodyLog.open(case.root, case.number, case.zone, Actor(name=by)) as log, _new(target) as stream:
        count = _write(case, stream)
        stream.flush()
        os.fsync(stream.fileno())
        stream.seek(0)
        sha256, size = digest.of_stream(stream).sha256, stream.tell()
        log.append(
            "values_shown",
            command=tuple(command),
            materials=tuple(
                log.material(f"tables/{name}/") for name in ("mention", "per_person", "person_mention")
            ),
            params={"where": "notification", "persons": str(count), "sha256": sha256, "size": str(size)},
            note=f"personal values of {count} persons written to a workbook for {by}; reason: {reason}",
        )
        log.seal()
    return target, count


def _place(case: Case, file: Path | None) -> Path:
    """Where the file may be written."""
    target = case.root / FOLDER / FILE if file is None else file
    if file is None:
        target.parent.mkdir(mode=0o700, exist_ok=True)
    refuse_place(case, target)
    return target


@contextmanager
def _new(target: Path) -> Iterator[BinaryIO]:
    """A file that has its name once the block ended well, and is gone if it did not.

    Raises:
        CaseError: it cannot be written.
    """
    temporary = target.with_name(f".{target.name}.tmp")
    try:
        temporary.unlink(missing_ok=True)
        descriptor = os.open(
            temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600
        )
    except OSError as error:
        raise CaseError(f"{target} cannot be written: {error.strerror}") from error
    try:
        with os.fdopen(descriptor, "w+b") as stream:
            yield stream
        os.link(temporary, target)  # never over a file that is there
        sync_file(target)
    except FileExistsError as error:
        raise CaseError(f"{target} exists already: name a new file with --to FILE") from error
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(target.absolute().parent)


def _write(case: Case, stream: BinaryIO) -> int:
    # One connection streams the persons while the other looks up what their mentions say.
    persons = read.connect(case.tables, only=("per_person",))
    mentions = read.connect(
        case.tables, case.work / "unmasked", only=("per_person", "mention", "person_mention")
    )
    try:
        return notification.write(persons, (case.number, case.time_zone), stream, Values(mentions).of)
    finally:
        persons.close()
        mentions.close()
        shutil.rmtree(case.work, ignore_errors=True)


class Values:
    """What the mentions of persons say, looked up span by span as batches of rising numbers ask for it."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """`connection` has `mention` and `person_mention`."""
        self._connection = connection
        self._last = -1
        self._known: pa.Table | None = None

    def of(self, persons: pa.Array) -> dict[str, pa.Array]:
        """The columns `notification.VALUES` of persons whose numbers rise; null where no mention says it."""
        numbers = persons.to_numpy()
        parts: list[pa.Table] = []
        while len(numbers):
            if self._known is None or numbers[0] > self._last:
                self._last = int(numbers[0]) + SPAN - 1
                self._known = _looked_up(self._connection, int(numbers[0]), self._last)
            inside = int(np.searchsorted(numbers, self._last, side="right"))
            known = self._known.column("person_id").to_numpy()
            places = np.searchsorted(known, numbers[:inside])
            parts.append(self._known.take(pa.array(places)))
            numbers = numbers[inside:]
        found = pa.concat_tables(parts).combine_chunks()
        return {name: found.column(name).combine_chunks() for name in notification.VALUES}


def _looked_up(connection: duckdb.DuckDBPyConnection, first: int, last: int) -> pa.Table:
    """For each person of a span what most mentions say, by number, and what else they say."""
    values = ", ".join(f"{{'field': '{name}', 'value': {sql}}}" for name, sql in _COLUMNS.items())
    firsts = ", ".join(f"first(told[1]) FILTER (field = '{name}') AS \"{name}\"" for name in _COLUMNS)
    order = ", ".join(f"'{name}'" for name in _COLUMNS)
    found: pa.Table = connection.sql(
        "WITH said AS (SELECT q.likely AS person_id, unnest([" + values + "], recursive := true) "  # noqa: S608
        "FROM person_mention q JOIN mention m USING (mention_id) WHERE q.likely BETWEEN $first AND $last), "
        "counted AS (SELECT person_id, field, value, count(*) AS n FROM said WHERE value IS NOT NULL GROUP BY ALL), "
        "ranked AS (SELECT person_id, field, list(value ORDER BY n DESC, value) AS told FROM counted GROUP BY ALL) "
        f"SELECT p.person_id, {firsts}, "
        f"nullif(array_to_string(list_slice(flatten(list(told[2:] ORDER BY list_position([{order}], field))), 1, {_OTHERS_SHOWN}), ' / '), '') AS \"{OTHERS}\" "
        "FROM per_person p LEFT JOIN ranked USING (person_id) WHERE p.person_id BETWEEN $first AND $last "
        "GROUP BY p.person_id ORDER BY p.person_id",
        params={"first": first, "last": last},
    ).to_arrow_table()
    return found
