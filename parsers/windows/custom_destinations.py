"""Custom jump lists: what a program itself chose to offer in its list, in categories.

Shows: tasks and destinations a program registered (recently closed pages of a browser, documents, sessions of a
remote desktop program), with target, arguments, volume and the target's times as they stood when the link was written.
Does not show: when an entry was made or used (only the file's own times bound it), nor that a person opened
anything: programs write tasks at installation. Rows of custom categories answer `opened`, without a time: what they
mean is the program's affair. Links here often name the program itself, and what was opened stands in `arguments`.
Where the list's structure is damaged, links are found by their signature; such rows are `recovered`.
Not read: categories that only name Windows' own lists (frequent, recent), entries that are no links (a problem).

References:
    - J. Metz, Jump lists format (dtformats), "Custom destinations files" (cited as [JUMP])
    - [MS-SHLLINK] Shell Link (.LNK) Binary File Format
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from parsers.contract import (
    Artefact,
    Column,
    Problem,
    ProblemKind,
    Row,
    Status,
    Table,
    Want,
    Yields,
    integer,
    parser,
    text,
)
from parsers.formats.jump_list import LINK_BYTES, LIST_COLUMNS, MOST_LINKS, app_id, app_name, carved_links
from parsers.formats.profile import profile_name
from parsers.formats.shell_link import LINK_COLUMNS, SIGNATURE, Link, read_link
from parsers.questions import OPENED

CUSTOM = Table(
    "windows_custom_destinations",
    *LIST_COLUMNS,
    Column("category_number", integer, "Place of the category in the list, from 0."),
    Column("category_kind", text, "custom, tasks or unknown: what the category is."),
    Column("category_name", text, "Name of a custom category, as the program gave it."),
    *LINK_COLUMNS,
    answers=OPENED(
        "category_kind = 'custom'",
        what="target_path",
        account="profile_name",
        volume_serial="volume_serial",
        target_bytes="target_bytes",
    ),
)

_READ_BYTES = 16 << 20
_CLASS = uuid.UUID("00021401-0000-0000-c000-000000000046").bytes_le
_FOOTER = b"\xab\xfb\xbf\xba"  # [JUMP] Category: 0xbabffbab
_KINDS = {0: "custom", 1: "known", 2: "tasks"}
_MOST_CATEGORIES = 1000


@dataclass(slots=True, kw_only=True)
class _List:
    """A list being read: its bytes, where it stands, and what is wrong."""

    content: bytes
    at: int = 12
    links: int = 0
    problems: list[Problem] = field(default_factory=list)

    def number(self, layout: str = "I") -> int:
        """The next number; raises struct.error past the end."""
        found: int = struct.unpack_from(f"<{layout}", self.content, self.at)[0]
        self.at += struct.calcsize(layout)
        return found

    def tell(self, kind: ProblemKind, message: str) -> None:
        """Keep a problem at the place reached."""
        self.problems.append(Problem(kind=kind, locator=str(self.at), message=message))


@parser(version=1, wants=(Want("**/*.customDestinations-ms"),), tables=(CUSTOM,))
def custom_destinations(artefact: Artefact) -> Yields:
    """One row per link, in stored order."""
    identifier = app_id(artefact.path)
    common = {
        "profile_name": profile_name(artefact.path),
        "app_id": identifier,
        "app_name": app_name(identifier),
    }
    with artefact.open() as stream:
        content = stream.read(_READ_BYTES)
    if artefact.size > len(content):
        message = f"the list has {artefact.size} bytes, beyond the budget; {len(content)} are read"
        yield Problem(kind=ProblemKind.LIMIT, locator="0", message=message)
    # [JUMP] File header: version 2, number of categories.
    if len(content) < 12 or content[:4] != b"\2\0\0\0":
        message = f"no custom jump list: it begins with {content[:4].hex(' ') or 'nothing'}"
        yield Problem(kind=ProblemKind.UNRECOGNISED, locator="0", message=message)
        yield from _recovered(content, 0, len(content), common)
        return
    custom = _List(content=content)
    count = int.from_bytes(content[4:8], "little")
    for number in range(min(count, _MOST_CATEGORIES)):
        try:
            yield from _category(custom, number, common)
        except struct.error:
            custom.tell(ProblemKind.TRUNCATED, f"the list ends within category {number} of {count}")
            yield from _taken(custom)
            yield from _recovered(content, custom.at, len(content), common)
            return
        yield from _taken(custom)
    if count > _MOST_CATEGORIES:
        custom.tell(ProblemKind.LIMIT, f"{count} categories are stated, {_MOST_CATEGORIES} are read")
    elif custom.at < len(content) and not custom.problems:
        custom.tell(ProblemKind.DAMAGED, f"{len(content) - custom.at} bytes follow the last category")
    yield from _taken(custom)


def _category(custom: _List, number: int, common: dict[str, Any]) -> Yields:
    """[JUMP] Category: its kind, name and entries; raises struct.error past the end of the list."""
    code = custom.number()
    kind = _KINDS.get(code, "unknown")
    values = common | {"category_number": number, "category_kind": kind}
    if kind == "known":
        custom.number()
    else:
        if kind == "custom":
            size = 2 * custom.number("H")
            raw = custom.content[custom.at : custom.at + size]
            values["category_name"] = raw.decode("utf-16-le", "replace")
            if len(raw) < size:
                raise struct.error("the name of the category")
            custom.at += size
        elif kind == "unknown":
            custom.tell(ProblemKind.UNSUPPORTED, f"category {number} is of the unknown kind {code}")
        for position, (offset, link) in enumerate(_links(custom, custom.number())):
            yield _row(offset, link, values | {"list_position": position})
            yield from _taken(custom)
            yield from (replace(one, locator=f"{offset}:{one.locator}") for one in link.problems)
    if custom.content[custom.at : custom.at + 4] == _FOOTER:
        custom.at += 4
        return
    footer = custom.content.find(_FOOTER, custom.at)
    custom.tell(ProblemKind.DAMAGED, f"category {number} does not end with its signature here")
    if footer < 0:
        raise struct.error("no footer")
    yield from _recovered(custom.content, custom.at, footer, values)
    custom.at = footer + 4


def _links(custom: _List, stated: int) -> Iterator[tuple[int, Link]]:
    """The links of a category with their offsets; an entry of another class, or a broken link, is passed over."""
    read = 0
    while read < stated:
        if custom.links >= MOST_LINKS:
            custom.tell(ProblemKind.LIMIT, f"more than {MOST_LINKS} entries; the rest is not read")
            return
        start = custom.at + 16
        if custom.content[custom.at : start] != _CLASS or custom.content[start : start + 20] != SIGNATURE:
            following = custom.content.find(_CLASS + SIGNATURE, custom.at)
            footer = custom.content.find(_FOOTER, custom.at)
            if following < 0 or 0 <= footer < following:
                custom.tell(ProblemKind.DAMAGED, f"{stated} entries are stated, {read} links are found")
                if footer < 0:
                    raise struct.error("entries are missing")
                custom.at = footer
                return
            custom.tell(ProblemKind.UNSUPPORTED, f"{following - custom.at} bytes here are no link")
            custom.at = following
            continue
        link = read_link(custom.content[start : start + LINK_BYTES])
        custom.links, read = custom.links + 1, read + 1
        custom.at = start + (link.end if link.end is not None else len(SIGNATURE))
        yield start, link


def _recovered(content: bytes, start: int, end: int, values: dict[str, Any]) -> Yields:
    """Links found by their signature in bytes that are read as nothing else."""
    count = 0
    for offset, link in carved_links(content[start:end]):
        count += 1
        yield _row(start + offset, link, values, Status.RECOVERED)
    if count >= MOST_LINKS:
        message = f"{MOST_LINKS} links are found by their signature; the rest is not looked for"
        yield Problem(kind=ProblemKind.LIMIT, locator=str(start), message=message)


def _row(offset: int, link: Link, values: dict[str, Any], status: Status | None = None) -> Row:
    whole = Status.OK if link.is_whole else Status.PARTIAL
    return CUSTOM.row(str(offset), status or whole, **values, **link.values)


def _taken(custom: _List) -> list[Problem]:
    """Problems met since this was last asked."""
    met, custom.problems = custom.problems, []
    return met
