"""Mails stored one by one (.eml): headers, recipients, text and attachments.

Shows: who a mail names as sender and recipients, when it says it was sent, its text, and its attachments, each of
which becomes an entry of its own with the bytes it was sent with.
Does not show: that the mail was sent or delivered (a draft looks the same), nor that the sender is who it says: every
header but the topmost Received lines is written by the sender. Recipients in Bcc stand only in the sender's own copy.
Not read: preamble and epilogue of a multipart, uuencoded files within running text, message/partial put together, the
content of S/MIME and PGP encrypted parts (a problem says so), whether a signature holds.

References:
    - RFC 5322 Internet Message Format, 3.3 (dates), 3.4 (addresses), 3.6 (fields); RFC 2045 to 2047, RFC 2183, RFC 2231
"""

from __future__ import annotations

import re

from parsers.contract import Artefact, Want, Yields, parser
from parsers.formats.mail_message import MAIL
from parsers.formats.mime import parts
from parsers.formats.mime_message import message

_KNOWN = frozenset(
    b"from to cc bcc subject date sender reply-to message-id mime-version received return-path content-type "
    b"delivered-to in-reply-to references x-mailer user-agent content-transfer-encoding dkim-signature".split()
)
_HEAD_LINE = re.compile(rb"([\x21-\x39\x3b-\x7e]{1,60})[ \t]*:")


def looks_like_mail(head: bytes) -> bool:
    """Whether bytes begin as a mail does: header lines from the first on, two known names among them."""
    known: set[bytes] = set()
    for line in re.split(rb"\r*\n|\r", head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")):
        if not line:
            break
        if line[:1] in b" \t" and known:
            continue
        field = _HEAD_LINE.match(line)
        if field is None:
            break
        known.add(field[1].lower())
    return len(known & _KNOWN) >= 2


def _looks_like_named_mail(head: bytes) -> bool:
    """Whether a file named .eml is one: one known name is enough, a line `From ` may stand in front."""
    line, _, rest = head.lstrip(b"\r\n\xef\xbb\xbf").partition(b"\n")
    head = rest if line.startswith((b"From ", b">From ")) else head
    return looks_like_mail(b"to:\n" + head.lstrip(b"\r\n\xef\xbb\xbf")) or looks_like_mail(
        b"from:\n" + head.lstrip(b"\r\n\xef\xbb\xbf")
    )


@parser(
    version=1,
    wants=(Want("**/*.eml", sniff=_looks_like_named_mail), Want(sniff=looks_like_mail)),
    tables=(MAIL,),
)
def eml(artefact: Artefact) -> Yields:
    """One row per mail, then subject, bodies and attachments in the order they are stored."""
    with artefact.open() as stream:
        content = stream.read()
    yield from message(list(parts(content)))
