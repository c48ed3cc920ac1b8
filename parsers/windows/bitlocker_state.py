r"""Settings of BitLocker and of removable storage, by policy and on the machine, in SYSTEM and SOFTWARE hives.

Shows: whether policy demanded encryption of removable disks before writing, denied reading or writing removable storage, and
which other settings of BitLocker were made: one row for each value, with what it means where that is documented.
Does not show: whether a volume was encrypted (that stands on the volume), keys, or recovery passwords; since when a setting was in
force (the key's time is that of the last change to any value beside it).
Not read: certificates and identifiers of recovery agents.

References:
    - Microsoft, "BitLocker policy settings" (VolumeEncryption.admx) and "Removable Storage Access" (RemovableStorage.admx)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from parsers.contract import Artefact, Column, Table, Yields, boolean, integer, parser, text, utc
from parsers.formats.control_sets import CONTROL_SET_COLUMNS, control_sets, in_each
from parsers.formats.regf import LOG_SUFFIXES, hive_wants, open_hive
from parsers.formats.regf_tree import REG_DWORD, REG_EXPAND_SZ, REG_SZ, Hive, Key
from parsers.formats.registry_values import first_problems, keys_at

SETTINGS = Table(
    "windows_bitlocker_state",
    *CONTROL_SET_COLUMNS,
    Column("setting_area", text, "bitlocker, removable_storage, or bitlocker_status."),
    Column(
        "device_group", text, "Group of devices a setting of removable storage is for, as its key names it."
    ),
    Column("value_name", text, "Name of the registry value the row is read from."),
    Column("setting_number", integer, "Value of the setting where it is a number."),
    Column("setting_text", text, "Value of the setting where it is text."),
    Column("setting_meaning", text, "What the value means, where it is documented."),
    Column("key_path", text, "Registry key the row is read from, from the root of its hive."),
    Column("key_written_at", utc, "Last change of the registry key the row is read from."),
    Column("is_replayed", boolean, "Whether transaction logs were applied to the hive before it was read."),
)

_POLICY = r"Policies\Microsoft\FVE"
_STORAGE = r"Policies\Microsoft\Windows\RemovableStorageDevices"
_IN_CONTROL_SET = (
    (_POLICY, "bitlocker"),
    (r"Control\BitlockerStatus", "bitlocker_status"),
)
_IN_SOFTWARE = ((_POLICY, "bitlocker"), (_STORAGE, "removable_storage"))
# RemovableStorage.admx: the groups of devices by their interface class.
_GROUPS = {
    "{53f5630d-b6bf-11d0-94f2-00a0c91efb8b}": "removable disks",
    "{53f56308-b6bf-11d0-94f2-00a0c91efb8b}": "CD and DVD",
    "{53f56311-b6bf-11d0-94f2-00a0c91efb8b}": "floppy drives",
    "{53f5630b-b6bf-11d0-94f2-00a0c91efb8b}": "tape drives",
    "{6ac27878-a6fa-4155-ba85-f98f491d4f33}": "portable devices (WPD)",
    "{f33fdc04-d1ac-4e8e-9a30-19bbd4b108ae}": "portable devices (WPD)",
}
_MEANINGS = {
    ("rdvdenywriteaccess", 1): "removable disks that are not encrypted cannot be written",
    ("rdvdenywriteaccess", 0): "removable disks that are not encrypted can be written",
    ("rdvdenycrossorg", 1): "removable disks encrypted by another organisation cannot be written",
    ("fdvdenywriteaccess", 1): "fixed disks that are not encrypted cannot be written",
    ("rdvconfigurebde", 0): "users cannot use BitLocker on removable disks",
    ("rdvconfigurebde", 1): "users can use BitLocker on removable disks",
    ("deny_all", 1): "all access to removable storage is denied",
    ("deny_read", 1): "reading is denied",
    ("deny_write", 1): "writing is denied",
    ("deny_execute", 1): "running programs is denied",
    ("deny_read", 0): "reading is allowed",
    ("deny_write", 0): "writing is allowed",
}


@parser(
    version=1,
    wants=hive_wants("SYSTEM", "SOFTWARE"),
    tables=(SETTINGS,),
    companions=LOG_SUFFIXES,
)
def bitlocker_state(artefact: Artefact) -> Yields:
    """One row for each setting, in stored order."""
    with open_hive(artefact) as hive:
        found = control_sets(hive)
        places: list[tuple[Key, dict[str, Any]]] = [
            (key, {"setting_area": area, **control_set.columns})
            for path, area in _IN_CONTROL_SET
            for control_set, key in in_each(hive, found, path)
        ]
        places += [
            (key, {"setting_area": area}) for path, area in _IN_SOFTWARE for key in keys_at(hive, path)
        ]
        yield from first_problems(hive, artefact, [key for key, _ in places], "SYSTEM", "SOFTWARE")
        for top, known in places:
            for key, group in _below(hive, top):
                for locator, columns in _settings(hive, key):
                    yield SETTINGS.row(
                        locator,
                        hive.status(),
                        **known,
                        device_group=group,
                        is_replayed=hive.is_replayed,
                        **columns,
                    )
                    yield from hive.problems()
        if places:
            yield from hive.problems()


def _below(hive: Hive, top: Key) -> Iterator[tuple[Key, str | None]]:
    """A key, and the keys directly below it with the group of devices they name."""
    yield top, None
    for key in hive.subkeys(top):
        yield key, _GROUPS.get(key.name.casefold(), key.name)


def _settings(hive: Hive, key: Key) -> Iterator[tuple[str, dict[str, Any]]]:
    """The numbers and texts among the values of a key; others are no settings."""
    for value in hive.values(key):
        known = {"value_name": value.name, "key_path": key.path, "key_written_at": key.written_at}
        if value.kind == REG_DWORD:
            number = hive.as_number(value, "setting_number")
            meaning = None if number is None else _MEANINGS.get((value.name.casefold(), number))
            yield value.locator, known | {"setting_number": number, "setting_meaning": meaning}
        elif value.kind in (REG_SZ, REG_EXPAND_SZ):
            yield value.locator, known | {"setting_text": hive.as_text(value, "setting_text")}
