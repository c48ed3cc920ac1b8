"""What was chosen in the dialogs to open and to save (ComDlg32): files by extension, and the folder each program used last.

Shows: files and folders a user opened or saved through the common dialogs, newest first for each extension and for all
together (`*`), and the folder in which each program's dialog was last used.
Does not show: whether a file was opened or saved, nor that the act was carried out after the dialog; programs with
dialogs of their own. Only the newest of each key has a time, that of the key: it is the choice itself unless the key was
changed otherwise (entries removed, profile upgraded or copied). A file stands both under its extension and under `*`.
Not read: sizes of dialogs (CIDSizeMRU), FirstFolder, deleted values.

References:
    - J. Metz, Windows registry knowledge base, "Common dialog" ("OpenSavePidlMRU", "LastVisitedPidlMRU")
    - J. Metz, Windows Shell Item format (libfwsi documentation)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from parsers.contract import Artefact, Column, Problem, ProblemKind, Row, Table, Yields, parser, text
from parsers.formats.ansi import until_nul
from parsers.formats.mru import ITEM_COLUMNS, KEY_COLUMNS, MRU_COLUMNS, item_values, order, tell_items
from parsers.formats.profile import profile_name
from parsers.formats.regf import LOG_SUFFIXES, hive_wants, is_hive_or_lost, open_hive
from parsers.formats.regf_tree import Hive, Key, Value, decode_text
from parsers.formats.shellitem import read_id_list
from parsers.questions import OPENED

DIALOG = Table(
    "windows_dialog_mru",
    Column("profile_name", text, "Folder name of the user profile the artefact lies in.", is_personal=True),
    Column("dialog_list", text, "Name of the list below ComDlg32: OpenSavePidlMRU, LastVisitedPidlMRU, ..."),
    Column("file_extension", text, "Extension the list is kept for, `*` for the list of all."),
    Column("program_name", text, "File name of the program whose dialog it was."),
    Column("opened_path", text, "Path of what was opened."),
    *MRU_COLUMNS,
    *ITEM_COLUMNS,
    *KEY_COLUMNS,
    answers=OPENED(at="last_interacted_at", what="opened_path", account="profile_name"),
)

_ROOT = r"Software\Microsoft\Windows\CurrentVersion\Explorer\ComDlg32"
_FILES = ("OpenSavePidlMRU", "OpenSavePidlMRULegacy", "OpenSaveMRU")
_FOLDERS = ("LastVisitedPidlMRU", "LastVisitedPidlMRULegacy", "LastVisitedMRU")
_MOST_ROWS = 50_000


@parser(
    version=1, wants=hive_wants("NTUSER"), tables=(DIALOG,), companions=LOG_SUFFIXES, is_expected_on=("host",)
)
def dialog_mru(artefact: Artefact) -> Yields:
    """One row per choice, key by key in stored order."""
    with open_hive(artefact) as hive:
        root = hive.key(_ROOT) if hive.root is not None else None
        if root is not None or is_hive_or_lost(hive, artefact, "NTUSER"):
            yield from hive.problems()
        if root is None:
            return
        count = 0
        for name, extension, key in _keys(hive, root):
            for one in _rows(
                hive, key, {"profile_name": profile_name(artefact.path), "dialog_list": name}, extension
            ):
                count += isinstance(one, Row)
                if count > _MOST_ROWS:
                    hive.tell(
                        ProblemKind.LIMIT, root.path, f"more than {_MOST_ROWS} choices; the rest is not read"
                    )
                    yield from hive.problems()
                    return
                yield one
        yield from hive.problems()


def _keys(hive: Hive, root: Key) -> Iterator[tuple[str, str | None, Key]]:
    """Every list with its name, and the extension it is kept for."""
    for name in (*_FILES, *_FOLDERS):
        key = hive.key(name, under=root)
        if key is None:
            continue
        yield name, None, key
        if name in _FILES:
            for one in hive.subkeys(key):
                yield name, one.name, one


def _rows(hive: Hive, key: Key, common: dict[str, Any], extension: str | None) -> Iterator[Row | Problem]:
    places = order(hive, hive.named(key))
    is_pidl = "Pidl" in common["dialog_list"]
    for value in hive.values(key):
        # Lists of items number their values, older ones give each a letter.
        if not (value.name.isdecimal() if is_pidl else len(value.name) == 1):
            continue
        place = places.get(value.name.casefold())
        found = _shell_items(hive, value, common) if is_pidl else _texts(hive, value, common)
        yield DIALOG.row(
            value.locator,
            hive.status(),
            **common,
            file_extension=extension,
            mru_position=place,
            last_interacted_at=key.written_at if place == 0 else None,
            key_written_at=key.written_at,
            is_replayed=hive.is_replayed,
            **found,
        )
        yield from hive.problems()


def _shell_items(hive: Hive, value: Value, common: dict[str, Any]) -> dict[str, Any]:
    """An item list; in front of it, where a folder is kept, the program's name in UTF-16."""
    content, start, program = value.content, 0, None
    if common["dialog_list"] in _FOLDERS:
        raw = until_nul(content, 2)
        program, start = decode_text(raw), len(raw) + 2
    found = read_id_list(content, start)
    tell_items(hive, found, value.locator, "opened_path")
    return {"program_name": program or None, "opened_path": found.path, **item_values(found.items)}


def _texts(hive: Hive, value: Value, common: dict[str, Any]) -> dict[str, Any]:
    """Windows 2000 and XP: a path, or the program's name and the path of a folder behind its NUL."""
    if common["dialog_list"] not in _FOLDERS:
        return {"opened_path": hive.as_text(value, "opened_path") or None}
    raw = until_nul(value.content, 2)
    return {
        "program_name": decode_text(raw) or None,
        "opened_path": decode_text(value.content[len(raw) + 2 :]) or None,
    }
