r"""Archives and folders a user's packers remember (NTUSER.DAT: WinRAR, 7-Zip, WinZip).

Shows: archives opened and made, and folders unpacked to, of WinRAR and WinZip; archives made, folders unpacked and copied to,
and folders looked at, of 7-Zip; each list in the order of last use, where its program keeps one.
Does not show: what was packed, whether packing came to an end, or that an archive still exists. Only what went through the
windows of these programs is here: not their command lines, nor the entries 7-Zip puts into Explorer's menu that ask for
nothing, nor Explorer's own zip folders, which keep no list. A name without a folder (WinRAR's archives made) stood in the
folder the user was in. The time of a key is that of its newest entry and of no other; clearing a list changes it as well.
Not read: WinRAR's profiles and list of favourites, 7-Zip's settings, jobs of WinZip, deleted values.

References:
    - 7-Zip, ZipRegistry.cpp, ViewSettings.cpp, PanelCopy.cpp (SetValue_Strings: texts of UTF-16, each ended by NUL; the newest is
      put first)
    - plaso, winrar.py; regipy, winrar.py (ArcHistory, DialogEditHistory; value 0 is the newest)
    - H. Carvey, RegRipper, winzip.pl (extract, filemenu, mru\archives)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from parsers.contract import Artefact, Column, ProblemKind, Row, Table, Yields, parser, text, utc
from parsers.formats.regf import LOG_SUFFIXES, hive_wants
from parsers.formats.regf_tree import Key, Value
from parsers.formats.user_hive import HIVE_COLUMNS, MRU_POSITION, UserHive, by_name, read_hive
from parsers.formats.wide import wide_text
from parsers.questions import OPENED

ARCHIVES = Table(
    "windows_archive_history",
    Column("archive_program", text, "Program that keeps the list: WinRAR, 7-Zip or WinZip."),
    Column(
        "history_kind",
        text,
        "What the list is of: opened (archives), made (archives), extracted_to, copied_to or looked_at (folders).",
    ),
    Column("target_path", text, "Path of the target, as stored."),
    MRU_POSITION,
    Column(
        "last_interacted_at",
        utc,
        "When it was last used: last change of the key that orders it, null unless it stands first there.",
    ),
    *HIVE_COLUMNS,
    answers=OPENED(
        where="target_path is not null and history_kind in ('opened', 'made', 'looked_at')",
        at="last_interacted_at",
        what="target_path",
        account="profile_name",
    ),
)

_MOST_TEXTS = 4096
_REG_BINARY = 3
_NUMBER = re.compile(r"\d{1,6}", re.ASCII)
_WINZIP = re.compile(r"(?:extract|filemenu)\d{1,6}", re.ASCII | re.IGNORECASE)
_WINZIP_LETTER = re.compile(r"[0-9a-z]{1,6}", re.ASCII | re.IGNORECASE)

_RAR, _SEVEN, _ZIP = r"Software\WinRAR", r"Software\7-Zip", r"Software\Nico Mak Computing\WinZip"
# Keys whose numbered values are a list, 0 the newest. Older versions of 7-Zip kept their lists so; newer ones delete such a key.
_NUMBERED = {
    rf"{_RAR}\ArcHistory": ("WinRAR", "opened"),
    rf"{_RAR}\DialogEditHistory\ArcName": ("WinRAR", "made"),
    rf"{_RAR}\DialogEditHistory\ExtrPath": ("WinRAR", "extracted_to"),
    rf"{_SEVEN}\Compression\ArcHistory": ("7-Zip", "made"),
    rf"{_SEVEN}\Extraction\PathHistory": ("7-Zip", "extracted_to"),
}
# Keys with values that each hold a list; FM also keeps widths and columns, so that its time is of none of them.
_LISTS = {
    rf"{_SEVEN}\Compression": {"archistory": "made"},
    rf"{_SEVEN}\Extraction": {"pathhistory": "extracted_to"},
    rf"{_SEVEN}\FM": {"folderhistory": "looked_at", "copyhistory": "copied_to"},
}
_PANEL = re.compile(r"PanelPath\d", re.ASCII | re.IGNORECASE)
_WINZIP_KEYS = {
    rf"{_ZIP}\mru\archives": "opened",
    rf"{_ZIP}\filemenu": "opened",
    rf"{_ZIP}\extract": "extracted_to",
}
_PATHS = (*_NUMBERED, *_LISTS, *_WINZIP_KEYS)
_BY_PATH = {path.casefold(): path for path in _PATHS}


@parser(
    version=1,
    wants=hive_wants("NTUSER"),
    tables=(ARCHIVES,),
    companions=LOG_SUFFIXES,
)
def archive_history(artefact: Artefact) -> Yields:
    """One row for each entry of each list, by program."""
    yield from read_hive(artefact, ("NTUSER",), _PATHS, _rows)


def _rows(user: UserHive, key: Key) -> Iterator[Row]:
    path = _BY_PATH[key.path.strip("\\").casefold()]
    if path in _NUMBERED:
        yield from _numbered(user, key, *_NUMBERED[path])
    elif path in _LISTS:
        yield from _lists(user, key, _LISTS[path])
    else:
        yield from _winzip(user, key, _WINZIP_KEYS[path])


def _numbered(user: UserHive, key: Key, program: str, kind: str) -> Iterator[Row]:
    for value in user.values(key):
        if _NUMBER.fullmatch(value.name):
            target = user.hive.as_text(value, "target_path") or None
            yield _row(user, key, value.locator, program, kind, target, int(value.name) + 1)


def _lists(user: UserHive, key: Key, lists: dict[str, str]) -> Iterator[Row]:
    is_timed = not key.path.casefold().endswith(r"\fm")
    for value in user.values(key):
        kind = lists.get(value.name.casefold())
        if kind is not None:
            yield from _list(user, key, value, kind, is_timed)
        elif not is_timed and _PANEL.fullmatch(value.name):
            target = user.hive.as_text(value, "target_path") or None
            # An empty panel shows the list of drives.
            if target is not None:
                yield _row(user, key, value.locator, "7-Zip", "looked_at", target, None)


def _list(user: UserHive, key: Key, value: Value, kind: str, is_timed: bool) -> Iterator[Row]:
    """A list in one value: UTF-16, each text with a NUL at its end."""
    if value.kind != _REG_BINARY:
        message = f"a list of 7-Zip is binary, the value has type {value.kind:#x}"
        user.hive.tell(ProblemKind.DAMAGED, value.locator, message, "target_path")
        return
    stored, is_whole = wide_text(value.content)
    found = [one for one in stored.split("\0") if one]
    last = min(len(found), _MOST_TEXTS)
    for place, target in enumerate(found[:last], 1):
        # What breaks off is told with the last text, which may be cut.
        if place == last and not (is_whole and stored.endswith("\0")):
            message = f"the list of {len(value.content)} bytes is no UTF-16 that ends with NUL"
            user.hive.tell(ProblemKind.DAMAGED, value.locator, message, "target_path")
        if place == last < len(found):
            message = f"the list holds {len(found)} texts, {last} are given"
            user.hive.tell(ProblemKind.LIMIT, value.locator, message, "target_path")
        yield _row(user, key, f"{value.locator}#{place}", "7-Zip", kind, target, place, is_timed=is_timed)


def _winzip(user: UserHive, key: Key, kind: str) -> Iterator[Row]:
    values = user.values(key)
    is_mru = key.name.casefold() == "archives"
    # What the numbers of the older lists mean is not documented; only MRUList is taken for an order.
    positions = user.mru_positions(values) if is_mru and "mrulist" in by_name(values) else {}
    named = _WINZIP_LETTER if is_mru else _WINZIP
    for value in values:
        if named.fullmatch(value.name):
            target = user.hive.as_text(value, "target_path") or None
            place = positions.get(value.name.casefold())
            yield _row(user, key, value.locator, "WinZip", kind, target, place)


def _row(
    user: UserHive,
    key: Key,
    at: str,
    program: str,
    kind: str,
    target: str | None,
    place: int | None,
    *,
    is_timed: bool = True,
) -> Row:
    used: datetime | None = key.written_at if place == 1 and is_timed else None
    return user.row(
        ARCHIVES,
        at,
        key,
        archive_program=program,
        history_kind=kind,
        target_path=target,
        mru_position=place,
        last_interacted_at=used,
    )
