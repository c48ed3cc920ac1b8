"""Orders of last use in the registry (MRUListEx, MRUList), and columns of the tables that read them.

References:
    - J. Metz, Windows registry knowledge base, "Most recently used (MRU)"
"""

from __future__ import annotations

import struct
from typing import Any

from parsers.contract import Column, ProblemKind, boolean, integer, text, utc
from parsers.formats.regf_tree import Hive, Named
from parsers.formats.shellitem import IdList
from parsers.formats.shellitem_kinds import Item

MRU_COLUMNS = (
    Column("mru_position", integer, "Place in the order of last use, 0 the most recent; null for none."),
    Column(
        "last_interacted_at",
        utc,
        "When it was last used: last change of the key that orders it, null unless it stands first there.",
    ),
)
ITEM_COLUMNS = (
    Column(
        "item_kind",
        text,
        "root, drive, folder, file, network, device, device_folder, archive_folder, uri, ... of the last shell item.",
    ),
    Column("short_name", text, "Short (8.3) or other second name of the item."),
    Column("folder_guid", text, "GUID of the shell's folder the item is, lower case in braces."),
    Column(
        "item_created_at",
        utc,
        "Creation time of the item when the shell noted it; of files and folders cut to two seconds.",
    ),
    Column(
        "item_modified_at",
        utc,
        "Last write time of the item when the shell noted it; of files and folders cut to two seconds.",
    ),
    Column(
        "item_accessed_at",
        utc,
        "Last access time of the item when the shell noted it; of files and folders cut to two seconds.",
    ),
    Column("file_reference", integer, "MFT entry or inode number."),
    Column("sequence", integer, "Sequence number of the MFT entry."),
    Column("attributes_flags", integer, "File attributes of the target, as Windows numbers them."),
    Column("device_path", text, "Path of the device, as stored."),
)
KEY_COLUMNS = (
    Column("key_written_at", utc, "Last change of the registry key the row is read from."),
    Column("is_replayed", boolean, "Whether transaction logs were applied to the hive before it was read."),
)
_END = 0xFFFFFFFF


def item_values(items: tuple[Item, ...]) -> dict[str, Any]:
    """What the last item of a list says, by the columns above; nothing for an empty list."""
    if not items:
        return {}
    last = items[-1]
    return {
        "item_kind": last.kind,
        "short_name": last.short_name,
        "folder_guid": last.guid,
        "item_created_at": last.created_at,
        "item_modified_at": last.modified_at,
        "item_accessed_at": last.accessed_at,
        "file_reference": last.file_reference,
        "sequence": last.sequence,
        "attributes_flags": last.attributes,
        "device_path": last.device_path,
    }


def tell_items(hive: Hive, found: IdList, locator: str, path_column: str) -> None:
    """Keep what is wrong with an item list as problems of its hive."""
    if found.fault is not None:
        kind = ProblemKind.TRUNCATED if found.is_cut else ProblemKind.DAMAGED
        hive.tell(kind, locator, found.fault, path_column)
    for column, message in found.notes:
        hive.tell(ProblemKind.DAMAGED, locator, message, path_column if column in (None, "name") else column)


def order(hive: Hive, values: Named) -> dict[str, int]:
    """Place of each value name in its key's order of last use."""
    listed = values["MRUListEx"]
    if listed is not None:
        numbers = [one for (one,) in struct.iter_unpack("<I", listed.content[: len(listed.content) & ~3])]
        if _END not in numbers:
            message = "the order of last use has no end mark; it may be cut"
            hive.tell(ProblemKind.DAMAGED, listed.locator, message, "mru_position")
        else:
            numbers = numbers[: numbers.index(_END)]
        return _places([str(one) for one in numbers])
    # Before Windows XP: one letter for each value.
    letters = values["MRUList"]
    found = None if letters is None else hive.as_text(letters, "mru_position")
    return _places(list(found or ""))


def _places(names: list[str]) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        places.setdefault(name.casefold(), place)
    return places
