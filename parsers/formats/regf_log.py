"""Transaction logs of registry hives (.LOG1, .LOG2): read, checked, and replayed into a copy in memory.

References:
    - M. Suhanov, Windows registry file format specification, "Format of transaction log files",
      "Dirty state of a hive", "Multiple transaction log files" (cited below as [REGF])
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

BASE_BLOCK_BYTES = 4096  # [REGF] Base block: 4096 bytes in length
CHECKED_BYTES = 508  # [REGF] Base block: the checksum covers the first 508 bytes
SECTOR_BYTES = 512  # [REGF] Log entries begin at the second sector, each at an offset divisible by 512
LOG_TYPES = frozenset((1, 2, 6))  # [REGF] File type: 1 and 2 transaction log (old format), 6 (new format)
NEW_LOG_TYPE = 6
# [REGF] Log entries, note 3: the seed is 14219357686671994754, its bytes in little-endian order read as
# big-endian; the kernel keeps it as this constant.
HASH_SEED = 0x82EF4D887A4E55C5
_ENTRY = struct.Struct("<4s5IQQ")  # [REGF] Log entries: signature ... Hash-2, 40 bytes
_MASK = 0xFFFFFFFF


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One transaction: pages to be written over the hive bins, by offset."""

    sequence: int
    flags: int
    bins_bytes: int
    pages: tuple[tuple[int, memoryview], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """A transaction log read to where it stops being valid.

    `kind` is new (HvLE entries), old (a DIRT vector), empty (nothing logged) or foreign (no log).
    `torn` says why an entry that would have followed was refused.
    """

    name: str
    kind: Literal["new", "old", "empty", "foreign"]
    base_block: bytes = b""
    entries: tuple[LogEntry, ...] = ()
    torn: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A hive with logs applied: its bytes, how many entries, what was missing before the first."""

    content: bytearray
    applied_count: int
    gap: str | None


def checksum(block: bytes | bytearray) -> int:
    """The XOR-32 of a base block, as it should stand at offset 508 ([REGF] Base block, note 2)."""
    found = 0
    for word in struct.unpack_from(f"<{CHECKED_BYTES // 4}I", block):
        found ^= word
    # Windows never stores 0 or all ones: they become 1 and all ones less one.
    return 1 if found == 0 else _MASK - 1 if found == _MASK else found


def is_checksum_right(block: bytes | bytearray) -> bool:
    """Whether a base block carries its own checksum."""
    return len(block) >= SECTOR_BYTES and int.from_bytes(
        block[CHECKED_BYTES:SECTOR_BYTES], "little"
    ) == checksum(block)


def sequences(block: bytes | bytearray) -> tuple[int, int]:
    """Primary and secondary sequence number of a base block."""
    primary, secondary = struct.unpack_from("<II", block, 4)
    return primary, secondary


def is_dirty(block: bytes | bytearray) -> bool:
    """Whether a hive was left in the middle of a write ([REGF] Dirty state of a hive)."""
    primary, secondary = sequences(block)
    return primary != secondary or not is_checksum_right(block)


def marvin32(content: bytes | memoryview, seed: int = HASH_SEED) -> int:
    """The Marvin32 hash of bytes, 64 bits."""
    low, high = seed & _MASK, seed >> 32
    count = len(content) // 4
    last = int.from_bytes(bytes(content[count * 4 :]) + b"\x80", "little")
    for word in (*struct.unpack_from(f"<{count}I", content), last, 0):
        low = (low + word) & _MASK
        high ^= low
        low = ((low << 20 | low >> 12) + high) & _MASK
        high = (high << 9 | high >> 23) & _MASK ^ low
        low = ((low << 27 | low >> 5) + high) & _MASK
        high = (high << 19 | high >> 13) & _MASK
    return high << 32 | low


def read_log(name: str, content: bytes) -> Log:
    """A transaction log with its entries up to the first that does not follow or does not verify."""
    if len(content) <= SECTOR_BYTES:
        return Log(name=name, kind="empty")
    if content[:4] != b"regf" or not is_checksum_right(content):
        return Log(name=name, kind="foreign")
    if content[SECTOR_BYTES : SECTOR_BYTES + 4] == b"DIRT":
        return Log(name=name, kind="old", base_block=content[:SECTOR_BYTES])
    if int.from_bytes(content[28:32], "little") != NEW_LOG_TYPE:
        return Log(name=name, kind="empty")
    entries: list[LogEntry] = []
    torn = None
    for one in _entries(memoryview(content)):
        if isinstance(one, str):
            torn = one
        else:
            entries.append(one)
    kind: Literal["new", "empty"] = "new" if entries or torn else "empty"
    return Log(name=name, kind=kind, base_block=content[:SECTOR_BYTES], entries=tuple(entries), torn=torn)


def _entries(content: memoryview) -> Iterator[LogEntry | str]:
    """Entries in file order; a text, last, where one that should have followed is broken."""
    position = SECTOR_BYTES
    last: int | None = None
    while position + _ENTRY.size <= len(content):
        signature, size, flags, sequence, bins_bytes, count, hash_1, hash_2 = _ENTRY.unpack_from(
            content, position
        )
        # [REGF] Log entries, notes 4 and 7: what is left of older writes begins with another signature or sequence.
        if signature != b"HvLE" or (last is not None and sequence != last + 1):
            return
        place = f"log entry {sequence} at {position:#x}"
        if size < _ENTRY.size + 8 * count or position + size > len(content) or bins_bytes % BASE_BLOCK_BYTES:
            yield f"{place} has impossible sizes"
            return
        if marvin32(content[position : position + 32]) != hash_2:
            yield f"{place} fails its second hash"
            return
        if marvin32(content[position + _ENTRY.size : position + size]) != hash_1:
            yield f"{place} fails its first hash"
            return
        pages = _pages(content[position : position + size], count, bins_bytes)
        if pages is None:
            yield f"{place} has pages outside the hive"
            return
        yield LogEntry(sequence=sequence, flags=flags, bins_bytes=bins_bytes, pages=pages)
        last = sequence
        position += -(-size // SECTOR_BYTES) * SECTOR_BYTES


def _pages(entry: memoryview, count: int, bins_bytes: int) -> tuple[tuple[int, memoryview], ...] | None:
    """The dirty pages of an entry by offset; None where one lies outside the entry or the hive bins."""
    pages = []
    position = _ENTRY.size + 8 * count
    for number in range(count):
        offset, size = struct.unpack_from("<II", entry, _ENTRY.size + 8 * number)
        if position + size > len(entry) or offset + size > bins_bytes:
            return None
        pages.append((offset, entry[position : position + size]))
        position += size
    return tuple(pages)


def replay(hive: bytes, logs: Sequence[Log]) -> Replay:
    """A copy of a dirty hive with every log entry applied that follows its last complete write.

    Entries are taken in the order of their sequence numbers, from one log into the next, and end
    where a number is missing ([REGF] Log entries, notes 5 to 9). Nothing applied is a count of 0.
    """
    content = bytearray(hive)
    ordered = sorted((log for log in logs if log.entries), key=lambda log: log.entries[0].sequence)
    if ordered and not is_checksum_right(content):
        # [REGF] Log entries, note 6: the base block is recovered from a log, whose file type is 6 there.
        content[:SECTOR_BYTES] = ordered[0].base_block
        content[28:32] = bytes(4)
    wanted, _ = sequences(content)
    applied = 0
    gap = None
    for entry in (entry for log in ordered for entry in log.entries):
        if entry.sequence < wanted:
            continue
        if entry.sequence > wanted:
            if applied:
                break
            gap = f"the logs begin with entry {entry.sequence}, the hive waits for {wanted}"
        _apply(content, entry)
        applied += 1
        wanted = entry.sequence + 1
    return Replay(content=content, applied_count=applied, gap=gap)


def _apply(content: bytearray, entry: LogEntry) -> None:
    """Write one entry's pages and state into a hive ([REGF] Log entries, notes 9 and 11)."""
    end = BASE_BLOCK_BYTES + entry.bins_bytes
    if len(content) < end:
        content.extend(bytes(end - len(content)))
    for offset, page in entry.pages:
        start = BASE_BLOCK_BYTES + offset
        content[start : start + len(page)] = page
    struct.pack_into("<II", content, 4, entry.sequence, entry.sequence)
    struct.pack_into("<I", content, 40, entry.bins_bytes)
    struct.pack_into("<I", content, 144, entry.flags)
    struct.pack_into("<I", content, CHECKED_BYTES, checksum(content))
