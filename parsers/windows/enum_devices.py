r"""Devices of the SYSTEM hive beyond USB and USBSTOR: SCSI, volumes, portable devices, cards, input devices (Enum).

Shows: disks behind the UAS driver (Enum\SCSI), volumes (Enum\STORAGE), portable devices (Enum\SWD\WPDBUSENUM, on Windows 7
Enum\WpdBusEnumRoot), cards and their readers (Enum\SD, Enum\PCISTOR) and input devices (Enum\HID), in every control set, with
the times of installation, connection and removal since Windows 8. A disk behind UAS and its volumes are linked with the
USB device of the same container, whose serial number is that of the hardware.
Does not show: what was copied; each connection (only the first and the last). Input devices are recorded and answer no
question about storage. A disk without a USB device in its container (built in, virtual) answers none either. Links by
container are Windows' own, and are left out where two USB devices share one.
Below SCSI and PCISTOR an instance is a place on the bus (`000000`) or made up by Windows, never the disk's serial number.
Not read: Enum\PCI, Enum\BTHENUM and other buses, deleted keys (`registry_deleted`). Serial numbers that begin with `MSFT30`
carry a prefix Windows put before the device's own.

References:
    - Microsoft, devpkey.h and "DEVPKEY_Device_ContainerId"
    - Microsoft, "Device Instance IDs" and "Identifiers for SCSI Devices"
    - Microsoft, "USB Attached SCSI (UAS) driver" (uaspstor.sys)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from parsers.contract import Artefact, Column, Problem, Status, Table, Yields, boolean, parser, text, utc
from parsers.formats.control_sets import CONTROL_SET_COLUMNS, ControlSet, control_sets, opening_problems
from parsers.formats.device_keys import (
    NO_CONTAINER,
    OWN_CONTAINER,
    PATH_COLUMNS,
    device_in,
    disk_identifier,
    instance_names,
    is_generated,
    property_times,
    shown,
)
from parsers.formats.regf import LOG_SUFFIXES, hive_wants, open_hive
from parsers.formats.regf_tree import Hive, Key
from parsers.questions import CONNECTED, DEVICE

# Rows whose hardware is a USB device known by its container, and rows that name a device themselves.
_BY_CONTAINER = "parent_device_serial is not null and bus_key <> 'HID'"
_BY_NAME = (
    "parent_device_serial is null and (bus_key = 'PCISTOR' or (device_serial is not null "
    "and bus_key in ('SD', 'STORAGE', 'SWD\\WPDBUSENUM', 'WPDBUSENUMROOT')))"
)
_TIMES = {
    "first_connected_at": "first_installed_at",
    "last_connected_at": "last_connected_at",
    "last_removed_at": "last_removed_at",
}

DEVICES = Table(
    "windows_enum_devices",
    Column("bus_key", text, "Key below Enum the row stands under, upper case."),
    *CONTROL_SET_COLUMNS,
    *PATH_COLUMNS,
    Column("parent_device_serial", text, "Serial number of the one USB device that shares the container."),
    Column("is_parent_serial_generated", boolean, "Whether Windows made up the USB device's serial number."),
    Column("friendly_name", text, "Name Windows shows for the device.", is_personal=True),
    Column("device_description", text, "Description of the device from its driver."),
    Column("manufacturer", text, "Maker of the device, as its driver names it."),
    Column("container_id", text, "Identifier that all parts of one physical device share."),
    Column("parent_id_prefix", text, "Prefix Windows gives the instances below this device."),
    Column("port_location", text, "Hub and port the device was connected to, as the bus driver names them."),
    Column("service", text, "Driver service of the device."),
    Column("class_guid", text, "Identifier of the device's setup class, lower case in braces."),
    Column("key_written_at", utc, "Last change of the registry key the row is read from."),
    Column("first_installed_at", utc, "First installation of the device on this machine (property 0065)."),
    Column("installed_at", utc, "Last installation of the device's driver (property 0064)."),
    Column("last_connected_at", utc, "Last connection."),
    Column("last_removed_at", utc, "Last removal."),
    Column("is_replayed", boolean, "Whether transaction logs were applied to the hive before it was read."),
    answers=(
        DEVICE(
            where=_BY_CONTAINER,
            device_serial="parent_device_serial",
            vendor="vendor",
            product="product",
            is_serial_generated="is_parent_serial_generated",
        ),
        DEVICE(
            where=_BY_NAME,
            device_serial="device_serial",
            vendor="vendor",
            product="product",
            is_serial_generated="is_serial_generated",
        ),
        CONNECTED(where=_BY_CONTAINER, device_serial="parent_device_serial", **_TIMES),
        CONNECTED(where=_BY_NAME, device_serial="device_serial", **_TIMES),
    ),
)

# Where instances stand: the key below Enum, and whether a key for each model lies between.
_BUSES = (
    ("SCSI", True),
    ("SD", True),
    ("PCISTOR", True),
    ("STORAGE", True),
    (r"SWD\WPDBUSENUM", False),
    ("WpdBusEnumRoot", True),
    ("HID", True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parent:
    """A USB device by its container."""

    serial: str
    vendor_id: str
    product_id: str


@parser(
    version=1,
    wants=hive_wants("SYSTEM"),
    tables=(DEVICES,),
    companions=LOG_SUFFIXES,
    is_expected_on=("host",),
)
def enum_devices(artefact: Artefact) -> Yields:
    """One row for each device instance of those buses in each control set."""
    with open_hive(artefact) as hive:
        found = control_sets(hive)
        yield from opening_problems(hive, artefact, found)
        for control_set in found:
            parents = _parents(hive, control_set)
            yield from hive.problems()
            for bus, has_models in _BUSES:
                for path, columns, status, problems in _devices(
                    hive, control_set, bus, has_models=has_models
                ):
                    yield DEVICES.row(path, status, **columns, **_parent(columns, parents))
                    yield from problems
            yield from hive.problems()


def _parents(hive: Hive, control_set: ControlSet) -> dict[str, list[_Parent]]:
    """The USB devices of a control set by their container, without the functions of composite devices."""
    found: dict[str, list[_Parent]] = {}
    top = hive.key(r"Enum\USB", control_set.key)
    for model in () if top is None else hive.subkeys(top):
        for instance in hive.subkeys(model):
            names = instance_names("USB", model.name, instance.name)
            container = hive.as_text(hive.named(instance)["ContainerID"], "container_id")
            if container and "vendor_id" in names and "&MI_" not in model.name.upper():
                one = _Parent(
                    serial=instance.name, vendor_id=names["vendor_id"], product_id=names["product_id"]
                )
                found.setdefault(container.lower(), []).append(one)
    return found


def _devices(
    hive: Hive, control_set: ControlSet, bus: str, *, has_models: bool
) -> Iterator[tuple[str, dict[str, Any], Status, tuple[Problem, ...]]]:
    """Every instance below a key of Enum, in stored order: its path, its columns, and how it was read."""
    top = hive.key(f"Enum\\{bus}", control_set.key)
    if top is None:
        return
    for model in hive.subkeys(top) if has_models else (top,):
        for instance in hive.subkeys(model):
            columns = {
                "bus_key": bus.upper(),
                **control_set.columns,
                **_names(bus.upper(), model.name if has_models else None, instance.name),
                **_values(hive, instance),
                **property_times(hive, instance),
                "is_replayed": hive.is_replayed,
            }
            yield instance.path, columns, hive.status(), tuple(hive.problems())


def _names(bus: str, model: str | None, instance: str) -> dict[str, Any]:
    """What the names of the keys say; volumes and portable devices carry the path of the device they lie on."""
    if bus in ("STORAGE", r"SWD\WPDBUSENUM", "WPDBUSENUMROOT"):
        return {"enumerator": bus.rpartition("\\")[2], **device_in(instance)} | {
            "device_class_id": model,
            "instance_id": instance,
        }
    return {"enumerator": bus, **instance_names(bus, model or "", instance)}


def _values(hive: Hive, instance: Key) -> dict[str, Any]:
    """What the values of an instance say; its disk identifier where it is a disk."""
    values = hive.named(instance)
    disk = disk_identifier(hive, instance)
    class_guid = hive.as_text(values["ClassGUID"], "class_guid")
    return {
        "friendly_name": shown(hive.as_text(values["FriendlyName"], "friendly_name")),
        "device_description": shown(hive.as_text(values["DeviceDesc"], "device_description")),
        "manufacturer": shown(hive.as_text(values["Mfg"], "manufacturer")),
        "container_id": hive.as_text(values["ContainerID"], "container_id"),
        "parent_id_prefix": hive.as_text(values["ParentIdPrefix"], "parent_id_prefix"),
        "port_location": hive.as_text(values["LocationInformation"], "port_location"),
        "service": hive.as_text(values["Service"], "service"),
        "class_guid": class_guid and class_guid.lower(),
        "key_written_at": instance.written_at,
        **({} if disk is None else {"disk_id": disk}),
    }


def _parent(columns: dict[str, Any], parents: dict[str, list[_Parent]]) -> dict[str, Any]:
    """The USB device of the same container, where there is exactly one."""
    container = (columns["container_id"] or "").lower()
    fits = parents.get(container, ())
    if len(fits) != 1 or container in (OWN_CONTAINER, NO_CONTAINER):
        return {}
    (one,) = fits
    linked = {
        "parent_device_serial": one.serial,
        "is_parent_serial_generated": is_generated(one.serial),
    }
    own = {} if "vendor_id" in columns else {"vendor_id": one.vendor_id, "product_id": one.product_id}
    return linked | own
