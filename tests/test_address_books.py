"""Address books of postcard programs: their exports as CSV and as ContactXML; their own files are told as unread."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.builders.address_books import HEADERS, LISTED, export, parted, value
from fixtures.builders.address_books import contact_xml as document
from parsers import all_parsers
from parsers.contract import ProblemKind
from parsers.documents.contact_xml import contact_xml
from parsers.documents.csv import csv
from pipeline.extract.select import select
from pipeline.extract.unread import unread_document
from tests.artefacts import Yielded, from_bytes, run
from tests.damaged import cuts, mutants


def read(content: bytes, folder: Path) -> Yielded:
    return run(contact_xml, from_bytes(content, folder, "a.xml"))


def cells(out: Yielded, at: int) -> list[list[object]]:
    return [list(row.values()) for row in out.sheets[at][1].to_pylist()]


@pytest.mark.parametrize("program", HEADERS)
@pytest.mark.parametrize("codec", ["cp932", "utf-8-sig"])
@pytest.mark.parametrize("name", ["address.csv", "address.txt"])
def test_exports_give_their_headers_and_persons(program: str, codec: str, name: str, tmp_path: Path) -> None:
    content = export(program).encode(codec)
    assert [one.full_name for one in select(all_parsers(), f"/{name}", content[:4096]).chosen] == [
        "documents/csv"
    ]
    out = run(csv, from_bytes(content, tmp_path, name))
    header = tuple(" ".join(word.split()) for word in HEADERS[program])
    assert (out.sheets[0][0].header, out.sheets[0][0].header_row, out.problems) == (header, 1, [])
    assert [row[1:] for row in cells(out, 0)] == [
        [value(word, one) for word in HEADERS[program]] for one in LISTED
    ]


def test_tabs_between_cells_as_some_programs_write(tmp_path: Path) -> None:
    content = export("筆まめ").replace('","', '"\t"').encode("cp932")
    assert [one.full_name for one in select(all_parsers(), "/a.txt", content[:4096]).chosen] == [
        "documents/csv"
    ]
    assert len(cells(run(csv, from_bytes(content, tmp_path, "a.txt")), 0)) == len(LISTED)


def test_contacts_and_their_family(tmp_path: Path) -> None:
    content = document().encode()
    assert [one.full_name for one in select(all_parsers(), "/a.xml", content[:4096]).chosen] == [
        "documents/contact_xml"
    ]
    out = read(content, tmp_path)
    assert out.problems == []
    one, two = LISTED[:2]
    assert out.table("contact_card")[0] | {"contact_id": None} == {
        "contact_name": f"{one.surname} {one.given}", "name_kana": f"{one.surname_kana} {one.given_kana}",
        "contact_address": one.email, "mail_addresses": [one.email], "phone_numbers": ["-".join(one.phone), "03-0000-0009"],
        "postal_addresses": [f"{one.postal_code} {one.address}"], "organisation": None, "job_title": None, "birth_date": None,
        "contact_note": "大学の同期\nX-NYCardHistory: 11", "contact_id": None, "card_number": 1,
    }  # fmt: skip
    assert (out.table("contact_card")[1]["organisation"], out.table("contact_card")[1]["job_title"]) == (
        "例商事 & 子 営業部",
        "部長",
    )
    assert [row[1] for row in cells(out, 0)] == [f"{each.surname} {each.given}" for each in LISTED]
    assert cells(out, 0)[1][3:8] == [
        "例商事 & 子 営業部",
        two.postal_code,
        two.address,
        "-".join(two.phone),
        None,
    ]
    assert out.sheets[1][0].header == ("氏名", "敬称", "郵便番号", "住所")
    assert cells(out, 1) == [
        [1, f"{one.surname} 花子", "様", one.postal_code, one.address],
        [1, f"{one.surname} 一郎", "くん", one.postal_code, one.address],
    ]


@pytest.mark.parametrize("codec", ["cp932", "utf-8", "utf-16", "euc_jp"])
def test_an_address_in_its_lines_in_every_encoding(codec: str, tmp_path: Path) -> None:
    content = parted().replace("髙", "高").encode(codec)
    assert "documents/contact_xml" in [
        one.full_name for one in select(all_parsers(), "/a.xml", content[:4096]).chosen
    ]
    out = read(content, tmp_path)
    assert out.table("contact_card")[0]["postal_addresses"] == ["1000013 東京都千代田区霞が関1-2-3"]
    assert (len(out.sheets), out.problems) == (1, [])


def test_an_end_within_a_contact_is_told(tmp_path: Path) -> None:
    out = read(document().encode()[:2600], tmp_path)
    assert [(kind, locator) for kind, locator in ((one.kind, one.locator) for one in out.problems)] == [
        (ProblemKind.DAMAGED, "contact:2")
    ]
    assert [status for _, _, status, _ in out.rows] == ["ok", "partial"]


def test_entities_are_refused_and_values_without_end_bounded(tmp_path: Path) -> None:
    bomb = document().replace('"ContactXML_01_01_20020615.dtd">', '"a.dtd" [<!ENTITY a "aaaa">]>')
    assert [one.kind for one in read(bomb.encode(), tmp_path).problems] == [ProblemKind.UNSUPPORTED]
    many = document().replace(
        "<Extension>", "<Extension>" + '<ExtensionItem name="x">y</ExtensionItem>' * 500, 1
    )
    out = read(many.encode(), tmp_path)
    assert [one.kind for one in out.problems] == [ProblemKind.LIMIT]
    assert len(out.table("contact_card")) == len(LISTED)


def test_damage_never_raises(tmp_path: Path) -> None:
    for one in (
        *mutants([document().encode(), parted().encode("cp932")], 13, 120),
        *cuts(document().encode(), 20),
    ):
        read(one, tmp_path)


@pytest.mark.parametrize("name", ["住所録.FZD", "a.fga", "a.fwa", "a.ata", "a.jsr"])
def test_files_of_the_programs_themselves_keep_the_maximum_open(name: str) -> None:
    assert unread_document(f"/Users/a/{name}", b"\x01\x02\x03\x04") == "address books of postcard programs"
