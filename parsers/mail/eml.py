"""Mails as files (.eml, RFC 5322), with their parts and attachments.

Shows: who sent what to whom and when, as the headers state it; the text; each attachment as an entry of its own.
Does not show: that the mail was delivered or read; that a header is true, since the sender writes most of them.
Not read: S/MIME and PGP content (told as locked); mbox folders.

ISO-2022-JP is read as it is written in Japan (half-width kana, NEC row 13); a wrong charset label gives way to the bytes.

References:
    - RFC 5322 Internet Message Format; RFC 2045 to 2047 MIME; RFC 2231 parameters
"""

from __future__ import annotations

import email
import email.errors
import email.header
import email.message
import email.policy
import email.utils
import inspect
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from html.parser import HTMLParser

from parsers.contract import (
    Artefact,
    Column,
    Member,
    Problem,
    ProblemKind,
    Row,
    Table,
    Text,
    Want,
    Yields,
    boolean,
    integer,
    parser,
    text,
    texts,
    utc,
)
from parsers.formats import codecs
from parsers.questions import MESSAGE

MAIL = Table(
    "mail_message",
    Column("message_id", text, "Message-ID as stated."),
    Column("subject", text, "Subject, decoded.", is_personal=True),
    Column("sent_at", utc, "Date as the sender states it."),
    Column("sender", text, "Address in From, lower case.", is_personal=True),
    Column("sender_name", text, "Name beside it.", is_personal=True),
    Column("to_addresses", texts, "Addresses in To, lower case.", is_personal=True),
    Column("cc_addresses", texts, "Addresses in Cc.", is_personal=True),
    Column("bcc_addresses", texts, "Addresses in Bcc, where the file still has them.", is_personal=True),
    Column("reply_to_addresses", texts, "Addresses in Reply-To.", is_personal=True),
    Column("recipients", text, "Addresses of To, Cc and Bcc in one line.", is_personal=True),
    Column("recipient_names", texts, "Names beside those addresses.", is_personal=True),
    Column("in_reply_to", text, "Message this one answers."),
    Column("mailer", text, "Program the mail says it was written with."),
    Column("received_count", integer, "Received lines: servers that passed it on."),
    Column("first_received_at", utc, "When the first server took it, by its own clock."),
    Column("has_attachments", boolean, "Whether parts are attached."),
    Column("attachment_count", integer, "Attached parts."),
    Column("attachment_names", texts, "Their names, decoded.", is_personal=True),
    answers=MESSAGE(at="sent_at", sender="sender", recipient="recipients", subject="subject"),
)

_KNOWN_HEADER = re.compile(
    rb"^(received|from|to|cc|subject|date|message-id|mime-version|return-path|delivered-to|content-type|reply-to|x-mailer|sender|dkim-signature)[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)
_SEPARATOR = re.compile(rb"\A(?:\xef\xbb\xbf)?[\r\n]*From [^\r\n]*\r?\n")
_LEAST_HEADERS = 3
# Newer Pythons refuse a whole header for one odd mailbox in it unless told otherwise; older ones do not know the word.
_LENIENT: Callable[[list[str]], list[tuple[str, str]]] = (
    partial(email.utils.getaddresses, strict=False)
    if "strict" in inspect.signature(email.utils.getaddresses).parameters
    else email.utils.getaddresses
)
_MOST_DEPTH = 20
_MOST_PARTS = 10_000


def looks_like_mail(head: bytes) -> bool:
    """Whether the first bytes are headers of a mail: at least three known ones before the first empty line."""
    top = head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    block = re.split(rb"\r?\n\r?\n", top, maxsplit=1)[0]
    first = block.split(b"\n", 1)[0]
    if not re.match(rb"[!-9;-~]+[ \t]*:", first):
        return False
    return len({found.group(1).lower() for found in _KNOWN_HEADER.finditer(block)}) >= _LEAST_HEADERS


@parser(
    version=1, wants=(Want("**/*.eml", sniff=looks_like_mail), Want(sniff=looks_like_mail)), tables=(MAIL,)
)
def eml(artefact: Artefact) -> Yields:
    """One row for the mail, then its texts, then a member for each attached part, in the order of the parts."""
    with artefact.open() as stream:
        content = stream.read()
    bare = _SEPARATOR.sub(b"", content.removeprefix(b"\xef\xbb\xbf"), count=1)
    message = email.message_from_bytes(bare, policy=email.policy.compat32)
    parts = list(_parts(message, "1", 0))
    attached = [(place, part) for place, part in parts if _is_attached(part)]
    yield _row(message, attached)
    _, problem = _date(message)
    if problem is not None:
        yield problem
    subject = _header(message, "Subject")
    if subject:
        yield Text(locator="header:subject", segment="subject", content=subject, codec=None)
    for place, part in parts:
        yield from _part(place, part)
    if len(parts) >= _MOST_PARTS:
        yield Problem(
            kind=ProblemKind.LIMIT, locator="", message=f"more than {_MOST_PARTS} parts; the rest is not read"
        )
    yield from _defects(message)


def _row(message: email.message.Message, attached: list[tuple[str, email.message.Message]]) -> Row:
    senders = _addresses(message, "From")
    listed = {name: _addresses(message, name) for name in ("To", "Cc", "Bcc", "Reply-To")}
    recipients = [one for name in ("To", "Cc", "Bcc") for one in listed[name]]
    received = message.get_all("Received", [])
    names = [_name(part, place) for place, part in attached]
    return MAIL.row(
        "header",
        message_id=_header(message, "Message-ID"),
        subject=_header(message, "Subject"),
        sent_at=_date(message)[0],
        sender=senders[0][1] if senders else None,
        sender_name=senders[0][0] or None if senders else None,
        to_addresses=[address for _, address in listed["To"]],
        cc_addresses=[address for _, address in listed["Cc"]],
        bcc_addresses=[address for _, address in listed["Bcc"]],
        reply_to_addresses=[address for _, address in listed["Reply-To"]],
        recipients=", ".join(address for _, address in recipients) or None,
        recipient_names=[name for name, _ in recipients if name],
        in_reply_to=_header(message, "In-Reply-To"),
        mailer=_header(message, "X-Mailer") or _header(message, "User-Agent"),
        received_count=len(received),
        first_received_at=_instant(str(received[-1]).rpartition(";")[2]) if received else None,
        has_attachments=bool(attached),
        attachment_count=len(attached),
        attachment_names=names,
    )


def _parts(
    message: email.message.Message, place: str, depth: int
) -> Iterator[tuple[str, email.message.Message]]:
    """Leaf parts with their place (1.2.1), a mail within a mail being a leaf."""
    payload = message.get_payload()
    is_container = message.is_multipart() and message.get_content_type() != "message/rfc822"
    if not is_container or not isinstance(payload, list) or depth > _MOST_DEPTH:
        yield place, message
        return
    count = 0
    for number, part in enumerate(payload, 1):
        if not isinstance(part, email.message.Message):
            continue
        for found in _parts(part, f"{place}.{number}", depth + 1):
            yield found
            count += 1
            if count >= _MOST_PARTS:
                return


def _is_attached(part: email.message.Message) -> bool:
    if part.get_content_type() == "message/rfc822":
        return True
    disposition = str(part.get("Content-Disposition", "")).strip().lower()
    if disposition.startswith("attachment") or _raw_name(part) is not None:
        return True
    return part.get_content_maintype() not in ("text", "multipart")


def _part(place: str, part: email.message.Message) -> Yields:
    locator = f"part:{place}"
    if _is_attached(part):
        yield from _attachment(place, locator, part)
        return
    content = _bytes(part)
    if not content.strip():
        return
    codec = _codec(content, part.get_content_charset())
    decoded, replaced = codecs.decode(content, codec)
    if part.get_content_type() == "text/html":
        yield Text(locator=locator, segment="body_html", content=_from_html(decoded), codec=codec)
    else:
        yield Text(locator=locator, segment="body", content=decoded, codec=codec)
    if replaced:
        message = f"{replaced} bytes of the part are not {codec}; they stand in the text as \\xNN"
        yield Problem(kind=ProblemKind.DAMAGED, locator=locator, message=message)


def _attachment(place: str, locator: str, part: email.message.Message) -> Yields:
    if part.get_content_type() in (
        "application/pkcs7-mime",
        "application/x-pkcs7-mime",
        "application/pgp-encrypted",
    ):
        yield Problem(
            kind=ProblemKind.LOCKED,
            locator=locator,
            message="the part is encrypted; nothing in it is counted",
        )
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        nested = inner[0] if isinstance(inner, list) and inner else None
        content = nested.as_bytes() if isinstance(nested, email.message.Message) else _bytes(part)
    else:
        content = _bytes(part)
    is_inline = (
        str(part.get("Content-Disposition", "")).strip().lower().startswith("inline")
        or part.get("Content-ID") is not None
    )
    yield Member(
        locator=locator,
        name=_name(part, place),
        content=content,
        media_type=part.get_content_type(),
        is_inline=is_inline,
    )


def _bytes(part: email.message.Message) -> bytes:
    """The decoded content of a part; content that is not what its transfer encoding says comes as it stands."""
    try:
        content = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError, TypeError):
        content = None
    if isinstance(content, bytes):
        return content
    payload = part.get_payload()
    return payload.encode("utf-8", "surrogateescape") if isinstance(payload, str) else b""


def _codec(content: bytes, label: str | None) -> str:
    """The encoding by the bytes; the label decides only where the bytes leave it open."""
    told = codecs.decide(content)
    if told in ("cp1252", "cp932", "euc_jp") and label:
        try:
            content.decode(label)
        except (LookupError, UnicodeDecodeError, ValueError):
            return told
        named = label.lower().replace("-", "_")
        if named in ("shift_jis", "sjis", "x_sjis", "windows_31j", "cp932", "ms932"):
            return "cp932"
        is_japanese = told in ("cp932", "euc_jp") and named in (
            "us_ascii",
            "ascii",
            "iso_8859_1",
            "latin_1",
            "windows_1252",
            "utf_8",
            "iso_2022_jp",
        )
        return told if is_japanese else label
    return told


def _header(message: email.message.Message, name: str) -> str | None:
    value = message.get(name)
    return (
        None
        if value is None
        else _decoded(str(value) if not isinstance(value, email.header.Header) else _raw(value))
    )


def _raw(value: email.header.Header) -> str:
    return "".join(
        part if isinstance(part, str) else part.decode("utf-8", "surrogateescape")
        for part, _ in email.header.decode_header(value)
    )


def _decoded(value: str) -> str:
    """A header value with its encoded words (RFC 2047) and raw bytes read."""
    folded = re.sub(r"\r?\n[ \t]", " ", value).replace("\r", "").replace("\n", " ")
    # Words that stand beside one another may cut a character in two: those of one charset are joined first.
    pieces: list[tuple[bytes, str | None]] = []
    try:
        found = email.header.decode_header(folded)
    except (email.errors.HeaderParseError, ValueError, LookupError):
        found = [(folded, None)]
    for piece, charset in found:
        raw = piece.encode("utf-8", "surrogateescape") if isinstance(piece, str) else piece
        if pieces and charset is not None and pieces[-1][1] == charset:
            pieces[-1] = (pieces[-1][0] + raw, charset)
        else:
            pieces.append((raw, charset))
    return "".join(codecs.decode(raw, _codec(raw, charset))[0] for raw, charset in pieces).strip()


def _addresses(message: email.message.Message, name: str) -> list[tuple[str, str]]:
    """Name and address of every mailbox in a header."""
    raw = [
        str(one) if not isinstance(one, email.header.Header) else _raw(one)
        for one in message.get_all(name, [])
    ]
    # Addresses are taken apart before words are decoded: a decoded name may hold a comma.
    pairs = _LENIENT([re.sub(r"\r?\n[ \t]", " ", one) for one in raw])
    return [(_decoded(shown), address.strip().lower()) for shown, address in pairs if "@" in address]


def _raw_name(part: email.message.Message) -> str | None:
    try:
        return part.get_filename()
    except (ValueError, LookupError, TypeError):
        return None


def _name(part: email.message.Message, place: str) -> str:
    """An attachment's name as shown: RFC 2231, encoded words, or raw bytes; by its place where it has none."""
    raw = _raw_name(part)
    if raw:
        return _decoded(raw) or f"part-{place}"
    if part.get_content_type() == "message/rfc822":
        return f"part-{place}.eml"
    return f"part-{place}"


def _date(message: email.message.Message) -> tuple[datetime | None, Problem | None]:
    value = message.get("Date")
    if value is None or not str(value).strip():
        return None, None
    moment = _instant(str(value))
    if moment is not None:
        return moment, None
    return None, Problem(
        kind=ProblemKind.DAMAGED,
        locator="header:date",
        column="sent_at",
        message="the Date header is no date",
    )


def _instant(value: str) -> datetime | None:
    try:
        moment = email.utils.parsedate_to_datetime(value.strip())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    try:
        # -0000 says that the zone is not known, but the wall clock is UTC (RFC 5322, 3.3).
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def _defects(message: email.message.Message) -> Iterator[Problem]:
    for defect in message.defects[:20]:
        kind = ProblemKind.TRUNCATED if "Boundary" in type(defect).__name__ else ProblemKind.DAMAGED
        yield Problem(
            kind=kind, locator="", message=f"the mail breaks RFC 5322 or MIME: {type(defect).__name__}"
        )


class _Stripper(HTMLParser):
    """Text of HTML; ends of blocks and cells become line ends and tabs."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style"):
            self._hidden += 1
        elif tag in ("br", "p", "div", "tr", "li", "h1", "h2", "h3"):
            self.text.append("\n")
        elif tag in ("td", "th"):
            self.text.append("\t")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style") and self._hidden:
            self._hidden -= 1

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.text.append(data)


def _from_html(content: str) -> str:
    stripper = _Stripper()
    try:
        stripper.feed(content)
        stripper.close()
    except (AssertionError, ValueError):
        return content
    return re.sub(r"[ \xa0]+", " ", "".join(stripper.text)).strip()
