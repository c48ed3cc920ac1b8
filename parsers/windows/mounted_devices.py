"""Volumes and drive letters of the SYSTEM hive (MountedDevices).

Shows: which volume or device each drive letter was last given to, and the device behind a volume's GUID.
Does not show: when; a letter given to another device leaves no trace of the one before, and the time of the
key is that of the last change to any of its values.
Not read: the letters a user saw (NTUSER.DAT MountPoints2), deleted values.

References:
    - Microsoft, "Supporting Mount Manager Requests in a Storage Class Driver" (unique volume names, symbolic link names)
    - Microsoft, [MS-DTYP] 2.3.4.2 (GUID packet representation)
    - J. Metz, Windows registry knowledge base, "Mounted devices"
"""

from __future__ import annotations

import re
import struct
import uuid
from typing import Any

from parsers.contract import (
    Artefact,
    Column,
    Table,
    Yields,
    binary,
    boolean,
    integer,
    parser,
    text,
    utc,
)
from parsers.formats.device_keys import device_serial
from parsers.formats.regf import LOG_SUFFIXES, hive_wants, is_hive_or_lost, open_hive
from parsers.formats.regf_tree import Value

MOUNTED = Table(
    "windows_mounted_devices",
    Column("mount_point", text, "Name under which the volume was mounted, as stored."),
    Column("drive_letter", text, "Drive letter, upper case with its colon."),
    Column("volume_guid", text, "GUID in the volume's name, lower case in braces."),
    Column("kind", text, "mbr_disk, gpt_partition, device_path or unknown: how the volume is identified."),
    Column("disk_signature", text, "Signature of the MBR disk, eight upper-case hex digits."),
    Column("partition_offset_bytes", integer, "Where the partition begins on the disk."),
    Column("partition_guid", text, "GUID of the GPT partition, lower case in braces."),
    Column("device_path", text, "Path of the device, as stored."),
    Column("device_serial", text, "Serial number of the device instance."),
    Column("value_bytes", binary, "The value's bytes where they are of an unknown kind."),
    Column("key_written_at", utc, "Last change of the registry key the row is read from."),
    Column("is_replayed", boolean, "Whether transaction logs were applied to the hive before it was read."),
)

_DRIVE = re.compile(r"\\DosDevices\\([A-Z]:)", re.IGNORECASE)
# A name `#{GUID}` marks a volume without a letter; that GUID is drawn for the mark and names no volume.
_VOLUME = re.compile(r"\\\?\?\\Volume(\{[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\})", re.IGNORECASE)
_MBR = struct.Struct("<IQ")  # disk signature, offset of the partition in bytes
_GPT_MARK = b"DMIO:ID:"  # then the GUID of the partition


@parser(
    version=2,
    wants=hive_wants("SYSTEM"),
    tables=(MOUNTED,),
    companions=LOG_SUFFIXES,
    is_expected_on=("host",),
)
def mounted_devices(artefact: Artefact) -> Yields:
    """One row for each value of MountedDevices, in stored order."""
    with open_hive(artefact) as hive:
        key = hive.key("MountedDevices") if hive.root is not None else None
        if key is not None or is_hive_or_lost(hive, artefact, "SYSTEM"):
            yield from hive.problems()
        if key is None:
            return
        for value in hive.values(key):
            yield MOUNTED.row(
                value.locator,
                hive.status(),
                mount_point=value.name,
                key_written_at=key.written_at,
                is_replayed=hive.is_replayed,
                **_name(value.name),
                **_content(value),
            )
        yield from hive.problems()


def _name(mount_point: str) -> dict[str, Any]:
    """What the name of a value says: a drive letter, a volume's GUID, or neither."""
    if drive := _DRIVE.fullmatch(mount_point):
        return {"drive_letter": drive[1].upper()}
    if volume := _VOLUME.fullmatch(mount_point):
        return {"volume_guid": volume[1].lower()}
    return {}


def _content(value: Value) -> dict[str, Any]:
    """What the bytes of a value say of the volume."""
    content = value.content
    if len(content) == _MBR.size:
        signature, offset = _MBR.unpack(content)
        if offset < 1 << 63:
            return {
                "kind": "mbr_disk",
                "disk_signature": f"{signature:08X}",
                "partition_offset_bytes": offset,
            }
    if len(content) == len(_GPT_MARK) + 16 and content.startswith(_GPT_MARK):
        return {
            "kind": "gpt_partition",
            "partition_guid": f"{{{uuid.UUID(bytes_le=content[len(_GPT_MARK) :])}}}",
        }
    path = _device_path(content)
    if path is None:
        return {"kind": "unknown", "value_bytes": content}
    return {"kind": "device_path", "device_path": path, "device_serial": _serial(path)}


def _device_path(content: bytes) -> str | None:
    r"""Bytes as a device path in UTF-16 (`\??\...` or `_??_...`), None where they are none."""
    try:
        path = content.decode("utf-16-le").removesuffix("\0")
    except UnicodeDecodeError:
        return None
    return path if path[:4] in ("\\??\\", "_??_") and "#" in path and "\0" not in path else None


def _serial(path: str) -> str | None:
    r"""The serial number in `_??_USBSTOR#<model>#<instance>#{<interface>}`; None for a device on another bus."""
    parts = path[4:].split("#")
    return device_serial("USBSTOR", parts[2]) if len(parts) >= 4 and parts[0].upper() == "USBSTOR" else None
