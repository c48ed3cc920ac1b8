r"""Servers a user's PuTTY and WinSCP remember (NTUSER.DAT).

Shows: sessions that were saved, with host, port, name to log on and folders; hosts whose key the user accepted; of WinSCP also
the last fingerprint of each server it reached, and folders typed into its windows.
Does not show: when a connection was made, how long, or what was sent: the time of a key is that of the last change of a session or, of
host keys and fingerprints, of the newest entry. A session may have been saved and never used; one that was never saved leaves a host key
at most. A host key shows that the host was reached, not that anybody logged on. WinSCP can keep the same in a file (WinSCP.ini) instead.
Not read: passwords (only that one is stored), commands typed into WinSCP, which may hold one, colours and other settings, proxies and tunnels, cached folders of WinSCP (CDCache),
jump lists of PuTTY, deleted values.

References:
    - PuTTY, windows/storage.c (Sessions, SshHostKeys)
    - WinSCP, core/SessionData.cpp, core/Configuration.cpp (LastFingerprints: host:port:kind), forms/CopyParams.cpp, Copy.cpp (History)
    - H. Pomeranz, RegRipper, ssh_host_keys.pl
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from parsers.contract import Artefact, ProblemKind, Row, Table, Yields, parser
from parsers.formats.regf import LOG_SUFFIXES, hive_wants
from parsers.formats.regf_tree import Key, Value
from parsers.formats.remote_site import (
    FOLDER_LISTS,
    SITE_COLUMNS,
    SITE_KIND,
    TRACE_COLUMNS,
    WINSCP_PROTOCOLS,
    WINSCP_SECRETS,
    as_port,
    fingerprint_site,
    host_key,
    unescaped,
)
from parsers.formats.user_hive import HIVE_COLUMNS, MRU_POSITION, UserHive, by_name, read_hive
from parsers.questions import NETWORK

SITES = Table(
    "windows_ssh_clients",
    SITE_KIND,
    *SITE_COLUMNS,
    *TRACE_COLUMNS,
    MRU_POSITION,
    *HIVE_COLUMNS,
    answers=NETWORK(where="remote_host is not null", remote="remote_host", account="profile_name"),
)

_PUTTY = r"Software\SimonTatham\PuTTY"
_WINSCP = r"Software\Martin Prikryl\WinSCP 2"
_PATHS = (
    rf"{_PUTTY}\Sessions",
    rf"{_PUTTY}\SshHostKeys",
    rf"{_WINSCP}\Sessions",
    rf"{_WINSCP}\SshHostKeys",
    rf"{_WINSCP}\Configuration\LastFingerprints",
    rf"{_WINSCP}\Configuration\History",
)
_NUMBER = re.compile(r"\d{1,4}", re.ASCII)


@parser(
    version=1,
    wants=hive_wants("NTUSER"),
    tables=(SITES,),
    companions=LOG_SUFFIXES,
)
def ssh_clients(artefact: Artefact) -> Yields:
    """One row for each session, host key, fingerprint and typed text, by program."""
    yield from read_hive(artefact, ("NTUSER",), _PATHS, _rows)


def _rows(user: UserHive, key: Key) -> Iterator[Row]:
    program = "PuTTY" if r"\simontatham" in key.path.casefold() else "WinSCP"
    match key.name.casefold():
        case "sessions":
            for one in user.subkeys(key):
                yield _session(user, one, program)
        case "sshhostkeys":
            for value in user.values(key):
                if site := host_key(unescaped(value.name)):
                    yield _row(user, value.locator, key, program, "host_key", **site)
        case "lastfingerprints":
            for value in user.values(key):
                seal = _text(user, value, "host_fingerprint")
                site = fingerprint_site(unescaped(value.name))
                yield _row(user, value.locator, key, program, "fingerprint", host_fingerprint=seal, **site)
        case _:
            for one in user.subkeys(key):
                if one.name.casefold() in FOLDER_LISTS:
                    yield from _typed(user, one, program)


def _session(user: UserHive, key: Key, program: str) -> Row:
    named = by_name(user.values(key))

    def told(name: str, column: str) -> str | None:
        return _text(user, named.get(name), column)

    host, logon_name = told("hostname", "remote_host"), told("username", "logon_name")
    if program == "PuTTY" and host is not None and logon_name is None and "@" in host:
        # PuTTY takes a name in front of the host.
        logon_name, _, host = host.rpartition("@")
    secrets = [one for name, one in named.items() if name in WINSCP_SECRETS]
    return _row(
        user,
        key.path,
        key,
        program,
        "session",
        session_name=unescaped(key.name),
        remote_host=host or None,
        remote_port=_port(user, named.get("portnumber")),
        protocol=_protocol(user, named, program),
        logon_name=logon_name,
        remote_directory=told("remotedirectory", "remote_directory"),
        local_directory=told("localdirectory", "local_directory"),
        key_file_path=told("publickeyfile", "key_file_path"),
        has_stored_password=any(one.content.strip(b"\0") for one in secrets),
    )


def _protocol(user: UserHive, named: dict[str, Value], program: str) -> str | None:
    if program == "PuTTY":
        return _text(user, named.get("protocol"), "protocol")
    number = user.hive.as_number(named.get("fsprotocol"), "protocol")
    return None if number is None else WINSCP_PROTOCOLS.get(number, str(number))


def _port(user: UserHive, value: Value | None) -> int | None:
    number = user.hive.as_number(value, "remote_port")
    port = None if number is None else as_port(str(number))
    if value is not None and number is not None and port is None:
        user.hive.tell(ProblemKind.DAMAGED, value.locator, f"{number} is no port", "remote_port")
    return port


def _typed(user: UserHive, key: Key, program: str) -> Iterator[Row]:
    for value in user.values(key):
        typed = _text(user, value, "typed_text") if _NUMBER.fullmatch(value.name) else None
        if typed is not None:
            yield _row(
                user,
                value.locator,
                key,
                program,
                "typed",
                typed_list=unescaped(key.name),
                typed_text=typed,
                mru_position=int(value.name) + 1,
            )


def _text(user: UserHive, value: Value | None, column: str) -> str | None:
    stored = user.hive.as_text(value, column)
    return unescaped(stored) or None if stored else None


def _row(user: UserHive, at: str, key: Key, program: str, kind: str, **values: Any) -> Row:
    return user.row(SITES, at, key, client_program=program, site_kind=kind, **values)
