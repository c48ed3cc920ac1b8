r"""Volumes Windows Search has seen, in the SOFTWARE hive (Windows Search\VolumeInfoCache).

Shows: the label and kind of the volume that last stood under each drive letter while the indexer looked.
Does not show: which device it was; a letter given to another volume leaves no trace of the one before. The key's time
is that of the last change, mostly the first time that this volume stood under the letter.
Not read: deleted keys.

References:
    - Microsoft, "GetDriveTypeW" (values of DriveType)
"""

from __future__ import annotations

import re

from parsers.contract import Artefact, Column, Table, Yields, boolean, parser, text, utc
from parsers.formats.regf import LOG_SUFFIXES, hive_wants, open_hive
from parsers.formats.registry_values import first_problems, keys_at

VOLUMES = Table(
    "windows_volume_info_cache",
    Column("mount_point", text, "Name under which the volume was mounted, as stored."),
    Column("drive_letter", text, "Drive letter, upper case with its colon."),
    Column("volume_label", text, "Label of the volume."),
    Column("drive_type", text, "removable, fixed, network, cdrom, ramdisk, no_root or unknown."),
    Column("key_written_at", utc, "Last change of the registry key the row is read from."),
    Column("is_replayed", boolean, "Whether transaction logs were applied to the hive before it was read."),
)

_KEY = r"Microsoft\Windows Search\VolumeInfoCache"
_LETTER = re.compile(r"[A-Z]:", re.IGNORECASE)
_DRIVE_TYPES = ("unknown", "no_root", "removable", "fixed", "network", "cdrom", "ramdisk")


@parser(
    version=1,
    wants=hive_wants("SOFTWARE"),
    tables=(VOLUMES,),
    companions=LOG_SUFFIXES,
)
def volume_info_cache(artefact: Artefact) -> Yields:
    """One row for each volume, in stored order."""
    with open_hive(artefact) as hive:
        found = keys_at(hive, _KEY)
        yield from first_problems(hive, artefact, found, "SOFTWARE")
        for volume in [one for key in found for one in hive.subkeys(key)]:
            values = hive.named(volume)
            label = hive.as_text(values["VolumeLabel"], "volume_label")
            number = hive.as_number(values["DriveType"], "drive_type")
            kind = None if number is None else dict(enumerate(_DRIVE_TYPES)).get(number, f"{number:#x}")
            yield VOLUMES.row(
                volume.path,
                hive.status(),
                mount_point=volume.name,
                drive_letter=volume.name.upper() if _LETTER.fullmatch(volume.name) else None,
                volume_label=label,
                drive_type=kind,
                key_written_at=volume.written_at,
                is_replayed=hive.is_replayed,
            )
            yield from hive.problems()
        if found:
            yield from hive.problems()
