r"""Programs the search of Windows 10 kept as recently used (NTUSER.DAT, Search\RecentApps; early versions).

Shows: programs this user started, how often and when last, and files opened with them, each with the time of its last use.
Does not show: programs not started through Explorer, nor any start but the last; later versions of Windows 10 no
longer write it, so what is there may be old. The lists are short.
Not read: Points and Type of an item, deleted values.

The layout is undocumented; names and types of the values tell it.

References:
    - J. Hale, "RecentApps registry key" (df-stream, 2017)
    - [MS-DTYP] 2.3.3 FILETIME; Microsoft, KNOWNFOLDERID
"""

from __future__ import annotations

from collections.abc import Iterator

from parsers.contract import Artefact, Column, Row, Table, Yields, integer, parser, text, utc
from parsers.formats.known_folders import resolve
from parsers.formats.regf import LOG_SUFFIXES, hive_wants
from parsers.formats.regf_tree import Key
from parsers.formats.user_hive import HIVE_COLUMNS, UserHive, by_name, read_hive
from parsers.questions import OPENED, RAN

_PROGRAM = Column(
    "program_path", text, "Path of the program, or the identifier of an application that is started by one."
)
RECENT_APPS = Table(
    "windows_recent_apps",
    _PROGRAM,
    Column("entry_name", text, "Name of the entry, as stored."),
    Column("run_count", integer, "How often it was started, as counted by the search."),
    Column("last_run_at", utc, "When it was last started."),
    *HIVE_COLUMNS,
    answers=RAN(
        where="last_run_at is not null",
        at="last_run_at",
        program_path="program_path",
        account="profile_name",
        run_count="run_count",
    ),
)
RECENT_APP_ITEMS = Table(
    "windows_recent_app_items",
    Column("target_path", text, "Path or address of the target, as stored."),
    Column("display_name", text, "Name Windows shows for the target."),
    Column("opened_at", utc, "When the program last opened the target."),
    _PROGRAM,
    *HIVE_COLUMNS,
    answers=OPENED(at="opened_at", what="target_path", account="profile_name"),
)

_PLACE = r"Software\Microsoft\Windows\CurrentVersion\Search\RecentApps"


@parser(
    version=1,
    wants=hive_wants("NTUSER"),
    tables=(RECENT_APPS, RECENT_APP_ITEMS),
    companions=LOG_SUFFIXES,
)
def recent_apps(artefact: Artefact) -> Yields:
    """One row for each program, followed by one for each file opened with it."""
    yield from read_hive(artefact, ("NTUSER",), (_PLACE,), _rows)


def _rows(user: UserHive, key: Key) -> Iterator[Row]:
    for one in user.subkeys(key):
        named = by_name(user.values(one))
        entry = user.hive.as_text(named.get("appid"), "entry_name")
        # AppPath is empty for what is not installed in a known folder; AppId then holds the path itself.
        path = user.hive.as_text(named.get("apppath"), "program_path") or entry
        program = resolve(path) if path else None
        count = user.hive.as_number(named.get("launchcount"), "run_count")
        at = user.hive.as_instant(named.get("lastaccessedtime"), "last_run_at")
        yield user.row(
            RECENT_APPS,
            one.path,
            one,
            program_path=program,
            entry_name=entry,
            run_count=count,
            last_run_at=at,
        )
        items = user.hive.key("RecentItems", one)
        for item in () if items is None else user.subkeys(items):
            yield _item(user, item, program)


def _item(user: UserHive, key: Key, program: str | None) -> Row:
    """A file opened with a program."""
    named = by_name(user.values(key))
    path = user.hive.as_text(named.get("path"), "target_path") or None
    name = user.hive.as_text(named.get("displayname"), "display_name") or None
    at = user.hive.as_instant(named.get("lastaccessedtime"), "opened_at")
    return user.row(
        RECENT_APP_ITEMS,
        key.path,
        key,
        target_path=path,
        display_name=name,
        opened_at=at,
        program_path=program,
    )
