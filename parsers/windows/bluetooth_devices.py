r"""Bluetooth devices of a SYSTEM hive (Services\BTHPORT\Parameters): telephones, computers, headsets.

Shows: each device the machine knows, with its address, its names, its kind, when it was last seen and last connected, and whether a key of
pairing is kept for it; for each radio of the machine which devices are paired with it.
Does not show: what was sent: files go by Bluetooth File Transfer (fsquirt.exe) or a program of the maker. A telephone, a computer and a device that
offers the transfer of objects can take files; `can_transfer_objects` is what the device says of itself. Removing a device removes its
keys. `last_seen_at` may be of a search in which the device merely answered.
Not read: the keys of pairing (only that one is kept; their names are the addresses), lists of services, LocalServices, deleted keys.

References:
    - Bluetooth SIG, Assigned Numbers, section 2.8 "Class of Device"
    - H. Carvey, RegRipper, bthport.pl (Devices, Name, LastSeen, LastConnected)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from parsers.contract import (
    Artefact,
    Column,
    ProblemKind,
    Table,
    Yields,
    boolean,
    integer,
    parser,
    text,
    texts,
    utc,
)
from parsers.formats import codecs
from parsers.formats.control_sets import (
    CONTROL_SET_COLUMNS,
    ControlSet,
    control_sets,
    in_each,
    opening_problems,
)
from parsers.formats.regf import LOG_SUFFIXES, hive_wants, open_hive
from parsers.formats.regf_tree import Hive, Key, Value
from parsers.questions import CONNECTED, DEVICE

BLUETOOTH = Table(
    "windows_bluetooth_device",
    *CONTROL_SET_COLUMNS,
    Column("device_address", text, "Address of the device, twelve upper-case hex digits."),
    Column("device_name", text, "Name the device gives itself.", is_personal=True),
    Column("friendly_name", text, "Name the user gave the device.", is_personal=True),
    Column("device_kind", text, "Major class: computer, phone, network, audio_video, peripheral, imaging, wearable, toy, health or the number stored."),
    Column("class_of_device", integer, "Class of device, as stored."),
    Column("can_transfer_objects", boolean, "Whether the device says that it takes files (bit 20 of its class); null without a class."),
    Column("vendor_id", text, "Vendor number, four hex digits."),
    Column("product_id", text, "Product number, four hex digits."),
    Column("is_paired", boolean, "Whether a key of pairing is kept; null where the keys are not in the hive."),
    Column("radio_addresses", texts, "Addresses of the machine's radios the device is paired with."),
    Column("last_seen_at", utc, "When the device last answered."),
    Column("last_connected_at", utc, "When the device was last connected."),
    Column("key_written_at", utc, "Last change of the registry key the row is read from; null where only a key of pairing is there."),
    Column("is_replayed", boolean, "Whether transaction logs were applied to the hive before it was read."),
    answers=(
        DEVICE(device_serial="device_address", product="device_name"),
        CONNECTED(device_serial="device_address", last_connected_at="last_connected_at"),
    ),
)  # fmt: skip

_PARAMETERS = r"Services\BTHPORT\Parameters"
_ADDRESS = re.compile(r"[0-9A-F]{12}", re.IGNORECASE)
# Assigned Numbers 2.8.2: bits 12 to 8.
_MAJOR = {1: "computer", 2: "phone", 3: "network", 4: "audio_video", 5: "peripheral", 6: "imaging", 7: "wearable", 8: "toy", 9: "health"}  # fmt: skip
_OBJECT_TRANSFER = 1 << 20


@parser(
    version=1,
    wants=hive_wants("SYSTEM"),
    tables=(BLUETOOTH,),
    companions=LOG_SUFFIXES,
)
def bluetooth_devices(artefact: Artefact) -> Yields:
    """One row for each device in each control set: those with a key of their own in stored order, then those known by pairing alone."""
    with open_hive(artefact) as hive:
        found = control_sets(hive)
        yield from opening_problems(hive, artefact, found)
        for control_set, parameters in in_each(hive, found, _PARAMETERS):
            yield from _devices(hive, control_set, parameters)
            yield from hive.problems()


def _devices(hive: Hive, control_set: ControlSet, parameters: Key) -> Yields:
    keys = hive.key("Keys", parameters)
    paired = {} if keys is None else _paired(hive, keys)
    yield from hive.problems()
    devices = hive.key("Devices", parameters)
    told = {"is_replayed": hive.is_replayed, **control_set.columns}
    for one in () if devices is None else hive.subkeys(devices):
        if _ADDRESS.fullmatch(one.name):
            radios = [radio for radio, _ in paired.pop(one.name.upper(), ())]
            values = _values(hive, one)
            yield BLUETOOTH.row(
                one.path,
                hive.status(),
                device_address=one.name.upper(),
                is_paired=None if keys is None else bool(radios),
                radio_addresses=radios,
                key_written_at=one.written_at,
                **told,
                **values,
            )
            yield from hive.problems()
    for address, places in paired.items():
        yield BLUETOOTH.row(
            places[0][1],
            hive.status(),
            device_address=address,
            is_paired=True,
            radio_addresses=[radio for radio, _ in places],
            **told,
        )


def _paired(hive: Hive, keys: Key) -> dict[str, list[tuple[str, str]]]:
    """By address of a device: each radio that keeps a key for it, and the place of that key."""
    found: dict[str, list[tuple[str, str]]] = {}
    for radio in hive.subkeys(keys):
        if not _ADDRESS.fullmatch(radio.name):
            continue
        for name, place in _pairings(hive, radio):
            if _ADDRESS.fullmatch(name):
                found.setdefault(name.upper(), []).append((radio.name.upper(), place))
    return found


def _pairings(hive: Hive, radio: Key) -> Iterator[tuple[str, str]]:
    """A device is a value of its radio's key, one of low energy a key below."""
    for value in hive.values(radio):
        yield value.name, value.locator
    for below in hive.subkeys(radio):
        yield below.name, below.path


def _values(hive: Hive, device: Key) -> dict[str, Any]:
    values = hive.named(device)
    stored_class = hive.as_number(values["COD"], "class_of_device")
    major = None if stored_class is None else stored_class >> 8 & 0x1F
    return {
        "device_name": _name(hive, values["Name"], "device_name")
        or _name(hive, values["LEName"], "device_name"),
        "friendly_name": _name(hive, values["FriendlyName"], "friendly_name"),
        "device_kind": None if not major else _MAJOR.get(major, str(major)),
        "class_of_device": stored_class,
        "can_transfer_objects": None if stored_class is None else bool(stored_class & _OBJECT_TRANSFER),
        "vendor_id": _hex(hive.as_number(values["VID"], "vendor_id")),
        "product_id": _hex(hive.as_number(values["PID"], "product_id")),
        "last_seen_at": hive.as_instant(values["LastSeen"], "last_seen_at"),
        "last_connected_at": hive.as_instant(values["LastConnected"], "last_connected_at"),
    }


def _name(hive: Hive, value: Value | None, column: str) -> str | None:
    """A name: bytes of UTF-8 up to a NUL, or a text of the registry."""
    if value is None:
        return None
    if value.kind in (1, 2):
        return hive.as_text(value, column) or None
    told, lost = codecs.decode(value.content.split(b"\0", 1)[0], "utf-8")
    if lost:
        hive.tell(ProblemKind.DAMAGED, value.locator, f"{lost} bytes of the name are not UTF-8", column)
    return told or None


def _hex(number: int | None) -> str | None:
    return None if number is None or number > 0xFFFF else f"{number:04X}"
