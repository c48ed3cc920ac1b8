"""Contacts as every reader of an address book gives them: one table, and a sheet so that the persons in it are counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from parsers.contract import Column, Sheet, Table, boolean, integer, text, texts, utc
from parsers.formats import tabular
from parsers.questions import CONTACT

CARDS = Table(
    "contact_card",
    Column("contact_name", text, "Name of the contact.", is_personal=True),
    Column("name_kana", text, "Name in kana, as far as the contact has its sound.", is_personal=True),
    Column("contact_address", text, "First mail address, else first telephone number.", is_personal=True),
    Column("mail_addresses", texts, "Mail addresses, in stored order.", is_personal=True),
    Column("phone_numbers", texts, "Telephone numbers as written, in stored order.", is_personal=True),
    Column(
        "postal_addresses", texts, "Addresses, each in one line, its postal code first.", is_personal=True
    ),
    Column("organisation", text, "Organisation and its units."),
    Column("job_title", text, "Title or role in the organisation."),
    Column("birth_date", text, "Date of birth as written.", is_personal=True),
    Column("contact_note", text, "Note to the contact.", is_personal=True),
    Column("has_photo", boolean, "Whether a picture belongs to the contact."),
    Column("contact_id", text, "Identifier the address book gives the contact."),
    Column("contact_account", text, "Account whose address book the contact stands in.", is_personal=True),
    Column("contact_created_at", utc, "When the contact was made, as the address book says."),
    Column("contact_changed_at", utc, "When the contact was last changed, as the address book says."),
    Column("is_deleted", boolean, "Whether the contact is marked as deleted and waits to be removed."),
    Column("card_version", text, "Version of the format."),
    Column("card_number", integer, "Number of the contact in its file, counted from 1."),
    answers=CONTACT(contact_name="contact_name", contact_address="contact_address"),
)

# What rows of the sheet hold beside the columns of the table, one for each address.
_OF_SHEET = ("postal_codes", "streets")
# Words the recognisers of sheets know, above the columns of the sheet.
_HEADER = (
    "氏名",
    "フリガナ",
    "会社名",
    "郵便番号",
    "住所",
    "電話番号",
    "携帯電話",
    "メールアドレス",
    "メールアドレス2",
    "生年月日",
)


def row_values(one: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a contact that are columns of CARDS."""
    return {name: value for name, value in one.items() if name not in _OF_SHEET}


def sheet(name: str, rows: Sequence[Mapping[str, Any]], codec: str | None) -> Sheet:
    """The contacts of one file as a sheet: a row for each, its first address, two numbers and two mail addresses.

    `rows` are the values of rows of CARDS, and for the sheet alone `postal_codes` and `streets`, one for each address.
    """
    lines = [(number, _cells(one)) for number, one in enumerate(rows, 1)]
    return Sheet(
        name=name,
        locator="card:1",
        width=len(_HEADER),
        header=_HEADER,
        header_row=None,
        codec=codec,
        batches=tabular.at_least_one(tabular.batches(lines, len(_HEADER)), len(_HEADER)),
    )


def _cells(one: Mapping[str, Any]) -> list[str | None]:
    def at(name: str, place: int) -> str | None:
        listed = one.get(name) or ()
        return listed[place] if place < len(listed) else None

    return [
        one.get("contact_name"),
        one.get("name_kana"),
        one.get("organisation"),
        at("postal_codes", 0),
        at("streets", 0),
        at("phone_numbers", 0),
        at("phone_numbers", 1),
        at("mail_addresses", 0),
        at("mail_addresses", 1),
        one.get("birth_date"),
    ]


def first_address(mails: Sequence[str], phones: Sequence[str]) -> str | None:
    """What a contact is reached by first."""
    return next(iter((*mails, *phones)), None)
