r"""Marks of the web: the Zone.Identifier streams that browsers, mail programs and archivers hang on files.

Shows: that a program wrote a file as coming from another zone, and often from which address and page.
Does not show: when (the file's own creation time in `file_entry` is the nearest), nor who; nor that the file was
opened. Unpacking and copying hand the mark on, so the file marked need not be the one fetched; a missing mark shows
nothing, since it goes with a copy to FAT, many programs write none, and anyone can delete or write one.
`about:internet` and `blob:` addresses are what a program gives when it keeps the real one to itself. The text has no
mark of its end: one cut short between lines or within an address reads as whole.
Not read: SmartScreen streams, marks of other systems (com.apple.quarantine), what is unknown beyond `other_values`.

References:
    - [MS-FSCC] 5.6.1 Zone.Identifier Stream Name
    - Microsoft, URLZONE enumeration (urlmon.h); "About URL Security Zones"
"""

from __future__ import annotations

import re
from typing import Any

import pyarrow as pa

from parsers.contract import (
    Artefact,
    Column,
    Problem,
    ProblemKind,
    Status,
    Table,
    Want,
    Yields,
    integer,
    parser,
    text,
)
from parsers.formats import codecs
from parsers.questions import DOWNLOADED

ZONES = Table(
    "windows_zone_identifier",
    Column("marked_path", text, "Path on the evidence of the file the mark hangs on."),
    Column("zone_id", integer, "Zone the file came from: 0 machine, 1 intranet, 2 trusted, 3 internet, 4 restricted."),
    Column("host_url", text, "Address the file was fetched from, as stored."),
    Column("referrer_url", text, "Page or archive that led to the file, as stored."),
    Column("host_ip", text, "Address of the server, as stored."),
    Column("writer_package", text, "Store application that last wrote the file."),
    Column("app_zone_id", integer, "Zone a Store application gave the file."),
    Column("other_values", pa.map_(pa.string(), pa.string()), "Values of other names, as stored."),
    Column("codec", text, "Code page the text was read with."),
    answers=DOWNLOADED(where="zone_id > 0 or host_url is not null", url="host_url", what="marked_path"),
)  # fmt: skip

_STREAM = re.compile(r"(?:%3A|.)Zone\.Identifier\Z", re.IGNORECASE | re.DOTALL)
_READ_BYTES = 1 << 16  # a mark holds a few addresses, each of at most some thousand signs
_MOST_VALUES = 100
_MOST_PROBLEMS = 20
_NUMBER = re.compile(r"\s*([0-9]{1,9})\s*")
_COLUMNS = {
    "zoneid": "zone_id",
    "hosturl": "host_url",
    "referrerurl": "referrer_url",
    "hostipaddress": "host_ip",
    "lastwriterpackagefamilyname": "writer_package",
    "appzoneid": "app_zone_id",
}
_NUMBERS = ("zone_id", "app_zone_id")


@parser(
    version=1,
    # A stream is named behind a colon; copies on other file systems have another sign there.
    wants=(Want("**/*?Zone.Identifier"), Want("**/*%3AZone.Identifier")),
    tables=(ZONES,),
)
def zone_identifier(artefact: Artefact) -> Yields:
    """One row per stream."""
    content = artefact.head(_READ_BYTES)
    codec = codecs.decide(content)
    told, replaced = codecs.decode(content, codec)
    lines = told.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    values: dict[str, Any] = {"marked_path": _STREAM.sub("", artefact.path), "codec": codec}
    problems: list[Problem] = []
    if artefact.size > len(content):
        message = f"{artefact.size} bytes; only the first {len(content)} are read"
        problems.append(Problem(kind=ProblemKind.LIMIT, locator=f"offset:{len(content)}", message=message))
    if replaced:
        message = f"{replaced} bytes are not {codec}; they stand in the values as \\xNN"
        problems.append(Problem(kind=ProblemKind.DAMAGED, locator="0", message=message))
    if not _read(lines, values, problems):
        message = f"no section [ZoneTransfer] is in it: it begins {content[:16].hex(' ')}"
        yield Problem(kind=ProblemKind.UNRECOGNISED, locator="0", message=message)
        return
    yield ZONES.row("0", Status.PARTIAL if problems else Status.OK, **values)
    yield from problems[:_MOST_PROBLEMS]
    if len(problems) > _MOST_PROBLEMS:
        message = f"{len(problems) - _MOST_PROBLEMS} more problems are not listed"
        yield Problem(kind=ProblemKind.LIMIT, locator="0", message=message)


def _read(lines: list[str], values: dict[str, Any], problems: list[Problem]) -> bool:
    """The values of the section, each name once; whether the section is there at all."""
    is_found = is_within = False
    others: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        stripped = line.strip()
        if stripped.startswith("["):
            is_within = stripped.casefold() == "[zonetransfer]"
            is_found |= is_within
            continue
        name, mark, value = line.partition("=")
        if not is_within or not stripped:
            continue
        locator = f"line:{number}"
        key = name.strip()
        if not mark or not key:
            message = f"no name and value: {stripped[:60]!r}"
            problems.append(Problem(kind=ProblemKind.DAMAGED, locator=locator, message=message))
            continue
        column = _COLUMNS.get(key.casefold())
        if column in values or key in others:
            # The first counts, as Windows reads such files.
            message = f"{key[:60]} stands there again: {value[:60]!r}"
            problems.append(
                Problem(kind=ProblemKind.AMBIGUOUS, locator=locator, message=message, column=column)
            )
        elif column is not None:
            _keep(values, column, value, locator, problems)
        elif len(others) < _MOST_VALUES:
            others[key] = value
        else:
            message = f"more than {_MOST_VALUES} other values; {key[:60]} is not kept"
            problems.append(Problem(kind=ProblemKind.LIMIT, locator=locator, message=message))
    values["other_values"] = list(others.items()) or None
    return is_found


def _keep(values: dict[str, Any], column: str, value: str, locator: str, problems: list[Problem]) -> None:
    if column not in _NUMBERS:
        values[column] = value.strip() or None
        return
    found = _NUMBER.fullmatch(value)
    values[column] = None if found is None else int(found[1])
    if found is None and value.strip():
        message = f"{column} is no number: {value.strip()[:60]!r}"
        problems.append(Problem(kind=ProblemKind.DAMAGED, locator=locator, message=message, column=column))
