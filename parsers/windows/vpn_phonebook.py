r"""Phone books of Windows' own VPN and dial-up client (rasphone.pbk).

Shows: connections that were set up, with the hosts or numbers they dial and the device they use.
Does not show: that a connection was made, when, or by whom: a book under ProgramData is for all users, one in a profile for that
user, and both can be filled by a script or a policy. VPN programs of other makers keep their settings elsewhere.
Not read: authentication, encryption, routes and other settings, the time of an entry (LowDateTime, HighDateTime: of what is
not documented); names and passwords (they are not in the book).

References:
    - Microsoft, RASENTRY (szLocalPhoneNumber: of a VPN its server; dwType), "Phone-Book Files and the Connection Manager"
"""

from __future__ import annotations

from typing import Any

from parsers.contract import (
    Artefact,
    Column,
    Problem,
    ProblemKind,
    Status,
    Table,
    Want,
    Yields,
    parser,
    text,
    texts,
)
from parsers.formats import codecs
from parsers.formats.profile import PROFILE, profile_name
from parsers.formats.text_lines import TextLines
from parsers.questions import NETWORK

ENTRIES = Table(
    "windows_vpn_phonebook",
    Column("connection_name", text, "Name of the connection as shown in the network settings."),
    Column("remote_host", text, "Host or number dialled; the first where there are several."),
    Column("dialled", texts, "Every host or number of the entry, in stored order."),
    Column("dial_devices", texts, "Devices of the entry, as written: WAN Miniport (IKEv2), a modem, ..."),
    Column("connection_guid", text, "Identifier of the connection, as written."),
    Column("dns_suffix", text, "DNS suffix of the network."),
    PROFILE,
    answers=NETWORK(where="remote_host is not null", remote="remote_host", account="profile_name"),
)

_MOST_VALUES = 100
_MOST_ENTRIES = 10_000


def _is_book(head: bytes) -> bool:
    return codecs.is_text(head) and head.replace(b"\0", b"").lstrip(b"\xff\xfe\xef\xbb\xbf \t\r\n")[:1] in (
        b"[",
        b";",
    )


@parser(
    version=1,
    wants=(
        Want("**/Network/Connections/Pbk/*.pbk", sniff=codecs.is_text),
        Want("**/*.pbk", sniff=_is_book, is_strict=False),
    ),
    tables=(ENTRIES,),
)
def vpn_phonebook(artefact: Artefact) -> Yields:
    """One row for each entry, in stored order; the locator is the line of its name."""
    lines = TextLines(artefact)
    profile = profile_name(artefact.path)
    entry: _Entry | None = None
    count = 0
    is_full = False
    for number, line in lines:
        told = line.strip("\0 ")
        if told.startswith("[") and told.endswith("]"):
            if entry is not None:
                yield entry.row(profile)
            count += 1
            is_full = count > _MOST_ENTRIES
            if is_full:
                message = f"more than {_MOST_ENTRIES} entries; the others are not read"
                yield Problem(kind=ProblemKind.LIMIT, locator=f"line:{number}", message=message)
                entry = None
                break
            entry = _Entry(number, told[1:-1])
        elif entry is not None:
            name, mark, value = told.partition("=")
            if mark:
                entry.take(name, value)
    if entry is not None:
        yield entry.row(profile)
    elif lines.last and not is_full:
        message = f"no entry `[name]` in {lines.last} lines: no phone book"
        yield Problem(kind=ProblemKind.UNRECOGNISED, locator="line:1", message=message)
    yield from lines.problems()


class _Entry:
    """One entry of a phone book."""

    def __init__(self, number: int, name: str) -> None:
        self._number = number
        self._values: dict[str, Any] = {"connection_name": name or None}
        self._dialled: list[str] = []
        self._devices: list[str] = []

    def take(self, name: str, value: str) -> None:
        """Take one `name=value`; an entry has a part for each of its devices, so that some names stand again."""
        match name.casefold():
            case "phonenumber" if value and len(self._dialled) < _MOST_VALUES:
                self._dialled.append(value)
            case "device" if value and name == "Device" and len(self._devices) < _MOST_VALUES:
                self._devices.append(value)
            case "guid":
                self._values.setdefault("connection_guid", value or None)
            case "ipdnssuffix":
                self._values.setdefault("dns_suffix", value or None)

    def row(self, profile: str | None) -> Any:
        """The row of the entry."""
        return ENTRIES.row(
            f"line:{self._number}",
            Status.OK,
            remote_host=self._dialled[0] if self._dialled else None,
            dialled=self._dialled or None,
            dial_devices=self._devices or None,
            profile_name=profile,
            **self._values,
        )
