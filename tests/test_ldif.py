"""LDIF: entries as rows and contacts, and what damage costs."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.builders.structured import FOLDER, LISTED, ONE, scenarios
from parsers.contract import ProblemKind
from parsers.documents.ldif import ldif
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import mutants


def fixture(name: str) -> Yielded:
    one = scenarios()["ldif"][name]
    return run(ldif, artefact(FOLDER / "ldif" / name / one.artefact, one.path))


def rows(found: Yielded) -> list[dict[str, object]]:
    [(sheet, stored)] = found.sheets
    return [dict(zip(("row", *sheet.header), row.values(), strict=True)) for row in stored.to_pylist()]


def test_persons_are_contacts_and_every_entry_is_a_row() -> None:
    found = fixture("directory")
    assert found.problems == []
    cards = found.table("contact_card")
    assert [one["contact_name"] for one in cards] == [f"{one.surname} {one.given}" for one in LISTED]
    card = cards[0]
    assert (card["name_kana"], card["mail_addresses"]) == (ONE.surname_kana, [ONE.email])
    assert card["phone_numbers"] == ["-".join(ONE.phone), "090-0000-0001"]
    assert card["postal_addresses"] == [f"{ONE.postal_code} {ONE.town}"]
    assert (card["job_title"], card["contact_note"], card["has_photo"]) == ("Manager", "a: b", True)
    assert card["contact_id"] == f"cn={ONE.surname} {ONE.given},ou=営業部,dc=example"
    stored = rows(found)
    assert (len(stored), stored[3]["cn"], stored[3]["objectclass"]) == (4, "PC1", "computer")
    assert (stored[0]["objectclass.1"], stored[0]["jpegphoto"]) == ("inetOrgPerson", "6 bytes")


# Without the sign that is none, 5bGx5pSs is E5 B1 B1 E6 94 AC.
def test_damage_is_told_and_changes_are_rows() -> None:
    found = fixture("damaged")
    first, second = rows(found)
    assert (first["cn"], first["unread"], first["sn"]) == (
        "山田 太郎",
        "no attribute",
        "山攬",
    )
    assert (second["changetype"], second["mail"], second["photo"]) == (
        "modify",
        "suzuki@mail.example",
        "file:///tmp/a.jpg",
    )
    assert [(one.kind, one.locator) for one in found.problems] == [
        (ProblemKind.DAMAGED, "line:4"),
        (ProblemKind.DAMAGED, "line:5"),
    ]
    assert [(status, values["contact_name"]) for _, _, status, values in found.rows] == [
        ("partial", "山田 太郎")
    ]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "cp932", "euc_jp", "iso-2022-jp"])
def test_encodings(codec: str, tmp_path: Path) -> None:
    content = "dn: cn=山田太郎\ncn: 東京都千代田区の山田太郎\nmail: a@mail.example\n".encode(codec)
    found = run(ldif, from_bytes(content, tmp_path, "a.ldif"))
    assert ([one["cn"] for one in rows(found)], found.problems) == (["東京都千代田区の山田太郎"], [])


def test_entries_without_an_empty_line_between_and_many_values(tmp_path: Path) -> None:
    content = b"dn: a\nmember: 1\n" + b"member: 2\n" * 9 + b"dn: b\nmember: 3"
    stored = rows(run(ldif, from_bytes(content, tmp_path, "a.ldif")))
    assert [(one["dn"], one["member"], one["member.8"]) for one in stored] == [
        ("a", "1", "2, 2"),
        ("b", "3", None),
    ]


@pytest.mark.parametrize(
    ("content", "kinds"),
    [
        (b"dn: a\ncn:: " + b"QUJD" * 15_000_000, ["limit", "damaged", "limit"]), (b"dn: a\n" + b"x: y\n" * 150_000, ["limit"]), (b"dn: a\ncn: " + b"b\n c" * 300_000, []),
        (b" a\n" * 5, ["damaged"]), (b"dn:\n\0\n", ["damaged", "damaged"]), (b"#" * 1000, []),
    ],
)  # fmt: skip
def test_hostile_files_end(content: bytes, kinds: list[str], tmp_path: Path) -> None:
    found = run(ldif, from_bytes(content, tmp_path, "a.ldif"))
    assert [str(one.kind) for one in found.problems] == kinds


@pytest.mark.parametrize("name", list(scenarios()["ldif"]))
def test_damaged_bytes_never_raise(name: str, tmp_path: Path) -> None:
    for content in mutants(scenarios()["ldif"][name].content, seed=5, count=60):
        run(ldif, from_bytes(content, tmp_path, "a.ldif"))
