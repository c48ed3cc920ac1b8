"""Writes tables: pinned Parquet settings, a temporary name first, the digest of file and rows kept."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from parsers.contract import Table
from pipeline import digest
from pipeline.tables.schema import full_schema

# Rows of a table: held whole, or coming batch by batch.
Rows: TypeAlias = pa.Table | pa.RecordBatchReader
ROW_GROUP_ROWS = 122_880
ROW_GROUP_BYTES = 64 << 20

# Pinned, so that the same rows give the same bytes under one version of the writer.
_SETTINGS: dict[str, Any] = {
    "compression": "zstd",
    "compression_level": 3,
    "version": "2.6",
    "data_page_version": "1.0",
    "use_dictionary": True,
    "write_statistics": True,
    "store_schema": True,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One Parquet file as written: where it lies, its digest, how many rows, and their digest."""

    path: Path
    sha256: str
    size: int
    rows: int
    rows_sha256: str


def rows_to_table(table: Table, rows: Iterable[dict[str, Any]]) -> pa.Table:
    """Rows with provenance as an Arrow table of the stored schema; missing columns are null."""
    schema = full_schema(table)
    listed = list(rows)
    return pa.table(
        {field.name: pa.array([row.get(field.name) for row in listed], field.type) for field in schema},
        schema=schema,
    )


class PartWriter:
    """Writes one Parquet file batch by batch, holding no more than one row group."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        """The file lies at `path` from the first row on; whoever reads it waits for `close`."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path = path
        self.schema = schema.remove_metadata()
        self._writer = pq.ParquetWriter(path, self.schema, **_SETTINGS)
        path.chmod(0o600)
        self._hasher = digest.RowsHasher(self.schema)
        self._pending: list[pa.RecordBatch] = []
        self._pending_rows = 0
        self._pending_bytes = 0
        self.rows = 0

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows of the writer's schema."""
        plain = batch.replace_schema_metadata(None)
        self._hasher.update(plain)
        self._pending.append(plain)
        self._pending_rows += plain.num_rows
        self._pending_bytes += plain.nbytes
        self.rows += plain.num_rows
        if self._pending_rows >= ROW_GROUP_ROWS or self._pending_bytes >= ROW_GROUP_BYTES:
            self._flush()

    def close(self) -> Part:
        """End the file and tell its digests."""
        self._flush()
        self._writer.close()
        return Part(
            path=self._path,
            sha256=digest.of_file(self._path),
            size=self._path.stat().st_size,
            rows=self.rows,
            rows_sha256=self._hasher.hexdigest(),
        )

    def _flush(self) -> None:
        if self._pending:
            self._writer.write_table(pa.Table.from_batches(self._pending, schema=self.schema))
        self._pending, self._pending_rows, self._pending_bytes = [], 0, 0


def batches(content: Rows) -> Iterator[pa.RecordBatch]:
    """The batches of rows, which are read once where they come batch by batch."""
    yield from content.to_batches() if isinstance(content, pa.Table) else content


def write_part(content: Rows, path: Path) -> Part:
    """Write rows to `path`, durably and all or nothing: temporary name, fsync, rename, fsync of the folder."""
    temporary = path.with_name(f".{path.name}.tmp")
    writer = PartWriter(temporary, content.schema)
    for batch in batches(content):
        writer.write(batch)
    return adopt(writer.close(), path)


def adopt(part: Part, path: Path) -> Part:
    """Move a finished file to its place, durably: fsync, rename, fsync of the folder.

    A file may only be moved within one file system; the case folder is one.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    sync_file(part.path)
    part.path.rename(path)
    sync_folder(path.parent)
    return replace(part, path=path)


def replace_file(path: Path, content: bytes) -> None:
    """Write a generated file, durably and all or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_bytes(content)
    put_in_place(temporary, path)


def put_in_place(temporary: Path, path: Path) -> None:
    """Move a finished file of the same file system to its place, durably, for its owner alone: fsync, rename, fsync of the folder."""
    temporary.chmod(0o600)
    sync_file(temporary)
    temporary.rename(path)
    sync_folder(path.parent)


def sync_file(path: Path) -> None:
    """Force a file's bytes to the medium."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(path: Path) -> None:
    """Force a folder's names to the medium."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
