"""One mail in its bytes, as a row, texts and members: what a file and each message of a mailbox are read with.

References:
    - RFC 5322 Internet Message Format, 3.3 (dates), 3.4 (addresses), 3.6 (fields); RFC 2045 to 2047, RFC 2183, RFC 2231
"""

from __future__ import annotations

import email.utils
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from parsers.contract import Member, Problem, ProblemKind, Row, Status, Text, Yields
from parsers.formats.mail_message import MAIL
from parsers.formats.mime import Part, decode_text, header_text, html_text, transfer_decoded, unescaped

_RECIPIENTS = ("to", "cc", "bcc")
_NAMED = ("to_addresses", "cc_addresses", "bcc_addresses")
# RFC 5322 3.3: -0000 is universal time as well, of a zone not told.
_UNIVERSAL = re.compile(r"[-+]00(00)?\b|\b(UTC?|GMT|Z)\b")
_MESSAGE_ID = re.compile(r"<([^<>]+)>")
_BODIES = {"text/plain": "body", "text/html": "body_html", "message/delivery-status": "delivery_status", "text/rfc822-headers": "returned_headers"}  # fmt: skip
_ENCRYPTED = ("multipart/encrypted", "application/pgp-encrypted")
_ENVELOPED = ("application/pkcs7-mime", "application/x-pkcs7-mime")


def message(
    found: Sequence[Part],
    at: str = "",
    *,
    stored: Mapping[str, Any] | None = None,
    is_recovered: bool = False,
) -> Yields:
    """One row for a mail, what was wrong with its headers, then subject, bodies and attachments as they are stored.

    `found` are its parts, `at` the locator of the mail in its mailbox, `stored` what the mailbox says of it.
    """
    for one in _message(found, stored or {}, is_recovered=is_recovered):
        if not at:
            yield one
        elif isinstance(one, Row):
            yield replace(one, locator=at)
        elif isinstance(one, Text | Member | Problem):
            yield replace(one, locator=at if one.locator == "0" else f"{at}/{one.locator}")


def _message(found: Sequence[Part], stored: Mapping[str, Any], *, is_recovered: bool) -> Yields:
    head = found[0]
    problems: list[Problem] = []
    values = headers(head, problems) | dict(stored)
    attached = [one for one in found if _is_file(one) and not _is_inline(one)]
    values["attachment_count"], values["has_attachments"] = len(attached), bool(attached)
    values["attachment_names"] = [_name(one) for one in attached]
    if not head.fields:
        message = "no header line at its beginning: is it a mail?"
        problems.append(Problem(kind=ProblemKind.UNRECOGNISED, locator="0", message=message))
    status = Status.RECOVERED if is_recovered else Status.PARTIAL if problems else Status.OK
    yield MAIL.row("0", status, **values)
    yield from problems
    if values["subject"]:
        codec = header_text(head.field("subject") or b"").codec
        yield Text(locator="header", segment="subject", content=values["subject"], codec=codec)
    for part in found:
        yield from _content(part)


def headers(head: Part, problems: list[Problem]) -> dict[str, Any]:
    """What the header fields of a mail say; what cannot be read is null and a problem."""
    values: dict[str, Any] = {
        "message_id": _first_id(head, "message-id"),
        "in_reply_to": _first_id(head, "in-reply-to"),
        "reference_ids": [
            one for raw in head.all("references") for one in _MESSAGE_ID.findall(header_text(raw).text)
        ],
        "subject": _text(head, "subject", "subject", problems),
        "mailer": _text(head, "x-mailer", "mailer", problems)
        or _text(head, "user-agent", "mailer", problems),
        "received_count": len(head.all("received")),
    }
    senders = _addresses(head, ("from",))
    values["sender"], values["sender_name"] = next(
        ((address or None, name or None) for address, name in senders), (None, None)
    )
    values["submitted_by"] = next((address for address, _ in _addresses(head, ("sender",)) if address), None)
    everyone: list[tuple[str, str]] = []
    for name, column in zip(_RECIPIENTS, _NAMED, strict=True):
        named = _addresses(head, (name,))
        values[column] = [address for address, _ in named if address]
        everyone += named
    values["recipients"] = ", ".join(address or name for address, name in everyone) or None
    values["recipient_names"] = [name for _, name in everyone]
    for column, names in (
        ("reply_to_addresses", ("reply-to",)),
        ("resent_to_addresses", ("resent-to", "resent-cc", "resent-bcc")),
        ("delivered_to_addresses", ("delivered-to", "x-original-to")),
    ):
        values[column] = [address for address, _ in _addresses(head, names) if address]
    values |= _sent(head, problems)
    if values["received_count"]:
        # Each server puts its line on top: the last one is the first hop (RFC 5321 4.4).
        _, semicolon, date = header_text(head.all("received")[-1]).text.rpartition(";")
        try:
            values["first_received_at"] = _instant(_date(date)) if semicolon else None
        except ValueError as error:
            problems.append(_damaged(str(error), "first_received_at"))
    return values


def _text(head: Part, name: str, column: str, problems: list[Problem]) -> str | None:
    raw = head.field(name)
    if raw is None:
        return None
    decoded = header_text(raw)
    if decoded.replaced:
        problems.append(
            _damaged(f"{decoded.replaced} bytes are not {decoded.codec}; they stand as \\xNN", column)
        )
    return decoded.text


def _damaged(message: str, column: str) -> Problem:
    return Problem(kind=ProblemKind.DAMAGED, locator="header", message=message, column=column)


def _first_id(head: Part, name: str) -> str | None:
    raw = head.field(name)
    if raw is None:
        return None
    told = header_text(raw).text
    found = _MESSAGE_ID.search(told)
    return found[1].strip() if found else told or None


def _sent(head: Part, problems: list[Problem]) -> dict[str, Any]:
    raw = head.field("date")
    if raw is None:
        return {}
    try:
        wall = _date(header_text(raw).text)
        sent_at = _instant(wall)
    except ValueError as error:
        problems.append(_damaged(str(error), "sent_at"))
        return {}
    offset = wall.utcoffset()
    minutes = None if offset is None else offset // timedelta(minutes=1)
    return {"sent_at": sent_at, "sent_local": wall.replace(tzinfo=None), "sent_offset_minutes": minutes}


def _date(told: str) -> datetime:
    """A date as wall clock with its offset, without one where it names none.

    Raises:
        ValueError: it is no date, or one no calendar has.
    """
    what = told.strip()
    try:
        found = email.utils.parsedate_tz(what)
    except (ValueError, IndexError, TypeError):
        found = None
    if found is None:
        raise ValueError(f"{what[:80]!r} is no date of RFC 5322 3.3")
    year, month, day, hour, minute, second = found[:6]
    try:
        # A leap second has no instant of its own here.
        wall = datetime(year, month, day, hour, minute, min(second, 59))  # noqa: DTZ001  the zone is put on below
    except ValueError as error:
        raise ValueError(f"{what[:80]!r} is no date: {error}") from error
    offset = found[9]
    if not offset and not _UNIVERSAL.search(what):
        # The library gives 0 for a zone it does not know. JST is none of RFC 5322 4.3, and common.
        if not re.search(r"\bJST\b", what):
            return wall
        offset = 9 * 3600
    offset = offset or 0
    if abs(offset) >= 86400:
        raise ValueError(f"{what[:80]!r} is no date: its zone is {offset} seconds from UTC")
    return wall.replace(tzinfo=timezone(timedelta(seconds=offset)))


def _instant(wall: datetime) -> datetime | None:
    """A wall clock with an offset as UTC, None without one."""
    if wall.tzinfo is None:
        return None
    try:
        return wall.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{wall} has no instant in UTC") from error


def _addresses(head: Part, names: Sequence[str]) -> list[tuple[str, str]]:
    """Address (lower case, empty where there is none) and name of each mailbox in fields, groups opened."""
    found = []
    for name in names:
        for raw in head.all(name):
            # Raw ISO-2022-JP holds commas and brackets in its bytes: it is decoded first, encoded words last.
            for piece in _pieces(re.sub(r"\r*\n|\r", " ", unescaped(raw).text)):
                address, label = _mailbox(piece)
                if address or label:
                    found.append((address, label))
    return found


def _pieces(value: str) -> Iterator[str]:
    """A list of mailboxes cut at its commas, those in quotes, comments and brackets left alone (RFC 5322 3.4)."""
    start = depth = index = 0
    is_quoted = is_bracketed = False
    while index < len(value):
        sign = value[index]
        if sign == "\\" and (is_quoted or depth):
            index += 1
        elif sign == '"' and not depth:
            is_quoted = not is_quoted
        elif is_quoted:
            pass
        elif sign == "(":
            depth += 1
        elif sign == ")":
            depth = max(depth - 1, 0)
        elif depth:
            pass
        elif sign in "<>":
            is_bracketed = sign == "<"
        elif sign in ",;" and not is_bracketed:
            yield value[start:index]
            start = index + 1
        elif sign == ":" and not is_bracketed and "@" not in value[start:index]:
            start = index + 1  # the name of a group
        index += 1
    yield value[start:]


def _mailbox(piece: str) -> tuple[str, str]:
    """Address and name of one mailbox; a name that holds the whole mailbox in an encoded word is opened."""
    name, bracket, rest = piece.rpartition("<")
    if bracket:
        address = rest.partition(">")[0].rpartition(":")[2]
        label = _phrase(name)
    else:
        address, comment = _uncommented(piece)
        label = _phrase(comment)
    address = (
        re.sub(r"\s+", "", header_text(address).text).strip("\"'") if "@" in address else address.strip()
    )
    if "@" in address:
        return address.lower(), label
    opened = header_text(address).text
    if "@" in opened and opened != address:
        return _mailbox(opened)
    # A local user (root) is an address; words with spaces between them are a name.
    return (
        (opened.lower(), label)
        if opened and not re.search(r'[\s"]', opened)
        else ("", label or _phrase(address))
    )


def _uncommented(piece: str) -> tuple[str, str]:
    """A mailbox without its comments, and what the comments say (RFC 5322 3.2.2); those may be nested."""
    outside: list[str] = []
    inside: list[str] = []
    depth = 0
    for sign in piece:
        if sign == "(":
            depth += 1
        if depth != 1 or sign not in "()":
            (inside if depth else outside).append(sign)
        if sign == ")":
            depth = max(depth - 1, 0)
    return "".join(outside), "".join(inside)


def _phrase(value: str) -> str:
    stripped = value.strip()
    if len(stripped) > 1 and stripped[0] == stripped[-1] == '"':
        stripped = re.sub(r"\\(.)", r"\1", stripped[1:-1])
    return header_text(stripped).text


def _disposition(part: Part) -> str:
    return (
        (part.field("content-disposition") or b"").split(b";")[0].strip().lower().decode("ascii", "replace")
    )


def _stated_name(part: Part) -> str | None:
    return part.parameter("content-disposition", "filename") or part.parameter("content-type", "name")


def _is_file(part: Part) -> bool:
    if part.is_container or part.is_cut:
        return False
    if part.media_type in _BODIES:
        return _disposition(part) == "attachment" or _stated_name(part) is not None
    return not part.media_type.startswith("multipart/")


def _is_inline(part: Part) -> bool:
    """Whether a file is shown within the text (a picture with a Content-ID), not attached."""
    return (
        part.media_type.startswith("image/")
        and _disposition(part) != "attachment"
        and part.field("content-id") is not None
    )


def _name(part: Part) -> str:
    """Name of a file as stated; one without a name is called by its part, an attached mail with .eml."""
    suffix = ".eml" if part.media_type == "message/rfc822" else ""
    return _stated_name(part) or f"part-{part.number}{suffix}"


def _content(part: Part) -> Yields:
    """Text or file of a part, and what was wrong with it."""
    locator = f"part:{part.number}"
    for defect in part.defects:
        kind = ProblemKind.LIMIT if part.is_cut else ProblemKind.DAMAGED
        yield Problem(kind=kind, locator=locator, message=defect)
    is_enveloped = (
        part.media_type in _ENVELOPED and part.parameter("content-type", "smime-type") != "signed-data"
    )
    if part.media_type in _ENCRYPTED or is_enveloped:
        yield Problem(
            kind=ProblemKind.LOCKED,
            locator=locator,
            message=f"the part is encrypted ({part.media_type}); its content is not read",
        )
    if part.is_container or part.is_cut:
        return
    body, wrong = transfer_decoded(part)
    if wrong:
        yield Problem(kind=ProblemKind.DAMAGED, locator=locator, message=f"transfer encoding: {wrong}")
    if _is_file(part):
        yield Member(
            locator=locator,
            name=_name(part),
            content=body,
            media_type=part.media_type,
            is_inline=_is_inline(part),
        )
        return
    charset = part.parameter("content-type", "charset")
    is_page = part.media_type == "text/html"
    decoded = html_text(body, charset) if is_page else decode_text(body, charset)
    if decoded.replaced:
        message = f"{decoded.replaced} bytes are not {decoded.codec}; they stand as \\xNN"
        yield Problem(kind=ProblemKind.DAMAGED, locator=locator, message=message)
    if decoded.text.strip():
        yield Text(
            locator=locator,
            segment=_BODIES.get(part.media_type, "body"),
            content=decoded.text,
            codec=decoded.codec,
        )
