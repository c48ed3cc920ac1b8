"""Names Windows gives volumes: keys of MountPoints2, names and contents of the values of MountedDevices.

The GUID form {signature-0000-0000-offset} is undocumented. It is what Windows 8 and later write into both
MountedDevices and MountPoints2 for partitions of MBR disks.

References:
    - Microsoft, "Supporting Mount Manager Requests in a Storage Class Driver" (unique volume names, symbolic link names)
    - Microsoft, [MS-DTYP] 2.3.4.2 (GUID packet representation)
"""

from __future__ import annotations

import re
import struct
import uuid
from typing import Any

from parsers.formats.device_keys import device_serial

_GUID = r"\{[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\}"
_DRIVE = re.compile(r"\\DosDevices\\([A-Z]:)", re.IGNORECASE)
# A name `#{GUID}` marks a volume without a letter; that GUID is drawn for the mark and names no volume.
_NAMED_VOLUME = re.compile(rf"\\\?\?\\Volume({_GUID})", re.IGNORECASE)
_MBR = struct.Struct("<IQ")  # disk signature, offset of the partition in bytes
_GPT_MARK = b"DMIO:ID:"  # then the GUID of the partition
_LETTER = re.compile(r"([A-Z]):?", re.IGNORECASE)
_VOLUME = re.compile(_GUID, re.IGNORECASE)
_OF_MBR_DISK = re.compile(r"\{([0-9a-f]{8})-0000-0000-([0-9a-f]{4})-([0-9a-f]{12})\}")
_SHARE = re.compile(r"##[^#?][^#]*(?:#.*)?", re.DOTALL)


def mounted_name(mount_point: str) -> dict[str, Any]:
    """What the name of a value of MountedDevices says: a drive letter, a volume's GUID, or neither."""
    if drive := _DRIVE.fullmatch(mount_point):
        return {"drive_letter": drive[1].upper()}
    if volume := _NAMED_VOLUME.fullmatch(mount_point):
        return {"volume_guid": volume[1].lower()}
    return {}


def mounted_volume(content: bytes) -> dict[str, Any]:
    """What the bytes of a value of MountedDevices say of the volume; of the kind `unknown` nothing else."""
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
        return {"kind": "unknown"}
    return {"kind": "device_path", "device_path": path, "device_serial": _serial(path)}


def mount_point_name(name: str) -> dict[str, Any]:
    """What the name of a key of MountPoints2 says: a drive letter, a volume's GUID, a share, or nothing known."""
    if letter := _LETTER.fullmatch(name):
        return {"drive_letter": f"{letter[1].upper()}:"}
    if _VOLUME.fullmatch(name):
        return {"volume_guid": name.lower(), **_of_mbr_disk(name.lower())}
    if _SHARE.fullmatch(name):
        return {"network_path": name.replace("#", "\\")}
    return {}


def _of_mbr_disk(guid: str) -> dict[str, Any]:
    """Signature and offset in the GUID of a volume on an MBR disk; a random GUID never has two zero groups."""
    found = _OF_MBR_DISK.fullmatch(guid)
    if found is None:
        return {}
    offset = int.from_bytes(bytes.fromhex(found[2] + found[3]), "little")
    if not 0 < offset < 1 << 63:
        return {}
    return {"disk_signature": found[1].upper(), "partition_offset_bytes": offset}


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
