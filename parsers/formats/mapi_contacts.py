"""Contacts and distribution lists of Outlook as cards.

References:
    - [MS-OXOCNTC] Contact Object Protocol, 2.2.1 (contacts), 2.2.2 (distribution lists)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from parsers.formats.contacts import first_address
from parsers.formats.mapi import ADDRESS, Properties, one_off, text_list

_PHONES = (0x3A1A, 0x3A1C, 0x3A08, 0x3A1B, 0x3A09, 0x3A2F, 0x3A1F, 0x3A1E, 0x3A1D, 0x3A2C, 0x3A24, 0x3A25)
_MAILS = (0x8083, 0x8093, 0x80A3)
# Postal code, country, region, town, street: named of the office, then of the home, else the one letters go to.
_PLACES = (
    ((ADDRESS, 0x8048), (ADDRESS, 0x8049), (ADDRESS, 0x8047), (ADDRESS, 0x8046), (ADDRESS, 0x8045)),
    (0x3A5B, 0x3A5A, 0x3A5C, 0x3A59, 0x3A5D),
    (0x3A2A, 0x3A26, 0x3A28, 0x3A27, 0x3A29),
)


def contact(given: Properties) -> dict[str, Any]:
    """The values of a contact's card, and for the sheet postal codes and streets apart."""
    mails = [one for number in _MAILS if (one := given.text(given.named(ADDRESS, number)))]
    phones = list(dict.fromkeys(one for number in _PHONES if (one := given.text(number))))
    places = list(dict.fromkeys(place for numbers in _PLACES if (place := _place(given, numbers))))
    surname, name = given.text(0x3A11), given.text(0x3A06)
    return {
        # Surname first, as Japanese names are written; what Outlook shows where there are no parts.
        "contact_name": given.text(0x3001) or " ".join(one for one in (surname, name) if one) or None,
        "name_kana": " ".join(
            one for number in (0x802D, 0x802C) if (one := given.text(given.named(ADDRESS, number)))
        )
        or None,
        "contact_address": first_address(mails, phones),
        "mail_addresses": mails,
        "phone_numbers": phones,
        "postal_addresses": [" ".join(part for part in one if part) for one in places],
        "postal_codes": [code for code, _ in places],
        "streets": [street for _, street in places],
        "organisation": " ".join(one for number in (0x3A16, 0x3A18) if (one := given.text(number))) or None,
        "job_title": given.text(0x3A17),
        "birth_date": _birth_date(given),
        "contact_note": given.text(0x1000),
        "has_photo": bool(given.integer(given.named(ADDRESS, 0x8015))),
    }


def members(given: Properties) -> Iterator[dict[str, Any]]:
    """The values of a card for each member of a distribution list that stands in it with name and address."""
    kind, stored = given.values.get(given.named(ADDRESS, 0x8054), (0, b""))
    for one in text_list(kind, stored):
        if (found := one_off(one)) is not None:
            name, address = found
            mails = [address] if address else []
            yield {
                "contact_name": name or None,
                "contact_address": address or None,
                "mail_addresses": mails,
                "phone_numbers": [],
                "postal_addresses": [],
                "organisation": None,
                "has_photo": False,
            }


def _birth_date(given: Properties) -> str | None:
    """The date as the contact's owner sees it; without it the instant, of a midnight in a zone that is not told."""
    local = given.instant(given.named(ADDRESS, 0x80DE), "birth_date")
    if local is not None:
        return local.date().isoformat()
    at = given.instant(0x3A42, "birth_date")
    return at.isoformat() if at is not None else None


def _place(given: Properties, numbers: Any) -> tuple[str | None, str | None] | None:
    code, country, region, town, street = (
        given.text(one if isinstance(one, int) else given.named(*one)) for one in numbers
    )
    rest = "".join(one.replace("\r\n", " ") for one in (region, town, street) if one)
    return (code, rest or country) if code or rest else None
