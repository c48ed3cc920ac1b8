r"""Devices and volumes that deleted keys and values of a registry hive speak of.

A key below Enum is told by its path or, where its parents are gone, by its name: names of models (`Disk&Ven_`, `VID_`) and
names that hold the path of a device (`_??_USBSTOR#`) are given to nothing else.

References:
    - the same as `device_keys` and `volume_names`
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from parsers.formats import filetime
from parsers.formats.device_keys import (
    PROPERTY_SET,
    PROPERTY_TIMES,
    device_in,
    instance_names,
    shown,
)
from parsers.formats.regf_deleted import FREE, INLINE, Deleted, Path
from parsers.formats.regf_free import STRAY
from parsers.formats.regf_nodes import Node, ValueCell
from parsers.formats.regf_tree import decode_text
from parsers.formats.volume_names import mount_point_name, mounted_name, mounted_volume

_MODEL_BUSES = ("USBSTOR", "USB", "SCSI", "SD", "PCISTOR")
# Of a disk whose bus is not told: SCSI disks have no serial number in their name, so one that has is behind USBSTOR.
_STORAGE_MODEL = re.compile(r"[A-Z]+&Ven_.*&Prod_.*&Rev_.*", re.IGNORECASE | re.DOTALL)
_USB_MODEL = re.compile(r"VID_[0-9A-F]{4}&PID_[0-9A-F]{4}.*", re.IGNORECASE | re.DOTALL)
_INNER_PATH = re.compile(r"(?:.*_\?\?_|SWD#WPDBUSENUM#|WPDBUSENUMROOT#)[^#]*#.*", re.IGNORECASE | re.DOTALL)
# Keys of devices that are volumes of a file system: what they are shown as is a label or a letter.
_VOLUMES = re.compile(r"(?:SWD#WPDBUSENUM#|WPDBUSENUMROOT#).*", re.IGNORECASE | re.DOTALL)
_PORTABLE = r"Windows Portable Devices\Devices"
_LETTER = re.compile(r"([A-Z]:)\\?", re.IGNORECASE)


@dataclass(slots=True, kw_only=True)
class DeletedDevices:
    """Finds what deleted records say of devices; values and subkeys of deleted keys are looked up by the key's place."""

    every: Deleted
    _values: dict[int, list[ValueCell]] = field(default_factory=dict)
    _children: dict[int, list[Node]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Put values and keys below the deleted keys they name."""
        for place, owner in self.every.owners.items():
            if not owner.is_live:
                self._values.setdefault(owner.node.place, []).append(self.every.values[place][0])
        for node, space in self.every.keys.values():
            if space.kind != STRAY and node.parent in self.every.keys:
                self._children.setdefault(node.parent, []).append(node)

    def of_key(self, node: Node, path: Path) -> dict[str, Any] | None:
        """What a deleted key says of a device or volume; None where it is the key of none."""
        names = path.text.strip("\\").split("\\")[-4:]
        told = _of_instance(names, is_whole=path.is_complete) or _of_name(names)
        if told is None or told["device_trace"] == "MountPoints2":
            return told
        is_volume = names[-2:-1] in (["WPDBUSENUM"], ["UMB"]) or _VOLUMES.fullmatch(names[-1]) is not None
        return told | self._values_of(node, is_volume=is_volume)

    def of_value(self, value: ValueCell, path: Path | None) -> dict[str, Any] | None:
        """What a deleted value of MountedDevices says of a volume; None for other values."""
        said = mounted_name(value.name)
        if not said or (path is not None and names_of(path)[-1:] != ["MOUNTEDDEVICES"]):
            return None
        content, state = self.every.data_of(value)
        if content is None or state not in (INLINE, FREE):
            return {"device_trace": "MountedDevices"} | said
        volume = mounted_volume(content)
        device = device_in(volume["device_path"]) if "device_path" in volume else {}
        kept = ("disk_signature", "partition_offset_bytes", "partition_guid")
        return (
            {"device_trace": "MountedDevices"}
            | said
            | device
            | {name: volume[name] for name in kept if name in volume}
        )

    def _values_of(self, node: Node, *, is_volume: bool) -> dict[str, Any]:
        """What the values of a device's key say that can still be read, and its times."""
        friendly = shown(self._text(node, "FriendlyName"))
        found: dict[str, Any] = {
            "friendly_name": friendly,
            "container_id": self._text(node, "ContainerID"),
            **self._times(node),
        }
        if is_volume and friendly:
            letter = _LETTER.fullmatch(friendly)
            found |= {"drive_letter": letter[1].upper()} if letter else {"volume_label": friendly}
        manager = self._child(self._child(node, "Device Parameters"), "Partmgr")
        if manager is not None and (disk := self._text(manager, "DiskId")):
            found["disk_id"] = disk
        return {name: value for name, value in found.items() if value is not None}

    def _times(self, node: Node) -> dict[str, datetime | None]:
        """The times among the device properties of an instance."""
        properties = self._child(self._child(node, "Properties"), PROPERTY_SET)
        found: dict[str, datetime | None] = {}
        for column, number in PROPERTY_TIMES.items():
            one = self._child(properties, f"{number:04X}") or self._child(properties, f"{number:08X}")
            found[column] = self._instant(one, "") or self._instant(self._child(one, "00000000"), "Data")
        return found

    def _child(self, node: Node | None, name: str) -> Node | None:
        listed = () if node is None else self._children.get(node.place, ())
        return next((one for one in listed if one.name.casefold() == name.casefold()), None)

    def _content(self, node: Node | None, name: str) -> bytes | None:
        listed = () if node is None else self._values.get(node.place, ())
        value = next((one for one in listed if one.name.casefold() == name.casefold()), None)
        content, state = (None, "") if value is None else self.every.data_of(value)
        return content if state in (INLINE, FREE) else None

    def _text(self, node: Node, name: str) -> str | None:
        content = self._content(node, name)
        return None if content is None else decode_text(content) or None

    def _instant(self, node: Node | None, name: str) -> datetime | None:
        content = self._content(node, name)
        if content is None or len(content) != 8:
            return None
        try:
            return filetime.instant(int.from_bytes(content, "little"))
        except ValueError:
            return None


def names_of(path: Path) -> list[str]:
    """The names of a path, upper case."""
    return path.text.strip("\\").upper().split("\\")


def _of_instance(names: list[str], *, is_whole: bool) -> dict[str, Any] | None:
    """What the path of an instance below a bus of Enum says, told by the bus or, where that is gone, by the model."""
    if len(names) < 2:
        return None
    model, instance = names[-2:]
    bus = names[-3].upper() if len(names) > 2 else None
    if bus in _MODEL_BUSES and (len(names) < 4 or names[-4].upper() == "ENUM"):
        return _instance(bus, model, instance)
    if is_whole or bus is not None:
        return None
    if _USB_MODEL.fullmatch(model):
        return _instance("USB", model, instance)
    if _STORAGE_MODEL.fullmatch(model):
        told = _instance("USBSTOR", model, instance)
        return told if told is not None and not told["is_serial_generated"] else None
    return None


def _instance(bus: str, model: str, instance: str) -> dict[str, Any] | None:
    told = {"device_trace": f"Enum\\{bus}", "enumerator": bus, **instance_names(bus, model, instance)}
    if bus == "USB" and ("vendor_id" not in told or "&MI_" in model.upper()):
        return None  # a hub of the machine itself, or a function of a device that has a key of its own
    if bus in ("SCSI", "PCISTOR"):
        told |= {"device_serial": None, "is_serial_generated": None}  # the place on the bus
    return told


def _of_name(names: list[str]) -> dict[str, Any] | None:
    """What a name says by itself: the path of a device, or below MountPoints2 a volume."""
    name, above = names[-1], names[-2] if len(names) > 1 else ""
    if above.upper() == "MOUNTPOINTS2":
        said = mount_point_name(name)
        kept = {"device_trace": "MountPoints2", **said}
        return kept if {"volume_guid", "drive_letter"} & said.keys() else None
    is_portable = above.upper() in ("WPDBUSENUM", "DEVICES")
    if not (_INNER_PATH.fullmatch(name) or (is_portable and "#" in name)):
        return None
    told = device_in(name)
    trace = "\\".join(names[-3:-1]) or (_PORTABLE if _VOLUMES.fullmatch(name) else None)
    return {"device_trace": trace, **told} if told else None
