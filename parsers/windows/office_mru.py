r"""Files and folders Microsoft Office lists as recently used (NTUSER.DAT, Office\<version>\<program>\File MRU, Place MRU).

Shows: path of each file and folder on the lists of Word, Excel, PowerPoint and others, local ones, on shares and in the
cloud, with the time each was last put there; for signed-in users the lists of each account apart.
Does not show: whether the file was opened or saved, since both put it at the head of the list with a new time. Nor
what was done with it. Lists hold 25 to 50 names unless set otherwise. Signing in may bring names used on another
machine, with their times; a file of the lists of an account need never have been on this one.
Not read: Item Metadata and roaming state beside the entries, Recent Templates, Reading Locations, lists of Office
2003 and earlier, deleted values.

The layout is undocumented; that the time is UTC, and that of the opening, shows where entry and key agree: the head
of each list and its key were written within milliseconds.

References:
    - D. Hurlbut, "Microsoft Office 2007, 2010 - Registry Artifacts" (AccessData, 2010)
    - J. Metz, Windows registry knowledge base, "Microsoft Office" (MRU values)
    - [MS-DTYP] 2.3.3 FILETIME
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from parsers.contract import Artefact, Column, ProblemKind, Row, Table, Yields, parser, text, utc
from parsers.formats.regf import LOG_SUFFIXES, hive_wants
from parsers.formats.regf_tree import Key, Value
from parsers.formats.user_hive import HIVE_COLUMNS, MRU_POSITION, UserHive, read_hive
from parsers.questions import OPENED

OFFICE_MRU = Table(
    "windows_office_mru",
    Column("target_path", text, "Path or address of the target, as stored."),
    Column(
        "opened_at",
        utc,
        "When the program last opened or saved the target, and put it at the head of its list.",
    ),
    Column("kind", text, "file or place (a folder): which list the row is of."),
    Column("office_program", text, "Program of Microsoft Office, as its key is named."),
    Column("office_version", text, "Version of Microsoft Office, as its key is named."),
    Column(
        "office_account", text, "Signed-in account the list is kept for (LiveId_..., ADAL_...), as stored."
    ),
    MRU_POSITION,
    Column("entry_flags", text, "Flags in front of the path, hex as stored; 00000001 marks a pinned entry."),
    *HIVE_COLUMNS,
    answers=OPENED(at="opened_at", what="target_path", account="profile_name"),
)

_VERSION = re.compile(r"\d{1,2}\.\d")
_ITEM = re.compile(r"Item (\d{1,6})", re.IGNORECASE)
_ENTRY = re.compile(
    r"\[F([0-9A-F]{8})\]\[T([0-9A-F]{16})\](?:\[O[0-9A-F]{8}\])?\*(.*)", re.IGNORECASE | re.DOTALL
)
_KINDS = {"File MRU": "file", "Place MRU": "place"}


@parser(
    version=1,
    wants=hive_wants("NTUSER"),
    tables=(OFFICE_MRU,),
    companions=LOG_SUFFIXES,
)
def office_mru(artefact: Artefact) -> Yields:
    """One row for each entry of each list, in stored order."""
    yield from read_hive(artefact, ("NTUSER",), (r"Software\Microsoft\Office",), _rows)


def office_programs(user: UserHive, office: Key) -> Iterator[tuple[str, Key]]:
    """Version and key of each program of each version of Microsoft Office."""
    for version in user.subkeys(office):
        if _VERSION.fullmatch(version.name):
            for program in user.subkeys(version):
                yield version.name, program


def _rows(user: UserHive, office: Key) -> Iterator[Row]:
    for version, program in office_programs(user, office):
        common = {"office_version": version, "office_program": program.name}
        yield from _lists(user, program, **common)
        accounts = user.hive.key("User MRU", program)
        for account in () if accounts is None else user.subkeys(accounts):
            yield from _lists(user, account, office_account=account.name, **common)


def _lists(user: UserHive, above: Key, **common: Any) -> Iterator[Row]:
    for name, kind in _KINDS.items():
        key = user.hive.key(name, above)
        for value in () if key is None else user.values(key):
            item = _ITEM.fullmatch(value.name)
            if item is None or key is None:
                continue
            told = _entry(user, value)
            yield user.row(
                OFFICE_MRU, value.locator, key, kind=kind, mru_position=int(item[1]), **common, **told
            )


def _entry(user: UserHive, value: Value) -> dict[str, Any]:
    """Flags, time and path of an entry: `[F00000000][T<FILETIME>][O00000000]*<path>`."""
    stored = user.hive.as_text(value, "target_path")
    if stored is None:
        return {}
    found = _ENTRY.fullmatch(stored)
    if found is None:
        message = f"an entry begins with [F........][T................], this with {stored[:40]!r}"
        user.hive.tell(ProblemKind.DAMAGED, value.locator, message, "target_path")
        return {}
    return {
        "entry_flags": found[1],
        "opened_at": user.hive.instant_of(int(found[2], 16), value.locator, "opened_at"),
        "target_path": found[3],
    }
