r"""Names of programs Explorer looked up for a user (MuiCache: UsrClass.dat; NTUSER.DAT of Windows XP).

Shows: programs whose own name and maker Explorer, in this user's session, read from the program's file, with the path it
had: so that the file was there, on a removable drive or share too, even where it is gone since.
Does not show: when (the key's time is that of the last name added or changed), how often, or that the program ran:
Explorer asks for the name when a program is started, and also to list it under "Open with" and for extensions of its own.
Not read: texts of Windows' own resources (`@file,-number`), the cache under Local Settings\MuiCache, deleted values.

References:
    - NirSoft, MUICacheView ("each time that you start using a new application ...")
    - H. Carvey, RegRipper, plugin muicache; Windows Forensic Analysis, "MUICache"
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from parsers.contract import Artefact, Column, Row, Table, Yields, parser, text
from parsers.formats.regf import LOG_SUFFIXES, hive_wants
from parsers.formats.regf_tree import Key
from parsers.formats.user_hive import HIVE_COLUMNS, UserHive, read_hive

MUI_CACHE = Table(
    "windows_mui_cache",
    Column("program_path", text, "Path of the program."),
    Column("program_name", text, "Name of the program as shown."),
    Column("publisher", text, "Publisher of the program as shown."),
    *HIVE_COLUMNS,
)

_PLACES = (
    r"Local Settings\Software\Microsoft\Windows\Shell\MuiCache",
    r"Software\Microsoft\Windows\ShellNoRoam\MUICache",
)
_NAME, _COMPANY = ".friendlyappname", ".applicationcompany"


@parser(
    version=1,
    wants=hive_wants("USRCLASS", "NTUSER"),
    tables=(MUI_CACHE,),
    companions=LOG_SUFFIXES,
)
def mui_cache(artefact: Artefact) -> Yields:
    """One row for each program, in stored order."""
    yield from read_hive(artefact, ("USRCLASS", "NTUSER"), _PLACES, _rows)


def _rows(user: UserHive, key: Key) -> Iterator[Row]:
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    for value in user.values(key):
        path, column = _split(value.name)
        if "\\" not in path or path.startswith("@") or ",@" in path or path.rpartition(",")[2][:1] == "-":
            continue
        told = user.hive.as_text(value, column)
        # Of one program name and maker stand in two values.
        _, values = found.setdefault(path.casefold(), (value.locator, {"program_path": path}))
        values.setdefault(column, told or None)
    for locator, values in found.values():
        yield user.row(MUI_CACHE, locator, key, **values)


def _split(name: str) -> tuple[str, str]:
    """Path and column of a value's name: before Windows 8 the name is the path alone."""
    folded = name.casefold()
    if folded.endswith(_COMPANY):
        return name[: -len(_COMPANY)], "publisher"
    return name[: -len(_NAME)] if folded.endswith(_NAME) else name, "program_name"
