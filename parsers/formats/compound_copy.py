"""A storage within a compound file, written as a compound file of its own so that the parser of its kind can read it.

References:
    - [MS-CFB] 2.2 (header), 2.3 (FAT), 2.4 (mini FAT), 2.6 (directory)
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

from parsers.formats.compound import SIGNATURE

_MINI, _CUTOFF, _ENTRY = 64, 4096, 128
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_IN_HEADER = 109  # FAT sectors the header names itself; sectors are as large as that needs
_LONGEST_NAME = 31


def copied(streams: Mapping[str, bytes]) -> bytes:
    """A compound file of these streams by path, parts joined by a slash.

    Raises:
        ValueError: a name or the whole is too long for a compound file.
    """
    for shift in (9, 12):
        written = _written(streams, 1 << shift, shift)
        if written is not None:
            return written
    raise ValueError("more bytes than a compound file is written for")


def _written(streams: Mapping[str, bytes], sector: int, shift: int) -> bytes | None:
    nodes = sorted({*streams, *_folders(streams)}, key=_order)
    if any(len(one.rpartition("/")[2].encode("utf-16-le")) > 2 * _LONGEST_NAME for one in nodes):
        raise ValueError("a name that is too long for a compound file")
    small = [one for one in nodes if one in streams and len(streams[one]) < _CUTOFF]
    large = [one for one in nodes if one in streams and len(streams[one]) >= _CUTOFF]
    mini, mini_fat, starts = bytearray(), list[int](), dict[str, int]()
    for name in small:
        count = -(-len(streams[name]) // _MINI)
        starts[name] = len(mini_fat) if count else _END
        mini_fat += [*range(len(mini_fat) + 1, len(mini_fat) + count), _END] if count else []
        mini += streams[name].ljust(count * _MINI, b"\0")
    stored_mini_fat = struct.pack(f"<{len(mini_fat)}I", *mini_fat)
    stored_mini_fat += b"\xff" * (-len(stored_mini_fat) % sector)
    directory_bytes = _ENTRY * (len(nodes) + 1)
    sizes = [
        -(-one // sector)
        for one in (directory_bytes, len(stored_mini_fat), len(mini), *(len(streams[name]) for name in large))
    ]
    per_sector = sector // 4
    fat_count = -(-sum(sizes) // (per_sector - 1)) or 1
    if fat_count > _IN_HEADER:
        return None
    fat, firsts = [_FAT] * fat_count, []
    for size in sizes:
        firsts.append(len(fat) if size else _END)
        fat += [*range(len(fat) + 1, len(fat) + size), _END] if size else []
    fat += [_FREE] * (fat_count * per_sector - len(fat))
    starts |= dict(zip(large, firsts[3:], strict=True))
    # 2.2: the number of sectors of the directory is told in version 4 alone.
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIII", SIGNATURE, 0x3E, 3 if shift == 9 else 4, 0xFFFE, shift, 6, 0 if shift == 9 else sizes[0],
        fat_count, firsts[0], 0, _CUTOFF, firsts[1], sizes[1], _END, 0,
    )  # fmt: skip
    header += struct.pack(f"<{_IN_HEADER}I", *range(fat_count), *[_FREE] * (_IN_HEADER - fat_count))
    out = bytearray(header.ljust(sector, b"\0"))
    out += struct.pack(f"<{len(fat)}I", *fat)
    directory = _directory(nodes, streams, starts, firsts[2], len(mini))
    for content in (directory, stored_mini_fat, bytes(mini), *(streams[name] for name in large)):
        out += content
        out += bytes(-len(out) % sector)
    return bytes(out)


def _folders(streams: Mapping[str, bytes]) -> set[str]:
    found: set[str] = set()
    for path in streams:
        parts = path.split("/")
        found |= {"/".join(parts[:depth]) for depth in range(1, len(parts))}
    return found


def _order(path: str) -> tuple[str, int, str]:
    """2.6.4: entries of one storage by the length of their names, then by capitals."""
    folder, _, name = path.rpartition("/")
    return folder, len(name), name.upper()


def _directory(
    nodes: Sequence[str], streams: Mapping[str, bytes], starts: Mapping[str, int], mini: int, mini_bytes: int
) -> bytes:
    """Entries of the root, of storages and streams; those of one storage form a balanced tree."""
    links: dict[int, tuple[int, int]] = {}
    children: dict[str, list[int]] = {}
    for index, one in enumerate(nodes):
        children.setdefault(one.rpartition("/")[0], []).append(index)

    def place(own: Sequence[int]) -> int:
        if not own:
            return _FREE
        middle = len(own) // 2
        links[own[middle]] = (place(own[:middle]), place(own[middle + 1 :]))
        return own[middle] + 1

    tops = {one: place(own) for one, own in children.items()}
    entries = [_entry("Root Entry", 5, (_FREE, _FREE), tops.get("", _FREE), mini, mini_bytes)]
    for index, path in enumerate(nodes):
        name = path.rpartition("/")[2]
        if path in streams:
            entries.append(_entry(name, 2, links[index], _FREE, starts[path], len(streams[path])))
        else:
            entries.append(_entry(name, 1, links[index], tops.get(path, _FREE), 0, 0))
    return b"".join(entries)


def _entry(name: str, kind: int, siblings: tuple[int, int], child: int, start: int, size: int) -> bytes:
    stored = name.encode("utf-16-le") + b"\0\0"
    head = stored.ljust(64, b"\0") + struct.pack("<HBBIII", len(stored), kind, 1, *siblings, child)
    return head + bytes(36) + struct.pack("<IQ", start, size)
