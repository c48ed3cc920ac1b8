"""Contacts and calls of Android from bytes: contacts put together out of their rows, the log, odd values, damage."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from fixtures.builders import android as builder
from fixtures.builders.sqlite import Change, build
from fixtures.persons import persons
from parsers.contract import ProblemKind
from parsers.phones.android_contacts import android_contacts
from pipeline.extract.select import select
from pipeline.match.personal_data.columns import judge
from pipeline.match.personal_data.items import read_items
from tests.artefacts import Yielded, artefact, from_bytes, run

FOLDER = builder.FOLDER / "android_contacts"
ONE, TWO, THREE, FOUR = persons(4, seed=53)
PATH = "/data/data/com.android.providers.contacts/databases/contacts2.db"


def book(*, is_logged: bool = True) -> Yielded:
    place = FOLDER / "address-book" / "contacts2.db"
    beside = {"-wal": place.with_name("contacts2.db-wal")} if is_logged else {}
    return run(android_contacts, artefact(place, PATH, **beside))


def calls() -> Yielded:
    return run(android_contacts, artefact(FOLDER / "calls" / "calllog.db"))


def made(folder: Path, schema: Sequence[str], *statements: builder.Statement) -> Yielded:
    content, _ = build(schema, Change(statements=statements))
    return run(android_contacts, from_bytes(content, folder, "contacts2.db"))


def test_a_contact_is_put_together_out_of_its_rows() -> None:
    row = book().table("contact_card")[0]
    assert (row["contact_name"], row["name_kana"]) == (
        f"{ONE.surname} {ONE.given}",
        f"{ONE.surname_kana} {ONE.given_kana}",
    )
    assert (row["phone_numbers"], row["mail_addresses"]) == (["-".join(ONE.phone)], [ONE.email])
    assert row["contact_address"] == ONE.email
    assert row["postal_addresses"] == [f"{ONE.postal_code} {ONE.address}"]
    assert (row["organisation"], row["job_title"]) == ("株式会社 見本 営業部", "主任")
    assert (row["birth_date"], row["contact_note"]) == (ONE.born.isoformat(), "紹介\n折返し")
    assert (row["has_photo"], row["is_deleted"], row["contact_id"]) == (True, False, "41")
    assert row["contact_account"] == "com.google/hanako@mail.example"
    assert row["contact_changed_at"] == datetime(2026, 9, 28, 2, 40, 0, 123000, tzinfo=UTC)


def test_a_contact_marked_as_deleted_of_no_account() -> None:
    row = book().table("contact_card")[1]
    assert (row["contact_name"], row["name_kana"]) == (
        f"{TWO.surname} {TWO.given}",
        f"{TWO.surname_kana} {TWO.given_kana}",
    )
    assert (row["is_deleted"], row["has_photo"], row["contact_account"]) == (True, False, None)
    assert row["contact_address"] == "".join(TWO.phone)


def test_the_log_adds_a_contact() -> None:
    names = [one["contact_name"] for one in book().table("contact_card")]
    assert f"{FOUR.surname} {FOUR.given}" in names
    without = [one["contact_name"] for one in book(is_logged=False).table("contact_card")]
    assert [one for one in names if one not in without] == [f"{FOUR.surname} {FOUR.given}"]


def test_odd_values_and_rows_without_contact_are_told_and_kept() -> None:
    found = book()
    assert [(one.kind, one.locator, one.column) for one in found.problems] == [
        (ProblemKind.DAMAGED, "data#13", "phone_numbers"),
        (ProblemKind.DAMAGED, "data", None),
        (ProblemKind.DAMAGED, "contacts#42", "contact_changed_at"),
    ]
    assert [(locator, status) for _, locator, status, _ in found.rows] == [
        ("raw_contacts#1", "ok"), ("raw_contacts#2", "ok"), ("raw_contacts#3", "partial"), ("raw_contacts#4", "ok"),
        ("raw_contacts#77", "partial"),
    ]  # fmt: skip
    assert found.table("contact_card")[4]["mail_addresses"] == ["gone@mail.example"]
    assert found.table("contact_card")[2]["phone_numbers"] == []


def test_the_contacts_are_a_sheet_the_recognisers_know() -> None:
    ((sheet, stored),) = book().sheets
    assert (sheet.name, stored.num_rows) == ("contacts2.db", 5)
    judged = judge(sheet.header, sheet.width, stored.to_batches, read_items())
    held = [one.item.name for one in judged if one.item is not None]
    assert held == ["name", "name_kana", "employer", "postal_code", "address", "phone", "email", "birth_date"]


def test_calls_have_direction_number_time_and_length() -> None:
    incoming, missed, hidden, odd, before = calls().table("android_call")
    assert (incoming["call_kind"], incoming["call_seconds"]) == ("incoming", 639)
    assert incoming["called_at"] == datetime(2026, 9, 28, 2, 40, 0, 123000, tzinfo=UTC)
    assert (incoming["call_number"], incoming["call_name"]) == (
        "".join(ONE.phone),
        f"{ONE.surname} {ONE.given}",
    )
    assert (missed["call_kind"], missed["call_seconds"], missed["is_seen"]) == ("missed", 0, False)
    assert (hidden["call_kind"], hidden["call_number"], hidden["number_presentation"]) == (
        "outgoing",
        None,
        "restricted",
    )
    assert (odd["call_kind"], odd["called_at"], odd["call_seconds"]) == ("19", None, None)
    assert before["called_at"] == datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert [(one.locator, one.column) for one in calls().problems] == [
        ("calls#4", "called_at"),
        ("calls#4", "call_seconds"),
    ]


def test_an_address_without_parts_and_accounts_of_old_versions(tmp_path: Path) -> None:
    old = "CREATE TABLE raw_contacts (_id INTEGER PRIMARY KEY, contact_id INTEGER, account_name TEXT, account_type TEXT, display_name TEXT)"
    schema = (old, *builder.CONTACTS[3:])
    found = made(
        tmp_path, schema,
        builder.insert("mimetypes", mimetype="vnd.android.cursor.item/postal-address_v2"),
        builder.insert("raw_contacts", _id=1, account_name="taro", account_type="vnd.sec.contact.phone"),
        builder.insert("data", mimetype_id=1, raw_contact_id=1, data1="東京都千代田区千代田1-1"),
        builder.insert("data", mimetype_id=1, raw_contact_id=1, data2="1"),
    )  # fmt: skip
    (row,) = found.table("contact_card")
    assert row["postal_addresses"] == ["東京都千代田区千代田1-1"]
    assert (row["contact_account"], row["contact_changed_at"]) == ("vnd.sec.contact.phone/taro", None)
    assert found.problems == []


def test_tables_that_are_missing_are_told(tmp_path: Path) -> None:
    for schema, kind, place in (
        (["CREATE TABLE other (a)"], ProblemKind.UNRECOGNISED, "raw_contacts"),
        ([builder.CONTACTS[2]], ProblemKind.DAMAGED, "data"),
        ([*builder.CONTACTS[3:], *builder.CALLS], ProblemKind.DAMAGED, "raw_contacts"),
    ):
        found = made(tmp_path, schema)
        assert [(one.kind, one.locator) for one in found.problems] == [(kind, place)]


def test_rows_of_no_known_kind_are_told_and_those_of_programs_are_not(tmp_path: Path) -> None:
    found = made(
        tmp_path, builder.CONTACTS,
        builder.insert("raw_contacts", _id=1, display_name="見本"),
        builder.insert("mimetypes", _id=1, mimetype="vnd.com.example.cursor.item/profile"),
        builder.insert("data", mimetype_id=1, raw_contact_id=1, data1="id"),
        builder.insert("data", mimetype_id=9, raw_contact_id=1, data1="090"),
    )  # fmt: skip
    assert [one.locator for one in found.problems] == ["data#2"]
    assert found.table("contact_card")[0]["contact_name"] == "見本"


def test_wanted_by_name_and_bytes() -> None:
    content = (FOLDER / "address-book" / "contacts2.db").read_bytes()
    for path, is_wanted in (
        (PATH, True),
        ("/x/contacts2.db", True),
        ("/x/profile.db", False),
        ("/x/a.db", False),
    ):
        assert bool(select([android_contacts], path, content).chosen) == is_wanted, path
    owner = PATH.replace("contacts2.db", "profile.db")
    assert select([android_contacts], owner, content).chosen


def test_cuts_and_changed_bytes_never_raise(tmp_path: Path) -> None:
    for name in ("address-book/contacts2.db", "calls/calllog.db"):
        content = (FOLDER / name).read_bytes()
        whole = len(run(android_contacts, from_bytes(content, tmp_path)).rows)
        for size in range(0, len(content), 300):
            assert run(android_contacts, from_bytes(content[:size], tmp_path)).problems
        for seed in range(80):
            chance = random.Random(seed)
            changed = bytearray(content)
            for _ in range(chance.choice((1, 10, 60))):
                changed[chance.randrange(len(changed))] = chance.randrange(256)
            found = run(android_contacts, from_bytes(bytes(changed), tmp_path))
            assert len(found.rows) <= whole + 40
