r"""Programs the compatibility layer of Windows knows of (AppCompatFlags: Layers, Compatibility Assistant), NTUSER.DAT and SOFTWARE.

Shows: programs the Program Compatibility Assistant watched while this user ran them (Store since Windows 8, Persisted in
Windows Vista and 7), from shares and removable drives too; and programs set to run with a layer: as administrator, as on an
older Windows, with another scaling (Layers).
Does not show: when a program ran, how often, or programs the assistant does not watch (those of Windows, most that fit). A layer is
a setting, made by a person or an installer: it does not show that the program ran. The key's time is that of the last entry
added or changed.
Not read: the data of Store (SACP). It carries a FILETIME at offset 44, which some tools give as a time of execution; in real hives
it is one and the same for programs of many months (2019-12-07 09:08:44 UTC in all of Windows 10 2004), a date of Windows' own, and is
therefore not given. Layers by code of an installer, deleted values.

References:
    - Microsoft, "Program Compatibility Assistant scenarios"; "Compatibility Fixes ... (Layers)"
    - H. Carvey, RegRipper, plugin appcompatflags
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from parsers.contract import Artefact, Column, Row, Table, Yields, parser, text
from parsers.formats.regf import LOG_SUFFIXES, hive_wants
from parsers.formats.regf_tree import Key
from parsers.formats.user_hive import HIVE_COLUMNS, UserHive, read_hive
from parsers.questions import RAN

LAYERS = Table(
    "windows_app_compat_layers",
    Column(
        "kind", text, "store, persisted (programs watched) or layers (settings): which list the row is of."
    ),
    Column("program_path", text, "Path of the program; its file name alone where the list gives no more."),
    Column("media_sign", text, "Sign of a removable medium the program was on (SIGN.MEDIA), hex."),
    Column("compat_layers", text, "Layers the program is to run with, as stored: ~ RUNASADMIN, WIN7RTM, ..."),
    *HIVE_COLUMNS,
    answers=RAN(
        where="kind in ('store', 'persisted') and program_path is not null",
        program_path="program_path",
        account="profile_name",
    ),
)

_FLAGS = r"Microsoft\Windows NT\CurrentVersion\AppCompatFlags"
_ASSISTANT = rf"{_FLAGS}\Compatibility Assistant"
_PLACES = (
    rf"Software\{_ASSISTANT}\Store",
    rf"Software\{_ASSISTANT}\Persisted",
    rf"Software\{_FLAGS}\Layers",
    # The same in the hive of the machine, whose root is HKEY_LOCAL_MACHINE\SOFTWARE.
    rf"{_FLAGS}\Layers",
)
_MEDIA = re.compile(r"SIGN\.MEDIA=([0-9A-F]+) (.+)", re.IGNORECASE | re.DOTALL)


@parser(
    version=1,
    wants=hive_wants("NTUSER", "SOFTWARE"),
    tables=(LAYERS,),
    companions=LOG_SUFFIXES,
)
def app_compat_layers(artefact: Artefact) -> Yields:
    """One row for each program of each list, in stored order."""
    yield from read_hive(artefact, ("NTUSER", "SOFTWARE"), _PLACES, _rows)


def _rows(user: UserHive, key: Key) -> Iterator[Row]:
    kind = key.name.casefold()
    for value in user.values(key):
        if not value.name:
            continue
        values: dict[str, Any] = {"program_path": value.name}
        if found := _MEDIA.fullmatch(value.name):
            values = {"program_path": found[2], "media_sign": found[1].upper()}
        if kind == "layers":
            values["compat_layers"] = user.hive.as_text(value, "compat_layers") or None
        yield user.row(LAYERS, value.locator, key, kind=kind, **values)
