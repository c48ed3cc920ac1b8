r"""Interfaces of disks, volumes and portable devices of a SYSTEM hive (Control\DeviceClasses).

Shows: each device that ever offered itself as a disk, drive, volume, portable device or device on a USB port, by the path of the device, in
every control set. The interface of a device stays when its keys in Enum are removed: by hand, or by a program that cleans them.
Does not show: that the device was there at a certain moment. A key is written when Windows first registers the interface, and again when it
is enabled or the driver installed anew; its time bounds a connection and no question is answered with it.
Below SCSI the instance is a place on the bus (`000000`) or made up by Windows, never the disk's serial number.
Not read: interfaces of other kinds (sound, pictures, network), the volatile keys `Control`, deleted keys.

References:
    - Microsoft, "Device Interface Classes" and the headers ntddstor.h, usbiodef.h, PortableDevice.h, bthdef.h, hidclass.h
    - H. Carvey, "Windows Forensic Analysis", Device Classes
"""

from __future__ import annotations

import re
from typing import Any

from parsers.contract import Artefact, Column, Table, Yields, boolean, parser, text, utc
from parsers.formats.control_sets import CONTROL_SET_COLUMNS, control_sets, in_each, opening_problems
from parsers.formats.device_keys import GUID, PATH_COLUMNS, device_in
from parsers.formats.regf import LOG_SUFFIXES, hive_wants, open_hive
from parsers.questions import DEVICE

_CLASSES = {
    "{53f56307-b6bf-11d0-94f2-00a0c91efb8b}": "disk",
    "{53f56308-b6bf-11d0-94f2-00a0c91efb8b}": "cdrom",
    "{53f5630a-b6bf-11d0-94f2-00a0c91efb8b}": "partition",
    "{53f5630b-b6bf-11d0-94f2-00a0c91efb8b}": "tape",
    "{53f5630d-b6bf-11d0-94f2-00a0c91efb8b}": "volume",
    "{53f56311-b6bf-11d0-94f2-00a0c91efb8b}": "floppy",
    "{6ac27878-a6fa-4155-ba85-f98f491d4f33}": "portable_device",
    "{ba0c718f-4ded-49b7-bdd3-fabe28661211}": "portable_device_private",
    "{a5dcbf10-6530-11d2-901f-00c04fb951ed}": "usb_device",
    "{0850302a-b344-4fda-9be9-90576b8d46f0}": "bluetooth_radio",
}
# Enumerators whose devices keep data or carry it away.
_STORAGE = ("USBSTOR", "SD", "STORAGE", "WPDBUSENUM", "WPDBUSENUMROOT")

CLASSES = Table(
    "windows_device_classes",
    Column("interface_class", text, "Kind of interface: disk, cdrom, partition, tape, volume, floppy, portable_device, portable_device_private, usb_device, bluetooth_radio."),
    *CONTROL_SET_COLUMNS,
    *PATH_COLUMNS,
    Column("device_path", text, "Path of the device instance, as stored (DeviceInstance)."),
    Column("key_written_at", utc, "Last change of the registry key the row is read from."),
    Column("is_replayed", boolean, "Whether transaction logs were applied to the hive before it was read."),
    answers=DEVICE(
        where=f"device_serial is not null and enumerator in {_STORAGE}",
        device_serial="device_serial",
        vendor="vendor",
        product="product",
        is_serial_generated="is_serial_generated",
    ),
)  # fmt: skip

# The path of the device with `#` for each backslash, between a mark of the name space and the class.
_INTERFACE = re.compile(rf"##\?#(.*)#{GUID}", re.IGNORECASE | re.DOTALL)


@parser(
    version=1,
    wants=hive_wants("SYSTEM"),
    tables=(CLASSES,),
    companions=LOG_SUFFIXES,
    is_expected_on=("host",),
)
def device_classes(artefact: Artefact) -> Yields:
    """One row for each interface of those classes in each control set, in stored order."""
    with open_hive(artefact) as hive:
        found = control_sets(hive)
        yield from opening_problems(hive, artefact, found)
        for control_set, top in in_each(hive, found, r"Control\DeviceClasses"):
            for interface_class in hive.subkeys(top):
                named = _CLASSES.get(interface_class.name.casefold())
                for interface in hive.subkeys(interface_class) if named else ():
                    stored = hive.as_text(hive.named(interface)["DeviceInstance"], "device_path")
                    yield CLASSES.row(
                        interface.path,
                        hive.status(),
                        interface_class=named,
                        **control_set.columns,
                        **_device(interface.name, stored),
                        device_path=stored,
                        key_written_at=interface.written_at,
                        is_replayed=hive.is_replayed,
                    )
                    yield from hive.problems()
            yield from hive.problems()


def _device(name: str, stored: str | None) -> dict[str, Any]:
    """What the interface's name says of its device; the stored path where the name is of another form."""
    if found := _INTERFACE.fullmatch(name):
        path = found[1]
    elif stored:
        path = stored.replace("\\", "#")
    else:
        return {}
    return device_in(path)
