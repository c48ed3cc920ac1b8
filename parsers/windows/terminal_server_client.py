r"""Hosts a user reached by Remote Desktop (NTUSER.DAT, Terminal Server Client).

Shows: hosts typed into the client, in the order of last use, and for each host it keeps settings of the name used
to log on there and the fingerprint of the certificate accepted.
Does not show: that a session came about, when, or for how long. The time of a host's key is that of the last change of
its settings, mostly the first connection with a name; a connection that changes nothing leaves it. It is told as
`key_written_at` alone. Hosts started from a file (.rdp) or with `mstsc /v` may be missing.
Not read: LocalDevices, the file Default.rdp, the bitmap cache, settings other than these, deleted values.

References:
    - Microsoft, "How to remove entries from the Remote Desktop Connection Computer box" (Default\MRU0 to MRU9, Servers)
    - J. Metz, Windows registry knowledge base, "Terminal server client"
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from parsers.contract import Artefact, Column, Row, Table, Yields, parser, text
from parsers.formats.regf import LOG_SUFFIXES, hive_wants
from parsers.formats.regf_tree import Key
from parsers.formats.user_hive import HIVE_COLUMNS, MRU_POSITION, UserHive, by_name, read_hive
from parsers.questions import NETWORK

REMOTE_HOSTS = Table(
    "windows_terminal_server_client",
    Column("kind", text, "typed (into the client) or settings (kept for the host)."),
    Column("remote_host", text, "Host, as typed; with `:port` where it was given."),
    Column("logon_name", text, "Name used to log on at the host (UsernameHint).", is_personal=True),
    Column(
        "certificate_sha1", text, "Fingerprint of the host's certificate the user accepted, hex (CertHash)."
    ),
    MRU_POSITION,
    *HIVE_COLUMNS,
    answers=NETWORK(where="remote_host is not null", remote="remote_host", account="profile_name"),
)

_CLIENT = r"Software\Microsoft\Terminal Server Client"
_ENTRY = re.compile(r"MRU(\d{1,3})", re.IGNORECASE)


@parser(
    version=1,
    wants=hive_wants("NTUSER"),
    tables=(REMOTE_HOSTS,),
    companions=LOG_SUFFIXES,
)
def terminal_server_client(artefact: Artefact) -> Yields:
    """One row for each host typed, then one for each host with settings."""
    yield from read_hive(artefact, ("NTUSER",), (rf"{_CLIENT}\Default", rf"{_CLIENT}\Servers"), _rows)


def _rows(user: UserHive, key: Key) -> Iterator[Row]:
    if key.name.casefold() == "default":
        for value in user.values(key):
            if found := _ENTRY.fullmatch(value.name):
                host = user.hive.as_text(value, "remote_host") or None
                position = int(found[1]) + 1  # MRU0 is the most recent
                yield user.row(
                    REMOTE_HOSTS, value.locator, key, kind="typed", remote_host=host, mru_position=position
                )
        return
    for one in user.subkeys(key):
        named = by_name(user.values(one))
        name = user.hive.as_text(named.get("usernamehint"), "logon_name") or None
        seal = named.get("certhash")
        digest = None if seal is None else seal.content.hex()
        yield user.row(
            REMOTE_HOSTS,
            one.path,
            one,
            kind="settings",
            remote_host=one.name,
            logon_name=name,
            certificate_sha1=digest,
        )
