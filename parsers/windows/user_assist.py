r"""Programs a user started from the desktop (NTUSER.DAT, Explorer\UserAssist).

Shows: programs, applications of the store and shortcuts this user started through Explorer (desktop, start menu,
task bar, folder windows), how often, and when each was last started; since Windows 7 how often and how long its
windows were in the foreground.
Does not show: programs started otherwise (by another program, at a command line, as a service or a scheduled task),
nor any start but the last. Windows fills each new profile with entries of programs nobody started: counts from 14 down
and one time for all, about that of the first logon. Entries that share their time with others of their kind are such
ones and are not told as run; when all but one were really started since, the last one cannot be told from a start, and
a count begun so is carried on. Nor is a count the number of all starts: Windows 10 lowers it again for what is not used,
down to 0, with the time left standing. A program with time in the foreground and no start was started in another way.
Windows XP begins counting at 5, which `run_count` leaves out. Paths begin with a known folder, told at its default place.
Not read: UEME_CTLSESSION (sums of the whole session), the ten weights and the rewrite counter of each entry,
entries of the prereleases of Windows 7 (Vigenere cipher), deleted values.

References:
    - J. Metz, Windows registry knowledge base, "User Assist" (versions 3 and 5 of the value data)
    - D. Stevens, "Windows 7 Beta: ROT13 Replaced With Vigenere?", "UserAssist Windows 2000 Thru Windows Vista"
    - Microsoft, KNOWNFOLDERID
"""

from __future__ import annotations

import codecs
import struct
from collections import Counter
from collections.abc import Iterator
from typing import Any

from parsers.contract import (
    Artefact,
    Column,
    ProblemKind,
    Row,
    Table,
    Yields,
    boolean,
    integer,
    parser,
    text,
    utc,
)
from parsers.formats.known_folders import resolve
from parsers.formats.regf import LOG_SUFFIXES, hive_wants
from parsers.formats.regf_tree import Key, Value
from parsers.formats.user_hive import EXPLORER, HIVE_COLUMNS, UserHive, read_hive
from parsers.questions import RAN

USER_ASSIST = Table(
    "windows_user_assist",
    Column("group_guid", text, "GUID of the group of counters, as stored."),
    Column("entry_name", text, "Name of the entry, ROT13 undone."),
    Column(
        "program_path",
        text,
        "Path of the program, or the identifier of an application that is started by one.",
    ),
    Column("link_path", text, "Path of the shortcut or of the item of the start menu that was used."),
    Column("session_number", integer, "Number of the session the entry was last changed in, as stored."),
    Column("run_count", integer, "How often it was started, without the number counting began at."),
    Column("stored_count", integer, "Counter of starts as stored."),
    Column("focus_count", integer, "How often its window came to the foreground."),
    Column("focus_ms", integer, "Milliseconds its windows were in the foreground."),
    Column("last_run_at", utc, "When it was last started."),
    Column(
        "is_time_shared",
        boolean,
        "Whether others of its kind bear the very same time, as entries do that Windows fills a new profile with.",
    ),
    *HIVE_COLUMNS,
    answers=RAN(
        where="program_path is not null and last_run_at is not null and not is_time_shared",
        at="last_run_at",
        program_path="program_path",
        account="profile_name",
        run_count="run_count",
    ),
)

# Registry knowledge base, "User Assist": Windows 7 counts programs and shortcuts in groups of their own.
_PROGRAMS = "{CEBFF5CD-ACE2-4F4F-9178-9926F41749EA}"
_SHORTCUTS = "{F4E57C4B-2036-45F0-A9AB-443BCFE33D9F}"
# ibid., version 3: session, count, FILETIME; version 5: session, count, focus count, focus time, ..., FILETIME at 60.
_VERSION_3 = struct.Struct("<IIQ")
_VERSION_5 = struct.Struct("<4I44xQ4x")
_FIRST_COUNT = 5  # ibid., version 3: the counter of a new entry begins at 5
_SESSION = "UEME_CTLSESSION"
_RUN_PATH, _RUN_ITEM = "UEME_RUNPATH:", "UEME_RUNPIDL:"


@parser(
    version=1,
    wants=hive_wants("NTUSER"),
    tables=(USER_ASSIST,),
    companions=LOG_SUFFIXES,
    is_expected_on=("host",),
)
def user_assist(artefact: Artefact) -> Yields:
    """One row for each entry of each group, in stored order."""
    yield from read_hive(artefact, ("NTUSER",), (rf"{EXPLORER}\UserAssist",), _rows)


def _rows(user: UserHive, key: Key) -> Iterator[Row]:
    for group in user.subkeys(key):
        counts = user.hive.key("Count", group)
        if counts is None:
            continue
        entries = [(value, codecs.decode(value.name, "rot13")) for value in user.values(counts)]
        named = [(value, name, _names(group.name.upper(), name)) for value, name in entries]
        times = Counter((_ticks(value), tuple(names)) for value, _, names in named)
        for value, name, names in named:
            if name == _SESSION:
                continue
            ticks = _ticks(value)
            is_shared = times[ticks, tuple(names)] > 1 if ticks and names else None
            told = {**names, **_numbers(user, value), "is_time_shared": is_shared}
            yield user.row(USER_ASSIST, value.locator, counts, group_guid=group.name, entry_name=name, **told)


def _names(group: str, name: str) -> dict[str, Any]:
    """What an entry's name says was started: a program or a shortcut; neither for sums and parts of the desktop."""
    if name.startswith(_RUN_PATH):
        return {"program_path": name.removeprefix(_RUN_PATH)}
    if name.startswith(_RUN_ITEM):
        return {"link_path": name.removeprefix(_RUN_ITEM)}
    if name.startswith("UEME_"):
        return {}
    if group == _PROGRAMS:
        return {"program_path": resolve(name)}
    return {"link_path": resolve(name)} if group == _SHORTCUTS else {}


def _ticks(value: Value) -> int | None:
    """The FILETIME of the last start, where an entry has one."""
    for layout in (_VERSION_3, _VERSION_5):
        if len(value.content) == layout.size:
            return int(layout.unpack(value.content)[-1])
    return None


def _numbers(user: UserHive, value: Value) -> dict[str, Any]:
    """What an entry's data counts."""
    content = value.content
    if len(content) == _VERSION_3.size:
        session, count, ticks = _VERSION_3.unpack(content)
        told = {"run_count": count - _FIRST_COUNT if count >= _FIRST_COUNT else None}
    elif len(content) == _VERSION_5.size:
        session, count, focus_count, focus_ms, ticks = _VERSION_5.unpack(content)
        told = {"run_count": count, "focus_count": focus_count, "focus_ms": focus_ms}
    else:
        message = f"the data of an entry has 16 or 72 bytes, this has {len(content)}"
        user.hive.tell(ProblemKind.DAMAGED, value.locator, message, "run_count")
        return {}
    at = user.hive.instant_of(ticks, value.locator, "last_run_at")
    return {"session_number": session, "stored_count": count, "last_run_at": at, **told}
