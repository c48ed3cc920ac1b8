"""Digests of streams, of files, of canonical JSON, of a table's rows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import rfc8785

BLOCK_BYTES = 1 << 20
_HASHED_ROWS = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Digests:
    """MD5, SHA-1 and SHA-256 of the same bytes, as lower-case hex, and how many bytes there were."""

    md5: str
    sha1: str
    sha256: str
    size: int

    def named(self) -> dict[str, str]:
        """The three digests by algorithm name."""
        return {"md5": self.md5, "sha1": self.sha1, "sha256": self.sha256}


class Hasher:
    """Takes blocks of bytes and gives all three digests at the end."""

    __slots__ = ("_hashes", "_size")

    def __init__(self) -> None:
        """Start with no bytes."""
        self._hashes = (
            hashlib.md5(usedforsecurity=False),
            hashlib.sha1(usedforsecurity=False),
            hashlib.sha256(),
        )
        self._size = 0

    def update(self, block: bytes) -> None:
        """Add the next bytes."""
        for one in self._hashes:
            one.update(block)
        self._size += len(block)

    def digests(self) -> Digests:
        """The digests of everything added so far."""
        md5, sha1, sha256 = (one.hexdigest() for one in self._hashes)
        return Digests(md5=md5, sha1=sha1, sha256=sha256, size=self._size)


def of_stream(stream: BinaryIO, seen: Callable[[int], None] | None = None) -> Digests:
    """All three digests of a stream, read once from where it stands to its end.

    `seen` is called with the size of each block, for progress.
    """
    hasher = Hasher()
    while block := stream.read(BLOCK_BYTES):
        hasher.update(block)
        if seen is not None:
            seen(len(block))
    return hasher.digests()


def of_file(path: Path) -> str:
    """SHA-256 of a file of ours, lower-case hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def of_bytes(content: bytes) -> str:
    """SHA-256 of bytes, lower-case hex."""
    return hashlib.sha256(content).hexdigest()


def canonical(value: Any) -> bytes:
    """A JSON value in the one form of RFC 8785."""
    return rfc8785.dumps(value)


def of_json(value: Any) -> str:
    """SHA-256 of the canonical form of a JSON value, lower-case hex."""
    return of_bytes(canonical(value))


def short(*parts: str) -> str:
    """An identifier of 24 hex digits made from parts that together name a thing for ever."""
    return of_json(list(parts))[:24]


def short_numbered(name: str, numbers: Iterable[int]) -> list[str]:
    """`short(name, str(number))` for many numbers of one thing; `name` is one of our own identifiers, in ASCII."""
    # RFC 8785 writes an array of two plain strings in just this way.
    start = hashlib.sha256(f'["{name}","'.encode("ascii"))
    found = []
    for number in numbers:
        hasher = start.copy()
        hasher.update(b'%d"]' % number)
        found.append(hasher.hexdigest()[:24])
    return found


class RowsHasher:
    """Takes batches of a table's rows in order and gives one SHA-256 for them, however they were cut."""

    __slots__ = ("_digest", "_pending", "_pending_rows", "_schema")

    def __init__(self, schema: pa.Schema) -> None:
        """Start with the schema, which is part of the digest."""
        self._schema = schema.remove_metadata()
        self._digest = hashlib.sha256(str(self._schema).encode())
        self._pending: list[pa.RecordBatch] = []
        self._pending_rows = 0

    def update(self, batch: pa.RecordBatch) -> None:
        """Add the next rows."""
        self._pending.append(batch)
        self._pending_rows += batch.num_rows
        if self._pending_rows >= _HASHED_ROWS:
            self._flush(is_last=False)

    def hexdigest(self) -> str:
        """The digest of all rows added; nothing can be added after it."""
        self._flush(is_last=True)
        return self._digest.hexdigest()

    def _flush(self, *, is_last: bool) -> None:
        table = pa.Table.from_batches(self._pending, schema=self._schema).combine_chunks()
        self._pending, self._pending_rows = [], 0
        # What an engine left behind a null is no value and differs from run to run; taking every row writes zeros there.
        every = pa.array(range(table.num_rows), pa.int64())
        columns = [
            one.take(every) if one.null_count or pa.types.is_nested(one.type) else one
            for one in table.columns
        ]
        table = pa.Table.from_arrays(columns, schema=self._schema)
        for batch in table.to_batches(max_chunksize=_HASHED_ROWS):
            if batch.num_rows == _HASHED_ROWS or is_last:
                # Arrow IPC (format 1.0) cuts a slice's buffers to its rows and leaves out empty validity maps.
                self._digest.update(batch.serialize().to_pybytes())
            else:
                self._pending, self._pending_rows = [batch], batch.num_rows


def of_rows(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> str:
    """SHA-256 over rows in their order, whatever the Parquet writer, row groups or batches."""
    hasher = RowsHasher(schema)
    for batch in batches:
        hasher.update(batch)
    return hasher.hexdigest()
