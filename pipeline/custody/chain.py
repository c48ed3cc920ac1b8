"""How records are linked, where the links are broken, and the Merkle root over all lines.

Link: `prev` = SHA-256("custody-rec-v1" NUL, then the previous line without its newline); 64 zeros in the first record.
Root: RFC 6962 section 2.1, a leaf being one line: SHA-256(00 || line), SHA-256(01 || left || right).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.custody.record import Record, record_id

NO_LINE = "0" * 64
_LINK = b"custody-rec-v1\0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """A place where the chain does not hold: the line, from 1, and what was expected and found there."""

    line: int
    kind: str
    expected: str
    found: str

    def __str__(self) -> str:
        """The break in one sentence."""
        return f"line {self.line}: {self.kind}: expected {self.expected}, found {self.found}"


def link(line: bytes) -> str:
    """What the record after this line states as `prev`; of the last line, the head."""
    return hashlib.sha256(_LINK + line).hexdigest()


class Tree:
    """The Merkle tree of RFC 6962 over a log that grows; it keeps the roots of its full subtrees only."""

    __slots__ = ("_full", "size")

    def __init__(self) -> None:
        """A tree without leaves."""
        self._full: list[bytes] = []
        self.size = 0

    def add(self, line: bytes) -> None:
        """Add one line as the next leaf."""
        top = hashlib.sha256(b"\0" + line).digest()
        # One subtree is completed for every trailing 1 in the number of leaves there were.
        rest = self.size
        while rest & 1:
            top = _node(self._full.pop(), top)
            rest >>= 1
        self._full.append(top)
        self.size += 1

    def root(self) -> bytes:
        """The root over all leaves so far; without leaves, SHA-256 of nothing."""
        if not self._full:
            return hashlib.sha256(b"").digest()
        top = self._full[-1]
        for left in reversed(self._full[:-1]):
            top = _node(left, top)
        return top


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def breaks(lines: Sequence[bytes], records: Sequence[Record | None], case: str | None = None) -> list[Break]:
    """Every place where the chain does not hold; none where it is whole.

    A line whose record is None (not readable) is a break, and still takes part by its bytes. Without `case`, all
    records must be of the case the first readable one names.
    """
    found: list[Break] = []
    if not lines:
        found.append(Break(line=0, kind="genesis", expected="a first record", found="an empty log"))
    before: Record | None = None
    for at, record in enumerate(records):
        if record is None:
            found.append(
                Break(line=at + 1, kind="record", expected="a record", found="a line that holds none")
            )
        else:
            case = record.case if case is None else case
            before_link = link(lines[at - 1]) if at else NO_LINE
            found += _breaks_at(at, record, before, before_link, case)
        before = record
    return found


def _breaks_at(at: int, record: Record, before: Record | None, before_link: str, case: str) -> list[Break]:
    # A line that was cut out breaks the chain once: a number is compared with its neighbour's, not with its place.
    seq = before.seq + 1 if before is not None else at
    compared = [
        ("seq", str(seq), str(record.seq)),
        ("prev", before_link, record.prev),
        ("genesis", "genesis in line 1 and nowhere else", record.action),
        ("case", case, record.case),
        ("id", record_id(record.case, record.seq, record.prev, record.at), record.id),
    ]
    found = [
        Break(line=at + 1, kind=kind, expected=expected, found=stated)
        for kind, expected, stated in compared
        if (stated != expected if kind != "genesis" else (stated == "genesis") != (at == 0))
    ]
    if before is not None and record.at < before.at and record.clock is None:
        expected = f"not before {before.at}, or a record that says the clock went back"
        found.append(Break(line=at + 1, kind="time", expected=expected, found=record.at))
    # The offset may have seconds (time zones before 1972), so instants are compared, not texts.
    if not _is_same_instant(record):
        found.append(
            Break(line=at + 1, kind="local time", expected=f"the instant {record.at}", found=record.at_local)
        )
    return found


def _is_same_instant(record: Record) -> bool:
    try:
        return datetime.fromisoformat(record.at) == datetime.fromisoformat(record.at_local)
    except (ValueError, OverflowError):
        return False
