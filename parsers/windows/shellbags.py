r"""Folders whose view Explorer and the file dialogs keep (shell bags): which folders a user opened, those gone since too.

Shows: the tree of folders a user opened in Explorer or a file dialog, on fixed and removable drives, shares, telephones
(MTP), in archives and the control panel, with times and MFT reference of each as they stood when the shell noted it.
Does not show: that a file in a folder was opened or copied; each visit; which volume a drive letter meant (no serial
number is kept: a stick that got the same letter shares the entry). `last_interacted_at` is the last change of the key
that orders the folders of one parent, and is given to the first in that order alone. It can be later than the visit: the
same key changes when the parent gets its view slot and when an entry is removed, and an upgrade of Windows, a profile
copied by a tool, or clearing software rewrites many keys at once (many equal times are the sign). `first_interacted_at`
is the last change of a folder's own key where nothing lies below it; it is the first visit only if nothing below was
removed. A folder stands here also when a program opened a dialog in it, or the user was led there by a zip or a link.
Not read: view settings (Bags), deleted keys.

Times of items are of the folder, not of the visit, and those of a folder opened again are not always written anew.
A `sequence` of 0 is no MFT sequence: the folder lay on another file system (FAT, exFAT, a share of another system).
Since Vista, the tree of a user's own drives is in UsrClass.dat, that of shares and the desktop in NTUSER.DAT.

References:
    - J. Metz, Windows registry knowledge base, "Shell bags" ("BagMRU")
    - J. Metz, Windows Shell Item format (libfwsi documentation)
    - Y. Zhu, P. Gladyshev, J. James, "Using shellbag information to reconstruct user activities" (DFRWS 2009)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from parsers.contract import (
    Artefact,
    Column,
    Problem,
    ProblemKind,
    Row,
    Table,
    Yields,
    integer,
    parser,
    text,
    utc,
)
from parsers.formats.mru import ITEM_COLUMNS, KEY_COLUMNS, MRU_COLUMNS, item_values, order, tell_items
from parsers.formats.profile import profile_name
from parsers.formats.regf import LOG_SUFFIXES, hive_wants, is_hive_or_lost, open_hive
from parsers.formats.regf_tree import Hive, Key, Value
from parsers.formats.shellitem import read_id_list, shell_path
from parsers.formats.shellitem_kinds import Item
from parsers.questions import OPENED

SHELLBAGS = Table(
    "windows_shellbags",
    Column("profile_name", text, "Folder name of the user profile the artefact lies in.", is_personal=True),
    Column(
        "shell_path",
        text,
        "Path of the folder: from its drive, share or device on, else from the shell's root.",
    ),
    Column(
        "bag_path", text, "Numbers of the folders above it and its own, as the registry names their keys."
    ),
    Column("node_slot", integer, "Number of the Bags key that keeps the folder's view."),
    Column(
        "child_count", integer, "Folders below it in the tree; null where the key of the folder is missing."
    ),
    *MRU_COLUMNS,
    Column(
        "first_interacted_at",
        utc,
        "When the folder was first used: last change of its own key, null where folders lie below it.",
    ),
    Column("node_written_at", utc, "Last change of the folder's own key."),
    *ITEM_COLUMNS,
    *KEY_COLUMNS,
    answers=OPENED(at="last_interacted_at", what="shell_path", account="profile_name"),
)

_ROOTS = (
    r"Software\Microsoft\Windows\Shell\BagMRU",
    r"Software\Microsoft\Windows\ShellNoRoam\BagMRU",
    r"Local Settings\Software\Microsoft\Windows\Shell\BagMRU",
    r"Local Settings\Software\Microsoft\Windows\ShellNoRoam\BagMRU",
    r"Wow6432Node\Local Settings\Software\Microsoft\Windows\Shell\BagMRU",
)
_MOST_FOLDERS = 100_000
_DEEPEST = 128
_MISSING = Item(offset=0, kind="missing", class_type=0)


@dataclass(slots=True, kw_only=True)
class _Tree:
    """The hive a tree is read from, whose it is, and how many folders were read."""

    hive: Hive
    profile: str | None
    count: int = 0


@parser(
    version=1,
    wants=hive_wants("NTUSER", "USRCLASS"),
    tables=(SHELLBAGS,),
    companions=LOG_SUFFIXES,
    is_expected_on=("host",),
)
def shellbags(artefact: Artefact) -> Yields:
    """One row per folder, each before those below it."""
    with open_hive(artefact) as hive:
        roots = [key for path in _ROOTS if hive.root is not None and (key := hive.key(path)) is not None]
        if roots or is_hive_or_lost(hive, artefact, "NTUSER", "USRCLASS"):
            yield from hive.problems()
        tree = _Tree(hive=hive, profile=profile_name(artefact.path))
        for root in roots:
            yield from _folders(tree, root, (), "")
        yield from hive.problems()


def _folders(tree: _Tree, key: Key, above: tuple[Item, ...], bag: str) -> Iterator[Row | Problem]:
    """The folders a key lists, in stored order, each followed by those below it."""
    hive = tree.hive
    values = [one for one in hive.values(key) if one.name.isdecimal()]
    places = order(hive, hive.named(key))
    below = {one.name: one for one in hive.subkeys(key) if one.name.isdecimal()}
    for value in values:
        if not _is_within(tree, key):
            return
        own = below.pop(value.name, None)
        found = read_id_list(value.content)
        tell_items(hive, found, value.locator, "shell_path")
        # Without an item the folder has no name: its parent's must not stand for it.
        items = above + (found.items or (_MISSING,))
        path = f"{bag}\\{value.name}" if bag else value.name
        yield _row(tree, key, own, value, items, path, places.get(value.name))
        yield from hive.problems()
        if own is not None:
            yield from _below(tree, own, items, path)
    for name, own in below.items():
        if not _is_within(tree, key):
            return
        message = f"the folder {name} has a key and no item: its name is lost, what lies below it is read"
        hive.tell(ProblemKind.DAMAGED, own.path, message, "shell_path")
        yield from _below(tree, own, (*above, _MISSING), f"{bag}\\{name}" if bag else name)


def _below(tree: _Tree, key: Key, items: tuple[Item, ...], bag: str) -> Iterator[Row | Problem]:
    if bag.count("\\") >= _DEEPEST:
        tree.hive.tell(ProblemKind.LIMIT, key.path, f"folders lie more than {_DEEPEST} deep; not followed")
        return
    yield from _folders(tree, key, items, bag)


def _is_within(tree: _Tree, key: Key) -> bool:
    """Whether the budget of folders is not spent; counts one."""
    tree.count += 1
    if tree.count > _MOST_FOLDERS:
        message = f"more than {_MOST_FOLDERS} folders; the rest is not read"
        tree.hive.tell(ProblemKind.LIMIT, key.path.partition("BagMRU")[0] + "BagMRU", message)
        return False
    return True


def _row(
    tree: _Tree,
    key: Key,
    own: Key | None,
    value: Value,
    items: tuple[Item, ...],
    bag: str,
    place: int | None,
) -> Row:
    hive = tree.hive
    node: dict[str, Any] = {}
    if own is not None:
        children = sum(1 for one in hive.values(own) if one.name.isdecimal())
        first: datetime | None = own.written_at if not children else None
        node = {
            "node_slot": hive.as_number(hive.named(own)["NodeSlot"], "node_slot"),
            "child_count": children,
            "first_interacted_at": first,
            "node_written_at": own.written_at,
        }
    return SHELLBAGS.row(
        value.locator,
        hive.status(),
        profile_name=tree.profile,
        shell_path=shell_path(items),
        bag_path=bag,
        mru_position=place,
        last_interacted_at=key.written_at if place == 0 else None,
        key_written_at=key.written_at,
        is_replayed=hive.is_replayed,
        **node,
        **item_values(items),
    )
