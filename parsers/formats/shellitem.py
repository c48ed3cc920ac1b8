r"""Decodes shell items: the path and the facts of an item identifier list (ITEMIDLIST), as the shell keeps it.

The format is not published by Microsoft; what stands here follows the libfwsi documentation (cited as
[FWSI]), which is the work of reverse engineering. Decoded here and not by libfwsi, since that gives no
names for delegate, device, archive and search items, refuses a list for one bad item, and cannot choose
a code page; it is the second reader of the tests. Property stores are read by libfwps.

FAT times in items are taken as UTC: [FWSI] says so, and in links Windows wrote they equal the FILETIMEs
of the link's header, which are UTC. They are cut to even seconds. Extensions of other makers may write
local time; nothing in the item would show it.

A name in UTF-16 is preferred to one in ANSI, which `parsers.formats.ansi` reads.

References:
    - J. Metz, Windows Shell Item format (libfwsi documentation)
    - [MS-SHLLINK] 2.2.1 IDList, 2.2.2 ItemID
    - [MS-PROPSTORE] 2.2 (serialized property store), through libfwps
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace

from parsers.formats.shellitem_kinds import Item, read_item

MOST_ITEMS = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class IdList:
    """The items of a list in order, where it ends, and what is wrong with it (None: it is whole)."""

    items: tuple[Item, ...]
    end: int
    fault: str | None = None
    is_cut: bool = False

    @property
    def path(self) -> str | None:
        """The path the items make; None for an empty list."""
        return shell_path(self.items)

    @property
    def notes(self) -> tuple[tuple[str | None, str], ...]:
        """What could not be read of its items."""
        return tuple(note for item in self.items for note in item.notes)


def read_id_list(content: bytes, start: int = 0) -> IdList:
    """The list that begins at an offset; it ends at its terminator or where it cannot be followed."""
    items: list[Item] = []
    at = start
    codec: str | None = None
    while True:
        if at + 2 > len(content):
            # The last item may end the data: the terminator alone is missing, no item is lost.
            fault = None if items and at == len(content) else "the list ends without its terminator"
            return IdList(items=tuple(items), end=len(content), fault=fault, is_cut=fault is not None)
        (size,) = struct.unpack_from("<H", content, at)
        if size == 0:
            return IdList(items=tuple(items), end=at + 2)
        if size < 3 or len(items) >= MOST_ITEMS:
            fault = f"item of {size} bytes at {at}" if size < 3 else f"more than {MOST_ITEMS} items"
            return IdList(items=tuple(items), end=at, fault=f"{fault}; the rest is not followed")
        if at + size > len(content):
            fault = f"the item at {at} has {size} bytes, {len(content) - at} are there"
            return IdList(items=tuple(items), end=len(content), fault=fault, is_cut=True)
        item = read_item(content[at : at + size], around=content, before=codec)
        codec = item.codec or codec
        items.append(replace(item, offset=at))
        at += size


def shell_path(items: Sequence[Item]) -> str | None:
    r"""The path of a list: from the drive, share or address in it on, else from the shell's root.

    An item without a name stands as `<kind>`, so that a gap can be seen.
    """
    parts: list[str] = []
    for item in items:
        name = item.name or f"<{item.kind} {item.class_type:#04x}>"
        if item.full_path:
            parts = [item.full_path]
        elif item.kind == "drive" and name[1:2] == ":":
            parts = [name.rstrip("\\")]
        elif item.kind == "uri" or name.startswith("\\\\"):
            parts = [name]
        else:
            parts.append(name)
    if not items:
        return None
    if items[0].kind in ("folder", "file") and not items[0].full_path:
        # A list without a root begins on the desktop.
        parts.insert(0, "Desktop")
    return parts[0] + "\\" if len(parts) == 1 and items[-1].kind == "drive" else "\\".join(parts)
