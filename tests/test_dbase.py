"""Tables of dBase and FoxPro: values, memos, deleted records, code pages that lie."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from fixtures.builders.structured import FOLDER, LISTED, dbase_memos, dbf_bytes, scenarios
from parsers.contract import ProblemKind
from parsers.documents.dbase import dbase
from pipeline.evidence.entry import Address
from pipeline.extract.parse import Target
from pipeline.extract.targets import _with_companions
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import mutants


def fixture(name: str, *, has_memo: bool = True) -> Yielded:
    one = scenarios()["dbase"][name]
    place = FOLDER / "dbase" / name
    beside = {Path(file).suffix[1:]: place / file for file in one.companions} if has_memo else {}
    return run(dbase, artefact(place / one.artefact, one.path, **beside))


def rows(found: Yielded, at: int = 0) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in found.sheets[at][1].to_pylist()]


def names() -> list[tuple[str, str]]:
    return [(f"{one.surname} {one.given}", "-".join(one.phone)) for one in LISTED]


def test_records_memos_and_what_is_deleted() -> None:
    found = fixture("members")
    assert found.problems == []
    assert [(sheet.name, sheet.codec, sheet.header) for sheet, _ in found.sheets] == [
        (name, "cp932", ("会員NO", "氏名", "電話", "登録日", "有効", "備考"))
        for name in ("KAIIN.DBF", "KAIIN.DBF (deleted)")
    ]
    one, two, three = names()
    assert rows(found) == [
        (1, "1", *one, "2026-04-01", "true", "紹介あり\r\n①"),
        (3, "3", *three, "2026-04-01", None, "長" * 300),
    ]
    assert rows(found, 1) == [(2, "2", *two, "2026-04-01", "false", None)]
    assert found.sheets[1][0].locator == "record:2"


def test_memos_without_their_file_are_told() -> None:
    found = fixture("members", has_memo=False)
    assert [one.kind for one in found.problems] == [ProblemKind.UNREADABLE]
    assert [row[-1] for row in rows(found)] == ["block 1", "block 2"]


def test_binary_values_of_foxpro_and_a_count_that_is_too_high() -> None:
    found = fixture("foxpro")
    assert rows(found) == [
        (1, "-7", "-1.2345", "2026-04-01 09:30:00", "1.5", "東京都"),
        (2, "8", "1.0000", None, "0.0", None),
        (3, "9", "0.0000", "\\xfb\\xff\\xff\\xff\x01", "0.0", "x"),
    ]
    assert [(one.kind, one.locator) for one in found.problems] == [
        (ProblemKind.TRUNCATED, "record:3"),
        (ProblemKind.DAMAGED, "record:3"),
    ]


@pytest.mark.parametrize(
    ("driver", "raw", "codec", "value"),
    [
        (0x13, "髙橋①".encode("cp932"), "cp932", "髙橋①"), (0, "高橋太郎".encode("cp932"), "cp932", "高橋太郎"),
        (0x03, "Müller".encode("cp1252"), "cp1252", "Müller"), (0x03, "東京都千代田区".encode("euc_jp"), "euc_jp", "東京都千代田区"),
        (0x65, "Иванов".encode("cp866"), "cp866", "Иванов"), (0x13, "東京都千代田区".encode(), "utf-8", "東京都千代田区"),
    ],
)  # fmt: skip
def test_code_pages(driver: int, raw: bytes, codec: str, value: str, tmp_path: Path) -> None:
    content = dbf_bytes([("N", "C", 60, 0)], [[raw]], version=3, driver=driver)
    found = run(dbase, from_bytes(content, tmp_path, "a.dbf"))
    assert (found.sheets[0][0].codec, rows(found), found.problems) == (codec, [(1, value)], [])


@pytest.mark.parametrize("is_fox", [False, True])
def test_memos_of_dbase_iv_and_of_foxpro(is_fox: bool, tmp_path: Path) -> None:
    told = "備考です".encode("cp932")
    if is_fox:
        memo = struct.pack(">IHH", 9, 0, 64).ljust(512, b"\0") + struct.pack(">II", 1, len(told)) + told
        field, raw = ("M", "M", 4, 0), struct.pack("<I", 8)
    else:
        memo = (
            bytes(20)
            + struct.pack("<H", 1024)
            + bytes(1002)
            + b"\xff\xff\x08\x00"
            + struct.pack("<I", len(told) + 8)
            + told
        )
        field, raw = ("M", "M", 10, 0), b"1"
    file = tmp_path / "memo"
    file.write_bytes(memo)
    content = dbf_bytes(
        [field, ("N", "C", 10, 0)],
        [[raw, "名前".encode("cp932")]],
        version=0x30 if is_fox else 0x8B,
        driver=0x13,
    )
    table = from_bytes(content, tmp_path, "a.dbf").file
    found = run(dbase, artefact(table, **{"fpt" if is_fox else "dbt": file}))
    assert (rows(found), found.problems) == ([(1, "備考です", "名前")], [])


def test_records_behind_the_count_are_read_and_told(tmp_path: Path) -> None:
    content = dbf_bytes([("N", "N", 3, 0)], [[b"1"], [b"2"], [b"3"]], version=3, driver=0, count=1)
    found = run(dbase, from_bytes(content, tmp_path, "a.dbf"))
    assert [row[1] for row in rows(found)] == ["1", "2", "3"]
    assert [(one.kind, one.locator) for one in found.problems] == [(ProblemKind.AMBIGUOUS, "record:2")]


def test_a_header_without_fields_is_told(tmp_path: Path) -> None:
    found = run(dbase, from_bytes(bytes([3, 126, 4, 1]) + bytes(60), tmp_path, "a.dbf"))
    assert [one.kind for one in found.problems] == [ProblemKind.DAMAGED]


@pytest.mark.parametrize("name", list(scenarios()["dbase"]))
def test_damaged_bytes_never_raise(name: str, tmp_path: Path) -> None:
    memo = tmp_path / "memo"
    for content, beside in zip(
        mutants(scenarios()["dbase"][name].content, seed=5, count=80),
        mutants(dbase_memos(), seed=6, count=80),
        strict=True,
    ):
        memo.write_bytes(beside)
        for ending in ("dbt", "fpt"):
            run(dbase, artefact(from_bytes(content, tmp_path, "a.dbf").file, **{ending: memo}))


def test_memo_files_stand_in_place_of_the_ending() -> None:
    address = Address(
        file_system="ext4", path_spec="{}", path="/d/KAIIN.DBF", file_reference=None, stream_name=None
    )

    def target(path: str) -> Target:
        return Target(entry_id=path, path=path, name=path, kind="file", size=1, address=address)

    beside = {
        ("v", path.lower()): target(path)
        for path in ("/d/KAIIN.DBT", "/d/KAIIN.DBF-wal", "/d/kaiin.log1", "/d/other.dbt")
    }
    found = _with_companions("v", target("/d/KAIIN.DBF"), beside, ("-wal", ".dbt", ".fpt", ".log1"))
    assert [(suffix, one.path) for suffix, one in found.companions] == [
        ("-wal", "/d/KAIIN.DBF-wal"),
        (".dbt", "/d/KAIIN.DBT"),
    ]
