r"""Contacts and calls of Android (contacts2.db, its calllog.db since Android 7, profile.db of the owner).

Shows: each contact of each account with names, numbers, addresses and when it was last changed; all of them as a sheet as
well, so that their persons are counted; each call kept, with whom, when, in which direction and for how long.
Does not show: who entered a contact (accounts bring them from elsewhere), or who held the telephone. Calls are kept up to a
number (500 on most) and can be removed one by one; `call_name` is what the contacts said when the list was last matched.
Times are the clock of the telephone.
Not read: what programs add to contacts (accounts of messengers), groups, pictures (`has_photo` tells of them), who was called how
often, deleted rows in free pages and earlier states in the write-ahead log.

References:
    - Android Open Source Project, ContactsContract.java (Data, CommonDataKinds), ContactsDatabaseHelper.java
    - Android Open Source Project, CallLog.java (Calls.TYPE, NUMBER_PRESENTATION), CallLogDatabaseHelper.java
    - SQLite, "Database File Format"
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from parsers.contract import (
    Artefact,
    Column,
    Problem,
    ProblemKind,
    Status,
    Table,
    Want,
    Yields,
    boolean,
    integer,
    parser,
    text,
    utc,
)
from parsers.formats.contacts import CARDS, first_address, row_values, sheet
from parsers.formats.sqlite import COMPANION_SUFFIXES, SIGNATURE, Database, Stored, open_database
from parsers.formats.sqlite_values import Cells, unix_milliseconds

CALL = Table(
    "android_call",
    Column("called_at", utc, "When the call began or was missed."),
    Column("call_kind", text, "incoming, outgoing, missed, voicemail, rejected, blocked, answered_elsewhere or the number stored."),
    Column("call_number", text, "Number called or calling, as stored.", is_personal=True),
    Column("call_name", text, "Name the contacts gave the number.", is_personal=True),
    Column("call_seconds", integer, "Seconds the call lasted; 0 where nobody answered."),
    Column("number_presentation", text, "Whether the number was told: allowed, restricted, unknown or payphone."),
    Column("call_country", text, "Country the telephone was in, two letters."),
    Column("call_place", text, "Place the number belongs to, as the telephone guessed it from the number."),
    Column("is_seen", boolean, "Whether the call was seen in the list; null for most calls that were answered."),
    Column("is_wal_applied", boolean, "Whether a write-ahead log was applied to the database before it was read."),
)  # fmt: skip

_CALL_KINDS = {1: "incoming", 2: "outgoing", 3: "missed", 4: "voicemail", 5: "rejected", 6: "blocked", 7: "answered_elsewhere"}  # fmt: skip
_PRESENTATIONS = {1: "allowed", 2: "restricted", 3: "unknown", 4: "payphone"}
_CALLS = ("number", "date", "duration", "type", "name", "presentation", "countryiso", "geocoded_location", "is_read")  # fmt: skip
_RAW = ("_id", "contact_id", "deleted", "display_name", "phonetic_name", "account_id", "account_name", "account_type")  # fmt: skip
_DATA = ("raw_contact_id", "mimetype_id", *(f"data{number}" for number in range(1, 11)), "data14", "data15")
_TOGETHER = ("raw_contacts", "data", "mimetypes")
_KIND = "vnd.android.cursor.item/"
_BIRTHDAY = 3  # CommonDataKinds.Event.TYPE_BIRTHDAY
# Contacts are put together out of rows in any order, so they are held; address books have some thousands.
_MOST_DATA = 500_000
_MOST_CONTACTS = 100_000


@dataclass(slots=True)
class _Contact:
    """A contact being put together out of its rows."""

    raw: Stored | None
    name: str | None = None
    kana: str | None = None
    mails: list[str] = field(default_factory=list)
    phones: list[str] = field(default_factory=list)
    places: list[tuple[str | None, str | None]] = field(default_factory=list)
    organisation: str | None = None
    job_title: str | None = None
    birth_date: str | None = None
    notes: list[str] = field(default_factory=list)
    has_photo: bool = False
    is_partial: bool = False


@parser(
    version=1,
    wants=(
        Want("**/contacts2.db", signature=SIGNATURE, is_shared=True),
        Want("**/calllog.db", signature=SIGNATURE, is_shared=True),
        Want("**/com.android.providers.contacts/databases/profile.db", signature=SIGNATURE, is_shared=True),
    ),
    tables=(CARDS, CALL),
    companions=COMPANION_SUFFIXES,
)
def android_contacts(artefact: Artefact) -> Yields:
    """One row for each contact of an account, a sheet of them all, then one row for each call; locators are table and row."""
    with open_database(artefact) as database:
        if database.is_open and not (database.has("raw_contacts") or database.has("calls")):
            message = "the database has neither a table raw_contacts nor a table calls"
            database.tell(ProblemKind.UNRECOGNISED, "raw_contacts", message)
        # Calls alone stand in a database of their own, and contacts alone: but these in tables that go together.
        missing = [name for name in _TOGETHER if not database.has(name)]
        if 0 < len(missing) < len(_TOGETHER):
            message = f"{', '.join(missing)} missing among the tables of contacts: contacts, or what they hold, cannot be read"
            database.tell(ProblemKind.DAMAGED, missing[0], message)
        yield from database.problems()
        yield from _contacts(database, artefact.path.rsplit("/", 1)[-1])
        for stored in database.rows("calls", _CALLS):
            yield from _call(stored, is_wal_applied=database.is_wal_applied)
        yield from database.problems()


def _contacts(database: Database, name: str) -> Yields:
    found: dict[int, _Contact] = {}
    for stored in database.rows("raw_contacts", _RAW, most=_MOST_CONTACTS):
        number = stored.values.get("_id")
        if isinstance(number, int):
            found[number] = _Contact(raw=stored)
        else:
            message = f"a contact whose number is {str(number)[:40]!r} is not read"
            yield Problem(kind=ProblemKind.DAMAGED, locator=stored.locator, message=message)
    kinds = {
        stored.values.get("_id"): stored.values.get("mimetype")
        for stored in database.rows("mimetypes", ("_id", "mimetype"), most=_MOST_CONTACTS)
    }
    for stored in database.rows("data", _DATA, most=_MOST_DATA):
        yield from _take(found, stored, kinds.get(stored.values.get("mimetype_id")))
    if gone := [number for number, one in found.items() if one.raw is None]:
        message = f"data has rows of {len(gone)} contacts that are not in raw_contacts, the first of number {gone[0]}"
        database.tell(ProblemKind.DAMAGED, "data", message)
    yield from database.problems()
    accounts: dict[Any, str | None] = {}
    for cells in _each(database, "accounts", ("_id", "account_name", "account_type")):
        accounts[cells.raw("_id")] = _account(cells)
        yield from cells.problems()
    changed: dict[Any, datetime | None] = {}
    for cells in _each(database, "contacts", ("_id", "contact_last_updated_timestamp")):
        at = cells.instant("contact_last_updated_timestamp", "contact_changed_at", unix_milliseconds)
        changed[cells.raw("_id")] = at
        yield from cells.problems()
    rows: list[Mapping[str, Any]] = []
    for number, one in found.items():
        values = _values(one) | {"card_number": len(rows) + 1}
        rows.append(values)
        yield from _card(number, one, values, accounts, changed)
    yield from database.problems()
    if rows:
        yield sheet(name, rows, None)


def _each(database: Database, table: str, columns: Sequence[str]) -> Iterator[Cells]:
    for stored in database.rows(table, columns, most=_MOST_CONTACTS):
        yield Cells(stored)


def _take(found: dict[int, _Contact], stored: Stored, kind: Any) -> Yields:
    """A row of data, taken to its contact; rows whose contact is gone make one of their own."""
    number = stored.values.get("raw_contact_id")
    if not isinstance(number, int) or not isinstance(kind, str) or not kind.startswith(_KIND):
        message = f"a row of contact {str(number)[:40]!r} is of kind {str(kind)[:60]!r}"
        # Programs add kinds of their own, which are texts as well.
        if not (isinstance(number, int) and isinstance(kind, str)):
            yield Problem(kind=ProblemKind.DAMAGED, locator=stored.locator, message=message)
        return
    if number not in found:
        if len(found) >= _MOST_CONTACTS:
            return
        found[number] = _Contact(raw=None, is_partial=True)
    cells = Cells(stored)
    _add(found[number], cells, kind.removeprefix(_KIND))
    found[number].is_partial |= cells.status is not Status.OK
    yield from cells.problems()


def _add(one: _Contact, cells: Cells, kind: str) -> None:
    """What a row says of its contact: CommonDataKinds names the columns of each kind."""
    match kind:
        case "name":
            one.name = one.name or cells.text("data1", "contact_name") or _joined(cells, "contact_name", 3, 2)
            one.kana = one.kana or _joined(cells, "name_kana", 9, 7)
        case "phone_v2":
            one.phones += _listed(cells.text("data1", "phone_numbers"))
        case "email_v2":
            one.mails += _listed(cells.text("data1", "mail_addresses"))
        case "postal-address_v2":
            street = "".join(cells.text(f"data{part}", "postal_addresses") or "" for part in (8, 7, 6, 4))
            formatted = cells.text("data1", "postal_addresses")
            place = (cells.text("data9", "postal_addresses"), street or formatted)
            one.places += [place] if any(place) else []
        case "organization":
            one.organisation = one.organisation or _joined(cells, "organisation", 1, 5)
            one.job_title = one.job_title or cells.text("data4", "job_title")
        case "contact_event":
            # The type is kept as text or number: data2 has no affinity of its own on some versions.
            if str(cells.raw("data2")) == str(_BIRTHDAY):
                one.birth_date = one.birth_date or cells.text("data1", "birth_date")
        case "note":
            one.notes += _listed(cells.text("data1", "contact_note"))
        case "photo":
            one.has_photo |= cells.raw("data14") is not None or cells.raw("data15") is not None


def _listed(told: str | None) -> list[str]:
    return [] if told is None else [told]


def _joined(cells: Cells, column: str, *parts: int) -> str | None:
    """Texts of some columns, with a blank between them."""
    return " ".join(filter(None, (cells.text(f"data{part}", column) for part in parts))) or None


def _values(one: _Contact) -> dict[str, Any]:
    """The values of a row that come from the rows of data, and for the sheet postal codes and streets apart."""
    return {
        "contact_name": one.name,
        "name_kana": one.kana,
        "contact_address": first_address(one.mails, one.phones),
        "mail_addresses": one.mails,
        "phone_numbers": one.phones,
        "postal_addresses": [" ".join(part for part in place if part) for place in one.places],
        "postal_codes": [code for code, _ in one.places],
        "streets": [street for _, street in one.places],
        "organisation": one.organisation,
        "job_title": one.job_title,
        "birth_date": one.birth_date,
        "contact_note": "\n".join(one.notes) or None,
        "has_photo": one.has_photo,
    }


def _card(
    number: int,
    one: _Contact,
    values: dict[str, Any],
    accounts: Mapping[Any, str | None],
    changed: Mapping[Any, datetime | None],
) -> Yields:
    """The row of a contact; adds to its values what raw_contacts, accounts and contacts say."""
    raw = Cells(one.raw or Stored(locator=f"raw_contacts#{number}", values={}, status=Status.PARTIAL))
    whole = raw.integer("contact_id", "contact_id")
    values |= {
        "contact_name": values["contact_name"] or raw.text("display_name", "contact_name"),
        "name_kana": values["name_kana"] or raw.text("phonetic_name", "name_kana"),
        "is_deleted": raw.flag("deleted", "is_deleted"),
        "contact_id": None if whole is None else str(whole),
        # Before Android 4.1 the account stood in the row itself.
        "contact_account": accounts.get(raw.raw("account_id")) or _account(raw),
        "contact_changed_at": changed.get(whole),
    }
    own = row_values(values)
    yield CARDS.row(f"raw_contacts#{number}", Status.PARTIAL if one.is_partial else raw.status, **own)
    yield from raw.problems()


def _account(cells: Cells) -> str | None:
    """Type and name of an account (`com.google/name`)."""
    named = (cells.text(name, "contact_account") for name in ("account_type", "account_name"))
    return "/".join(filter(None, named)) or None


def _call(stored: Stored, *, is_wal_applied: bool) -> Yields:
    cells = Cells(stored)
    kind = cells.integer("type", "call_kind")
    presentation = cells.integer("presentation", "number_presentation")
    values = {
        "called_at": cells.instant("date", "called_at", unix_milliseconds),
        "call_kind": None if kind is None else _CALL_KINDS.get(kind, str(kind)),
        "call_number": cells.text("number", "call_number"),
        "call_name": cells.text("name", "call_name"),
        "call_seconds": cells.integer("duration", "call_seconds"),
        "number_presentation": None if presentation is None else _PRESENTATIONS.get(presentation, str(presentation)),
        "call_country": cells.text("countryiso", "call_country"),
        "call_place": cells.text("geocoded_location", "call_place"),
        "is_seen": cells.flag("is_read", "is_seen"),
        "is_wal_applied": is_wal_applied,
    }  # fmt: skip
    yield CALL.row(stored.locator, cells.status, **values)
    yield from cells.problems()
