"""JSON: arrays as sheets, values as text, whatever the size, and what damage costs."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.builders.structured import FOLDER, LISTED, ONE, scenarios
from parsers.contract import ProblemKind
from parsers.documents.json_document import json_document
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import mutants


def fixture(name: str) -> Yielded:
    one = scenarios()["json_document"][name]
    return run(json_document, artefact(FOLDER / "json_document" / name / one.artefact, one.path))


def read(content: str | bytes, folder: Path, name: str = "a.json") -> Yielded:
    return run(
        json_document, from_bytes(content if isinstance(content, bytes) else content.encode(), folder, name)
    )


def rows(found: Yielded, name: str) -> list[tuple[object, ...]]:
    [table] = [stored for sheet, stored in found.sheets if sheet.name == name]
    return [tuple(row.values()) for row in table.to_pylist()]


def told(found: Yielded) -> str:
    return "\n".join(one.content for one in found.texts)


def test_arrays_of_objects_are_sheets_and_the_rest_is_text() -> None:
    found = fixture("export")
    assert found.problems == []
    heads = {sheet.name: sheet.header for sheet, _ in found.sheets}
    assert heads == {
        "members": ("id", "氏名", "tel", "address.zip", "left", "ok"),
        "members.orders": ("parent_row", "no", "price"),
        "by_key": ("key", "n", "m"),
        "pairs": None,
    }
    one = LISTED[1]
    assert rows(found, "members")[1] == (2, "2", f"{one.surname} {one.given}", "-".join(one.phone), one.postal_code, None, "true")  # fmt: skip
    assert rows(found, "members.orders")[2:4] == [(3, "2", "201", "1.50"), (4, "2", "202", None)]
    assert rows(found, "by_key") == [(1, "a", "1", None), (2, "b", "2", None), (3, "c", "3", "x")]
    assert rows(found, "pairs") == [(1, "k", "1"), (2, "l", "2")]
    assert told(found) == "made: 2026-04-01"


def test_a_damaged_line_is_told_and_the_rest_is_read() -> None:
    found = fixture("lines")
    assert rows(found, "log.jsonl") == [(1, ONE.surname, "1"), (4, "\\ud800\\x00", "-5")]
    assert [(one.kind, one.locator) for one in found.problems] == [(ProblemKind.DAMAGED, "line:2")]
    assert (told(found), found.texts[0].locator) == ('{"user": "壊れた,', "line:2")


def test_rows_on_both_sides_of_damage_are_kept() -> None:
    found = fixture("cut")
    assert [row[1] for row in rows(found, "rows")] == ["1", "3"]
    assert [one.kind for one in found.problems] == [ProblemKind.DAMAGED, ProblemKind.TRUNCATED]
    assert '{"a": "four' in told(found)


def test_a_big_array_within_an_object_streams_and_a_huge_string_is_text(tmp_path: Path) -> None:
    many = ",".join(f'{{"n": {at}, "s": "髙"}}' for at in range(300_000))
    found = read(f'{{"list": [{many}, {{"n": "{"x" * 5_000_000}"}}], "after": "end"}}', tmp_path)
    got = rows(found, "list")
    assert (len(got), got[0], got[-1]) == (300_000, (1, "0", "髙"), (300_000, "299999", "髙"))
    assert found.texts[0].locator == "path:list[300001].n"
    assert "after: end" in told(found)
    assert found.problems == []


def test_objects_one_behind_the_other_are_rows(tmp_path: Path) -> None:
    assert rows(read('{"a": 1}\n{\n"a": 2}{"a": 3}', tmp_path), "a.json")[-2:] == [(2, "2"), (3, "3")]


def test_a_list_of_plain_values_has_a_column_for_each_of_the_first(tmp_path: Path) -> None:
    found = read('[{"t": ["a", null, true]}, {"t": "b"}, {"t": [1,2,3,4,5,6,7,8,9,10]}]', tmp_path)
    assert found.sheets[0][0].header == ("t", "t.1", "t.2", "t.3", "t.4", "t.5", "t.6", "t.7", "t.8")
    assert [row[1:4] for row in rows(found, "a.json")] == [
        ("a", None, "true"),
        ("b", None, None),
        ("1", "2", "3"),
    ]
    assert rows(found, "a.json")[2][-1] == "9, 10"


def test_a_name_that_comes_again_keeps_both_values(tmp_path: Path) -> None:
    assert told(read('{"a": "x", "a": "y", "b": {}}', tmp_path)) == "a: x\na (2): y"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "cp932", "euc_jp", "iso-2022-jp"])
def test_encodings(codec: str, tmp_path: Path) -> None:
    content = '[{"氏名": "山田太郎", "住所": "東京都千代田区霞が関"}]'.encode(codec)
    found = read(content, tmp_path)
    assert (rows(found, "a.json"), found.problems) == ([(1, "山田太郎", "東京都千代田区霞が関")], [])


@pytest.mark.parametrize(
    ("content", "kinds"),
    [
        (b"[" * 300_000, ["limit"]), (b'{"a":' * 300_000, ["limit"]), (b"[" * 90 + b"1" + b"]" * 90, ["limit"]),
        (b'[{"a": 1', ["truncated"]), (b"", []), (b"9" * 100_000, []), (b'{"a" 1}', ["damaged"]), (b"nothing of the kind", ["damaged"]),
    ],
)  # fmt: skip
def test_hostile_documents_end_and_are_told(content: bytes, kinds: list[str], tmp_path: Path) -> None:
    assert [str(one.kind) for one in read(content, tmp_path).problems] == kinds


@pytest.mark.parametrize("name", list(scenarios()["json_document"]))
def test_damaged_bytes_never_raise(name: str, tmp_path: Path) -> None:
    one = scenarios()["json_document"][name]
    for content in mutants(one.content, seed=5, count=60):
        read(content, tmp_path, one.artefact)
