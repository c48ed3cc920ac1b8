"""A unit of work and its identity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline import digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one entry, and one worker, may use.

    The deadline of an entry is `seconds` and one more for every `bytes_per_second` of its size, at
    most `most_seconds`. `memory_bytes` bounds the address space of a worker, `file_bytes` any file
    it writes, `rows` what one parser may yield for one entry, `depth` containers within containers,
    `expansion` the ratio of members' bytes to their container's, counted beyond `free_bytes`.
    """

    seconds: float = 30.0
    bytes_per_second: int = 500_000
    most_seconds: float = 4 * 3600.0
    memory_bytes: int = 6 << 30
    file_bytes: int = 16 << 30
    rows: int = 50_000_000
    depth: int = 5
    expansion: int = 100
    free_bytes: int = 64 << 20
    scan_bytes: int = 256 << 20
    scan_seconds: int = 60

    def deadline(self, size: int) -> float:
        """Seconds an entry of this size may take."""
        return min(self.seconds + size / self.bytes_per_second, self.most_seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """How a worker ended while it was at one place: why that place is skipped when the job is done again."""

    kind: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A unit of work: what runs on which entries of an item, and all that its rows depend on.

    `subject` goes to the worker and is not part of the identity; `basis` is JSON and is all of it.
    """

    stage: str
    item: str
    basis: Mapping[str, Any]
    subject: Any = field(repr=False)
    size: int = 0
    count: int = 0

    @property
    def identity(self) -> str:
        """SHA-256 over stage, item and basis: equal identity, equal rows."""
        return digest.of_json({"stage": self.stage, "item": self.item, "basis": dict(self.basis)})
