"""Contacts of Windows from bytes: values, what breaks off, and what is refused."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fixtures.builders import windows_contacts as builder
from fixtures.persons import persons
from parsers.contract import ProblemKind
from parsers.windows.contact_file import contact_file
from pipeline.extract.select import select
from pipeline.match.personal_data.columns import judge
from pipeline.match.personal_data.items import read_items
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import in_child

ONE, TWO = persons(2, seed=47)
SCENARIOS = builder.scenarios()["contact_file"]


def fixture(name: str) -> Yielded:
    one = SCENARIOS[name]
    return run(contact_file, artefact(builder.FOLDER / "contact_file" / name / one.artefact, one.path))


def made(content: str, folder: Path) -> Yielded:
    return run(contact_file, from_bytes((builder.HEAD + content + builder.TAIL).encode(), folder))


def test_a_contact_has_name_sound_every_address_and_its_times() -> None:
    found = fixture("whole")
    assert found.problems == []
    (row,) = found.table("contact_card")
    assert (row["contact_name"], row["name_kana"]) == (
        f"{ONE.surname} {ONE.given}",
        f"{ONE.surname_kana} {ONE.given_kana}",
    )
    assert row["mail_addresses"] == [ONE.email, "kyuu@mail.example"]
    assert row["phone_numbers"] == ["-".join(ONE.phone), "-".join(TWO.phone)]
    assert row["contact_address"] == ONE.email
    assert row["postal_addresses"] == [f"{ONE.postal_code} {ONE.address}"]
    assert (row["organisation"], row["job_title"]) == ("株式会社 見本 営業部", "主任")
    assert row["birth_date"] == f"{ONE.born.isoformat()}T00:00:00Z"
    assert (row["contact_note"], row["has_photo"]) == ("紹介 & 折返し", True)
    assert (row["contact_id"], row["card_version"]) == ("5e26d97a-572b-4aea-8ee2-d225070acba0", "1")
    assert row["contact_created_at"] == datetime(2026, 4, 1, 0, 30, 5, 123456, tzinfo=UTC)
    assert row["contact_changed_at"] == datetime(2026, 9, 28, 9, 12, 30, tzinfo=UTC)


def test_the_contact_is_a_sheet_of_one_person() -> None:
    ((sheet, stored),) = fixture("whole").sheets
    assert (sheet.name, sheet.header[:2]) == ("取引先.contact", ("氏名", "フリガナ"))
    assert tuple(stored.to_pylist()[0].values()) == (
        1, f"{ONE.surname} {ONE.given}", f"{ONE.surname_kana} {ONE.given_kana}", "株式会社 見本 営業部", ONE.postal_code, ONE.address,
        "-".join(ONE.phone), "-".join(TWO.phone), ONE.email, "kyuu@mail.example", ONE.born.isoformat(),
    )  # fmt: skip


def test_the_recognisers_of_sheets_know_its_columns() -> None:
    ((sheet, stored),) = fixture("whole").sheets
    judged = judge(sheet.header, sheet.width, stored.to_batches, read_items())
    assert [one.item and one.item.name for one in judged] == [
        "name", "name_kana", "employer", "postal_code", "address", "phone", "phone", "email", "email", "birth_date",
    ]  # fmt: skip


def test_parts_of_a_name_and_a_time_that_is_none() -> None:
    found = fixture("bare")
    (row,) = found.table("contact_card")
    assert row["contact_name"] == f"{TWO.surname} {TWO.given}"
    assert (row["contact_address"], row["mail_addresses"], row["has_photo"]) == (None, [], False)
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, "contact_created_at")]
    assert found.rows[0][2] == "partial"


def test_what_stands_before_the_break_is_kept() -> None:
    found = fixture("cut")
    (row,) = found.table("contact_card")
    assert (row["contact_name"], row["mail_addresses"][0]) == (f"{ONE.surname} {ONE.given}", ONE.email)
    assert (row["organisation"], row["has_photo"]) == (None, None)
    assert [one.kind for one in found.problems] == [ProblemKind.TRUNCATED]
    assert found.rows[0][2] == "partial"


def test_a_document_type_is_refused_and_told() -> None:
    found = fixture("document-type")
    assert (found.rows, found.sheets) == ([], [])
    assert [one.kind for one in found.problems] == [ProblemKind.UNSUPPORTED]


def test_names_of_extensions_are_none_of_the_contact(tmp_path: Path) -> None:
    found = made('<x:Notes xmlns:x="urn:other">no note</x:Notes>', tmp_path)
    (row,) = found.table("contact_card")
    assert (row["contact_note"], row["contact_name"]) == (None, None)


@pytest.mark.parametrize(
    "told",
    ["2026-09-28T09:12:30", "9999-12-31T23:59:59-23:00", "0001-01-01T00:00:00+09:00", "2026-13-01T00:00:00Z"],
)
def test_a_time_without_zone_or_beyond_the_calendar_is_a_problem(told: str, tmp_path: Path) -> None:
    found = made(builder.element("ModificationDate", told), tmp_path)
    assert found.table("contact_card")[0]["contact_changed_at"] is None
    assert [one.column for one in found.problems] == ["contact_changed_at"]


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "cp932"])
def test_other_encodings(codec: str, tmp_path: Path) -> None:
    content = builder.bare(TWO).replace("昨日", "2026-09-28T00:00:00Z").encode(codec)
    found = run(contact_file, from_bytes(content, tmp_path))
    assert found.problems == []
    assert found.table("contact_card")[0]["contact_name"] == f"{TWO.surname} {TWO.given}"


def test_wanted_by_name_and_by_bytes() -> None:
    content = SCENARIOS["whole"].content
    assert select([contact_file], "/x/copy.bin", content).chosen == (contact_file,)
    assert select([contact_file], "/x/a.contact", b"other").refused == (contact_file,)
    assert select([contact_file], "/x/a.xml", b'<a b="http://schemas.microsoft.com/Contact"/>').chosen == ()


def test_another_root_is_told(tmp_path: Path) -> None:
    found = run(contact_file, from_bytes(b'<contact xmlns="urn:other"/>', tmp_path))
    assert (found.rows, [one.kind for one in found.problems]) == ([], [ProblemKind.UNRECOGNISED])


def test_nothing_grows_without_limit() -> None:
    in_child("tests.test_contact_file", "hostile()")


def hostile() -> None:
    """Many elements, elements in elements, one long value, a file beyond the limit."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for content, kinds in (
            ("<c:a/>" * 2_000_000, [ProblemKind.LIMIT]),
            ("<c:a>" * 2_000_000, [ProblemKind.LIMIT]),
            (builder.element("Notes", "a" * 8_000_000), []),
            (builder.element("Notes", "a" * 20_000_000), [ProblemKind.LIMIT]),
        ):
            assert [one.kind for one in made(content, place).problems] == kinds


def test_cuts_and_changed_bytes_never_raise(tmp_path: Path) -> None:
    for one in SCENARIOS.values():
        for size in range(0, len(one.content), 61):
            found = run(contact_file, from_bytes(one.content[:size], tmp_path))
            assert found.problems
        for seed in range(80):
            chance = random.Random(seed)
            changed = bytearray(one.content)
            for _ in range(chance.choice((1, 10, 60))):
                changed[chance.randrange(len(changed))] = chance.randrange(256)
            run(contact_file, from_bytes(bytes(changed), tmp_path))
