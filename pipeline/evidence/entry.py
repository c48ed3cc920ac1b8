"""An entry of a volume as every walk gives it, and the address that opens its bytes again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

ENTRY_BUDGET = 20_000_000
DEPTH_BUDGET = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where the bytes of an entry are: the volume, and the entry in the terms of its file system."""

    file_system: str
    path_spec: str
    path: str
    file_reference: int | None
    stream_name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A file, folder, stream or link; fields are the columns of `file_entry` of the same name."""

    path: str
    name: str
    kind: str
    name_raw: bytes | None = None
    is_allocated: bool = True
    size_bytes: int | None = None
    file_reference: int | None = None
    sequence: int | None = None
    stream_name: str | None = None
    link_target: str | None = None
    created_at: datetime | None = None
    modified_at: datetime | None = None
    changed_at: datetime | None = None
    accessed_at: datetime | None = None
    name_created_at: datetime | None = None
    name_modified_at: datetime | None = None
    name_changed_at: datetime | None = None
    name_accessed_at: datetime | None = None
    file_attributes: int | None = None
    is_placeholder: bool | None = None
    is_name_later: bool | None = None
    has_zero_fraction: bool | None = None
    created_local: datetime | None = None
    modified_local: datetime | None = None
    accessed_local: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkProblem:
    """A part of a volume the walk could not read."""

    kind: str
    locator: str
    path: str
    message: str


Walked = Iterator[Entry | WalkProblem]
