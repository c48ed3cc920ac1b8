r"""Connections saved for the Remote Desktop client (*.rdp, Default.rdp).

Shows: a host somebody saved settings for, the name used there, a gateway, and what of the own machine was to be shared with
it: drives, clipboard, printers. Default.rdp holds the settings of the last connection made in the client's window.
Does not show: that a connection came about, or when; files can be sent by others, and their times are in `file_entry`. A shared
drive is a way for files to leave, not proof that any did.
Not read: display, sound and other settings, the stored password, the signature.

References:
    - Microsoft, "Supported RDP properties" (`name:type:value`)
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
    boolean,
    parser,
    text,
)
from parsers.formats import codecs
from parsers.formats.profile import PROFILE, profile_name
from parsers.formats.text_lines import TextLines
from parsers.questions import NETWORK

CONNECTIONS = Table(
    "windows_rdp_file",
    Column("remote_host", text, "Host, as typed; with `:port` where it was given."),
    Column("other_remote_host", text, "Second address of the host (alternate full address)."),
    Column("gateway_host", text, "Gateway through which the host is reached."),
    Column("logon_name", text, "Name used to log on at the host.", is_personal=True),
    Column("logon_domain", text, "Domain used to log on at the host."),
    Column("start_program", text, "Program started at the host in place of its desktop."),
    Column(
        "redirected_drives",
        text,
        "Drives of the own machine shared with the host, as written: * for all, none where empty.",
    ),
    Column("has_clipboard", boolean, "Whether the clipboard is shared with the host."),
    Column("has_printers", boolean, "Whether printers of the own machine are shared with the host."),
    PROFILE,
    answers=NETWORK(where="remote_host is not null", remote="remote_host", account="profile_name"),
)

_TEXTS = {
    "full address": "remote_host",
    "alternate full address": "other_remote_host",
    "gatewayhostname": "gateway_host",
    "username": "logon_name",
    "domain": "logon_domain",
    "alternate shell": "start_program",
    "drivestoredirect": "redirected_drives",
}
_SWITCHES = {"redirectclipboard": "has_clipboard", "redirectprinters": "has_printers"}
_MOST_LINES = 10_000


def _is_connection(head: bytes) -> bool:
    plain = head.replace(b"\0", b"")
    return codecs.is_text(head) and (b":i:" in plain or b":s:" in plain)


@parser(
    version=1,
    wants=(Want("**/*.rdp", sniff=_is_connection, is_strict=False),),
    tables=(CONNECTIONS,),
)
def rdp_file(artefact: Artefact) -> Yields:
    """One row for a file."""
    lines = TextLines(artefact)
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    properties = 0
    for number, line in lines:
        if number > _MOST_LINES:
            message = f"more than {_MOST_LINES} lines; the others are not read"
            problems.append(Problem(kind=ProblemKind.LIMIT, locator=f"line:{number}", message=message))
            break
        name, kind, value = (*line.strip("\0 ").split(":", 2), "", "")[:3]
        if kind not in ("s", "i", "b"):
            continue
        properties += 1
        name = name.casefold()
        if column := _TEXTS.get(name):
            values.setdefault(column, value.strip() or None)
        elif column := _SWITCHES.get(name):
            if value.strip() in ("0", "1"):
                values.setdefault(column, value.strip() == "1")
            else:
                message = f"neither 0 nor 1: {value[:40]!r}"
                problems.append(
                    Problem(
                        kind=ProblemKind.DAMAGED, locator=f"line:{number}", message=message, column=column
                    )
                )
    problems += lines.problems()
    if properties:
        status = Status.PARTIAL if problems else Status.OK
        yield CONNECTIONS.row("line:1", status, profile_name=profile_name(artefact.path), **values)
    elif artefact.size:
        message = f"no line `name:type:value` in {lines.last} lines: no connection of Remote Desktop"
        yield Problem(kind=ProblemKind.UNRECOGNISED, locator="line:1", message=message)
    yield from problems
