"""Mailboxes in one file (mbox): Thunderbird, Apple Mail, Google Takeout, Unix spools.

Shows: every message as `mail/eml` shows one, and what the program that kept them says of it: read, deleted. Thunderbird
leaves a deleted message in its file until the folder is compacted; such a message is `recovered`.
Does not show: that a message was sent or delivered, nor who put it into the mailbox; a message that was compacted away.
Not read: the date in the line `From `, which names no zone; indexes beside the file (.msf, .snm); mailboxes in other forms
(maildir, MBX, .emlx). In an .eml that begins with a line `From ` the mail is read by `mail/eml`.

Where a message states its length and the file agrees (mboxcl), that many bytes are its body as they stand; otherwise one `>` is
taken from a line that begins with `>From `, `>>From ` and so on (mboxrd). Of what mboxo wrote, a line that had a `>` itself
loses it: nothing in the file tells the two apart.

References:
    - RFC 4155 (application/mbox), A; J. de Boyne Pollard, "mbox" is a family of mailbox formats
    - Mozilla, nsMsgMessageFlags: X-Mozilla-Status, X-Mozilla-Status2; UW IMAP, Status and X-Status
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from parsers.contract import Artefact, Problem, ProblemKind, Want, Yields, parser
from parsers.formats.mail_message import MAIL
from parsers.formats.mime import Part, parts
from parsers.formats.mime_message import message

# A message beyond this is told and not read, so that no mailbox fills the memory.
_MOST_BYTES = 256 << 20
_MOST_LINE = 1 << 20
_SEPARATOR = re.compile(
    rb"From [^\r\n]{0,500}?\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun),? (?:[A-Z][a-z]{2} +\d{1,2}|\d{1,2} [A-Z][a-z]{2}) [^\r\n]{0,12}\d{1,2}:\d\d"
)
_FIELD = re.compile(rb"[\x21-\x39\x3b-\x7e]{1,60}:")
_LENGTH = re.compile(rb"content-length:[ \t]*(\d{1,12})[ \t]*\r*\n", re.IGNORECASE)
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
_HEX = re.compile(rb"[0-9A-Fa-f]{1,8}")
_READ, _EXPUNGED, _IMAP_DELETED = 0x1, 0x8, 0x200000


def looks_like_mbox(head: bytes) -> bool:
    """Whether bytes begin with the line that stands in front of a message."""
    return _SEPARATOR.match(head.lstrip(b"\xef\xbb\xbf\r\n")) is not None


@dataclass(slots=True)
class _Stored:
    """A message: where it begins, its bytes as far as they are held, and how many there are."""

    offset: int
    held: bytearray = field(default_factory=bytearray)
    size: int = 0
    is_as_it_stands: bool = False  # its length is known: an empty line behind it is none of its own

    def add(self, block: bytes) -> None:
        self.size += len(block)
        if self.size <= _MOST_BYTES:
            self.held += block

    def content(self) -> bytes:
        """The message without the empty line behind it and without what was put in front of `From `."""
        whole = bytes(self.held)
        if self.is_as_it_stands:
            return whole
        whole = re.sub(rb"(\n)\r?\n\Z", rb"\1", whole)
        end = re.search(rb"\n\r?\n", whole)
        at = end.end() if end else len(whole)
        return whole[:at] + _QUOTED.sub(rb"\1", whole[at:])


@parser(version=1, wants=(Want(sniff=looks_like_mbox),), tables=(MAIL,))
def mbox(artefact: Artefact) -> Yields:
    """Each message in stored order, as a mail alone is told; its locator is `offset:` and the byte its line `From ` begins at."""
    if artefact.path.lower().endswith(".eml"):
        return
    with artefact.open() as stream:
        for one in _messages(stream):
            at = f"offset:{one.offset}"
            if one.size > _MOST_BYTES:
                text = f"a message of {one.size} bytes; more than {_MOST_BYTES} are not read"
                yield Problem(kind=ProblemKind.LIMIT, locator=at, message=text)
                continue
            if one.offset < 0:
                text = f"{one.size} bytes stand in front of the first message and are not read"
                yield Problem(kind=ProblemKind.DAMAGED, locator="offset:0", message=text)
                continue
            found = list(parts(one.content()))
            stored, wrong = _stored(found[0])
            yield from message(found, at, stored=stored, is_recovered=stored.get("is_deleted") is True)
            if wrong:
                yield Problem(
                    kind=ProblemKind.DAMAGED, locator=f"{at}/header", message=wrong, column="is_deleted"
                )


def _messages(stream: BinaryIO) -> Iterator[_Stored]:
    """The messages, each held alone; what stands in front of the first has the offset -1."""
    current = _Stored(offset=-1)
    is_head, is_behind_empty = False, True
    length: int | None = None
    at = 0
    while line := stream.readline(_MOST_LINE):
        if line.startswith(b"From ") and _is_separator(stream, line, is_behind_empty=is_behind_empty):
            if current.offset >= 0 or current.size:
                yield current
            current = _Stored(offset=at)
            is_head, length = True, None
        elif line.strip(b"\xef\xbb\xbf\r\n") or (current.offset >= 0 and not current.is_as_it_stands):
            current.add(line)
            if is_head and (stated := _LENGTH.fullmatch(line)):
                length = int(stated[1])
            if is_head and not line.strip(b"\r\n"):
                is_head = False
                if length is not None and _ends_there(stream, length):
                    current.is_as_it_stands = True
                    _take(stream, length, current)
        at = stream.tell()
        is_behind_empty = not line.strip(b"\r\n") or current.is_as_it_stands
    if current.offset >= 0 or current.size:
        yield current


def _is_separator(stream: BinaryIO, line: bytes, *, is_behind_empty: bool) -> bool:
    """Whether a line `From ` begins a message: by its date, or by what stands around it."""
    if _SEPARATOR.match(line):
        return True
    if not is_behind_empty:
        return False
    at = stream.tell()
    following = stream.readline(_MOST_LINE)
    stream.seek(at)
    return _FIELD.match(following) is not None


def _ends_there(stream: BinaryIO, length: int) -> bool:
    """Whether a message begins, or the file ends, so many bytes on."""
    at = stream.tell()
    end = stream.seek(0, 2)
    stream.seek(min(at + length, end))
    following = stream.read(16)
    stream.seek(at)
    if at + length > end:
        return False
    return not following.strip(b"\r\n") or re.match(rb"(\r?\n){0,2}From ", following) is not None


def _take(stream: BinaryIO, length: int, into: _Stored) -> None:
    while length > 0 and (block := stream.read(min(length, _MOST_LINE))):
        into.add(block)
        length -= len(block)


def _stored(head: Part) -> tuple[dict[str, Any], str | None]:
    """What the keeping program says of a message, and what of that cannot be read."""
    values: dict[str, Any] = {}
    for name, deleted in (("x-mozilla-status", _EXPUNGED), ("x-mozilla-status2", _IMAP_DELETED)):
        told = (head.field(name) or b"").strip()
        if not told:
            continue
        if not _HEX.fullmatch(told):
            return values, f"{name}: {told[:20]!r} are no flags"
        flags = int(told, 16)
        values["is_deleted"] = bool(flags & deleted) or values.get("is_deleted", False)
        if name == "x-mozilla-status":
            values["is_read"] = bool(flags & _READ)
    kept = (head.field("status") or b"").strip()
    if "is_read" not in values and re.fullmatch(rb"[ROU]{1,3}", kept):
        values["is_read"] = b"R" in kept
    marks = (head.field("x-status") or b"").strip()
    if "is_deleted" not in values and re.fullmatch(rb"[ADFT]{1,4}", marks):
        values["is_deleted"], values["is_unsent"] = b"D" in marks, b"T" in marks
    return values, None
