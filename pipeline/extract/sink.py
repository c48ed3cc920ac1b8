"""Takes what parsers yield and writes it as parts: provenance in front, values that cannot be stored told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa

from parsers.contract import Batch, Problem, ProblemKind, Row, Table
from pipeline import digest
from pipeline.tables.schema import full_schema
from pipeline.tables.write import Part, PartWriter

_ROWS_PENDING = 2000
# What Arrow raises for a value that a column cannot hold.
_UNFIT = (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError, UnicodeEncodeError, ValueError, TypeError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The provenance of rows to come."""

    case_id: str
    evidence_id: str
    entry_id: str | None
    parser: str
    version: str


# A row waiting to be written: its origin, locator, status and checked values.
_Held: TypeAlias = tuple[Origin, str | None, str, Mapping[str, Any]]


class Sink:
    """One folder of parts, one file per table, and one per sheet; nothing of it is named by evidence."""

    def __init__(self, folder: Path) -> None:
        """Parts are written under `folder`, as `<table>.parquet` and `sheets/<sheet id>.parquet`."""
        self._folder = folder
        self._writers: dict[str, PartWriter] = {}
        self._pending: dict[str, list[_Held]] = {}
        self._tables: dict[str, Table] = {}
        self._sheets: list[tuple[str, PartWriter]] = []

    def add(
        self, table: Table, origin: Origin, locator: str | None, values: Mapping[str, Any], status: str = "ok"
    ) -> list[Problem]:
        """Add one row; a value that its column cannot hold becomes null and is told as a problem."""
        checked, problems = dict(values), []
        for column in table.columns:
            value = checked.get(column.name)
            if value is None:
                continue
            try:
                pa.scalar(value, column.type)
            except _UNFIT as error:
                checked[column.name] = _storable(value, column.type)
                if checked[column.name] is None:
                    problems.append(_unstorable(locator, column.name, error))
        self._hold(table, origin, locator, status, checked)
        return problems

    def add_rows(self, origin: Origin, rows: Sequence[Row]) -> list[Problem]:
        """Add a parser's rows in their order, one or more of one table; problems are those `add` tells of each.

        Columns are checked whole; value by value only where one of them does not hold.
        """
        table = rows[0].table
        if _fits(table, rows):
            for row in rows:
                self._hold(table, origin, row.locator, str(row.status), row.values)
            return []
        return [
            problem
            for row in rows
            for problem in self.add(table, origin, row.locator, row.values, str(row.status))
        ]

    def add_batch(self, origin: Origin, batch: Batch) -> None:
        """Add a parser's batch.

        Raises:
            pa.ArrowInvalid: the batch has not the columns of its table.
        """
        self._flush(batch.table)
        count = batch.rows.num_rows
        constant = (origin.case_id, origin.evidence_id, origin.entry_id)
        front = [pa.repeat(pa.scalar(value, pa.string()), count) for value in constant]
        front.append(batch.locators.cast(pa.string()))
        front += [
            pa.repeat(pa.scalar(value, pa.string()), count)
            for value in (origin.parser, origin.version, str(batch.status))
        ]
        own = [batch.rows.column(column.name) for column in batch.table.columns]
        self._writer(batch.table).write(
            pa.RecordBatch.from_arrays([*front, *own], schema=full_schema(batch.table))
        )

    def open_sheet(self, sheet_id: str, width: int) -> PartWriter:
        """A writer for the rows of one sheet; it is ended with the others by `close`."""
        columns = [("row_number", pa.int64()), *((f"c{index:03d}", pa.string()) for index in range(width))]
        writer = PartWriter(self._folder / "sheets" / f"{sheet_id}.parquet", pa.schema(columns))
        self._sheets.append((sheet_id, writer))
        return writer

    def close(self) -> tuple[list[tuple[str, Part]], list[tuple[str, Part]]]:
        """End every file; gives (table, part) and (sheet id, part), each sorted by name."""
        for table in list(self._tables.values()):
            self._flush(table)
        tables = [(name, writer.close()) for name, writer in sorted(self._writers.items())]
        sheets = [(name, writer.close()) for name, writer in sorted(self._sheets, key=lambda one: one[0])]
        return tables, sheets

    def _writer(self, table: Table) -> PartWriter:
        if table.name not in self._writers:
            self._writers[table.name] = PartWriter(self._folder / f"{table.name}.parquet", full_schema(table))
        return self._writers[table.name]

    def _hold(
        self, table: Table, origin: Origin, locator: str | None, status: str, values: Mapping[str, Any]
    ) -> None:
        self._tables[table.name] = table
        pending = self._pending.setdefault(table.name, [])
        pending.append((origin, None if locator is None else storable(locator), status, values))
        if len(pending) >= _ROWS_PENDING:
            self._flush(table)

    def _flush(self, table: Table) -> None:
        pending = self._pending.pop(table.name, [])
        if not pending:
            return
        origins, locators, statuses, values = zip(*pending, strict=True)
        front: list[list[str | None]] = [
            [one.case_id for one in origins],
            [one.evidence_id for one in origins],
            [one.entry_id for one in origins],
            list(locators),
            [one.parser for one in origins],
            [one.version for one in origins],
            list(statuses),
        ]
        columns = [pa.array(one, pa.string()) for one in front]
        columns += [pa.array([row.get(one.name) for row in values], one.type) for one in table.columns]
        self._writer(table).write(pa.RecordBatch.from_arrays(columns, schema=full_schema(table)))


def storable(value: str) -> str:
    r"""Text that Arrow can hold: lone surrogates written as `\uDNNN`, nothing else changed."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    return value


def _fits(table: Table, rows: Sequence[Row]) -> bool:
    """Whether every value of the rows can be held by its column."""
    try:
        for column in table.columns:
            pa.array([row.values.get(column.name) for row in rows], column.type)
    except _UNFIT:
        return False
    return True


def _storable(value: Any, kind: pa.DataType) -> Any:
    """A text, or a list of texts, as a column of texts can hold it; None for anything else."""
    if isinstance(value, str) and pa.types.is_string(kind):
        return storable(value)
    is_list = isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)
    if is_list and pa.types.is_list(kind) and pa.types.is_string(kind.value_type):
        return [storable(one) for one in value]
    return None


def sheet_id(origin: Origin, locator: str) -> str:
    """Identifier of a sheet, which is also the name of its file."""
    return digest.short(origin.evidence_id, origin.entry_id or "", storable(locator))


def _unstorable(locator: str | None, column: str, error: BaseException) -> Problem:
    return Problem(
        kind=ProblemKind.DAMAGED,
        locator=locator or "",
        message=f"value does not fit its column ({type(error).__name__}); it is left null",
        column=column,
    )
