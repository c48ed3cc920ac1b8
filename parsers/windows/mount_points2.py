r"""Volumes and shares a user's desktop knew (NTUSER.DAT, Explorer\MountPoints2).

Shows: which volume (by GUID), drive letter or share was there while this user was logged on with Explorer
running; with MountedDevices of the SYSTEM hive a GUID leads to the device. Where Windows made the GUID of a
volume on an MBR disk from the disk's signature and the partition's offset, both are read from it.
Does not show: that the user opened anything on it. A key is made for each volume present while the user is
logged on, whoever plugged it in. Its time is that of the last change of the key, which Explorer does not make
at every connection: it bounds a connection and is neither the first nor the last one, so no question is
answered with it. A share's name is stored with `#` for each backslash: a `#` of the name itself is told as one.
Not read: CPC (cached volume data), the icons and verbs an AutoRun.inf added, deleted keys (`registry_deleted`).

References:
    - Microsoft, "Supporting Mount Manager Requests in a Storage Class Driver" (unique volume names)
    - J. Metz, Windows registry knowledge base, "Mounted devices" and "Mount points"
"""

from __future__ import annotations

from collections.abc import Iterator

from parsers.contract import Artefact, Column, Row, Table, Yields, integer, parser, text
from parsers.formats.regf import LOG_SUFFIXES, hive_wants
from parsers.formats.regf_tree import Key
from parsers.formats.user_hive import EXPLORER, HIVE_COLUMNS, UserHive, by_name, read_hive
from parsers.formats.volume_names import mount_point_name
from parsers.questions import NETWORK

MOUNT_POINTS = Table(
    "windows_mount_points2",
    Column("mount_point", text, "Name under which the volume was mounted, as stored."),
    Column("drive_letter", text, "Drive letter, upper case with its colon."),
    Column("volume_guid", text, "GUID in the volume's name, lower case in braces."),
    Column("network_path", text, "Path of the share."),
    Column("disk_signature", text, "Signature of the MBR disk, eight upper-case hex digits."),
    Column("partition_offset_bytes", integer, "Where the partition begins on the MBR disk."),
    Column("shown_label", text, "Label Explorer shows for the volume or share (_LabelFromReg)."),
    Column("autorun_command", text, "Command the medium's AutoRun.inf asked to be run (shell\\AutoRun)."),
    *HIVE_COLUMNS,
    answers=NETWORK(where="network_path is not null", remote="network_path", account="profile_name"),
)


@parser(
    version=1,
    wants=hive_wants("NTUSER"),
    tables=(MOUNT_POINTS,),
    companions=LOG_SUFFIXES,
    is_expected_on=("host",),
)
def mount_points2(artefact: Artefact) -> Yields:
    """One row for each volume, drive letter or share below MountPoints2."""
    yield from read_hive(artefact, ("NTUSER",), (rf"{EXPLORER}\MountPoints2",), _rows)


def _rows(user: UserHive, key: Key) -> Iterator[Row]:
    for one in user.subkeys(key):
        if one.name.casefold() == "cpc":
            continue
        named = by_name(user.values(one))
        label = user.hive.as_text(named.get("_labelfromreg"), "shown_label")
        yield user.row(
            MOUNT_POINTS,
            one.path,
            one,
            mount_point=one.name,
            shown_label=label,
            autorun_command=_autorun(user, one),
            **mount_point_name(one.name),
        )


def _autorun(user: UserHive, key: Key) -> str | None:
    command = user.hive.key(r"shell\AutoRun\command", key)
    if command is None:
        return None
    return user.hive.as_text(by_name(user.values(command)).get(""), "autorun_command")
