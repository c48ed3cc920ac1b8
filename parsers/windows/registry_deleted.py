r"""Deleted keys and values of registry hives, from cells that are not in use any more.

Shows: keys with their path as far as parents lead, the time they were last written, and values with their data where
the cells that held them are still free; and apart from these, devices and volumes that such keys and values name (Enum\USBSTOR,
Enum\USB, MountedDevices, MountPoints2, ...), which stay behind when a program cleans the traces of devices.
Does not show: who deleted them, or when: the time of a key is that of its last change. Of a key that was deleted with keys
below it that is about the time of the deletion, since they went first; of others it only lies before.
Nor that somebody meant to: Windows and programs delete keys all the time, and the task "Plug and Play Cleanup" forgets
devices that were away for long. A cell can have been given to another key and freed again: a path leads through what stands
there now, and data are what was left there last. That a key of the path is older than the deleted one below it
(`is_path_in_order`) is a sign of it, since Windows writes the time of a key anew when one below it is deleted.
Cells that are used again are lost, so that nothing found says nothing. Behind the bins of a hive stand former ones of its own,
and stray bytes that may be another file's: of these no parents are told, and no data but those in the value's own cell.
Not read: data beyond the first 4096 bytes; names of classes and security descriptors; earlier states in transaction logs.

References:
    - M. Suhanov, Windows registry file format specification
    - T. D. Morgan, "Recovering deleted data from the Windows registry" (Digital Investigation 5, 2008)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from parsers.contract import (
    Artefact,
    Column,
    ProblemKind,
    Row,
    Status,
    Table,
    Yields,
    boolean,
    integer,
    parser,
    text,
    utc,
)
from parsers.formats.device_keys import PATH_COLUMNS
from parsers.formats.profile import profile_name
from parsers.formats.regf import LOG_SUFFIXES, hive_wants, open_hive
from parsers.formats.regf_deleted import FREE, INLINE, MOST, Deleted, Path, deleted
from parsers.formats.regf_deleted_devices import DeletedDevices
from parsers.formats.regf_free import Space, hive_map
from parsers.formats.regf_live import MOST as LIVE_MOST
from parsers.formats.regf_live import LivePaths
from parsers.formats.regf_nodes import Node, ValueCell
from parsers.formats.regf_tree import Hive
from parsers.formats.registry_values import shown_value, type_name
from parsers.questions import DEVICE

_LARGEST = 512 << 20  # bytes of a hive that are held at once; the largest real ones have some 200 MiB
_NAMES = ("SYSTEM", "SOFTWARE", "SAM", "SECURITY", "NTUSER", "USRCLASS", "AMCACHE", "DEFAULT")

_PLACE = (
    Column(
        "hive_kind", text, "Kind of hive by its file's name: SYSTEM, SOFTWARE, NTUSER, ...; null for others."
    ),
    Column("profile_name", text, "Folder name of the user profile the artefact lies in.", is_personal=True),
    Column(
        "key_path",
        text,
        "Path of the key from the root of its hive; where parents are gone, what is left of its end, without `\\` in front.",
        is_personal=True,
    ),
    Column("is_path_whole", boolean, "Whether the path leads to the root of the hive."),
    Column(
        "is_path_in_order",
        boolean,
        "Whether no key of the path was last written before a deleted one below it; where one was, the path is doubtful.",
    ),
    Column("key_written_at", utc, "Last change of the registry key the row is read from."),
    Column(
        "found_in",
        text,
        "free_cell, cell_slack (end of a cell in use), former_bin (behind the bins in use), stray (perhaps another file's).",
    ),
    Column("is_replayed", boolean, "Whether transaction logs were applied to the hive before it was read."),
)
KEYS = Table(
    "windows_registry_deleted_key",
    *_PLACE,
    Column("key_name", text, "Name of the key.", is_personal=True),
    Column("value_count", integer, "How many values the key had when it was deleted, as it says."),
    Column(
        "is_there_again",
        boolean,
        "Whether the hive has a key of this path in use; null where it is not whole.",
    ),
)
VALUES = Table(
    "windows_registry_deleted_value",
    *_PLACE,
    Column(
        "is_key_deleted",
        boolean,
        "Whether the key it belonged to is deleted too; null where that is unknown.",
    ),
    Column("value_name", text, "Name of the value, empty for the default value.", is_personal=True),
    Column("value_type", text, "Type of the value: REG_SZ, REG_DWORD, ..., or its number."),
    Column(
        "value_text", text, "Data as text, bytes as hex digits; its beginning where long.", is_personal=True
    ),
    Column("data_bytes", integer, "Size of the data as the value states it."),
    Column(
        "data_state",
        text,
        "inline or free: the data were read; reused: another cell stands there now; lost: they lead nowhere.",
    ),
    Column("is_there_again", boolean, "Whether the key of this path in use has a value of this name."),
)
DEVICES = Table(
    "windows_registry_deleted_device",
    *_PLACE,
    Column(
        "device_trace", text, "Key that keeps such traces: Enum\\USBSTOR, MountedDevices, MountPoints2, ..."
    ),
    *PATH_COLUMNS,
    Column("friendly_name", text, "Name Windows shows for the device.", is_personal=True),
    Column("container_id", text, "Identifier that all parts of one physical device share."),
    Column("volume_guid", text, "GUID in the volume's name, lower case in braces."),
    Column("volume_label", text, "Label of the volume."),
    Column("drive_letter", text, "Drive letter, upper case with its colon."),
    Column("disk_signature", text, "Signature of the MBR disk, eight upper-case hex digits."),
    Column("partition_guid", text, "GUID of the GPT partition, lower case in braces."),
    Column("first_installed_at", utc, "First installation of the device on this machine (property 0065)."),
    Column("installed_at", utc, "Last installation of the device's driver (property 0064)."),
    Column("last_connected_at", utc, "Last connection."),
    Column("last_removed_at", utc, "Last removal."),
    Column("is_there_again", boolean, "Whether the hive has the key or value in use, under the same path."),
    answers=DEVICE(
        where="device_serial is not null",
        device_serial="device_serial",
        vendor="vendor",
        product="product",
        is_serial_generated="is_serial_generated",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """One hive being read: what was found in it, and the columns all its rows have."""

    hive: Hive
    every: Deleted
    devices: DeletedDevices
    live: LivePaths
    columns: dict[str, Any] = field(repr=False)

    def place(self, path: Path | None, space: Space) -> dict[str, Any]:
        """The columns that say where a record stood and where it was found."""
        told = {**self.columns, "found_in": space.kind}
        if path is None:
            return told
        whole = {"is_path_whole": path.is_complete, "is_path_in_order": path.is_in_order}
        return {**told, "key_path": path.text or "\\", **whole}


@parser(
    version=1,
    wants=hive_wants(*_NAMES),
    tables=(KEYS, VALUES, DEVICES),
    companions=LOG_SUFFIXES,
    is_expected_on=("host",),
)
def registry_deleted(artefact: Artefact) -> Yields:
    """One row for each deleted key, each deleted value, and each of them that names a device, in the order of the file."""
    with open_hive(artefact) as hive:
        yield from hive.problems()
        if hive.is_log or not hive.streams:
            return
        content = _content(hive)
        if content is None:
            message = f"the hive has more than {_LARGEST} bytes: its free cells are not read"
            hive.tell(ProblemKind.LIMIT, "0", message)
        else:
            yield from _rows(artefact, hive, content)
        yield from hive.problems()


def _content(hive: Hive) -> bytes | None:
    """The bytes of a hive with its logs applied; None where there are too many."""
    hive.content.seek(0)
    content = hive.content.read(_LARGEST + 1)
    return content if len(content) <= _LARGEST else None


def _rows(artefact: Artefact, hive: Hive, content: bytes) -> Yields:
    found = hive_map(content)
    if found.bad_count:
        message = f"{found.bad_count} places of the hive hold no cells, what is free there is not known: {found.first_bad}"
        hive.tell(ProblemKind.DAMAGED, found.first_bad.rpartition(" ")[2], message)
    every = deleted(found)
    reading = _Reading(
        hive=hive,
        every=every,
        devices=DeletedDevices(every=every),
        live=LivePaths(hive=hive, map=found),
        columns={
            "hive_kind": _kind(hive, artefact),
            "profile_name": profile_name(artefact.path),
            "is_replayed": hive.is_replayed,
        },
    )
    for record, space in every.in_order():
        if not every.spend(1):
            break
        yield from (
            _key(reading, record, space) if isinstance(record, Node) else _value(reading, record, space)
        )
        yield from hive.problems()
    if reading.live.is_spent:
        message = (
            f"more than {LIVE_MOST} keys and values asked for: whether others are there again is not known"
        )
        hive.tell(ProblemKind.LIMIT, "0", message, "is_there_again")
    if every.is_cut_short:
        message = f"more than {MOST} deleted records, or paths too long to be followed: the rest is not read"
        hive.tell(ProblemKind.LIMIT, "0", message)


def _key(reading: _Reading, node: Node, space: Space) -> Yields:
    path = reading.every.path_of(node)
    again = reading.live.has(path, node.place)
    if again is None:
        return  # the key in use stands in this very cell: the list of cells is damaged, not the key deleted
    locator = _locator(node)
    place = reading.place(path, space)
    place["key_written_at"] = reading.hive.instant_of(node.written_ticks, locator, "key_written_at")
    there = {"is_there_again": again if path.is_complete else None}
    yield _row(KEYS, reading, locator, key_name=node.name, value_count=node.value_count, **there, **place)
    told = reading.devices.of_key(node, path)
    if told is not None:
        yield _row(DEVICES, reading, locator, **there, **place, **told)


def _value(reading: _Reading, value: ValueCell, space: Space) -> Yields:
    every = reading.every
    locator = _locator(value)
    owner = every.owners.get(value.place)
    path = None if owner is None else every.path_of(owner.node)
    content, state = every.data_of(value)
    place = reading.place(path, space)
    if owner is not None:
        place["key_written_at"] = reading.hive.instant_of(owner.node.written_ticks, locator, "key_written_at")
    again = None if path is None or not path.is_complete else reading.live.has_value(path, value.name)
    yield _row(
        VALUES,
        reading,
        locator,
        is_key_deleted=None if owner is None else not owner.is_live,
        value_name=value.name,
        value_type=type_name(value.kind),
        value_text=None
        if content is None or state not in (INLINE, FREE)
        else shown_value(value.kind, content),
        data_bytes=value.data_bytes,
        data_state=state,
        is_there_again=again,
        **place,
    )
    told = reading.devices.of_value(value, path)
    if told is not None:
        yield _row(DEVICES, reading, locator, is_there_again=again, **place, **told)


def _row(table: Table, reading: _Reading, locator: str, **values: Any) -> Row:
    """A row, whose path is counted: a made hive can lead every record through the longest of paths."""
    reading.every.spend(len(values.get("key_path", "")) // 64)
    return table.row(locator, Status.RECOVERED, **values)


def _locator(record: Node | ValueCell) -> str:
    return f"{record.offset:#x}"


def _kind(hive: Hive, artefact: Artefact) -> str | None:
    """The kind of a hive by the name it was made under, or its file's."""
    for name in (artefact.path, hive.stored_name.replace("\\", "/")):
        own = name.rpartition("/")[2].upper()
        if found := next((one for one in _NAMES if own == one or own.startswith(f"{one}.")), None):
            return found
    return None
