r"""Shares a user connected as drives (NTUSER.DAT, Network\<letter> and Explorer\Map Network Drive MRU).

Shows: shares that are connected again at each logon, with drive letter, name used to log on there, and provider; and
shares typed into the dialog Map Network Drive, in the order of last use.
Does not show: when a share was reached. The key of a letter was written when the connection was made lasting or
changed, which is told as `key_written_at` and not as the time of a connection; a drive connected for one session
leaves none. That anything was read or written there is not shown.
Not read: MountPoints2 (shares Explorer showed), deleted values.

References:
    - Microsoft, WNetAddConnection2 (CONNECT_UPDATE_PROFILE), NETRESOURCE
    - J. Metz, Windows registry knowledge base, "Mapped network drives"
"""

from __future__ import annotations

from collections.abc import Iterator

from parsers.contract import Artefact, Column, Row, Table, Yields, parser, text
from parsers.formats.regf import LOG_SUFFIXES, hive_wants
from parsers.formats.regf_tree import REG_DWORD, Key, Value
from parsers.formats.user_hive import EXPLORER, HIVE_COLUMNS, MRU_POSITION, UserHive, by_name, read_hive
from parsers.questions import NETWORK

MAPPED_DRIVES = Table(
    "windows_mapped_drives",
    Column("kind", text, "drive (connected again at each logon) or typed (into Map Network Drive)."),
    Column("drive_letter", text, "Drive letter, upper case with its colon."),
    Column("network_path", text, "Path of the share."),
    Column(
        "logon_name", text, "Name used to log on at the share, null for the user's own.", is_personal=True
    ),
    Column("network_provider", text, "Network provider of the connection."),
    MRU_POSITION,
    *HIVE_COLUMNS,
    answers=NETWORK(where="network_path is not null", remote="network_path", account="profile_name"),
)

_TYPED = rf"{EXPLORER}\Map Network Drive MRU"


@parser(
    version=1,
    wants=hive_wants("NTUSER"),
    tables=(MAPPED_DRIVES,),
    companions=LOG_SUFFIXES,
)
def mapped_drives(artefact: Artefact) -> Yields:
    """One row for each lasting connection, then one for each share typed."""
    yield from read_hive(artefact, ("NTUSER",), ("Network", _TYPED), _rows)


def _rows(user: UserHive, key: Key) -> Iterator[Row]:
    if key.name.casefold() == "network":
        for one in user.subkeys(key):
            yield _drive(user, one)
        return
    values = user.values(key)
    positions = user.mru_positions(values) if values else {}
    for value in values:
        if len(value.name) == 1:
            path = user.hive.as_text(value, "network_path")
            position = positions.get(value.name.casefold())
            yield user.row(
                MAPPED_DRIVES, value.locator, key, kind="typed", network_path=path, mru_position=position
            )


def _drive(user: UserHive, key: Key) -> Row:
    """The lasting connection a key below Network is."""
    named = by_name(user.values(key))
    letter = f"{key.name.upper()}:" if len(key.name) == 1 and key.name.isalpha() else None
    path = user.hive.as_text(named.get("remotepath"), "network_path")
    provider = user.hive.as_text(named.get("providername"), "network_provider")
    return user.row(
        MAPPED_DRIVES,
        key.path,
        key,
        kind="drive",
        drive_letter=letter,
        network_path=path,
        network_provider=provider,
        logon_name=_logon_name(user, named.get("username")),
    )


def _logon_name(user: UserHive, value: Value | None) -> str | None:
    """The name used to log on; the number 0 stands there for the user's own."""
    if value is not None and value.kind == REG_DWORD and not any(value.content):
        return None
    return user.hive.as_text(value, "logon_name") or None
