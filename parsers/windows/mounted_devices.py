"""Volumes and drive letters of the SYSTEM hive (MountedDevices).

Shows: which volume or device each drive letter was last given to, and the device behind a volume's GUID.
Does not show: when; a letter given to another device leaves no trace of the one before, and the time of the
key is that of the last change to any of its values.
Not read: the letters a user saw (NTUSER.DAT MountPoints2), deleted values (`registry_deleted`).

References:
    - Microsoft, "Supporting Mount Manager Requests in a Storage Class Driver" (unique volume names, symbolic link names)
    - Microsoft, [MS-DTYP] 2.3.4.2 (GUID packet representation)
    - J. Metz, Windows registry knowledge base, "Mounted devices"
"""

from __future__ import annotations

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
from parsers.formats.regf import LOG_SUFFIXES, hive_wants, is_hive_or_lost, open_hive
from parsers.formats.volume_names import mounted_name, mounted_volume

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
            said = mounted_volume(value.content)
            yield MOUNTED.row(
                value.locator,
                hive.status(),
                mount_point=value.name,
                key_written_at=key.written_at,
                is_replayed=hive.is_replayed,
                **mounted_name(value.name),
                **said,
                **({"value_bytes": value.content} if said["kind"] == "unknown" else {}),
            )
        yield from hive.problems()
