r"""Installed programs of SOFTWARE and NTUSER.DAT hives (Uninstall keys, both views).

Shows: programs that registered themselves for removal, for the machine or for one user: name, version, publisher, place and
date of installation as the installer wrote them.
Does not show: that a program ran, portable programs, apps of the Store, or programs removed since. The date is a text of the
installer's own choosing (mostly the machine's date as YYYYMMDD), often that of an update; the key's time is that of the
last change to any of its values.
Not read: Installer\UserData, Amcache, deleted keys.

References:
    - Microsoft, "Uninstall Registry Key" (Windows Installer)
"""

from __future__ import annotations

from typing import Any

from parsers.contract import Artefact, Column, Table, Yields, boolean, integer, parser, text, utc
from parsers.formats.profile import profile_name
from parsers.formats.regf import LOG_SUFFIXES, hive_wants, open_hive
from parsers.formats.regf_tree import Hive, Key, Value
from parsers.formats.registry_values import as_flag, first_problems, keys_at

PROGRAMS = Table(
    "windows_programs",
    Column("profile_name", text, "Name of the profile's folder.", is_personal=True),
    Column("program_key", text, "Name of the program's key, for Windows Installer its product code."),
    Column("registry_view", text, "native, or wow64 for the view of 32-bit programs on 64-bit Windows."),
    Column("program_name", text, "Name of the program as shown."),
    Column("program_version", text, "Version of the program as shown."),
    Column("publisher", text, "Publisher of the program as shown."),
    Column("install_date", text, "Date of installation as the installer wrote it."),
    Column("install_path", text, "Folder of the program, as stored."),
    Column("install_source_path", text, "Folder the program was installed from, as stored."),
    Column("uninstall_command", text, "Command that removes the program."),
    Column("estimated_bytes", integer, "Size of the program as the installer estimated it."),
    Column("is_system_component", boolean, "Whether the program is kept out of the list that is shown."),
    Column("key_written_at", utc, "Last change of the registry key the row is read from."),
    Column("is_replayed", boolean, "Whether transaction logs were applied to the hive before it was read."),
)

_UNINSTALL = r"Microsoft\Windows\CurrentVersion\Uninstall"
_PLACES = (
    (_UNINSTALL, "native"),
    (rf"Wow6432Node\{_UNINSTALL}", "wow64"),
    (rf"Software\{_UNINSTALL}", "native"),
    (rf"Software\Wow6432Node\{_UNINSTALL}", "wow64"),
)
_TEXTS = {
    "program_name": "DisplayName",
    "program_version": "DisplayVersion",
    "publisher": "Publisher",
    "install_path": "InstallLocation",
    "install_source_path": "InstallSource",
    "uninstall_command": "UninstallString",
}
_KIBIBYTE = 1024


@parser(
    version=1,
    wants=hive_wants("SOFTWARE", "NTUSER"),
    tables=(PROGRAMS,),
    companions=LOG_SUFFIXES,
    is_expected_on=("host",),
)
def programs(artefact: Artefact) -> Yields:
    """One row for each program, in stored order: the native view, then that of 32-bit programs."""
    with open_hive(artefact) as hive:
        places = [(key, view) for path, view in _PLACES for key in keys_at(hive, path)]
        yield from first_problems(hive, artefact, [key for key, _ in places], "SOFTWARE", "NTUSER")
        for top, view in places:
            for program in hive.subkeys(top):
                columns = _columns(hive, program)
                yield PROGRAMS.row(
                    program.path,
                    hive.status(),
                    profile_name=profile_name(artefact.path),
                    registry_view=view,
                    is_replayed=hive.is_replayed,
                    **columns,
                )
                yield from hive.problems()
        if places:
            yield from hive.problems()


def _columns(hive: Hive, program: Key) -> dict[str, Any]:
    """What the key of a program says."""
    values = hive.named(program)
    size = hive.as_number(values["EstimatedSize"], "estimated_bytes")
    return {
        "program_key": program.name,
        **{column: hive.as_text(values[name], column) for column, name in _TEXTS.items()},
        "install_date": _date(hive, values["InstallDate"]),
        "estimated_bytes": None if size is None else size * _KIBIBYTE,
        "is_system_component": as_flag(hive, values["SystemComponent"], "is_system_component"),
        "key_written_at": program.written_at,
    }


def _date(hive: Hive, value: Value | None) -> str | None:
    """The date as written: text, of some installers a number."""
    if value is not None and len(value.content) == 4 and value.kind == 4:
        return str(int.from_bytes(value.content, "little"))
    return hive.as_text(value, "install_date")
