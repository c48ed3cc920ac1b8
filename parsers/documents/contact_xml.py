"""ContactXML (.xml): the address books that postcard programs (筆まめ, 筆ぐるめ, 筆王, 宛名職人, はがきスタジオ) exchange.

Shows: each contact with name, its sound, addresses, numbers, mail addresses, organisation and note; all of them as a sheet as well,
and a sheet of the names of family printed beside a contact's own, with its address, so that their persons are counted.
Does not show: that a card was printed or sent; a mark of the year says so as the program understands it and stays in the note.
Not read: pictures; the addresses of program and style sheet; what is not of a contact.

References:
    - XML Consortium, "ContactXML 仕様書" 1.1a (2003): PersonName, Address, Occupation, Phone, Email, Extension
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from parsers.contract import Artefact, Problem, ProblemKind, Sheet, Status, Want, Yields, parser
from parsers.formats import codecs, tabular
from parsers.formats.contacts import CARDS, first_address, row_values, sheet
from parsers.formats.spool import clean
from parsers.formats.xml_stream import END, START, BadPart, events

_MOST_CONTACTS = 1_000_000
_LONGEST = 1 << 16
_MOST_VALUES = 200
_DECLARED = re.compile(r"\A\s*<\?xml[^>]{0,200}\?>")
_ADDRESS_LINES = ("Prefecture", "City", "Town", "Number", "Building", "POB")
_FAMILY = ("氏名", "敬称", "郵便番号", "住所")


def _is_contact_xml(head: bytes) -> bool:
    return re.search(rb"<(?:\w{1,20}:)?ContactXML[\s>]", head.replace(b"\0", b"")) is not None


@dataclass(slots=True)
class _Value:
    """A text within a contact: the elements it stands in, innermost last, and their attributes."""

    path: tuple[str, ...]
    given: dict[str, str]
    text: str
    group: int


@dataclass(slots=True)
class _Contact:
    number: int
    given: dict[str, str]
    values: list[_Value] = field(default_factory=list)
    is_cut: bool = False
    is_full: bool = False

    def of(self, element: str, /, **given: str) -> list[str]:
        """Texts of an element, of those with these attributes."""
        return [
            one.text
            for one in self.values
            if one.path[-1] == element and all(one.given.get(key) == value for key, value in given.items())
        ]


@parser(
    version=1,
    wants=(Want("**/*.xml", sniff=_is_contact_xml, is_strict=False), Want(sniff=_is_contact_xml)),
    tables=(CARDS,),
)
def contact_xml(artefact: Artefact) -> Yields:
    """One row for each contact in stored order, then sheets of contacts and of their family; the locator is `contact:` and its number."""
    with artefact.open() as stream:
        codec = codecs.decide(codecs.sample(stream))
    decoder = codecs.Decoder(codec)
    found: list[dict[str, Any]] = []
    family: list[tuple[int, list[str | None]]] = []
    wrong: list[Problem] = []
    for contact in _contacts(_utf8(artefact, decoder), wrong):
        if len(found) >= _MOST_CONTACTS:
            message = f"more than {_MOST_CONTACTS} contacts: the rest is not read"
            wrong.append(
                Problem(kind=ProblemKind.LIMIT, locator=f"contact:{contact.number}", message=message)
            )
            break
        values = _row(contact)
        # The sheet has a column for the second telephone: a facsimile is none.
        found.append(values | {"phone_numbers": _phones(contact, is_fax=False)})
        family += [(contact.number, cells) for cells in _family(contact, values)]
        status = Status.PARTIAL if contact.is_cut else Status.OK
        yield CARDS.row(f"contact:{contact.number}", status, **row_values(values))
    name = artefact.path.rsplit("/", 1)[-1]
    if found:
        yield sheet(name, found, codec)
    if family:
        yield Sheet(
            name=f"{name} 連名",
            locator="family",
            width=len(_FAMILY),
            header=_FAMILY,
            header_row=None,
            codec=codec,
            batches=tabular.at_least_one(tabular.batches(family, len(_FAMILY)), len(_FAMILY)),
        )
    yield from wrong
    if decoder.replaced:
        message = f"{decoder.replaced} bytes are not {codec}, the first at offset {decoder.first_offset}; they stand in the values as \\xNN"
        yield Problem(kind=ProblemKind.DAMAGED, locator=f"offset:{decoder.first_offset}", message=message)


def _utf8(artefact: Artefact, decoder: codecs.Decoder) -> Iterator[bytes]:
    """The document in UTF-8, whatever it says of itself."""
    is_first = True
    with artefact.open() as stream:
        for piece in codecs.texts(stream, decoder):
            if is_first and piece:
                piece, is_first = _DECLARED.sub("", piece.lstrip("\ufeff")), False
            yield piece.encode("utf-8", "backslashreplace")


def _contacts(blocks: Iterator[bytes], wrong: list[Problem]) -> Iterator[_Contact]:
    """Contacts as they end; one that the document breaks off in is given as far as it goes."""
    contact: _Contact | None = None
    open_elements: list[tuple[str, dict[str, str]]] = []
    words: list[str] = []
    count = group = 0
    try:
        for kind, name, given in events(blocks):
            if kind == START:
                local = name.rpartition(":")[2]
                if local == "ContactXMLItem" and contact is None:
                    count += 1
                    contact, open_elements = _Contact(count, given), []
                elif contact is not None:
                    open_elements.append(
                        (local, {key.rpartition(":")[2]: told for key, told in given.items()})
                    )
                    group += local.endswith("Item")
                words = []
            elif kind == END:
                if contact is not None and open_elements:
                    _keep(contact, open_elements, "".join(words), group, wrong)
                    open_elements.pop()
                elif contact is not None:
                    yield contact
                    contact = None
                words = []
            elif contact is not None and len(words) < _LONGEST:
                words.append(name)
    except BadPart as error:
        wrong.append(Problem(kind=error.kind, locator=f"contact:{max(count, 1)}", message=clean(str(error))))
        if contact is not None:
            contact.is_cut = True
            yield contact


def _keep(
    contact: _Contact,
    elements: list[tuple[str, dict[str, str]]],
    words: str,
    group: int,
    wrong: list[Problem],
) -> None:
    given: dict[str, str] = {}
    for _, one in elements:
        given |= one
    text = clean(" ".join(words[:_LONGEST].split()))
    sound = elements[-1][1].get("pronunciation", "")
    if not text and not sound:
        return
    if len(contact.values) >= _MOST_VALUES:
        if not contact.is_full:
            message = f"more than {_MOST_VALUES} values: the rest of the contact is not read"
            wrong.append(
                Problem(kind=ProblemKind.LIMIT, locator=f"contact:{contact.number}", message=message)
            )
            contact.is_full = True
        return
    given["pronunciation"] = clean(sound[:_LONGEST].strip())
    contact.values.append(_Value(tuple(name for name, _ in elements), given, text, group))


def _row(contact: _Contact) -> dict[str, Any]:
    surname, given = _name(contact, "LastName"), _name(contact, "FirstName")
    full = _name(contact, "FullName")
    addresses = _addresses(contact)
    phones = [*_phones(contact, is_fax=False), *_phones(contact, is_fax=True)]
    mails = [one.text for one in contact.values if one.path[-1] == "EmailItem"]
    units = [*contact.of("OrganizationName"), *contact.of("Department")]
    known = ("NamesOfFamily", "Suffix", "X-Suffix", "Birthday", "BirthDay", "Memo")
    notes = contact.of("ExtensionItem", name="Memo") + [
        f"{one.given.get('name', '')}: {one.text}"
        for one in contact.values
        if one.path[-1] == "ExtensionItem" and not one.given.get("name", "").startswith(known)
    ]
    born = [*contact.of("ExtensionItem", name="Birthday"), *contact.of("ExtensionItem", name="BirthDay")]
    return {
        "contact_name": full[0] or " ".join(filter(None, (surname[0], given[0]))) or None,
        "name_kana": full[1] or " ".join(filter(None, (surname[1], given[1]))) or None,
        "contact_address": first_address(mails, phones),
        "mail_addresses": mails or None,
        "phone_numbers": phones or None,
        "postal_addresses": [" ".join(filter(None, one)) for one in addresses] or None,
        "postal_codes": [code or None for code, _ in addresses],
        "streets": [street or None for _, street in addresses],
        "organisation": " ".join(units) or None,
        "job_title": next(iter(contact.of("JobTitle")), None),
        "birth_date": next(iter(born), None),
        "contact_note": "\n".join(notes) or None,
        "contact_id": contact.given.get("contactXMLItemID") or contact.given.get("contactID"),
        "card_number": contact.number,
    }


def _name(contact: _Contact, element: str) -> tuple[str, str]:
    """A part of the name and its sound."""
    for one in contact.values:
        if one.path[-1] == element and "PersonNameItem" in one.path:
            return one.text, one.given.get("pronunciation", "")
    return "", ""


def _addresses(contact: _Contact) -> list[tuple[str, str]]:
    """Postal code and the rest of each address that has one of both, in stored order."""
    found: dict[int, dict[str, str]] = {}
    for one in contact.values:
        if "AddressItem" not in one.path:
            continue
        told = found.setdefault(one.group, {})
        key = one.given.get("addressLineType", "") if one.path[-1] == "AddressLine" else one.path[-1]
        if one.path[-1] != "AddressCode" or one.given.get("codeDomain", "").upper().startswith("ZIP"):
            told.setdefault(key, one.text)
    out = []
    for told in found.values():
        street = told.get("FullAddress") or "".join(told.get(one, "") for one in _ADDRESS_LINES)
        if street or told.get("AddressCode"):
            out.append((told.get("AddressCode", ""), street))
    return out


def _phones(contact: _Contact, *, is_fax: bool) -> list[str]:
    """Numbers of telephones, or of facsimiles."""
    items = [one for one in contact.values if one.path[-1] == "PhoneItem"]
    return [one.text for one in items if ("Fax" in one.given.values()) == is_fax]


def _family(contact: _Contact, values: dict[str, Any]) -> Iterator[list[str | None]]:
    """The names printed beside the contact's own: given names, with the family name put before."""
    surname = _name(contact, "LastName")[0]
    marks = [
        next(iter(contact.of("ExtensionItem", name=f"X-Suffix{place}")), None)
        for place in range(1, _MOST_VALUES)
    ]
    code, street = next(iter(values["postal_codes"]), None), next(iter(values["streets"]), None)
    for place, name in enumerate(contact.of("ExtensionItem", name="NamesOfFamily")):
        has_surname = " " in name or "　" in name or not surname
        yield [
            name if has_surname else f"{surname} {name}",
            marks[place] if place < len(marks) else None,
            code,
            street,
        ]
