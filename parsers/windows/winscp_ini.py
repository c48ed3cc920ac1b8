r"""Servers WinSCP remembers in a file (WinSCP.ini), as its portable form and those who chose so keep them.

Shows: sessions that were saved, with host, port, name to log on and folders; hosts whose key was accepted; the last fingerprint of each
server reached; folders typed into its windows.
Does not show: when anything was done, that a saved session was ever used, or what was sent. The file may come from another machine.
Not read: passwords (only that one is stored), commands typed, which may hold one, other settings, cached folders (CDCache).

References:
    - WinSCP, core/SessionData.cpp, core/Configuration.cpp (LastFingerprints: host:port:kind), core/HierarchicalStorage.cpp
    - WinSCP documentation, "Configuration Storage" (INI file)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from parsers.contract import (
    Artefact,
    Problem,
    ProblemKind,
    Row,
    Status,
    Table,
    Want,
    Yields,
    parser,
)
from parsers.formats import codecs
from parsers.formats.profile import PROFILE, profile_name
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
from parsers.formats.text_lines import TextLines
from parsers.formats.user_hive import MRU_POSITION
from parsers.questions import NETWORK

SITES = Table(
    "windows_winscp_ini",
    SITE_KIND,
    *SITE_COLUMNS,
    *TRACE_COLUMNS,
    MRU_POSITION,
    PROFILE,
    answers=NETWORK(where="remote_host is not null", remote="remote_host", account="profile_name"),
)

_MOST_ROWS = 20_000
_SECTION = re.compile(r"\[(.*)\]\s*")
_TEXTS = {
    "hostname": "remote_host",
    "username": "logon_name",
    "remotedirectory": "remote_directory",
    "localdirectory": "local_directory",
    "publickeyfile": "key_file_path",
}


def _is_ini(head: bytes) -> bool:
    plain = head.replace(b"\0", b"")
    return codecs.is_text(head) and re.search(rb"^(?:\xef\xbb\xbf)?\[(?:Configuration|Sessions)\b", plain, re.MULTILINE) is not None  # fmt: skip


@parser(
    version=1,
    wants=(Want("**/WinSCP*.ini", sniff=_is_ini, is_strict=False),),
    tables=(SITES,),
)
def winscp_ini(artefact: Artefact) -> Yields:
    """One row for each session, host key, fingerprint and typed folder, in stored order; the locator is its line."""
    lines = TextLines(artefact)
    profile = profile_name(artefact.path)
    for count, told in enumerate(_told(lines, profile), 1):
        if count > _MOST_ROWS:
            message = f"more than {_MOST_ROWS} entries; the others are not read"
            yield Problem(kind=ProblemKind.LIMIT, locator=told.locator, message=message)
            break
        yield told
    yield from lines.problems()


def _told(lines: TextLines, profile: str | None) -> Iterator[Row | Problem]:
    session: _Session | None = None
    section = ""
    for number, line in lines:
        if found := _SECTION.fullmatch(line.strip("\0 \r")):
            if session is not None:
                yield from session.told(profile)
            section = found[1]
            top, _, name = section.partition("\\")
            session = _Session(number, name) if top.casefold() == "sessions" else None
            continue
        name, mark, value = line.strip("\0\r").partition("=")
        if not mark:
            continue
        if session is not None:
            session.take(number, name.strip().casefold(), value)
        elif values := _entry(section, name, value):
            yield _row(number, profile, **values)
    if session is not None:
        yield from session.told(profile)


def _entry(section: str, name: str, value: str) -> dict[str, Any] | None:
    """What an entry outside the sessions says."""
    if section.casefold() == "sshhostkeys":
        site = host_key(unescaped(name))
        return {"site_kind": "host_key", **site} if site else None
    if section.casefold() == r"configuration\lastfingerprints":
        site = fingerprint_site(unescaped(name))
        return {"site_kind": "fingerprint", "host_fingerprint": unescaped(value) or None, **site}
    above, _, listed = section.rpartition("\\")
    is_place = name.isascii() and name.isdigit() and len(name) < 5
    is_listed = above.casefold() == r"configuration\history" and listed.casefold() in FOLDER_LISTS
    if is_listed and is_place and value:
        place = int(name) + 1
        return {"site_kind": "typed", "typed_list": listed, "typed_text": unescaped(value), "mru_position": place}  # fmt: skip
    return None


class _Session:
    """One saved session."""

    def __init__(self, number: int, name: str) -> None:
        self._number = number
        self._values: dict[str, Any] = {"session_name": unescaped(name) or None}
        self._has_password = False
        self._problems: list[Problem] = []

    def take(self, number: int, name: str, value: str) -> None:
        """Take one `name=value`; the first of a name stands."""
        if name in WINSCP_SECRETS:
            self._has_password = self._has_password or bool(value.strip())
        elif name in _TEXTS:
            self._values.setdefault(_TEXTS[name], unescaped(value) or None)
        elif name == "portnumber" and "remote_port" not in self._values:
            self._values["remote_port"] = self._number_of(number, value, "remote_port")
        elif name == "fsprotocol" and "protocol" not in self._values:
            found = self._number_of(number, value, "protocol")
            self._values["protocol"] = None if found is None else WINSCP_PROTOCOLS.get(found, str(found))

    def _number_of(self, number: int, value: str, column: str) -> int | None:
        found = as_port(value.strip())
        if found is None:
            message = f"a number was expected, {value[:40]!r} is none"
            problem = Problem(
                kind=ProblemKind.DAMAGED, locator=f"line:{number}", message=message, column=column
            )
            self._problems.append(problem)
        return found

    def told(self, profile: str | None) -> Iterator[Row | Problem]:
        """The row of the session, and what of it could not be read."""
        values = {**self._values, "has_stored_password": self._has_password}
        status = Status.PARTIAL if self._problems else Status.OK
        yield _row(self._number, profile, status, site_kind="session", **values)
        yield from self._problems


def _row(number: int, profile: str | None, status: Status = Status.OK, **values: Any) -> Row:
    return SITES.row(f"line:{number}", status, client_program="WinSCP", profile_name=profile, **values)
