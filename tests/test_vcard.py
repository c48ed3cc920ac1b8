"""Contacts of vCard files: versions, encodings, folding, and what damage costs."""

from __future__ import annotations

import random
from pathlib import Path

from fixtures.builders import cards as builder
from fixtures.builders.cards import FOLDER
from fixtures.persons import persons
from parsers.contract import ProblemKind
from parsers.documents.vcard import vcard
from tests.artefacts import Yielded, artefact, from_bytes, run

ONE, TWO, THREE = persons(3, seed=31)


def fixture(name: str) -> Yielded:
    one = builder.scenarios()["vcard"][name]
    return run(vcard, artefact(FOLDER / "vcard" / name / one.artefact, one.path))


def test_a_card_has_name_sound_and_every_address() -> None:
    found = fixture("address-book")
    assert found.problems == []
    rows = found.table("contact_card")
    assert [one["contact_name"] for one in rows] == [
        f"{one.surname} {one.given}" for one in (ONE, TWO, THREE)
    ]
    row = rows[0]
    assert row["name_kana"] == f"{ONE.surname_kana} {ONE.given_kana}"
    assert (row["mail_addresses"], row["phone_numbers"]) == ([ONE.email], ["-".join(ONE.phone)])
    assert row["contact_address"] == ONE.email
    assert row["postal_addresses"] == [f"{ONE.postal_code} {ONE.address}"]
    assert (row["organisation"], row["birth_date"]) == ("株式会社 見本 営業部", ONE.born.isoformat())
    assert (row["contact_note"], row["has_photo"], row["contact_id"]) == (
        "紹介, 9月\n折返し",
        True,
        ONE.number,
    )
    assert (row["card_version"], row["card_number"]) == ("3.0", 1)


def test_a_phone_s_cards_are_decoded() -> None:
    found = fixture("phone")
    assert found.problems == []
    rows = found.table("contact_card")
    assert [one["contact_name"] for one in rows] == [
        f"{one.surname} {one.given}" for one in (ONE, TWO, THREE)
    ]
    assert (rows[0]["name_kana"], rows[0]["phone_numbers"], rows[0]["has_photo"]) == (
        "ﾔﾏﾀﾞ ﾀﾛｳ",
        ["".join(ONE.phone)],
        False,
    )
    assert rows[0]["card_version"] == "2.1"


def test_the_cards_of_a_file_are_a_sheet_of_persons() -> None:
    ((sheet, stored),) = fixture("address-book").sheets
    assert (sheet.name, sheet.header[:2], sheet.codec) == ("名刺.vcf", ("氏名", "フリガナ"), "utf-8")
    assert tuple(stored.to_pylist()[0].values()) == (
        1, f"{ONE.surname} {ONE.given}", f"{ONE.surname_kana} {ONE.given_kana}", "株式会社 見本 営業部", ONE.postal_code, ONE.address,
        "-".join(ONE.phone), None, ONE.email, None, ONE.born.isoformat(),
    )  # fmt: skip
    assert stored.num_rows == 3


def test_cards_that_are_not_ended_are_kept_and_told() -> None:
    found = fixture("damaged")
    rows = found.table("contact_card")
    assert [one["contact_name"] for one in rows] == [
        f"{one.surname} {one.given}" for one in (ONE, TWO, THREE)
    ]
    assert [status for _, _, status, _ in found.rows] == ["partial", "ok", "partial"]
    assert [(one.kind, one.message.split(",")[0]) for one in found.problems] == [
        (ProblemKind.DAMAGED, "a line without a colon is not read: 11 signs"),
        (ProblemKind.TRUNCATED, "a card begins here and is not ended"),
        (ProblemKind.TRUNCATED, "a card begins here and is not ended"),
    ]


def test_every_encoding_of_a_whole_file(tmp_path: Path) -> None:
    text = "BEGIN:VCARD\nVERSION:2.1\nN:髙橋;一郎\nADR;HOME:;;1-2-3;港区;東京都;1050001;\nEND:VCARD\n"
    for codec in ("cp932", "utf-8-sig", "utf-16", "euc_jp"):
        given = text.replace("髙", "高") if codec == "euc_jp" else text
        found = run(vcard, from_bytes(given.encode(codec), tmp_path, "a.vcf"))
        assert found.problems == []
        row = found.table("contact_card")[0]
        assert (row["contact_name"].replace("髙", "高"), row["postal_addresses"]) == (
            "高橋 一郎",
            ["1050001 東京都港区1-2-3"],
        )


def test_parts_escaped_semicolons_and_other_sounds(tmp_path: Path) -> None:
    text = (
        'begin:vcard\r\nversion:4.0\r\nn;sort-as="ヤマダ,タロウ":山田;太郎;;;\r\nfn:山田 太郎\\; 様\r\n'
        "tel;value=uri:tel:+81-90-0000-0000\r\nORG:a\\;b;c\r\nEND:VCARD\r\n"
        "BEGIN:VCARD\r\nSORT-STRING:サトウ\r\nEND:VCARD\r\n"
    )
    first, second = run(vcard, from_bytes(text.encode(), tmp_path, "a.vcf")).table("contact_card")
    assert (first["contact_name"], first["name_kana"]) == ("山田 太郎; 様", "ヤマダ タロウ")
    assert (first["phone_numbers"], first["organisation"]) == (["+81-90-0000-0000"], "a;b c")
    assert (second["contact_name"], second["name_kana"], second["mail_addresses"]) == (None, "サトウ", [])


def test_bytes_that_cannot_be_decoded_are_counted(tmp_path: Path) -> None:
    card = b"BEGIN:VCARD\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E5=B1\r\nTEL;CHARSET=x-none;ENCODING=QUOTED-PRINTABLE:=31\r\nEND:VCARD\r\n"
    found = run(vcard, from_bytes(card, tmp_path, "a.vcf"))
    assert found.table("contact_card")[0]["contact_name"] == "\\xe5\\xb1"
    assert found.table("contact_card")[0]["phone_numbers"] == ["1"]
    assert [(one.kind, one.locator) for one in found.problems] == [(ProblemKind.DAMAGED, "line:2")]


def test_a_value_without_end_is_bounded(tmp_path: Path) -> None:
    long = (
        b"BEGIN:VCARD\r\nNOTE:" + b"a" * 3_000_000 + b"\r\nPHOTO:" + b"b" * 3_000_000 + b"\r\nEND:VCARD\r\n"
    )
    found = run(vcard, from_bytes(long, tmp_path, "a.vcf"))
    assert [len(one["contact_note"]) for one in found.table("contact_card")] == [1 << 16]
    assert [one.kind for one in found.problems] == [ProblemKind.LIMIT]


def test_cuts_and_changed_bytes_never_raise(tmp_path: Path) -> None:
    for name, one in builder.scenarios()["vcard"].items():
        content = one.content
        for size in range(12, len(content), 97):
            found = run(vcard, from_bytes(content[:size], tmp_path, "a.vcf"))
            assert found.rows or found.problems, name
        for seed in range(60):
            chance = random.Random(seed)
            changed = bytearray(content)
            for _ in range(chance.choice((1, 10, 60))):
                changed[chance.randrange(len(changed))] = chance.randrange(256)
            run(vcard, from_bytes(bytes(changed), tmp_path, "a.vcf"))
