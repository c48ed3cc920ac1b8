"""Custom jump lists from bytes: categories and their links, entries that are none, lists cut short."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from fixtures.builders.hives import FOLDER
from fixtures.builders.jump_lists import custom, scenarios
from fixtures.builders.lnk import Volume, build
from parsers.contract import ProblemKind
from parsers.windows.custom_destinations import custom_destinations
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import in_child, mutants

TABLE = "windows_custom_destinations"
OWN = [name for name in scenarios() if name.startswith("custom")]
LINK = build(target=r"C:\a.txt", volume=Volume(serial=7), size=5)


def read(content: bytes, folder: Path) -> Yielded:
    return run(custom_destinations, from_bytes(content, folder, "5d696d521de238c3.customDestinations-ms"))


def fixture(name: str) -> Yielded:
    one = scenarios()[f"custom_destinations/{name}"]
    file = FOLDER / "custom_destinations" / name / one.file
    return run(custom_destinations, artefact(file, f"/Users/eigyo/AppData/Recent/{one.file}"))


@pytest.mark.parametrize("name", OWN)
def test_fixtures_are_what_the_builder_writes(name: str) -> None:
    assert (FOLDER / name / scenarios()[name].file).read_bytes() == scenarios()[name].content


def test_each_link_stands_in_its_category() -> None:
    found = fixture("two-categories")
    assert found.problems == []
    columns = (
        "category_number",
        "category_kind",
        "category_name",
        "list_position",
        "target_path",
        "arguments",
    )
    browser, page = r"C:\Program Files\Browser\browser.exe", "https://intra.example/顧客"
    assert [tuple(one.get(column) for column in columns) for one in found.table(TABLE)] == [
        (0, "tasks", None, 0, browser, page),
        (1, "custom", "最近閉じたページ", 0, browser, page),
        (1, "custom", "最近閉じたページ", 1, r"E:\顧客\髙橋①名簿.xlsx", None),
    ]
    first = found.table(TABLE)[0]
    assert (first["profile_name"], first["app_name"]) == ("eigyo", "Google Chrome")
    assert found.table(TABLE)[2]["volume_serial"] == "0A1B2C3D"


def test_an_entry_that_is_no_link_is_told() -> None:
    found = fixture("broken-entry")
    assert len(found.rows) == 2
    assert [one.kind for one in found.problems] == [ProblemKind.DAMAGED]


def test_an_entry_of_another_class_is_passed_over_to_the_next_link(tmp_path: Path) -> None:
    content = custom([("x", (LINK, LINK, LINK))])
    second = content.find(LINK, content.find(LINK) + 1)
    odd = content[:second] + b"\xaa" * len(LINK) + content[second + len(LINK) :]
    found = read(odd, tmp_path)
    assert len(found.rows) == 2
    assert ProblemKind.UNSUPPORTED in {one.kind for one in found.problems}


def test_a_known_category_has_no_links_of_its_own(tmp_path: Path) -> None:
    tail = custom([(None, (LINK,))])[12:]
    content = b"\2\0\0\0\2\0\0\0\0\0\0\0" + b"\1\0\0\0\1\0\0\0\xab\xfb\xbf\xba" + tail
    found = read(content, tmp_path)
    assert [(one["category_number"], one["category_kind"]) for one in found.table(TABLE)] == [(1, "tasks")]
    assert found.problems == []


def test_a_list_cut_short_keeps_what_came_before() -> None:
    found = fixture("cut-off")
    assert [one[2] for one in found.rows] == ["ok", "partial"]
    assert found.problems[-1].kind is ProblemKind.TRUNCATED


def test_a_list_without_categories_is_no_problem(tmp_path: Path) -> None:
    found = read(custom([]), tmp_path)
    assert (found.rows, found.problems) == ([], [])


def test_links_behind_a_wrong_count_or_kind_are_recovered(tmp_path: Path) -> None:
    fewer = bytearray(custom([(None, (LINK, LINK))]))
    fewer[16] = 1
    other = bytearray(custom([(None, (LINK,)), ("x", (LINK,))]))
    second = bytes(other).find(b"\xab\xfb\xbf\xba") + 4
    other[second + 4 : second + 6] = b"\xff\xff"  # the length of the category's name
    for content in (fewer, other):
        found = read(bytes(content), tmp_path)
        assert [status for _, _, status, _ in found.rows] == ["ok", "recovered"]
        assert {one["target_path"] for one in found.table(TABLE)} == {r"C:\a.txt"}
        assert found.problems


def test_links_in_something_else_are_recovered(tmp_path: Path) -> None:
    found = read(b"\0" * 100 + LINK, tmp_path)
    assert [(status, one["target_path"]) for _, _, status, one in found.rows] == [("recovered", r"C:\a.txt")]
    assert [one.kind for one in found.problems] == [ProblemKind.UNRECOGNISED]


def test_every_cut_is_told(tmp_path: Path) -> None:
    whole = scenarios()["custom_destinations/two-categories"].content
    for size in range(0, len(whole), 7):
        assert read(whole[:size], tmp_path).problems, size


def damage(seed: int) -> None:
    """Read mutants of the fixtures. Runs in a child of the test."""
    with tempfile.TemporaryDirectory() as place:
        for content in mutants([scenarios()[name].content for name in OWN], seed, 600):
            found = read(content, Path(place))
            assert len(found.rows) <= 20
            for one in found.problems:
                assert len(one.message) < 500


@pytest.mark.parametrize("seed", [1, 2])
def test_damaged_lists_never_raise_hang_or_grow(seed: int) -> None:
    in_child("tests.test_custom_destinations", f"damage({seed})")
