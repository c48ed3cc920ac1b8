r"""Contacts of Windows (.contact), one file each in the folder Contacts of a profile, since Windows Vista.

Shows: a contact with name, sound of the name, numbers, mail and postal addresses, organisation and date of birth, when it
was made and last changed by the machine's clock; as a sheet as well, so that its person is counted.
Does not show: who entered it (Windows makes one of the user's own account, imports make many at once), or that anybody
used it. A contact may be a company or a group.
Not read: pictures and certificates (`has_photo` tells of the first), addresses of messengers and pages, members of groups,
extensions of single programs (MSP2P, MSWABMAPI, among them the sounds of Outlook Express).

The XML is read up to where it breaks off. A document type is refused, so that no entity is ever expanded.

References:
    - Microsoft, "Windows Contact Schema Overview" and "Windows Contact Schema Element Definitions" (cited as [WCS])
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import Element, ParseError, XMLPullParser

from parsers.contract import Artefact, Problem, ProblemKind, Status, Want, Yields, parser
from parsers.formats import codecs
from parsers.formats.contacts import CARDS, first_address, row_values, sheet

_NAMESPACE = "http://schemas.microsoft.com/Contact"
_MARK = _NAMESPACE.encode()
_DOCTYPE = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
# Contacts hold pictures in base64; none has so many elements.
_MOST_BYTES = 16 << 20
_MOST_ELEMENTS = 20_000
_FED_SIGNS = 1 << 16
_FRACTION = re.compile(r"(\.\d{1,6})\d*")
# A day is kept as its midnight.
_MIDNIGHT = re.compile(r"T00:00:00(?:\.0+)?Z?\Z")
_BIRTHDAY = "birthday"


def _is_contact(head: bytes) -> bool:
    narrow = head.replace(b"\0", b"")
    return _MARK in narrow and re.search(rb"<(?:[\w.-]+:)?contact[\s>]", narrow) is not None


@dataclass(slots=True)
class _Document:
    """The root with what could be read below it, and what was wrong."""

    root: Element | None = None
    wrong: list[tuple[ProblemKind, str]] = field(default_factory=list)


@parser(
    version=1,
    wants=(Want("**/*.contact", sniff=_is_contact), Want(sniff=_is_contact)),
    tables=(CARDS,),
)
def contact_file(artefact: Artefact) -> Yields:
    """One row, whose locator is `contact`, and a sheet of that one row."""
    with artefact.open() as stream:
        content = stream.read(_MOST_BYTES + 1)
    codec = codecs.decide(content)
    told, lost = codecs.decode(content[:_MOST_BYTES], codec)
    document = _parsed(told)
    if len(content) > _MOST_BYTES:
        document.wrong = [(ProblemKind.LIMIT, f"more than {_MOST_BYTES} bytes: the rest is not read")]
    if lost:
        message = f"{lost} bytes are not {codec}; they stand in the values as \\xNN"
        document.wrong.append((ProblemKind.DAMAGED, message))
    if document.root is not None:
        yield from _contact(document, document.root, artefact.path.rsplit("/", 1)[-1], codec)
    for kind, message in document.wrong:
        yield Problem(kind=kind, locator="contact", message=message)


def _contact(document: _Document, root: Element, name: str, codec: str) -> Yields:
    reading = _Reading(root, is_whole=not document.wrong)
    values = reading.values()
    is_partial = bool(document.wrong or reading.wrong)
    own = row_values(values)
    yield CARDS.row("contact", Status.PARTIAL if is_partial else Status.OK, **own)
    born = values["birth_date"]
    yield sheet(name, [values | {"birth_date": born and _MIDNIGHT.sub("", born)}], codec)
    for column, message in reading.wrong:
        yield Problem(kind=ProblemKind.DAMAGED, locator="contact", message=message, column=column)


def _parsed(told: str) -> _Document:
    """The document as far as it can be read; nothing where it has a document type or another root."""
    found = _Document()
    if _DOCTYPE.search(told):
        found.wrong.append((ProblemKind.UNSUPPORTED, "a document type is declared, which no contact has"))
        return found
    puller: XMLPullParser[Any] = XMLPullParser(("start",))
    count = 0
    try:
        for start in range(0, len(told), _FED_SIGNS):
            puller.feed(told[start : start + _FED_SIGNS])
            for _, element in _events(puller):
                found.root = element if found.root is None else found.root
                count += 1
            if count > _MOST_ELEMENTS:
                message = f"more than {_MOST_ELEMENTS} elements: the rest is not read"
                found.wrong.append((ProblemKind.LIMIT, message))
                break
        else:
            puller.close()
    except (ParseError, ValueError) as error:  # ValueError: an encoding that is none
        is_cut = "no element found" in str(error) or "unclosed token" in str(error)
        kind = ProblemKind.TRUNCATED if is_cut else ProblemKind.DAMAGED
        found.wrong.append((kind, f"the XML is read up to where it breaks off: {str(error)[:200]}"))
    if found.root is not None and found.root.tag != f"{{{_NAMESPACE}}}contact":
        message = f"the root is {str(found.root.tag)[:80]!r} and no contact"
        found.root, found.wrong = None, [(ProblemKind.UNRECOGNISED, message)]
    return found


def _events(puller: XMLPullParser[Any]) -> Iterator[Any]:
    events: Iterator[Any] = puller.read_events()
    return events


class _Reading:
    """The columns out of the elements of [WCS], and what of them could not be read."""

    def __init__(self, root: Element, *, is_whole: bool) -> None:
        self._root = root
        self._is_whole = is_whole
        self.wrong: list[tuple[str, str]] = []

    def values(self) -> dict[str, Any]:
        """The values of the row, and for the sheet postal codes and streets apart."""
        mails = self._each("EmailAddress", "Address")
        phones = self._each("PhoneNumber", "Number")
        places = [_place(one) for one in self._items("PhysicalAddress")]
        places = [one for one in places if any(one)]
        name = next(iter(self._items("Name")), None)
        position = next(iter(self._items("Position")), None)
        organisation = " ".join(filter(None, (_text(position, one) for one in ("Company", "Department"))))
        return {
            "contact_name": _name(name),
            "name_kana": _text(name, "Phonetic"),
            "contact_address": first_address(mails, phones),
            "mail_addresses": mails,
            "phone_numbers": phones,
            "postal_addresses": [" ".join(part for part in one if part) for one in places],
            "postal_codes": [code for code, _ in places],
            "streets": [street for _, street in places],
            "organisation": organisation or _text(position, "Organization"),
            "job_title": _text(position, "JobTitle") or _text(position, "Role"),
            "birth_date": self._birth_date(),
            "contact_note": _text(self._root, "Notes"),
            "has_photo": self._has_photo(),
            "contact_id": next(iter(self._each("ContactID", "Value")), None),
            "contact_created_at": self._instant("CreationDate", "contact_created_at"),
            "contact_changed_at": self._instant("ModificationDate", "contact_changed_at"),
            "card_version": self._root.get(f"{{{_NAMESPACE}}}Version"),
            "card_number": 1,
        }

    def _items(self, name: str) -> list[Element]:
        """The entries of a collection; those that were removed are there without content."""
        collection = _child(self._root, f"{name}Collection")
        return [] if collection is None else [one for one in collection if one.tag == _tag(name)]

    def _each(self, name: str, part: str) -> list[str]:
        return [told for one in self._items(name) if (told := _text(one, part))]

    def _has_photo(self) -> bool | None:
        """Whether there is a picture; null where it could stand in what is not read."""
        found = any(_text(one, "Value") or _text(one, "Url") for one in self._items("Photo"))
        return found if found or self._is_whole else None

    def _birth_date(self) -> str | None:
        """The date whose label is `wab:Birthday`."""
        for one in self._items("Date"):
            labels = _child(one, "LabelCollection")
            named = [] if labels is None else [(label.text or "").strip().casefold() for label in labels]
            if any(label.rpartition(":")[2] == _BIRTHDAY for label in named):
                return _text(one, "Value")
        return None

    def _instant(self, name: str, column: str) -> datetime | None:
        """[WCS]: dates are written in UTC (`2026-09-28T09:12:30Z`)."""
        told = _text(self._root, name)
        if told is None:
            return None
        try:
            found = datetime.fromisoformat(_FRACTION.sub(r"\1", told))
            if found.tzinfo is not None:
                return found.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
        self.wrong.append((column, f"{name} is {told[:40]!r}"))
        return None


def _tag(name: str) -> str:
    return f"{{{_NAMESPACE}}}{name}"


def _child(element: Element | None, name: str) -> Element | None:
    return None if element is None else element.find(_tag(name))


def _text(element: Element | None, name: str) -> str | None:
    found = _child(element, name)
    return None if found is None else (found.text or "").strip() or None


def _name(name: Element | None) -> str | None:
    """The name as shown, else surname and given name, as they are written in Japan."""
    parts = (_text(name, one) for one in ("FamilyName", "GivenName"))
    return _text(name, "FormattedName") or " ".join(filter(None, parts)) or _text(name, "NickName")


def _place(place: Element) -> tuple[str | None, str | None]:
    """Postal code, and the rest from the largest part to the smallest."""
    region = "".join(filter(None, (_text(place, one) for one in ("Region", "Locality", "Street"))))
    parts = (region, _text(place, "ExtendedAddress"), _text(place, "POBox"))
    return _text(place, "PostalCode"), " ".join(filter(None, parts)) or _text(place, "AddressLabel")
