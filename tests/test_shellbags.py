"""Shell bags from bytes: paths through every kind of folder, order and times of use, damage told."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fixtures.builders import hives, shellitems
from fixtures.builders.shellitems import Folder, entry, scenarios
from parsers.contract import ProblemKind
from parsers.windows import shellbags as module
from parsers.windows.shellbags import shellbags
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import in_child, mutants

FIXTURES = hives.FOLDER / "shellbags"
AT = datetime(2026, 9, 28, 9, 12, 30, 123456, tzinfo=UTC)
STEP = timedelta(minutes=3)
TABLE = "windows_shellbags"


def by_path(found: Yielded) -> dict[object, dict[str, object]]:
    return {one["shell_path"]: one for one in found.table(TABLE)}


def read(name: str, **logs: Path) -> Yielded:
    (file,) = [one for one in (FIXTURES / name).iterdir() if one.suffix.lower() == ".dat"]
    return run(shellbags, artefact(file, f"/Users/eigyo/{file.name}", **logs))


@pytest.mark.parametrize("name", [one for one in scenarios() if one.startswith("shellbags/")])
def test_fixtures_are_what_the_builder_writes(name: str) -> None:
    for file, content in scenarios()[name].files:
        assert (hives.FOLDER / name / file).read_bytes() == content


def test_every_folder_stands_with_its_path_before_those_below_it() -> None:
    found = read("user-class")
    assert found.problems == []
    assert [(one["bag_path"], one["shell_path"]) for one in found.table(TABLE)] == [
        ("0", "This PC"),
        (r"0\0", "C:\\"),
        (r"0\0\0", r"C:\Documents"),
        (r"0\0\0\0", r"C:\Documents\顧客一覧"),
        (r"0\0\0\1", r"C:\Documents\名簿.zip"),
        (r"0\0\0\1\0", r"C:\Documents\名簿.zip\顧客\関東\支店"),
        (r"0\1", r"This PC\Sora Phone"),
        (r"0\1\0", r"This PC\Sora Phone\内部ストレージ"),
        (r"0\1\0\0", r"This PC\Sora Phone\内部ストレージ\DCIM"),
        (r"0\2", r"This PC\Downloads"),
        ("1", "E:\\"),
        (r"1\0", r"E:\持出し"),
        ("2", "User Folder"),
        (r"2\0", r"User Folder\AppData"),
        ("3", "Control Panel"),
        (r"3\0", r"Control Panel\System and Security"),
    ]
    assert {one["profile_name"] for one in found.table(TABLE)} == {"eigyo"}


def test_only_the_first_in_its_parents_order_has_a_time_of_last_use() -> None:
    rows = by_path(read("user-class"))
    # The stick was used last: it stands first below the desktop, so the root key's time is its time.
    stick, pc = rows["E:\\"], rows["This PC"]
    assert (stick["mru_position"], stick["last_interacted_at"]) == (0, AT)
    assert (pc["mru_position"], pc["last_interacted_at"]) == (1, None)
    archive = rows[r"C:\Documents\名簿.zip"]
    assert (archive["mru_position"], archive["last_interacted_at"]) == (0, AT - STEP)


def test_a_leaf_has_a_time_of_first_use_and_a_folder_with_others_below_has_none() -> None:
    rows = by_path(read("user-class"))
    leaf, above = rows[r"C:\Documents\顧客一覧"], rows[r"C:\Documents"]
    assert (leaf["child_count"], leaf["first_interacted_at"]) == (0, AT - 9 * STEP)
    assert (above["child_count"], above["first_interacted_at"]) == (2, None)
    assert above["node_written_at"] == AT - STEP


def test_slots_references_and_devices_are_kept() -> None:
    rows = by_path(read("user-class"))
    leaf = rows[r"C:\Documents\顧客一覧"]
    assert (leaf["node_slot"], leaf["file_reference"], leaf["sequence"], leaf["short_name"]) == (
        5,
        90001,
        3,
        "顧客一~1",
    )
    assert leaf["item_created_at"] == AT.replace(microsecond=0)
    assert "SORA0012345" in str(rows[r"This PC\Sora Phone"]["device_path"])


def test_a_share_and_a_name_in_cp932_are_read_from_ntuser() -> None:
    rows = by_path(read("shares"))
    assert list(rows) == ["Network", r"\\FS01\営業部", r"\\FS01\営業部\能登表"]


def test_a_log_is_replayed_before_the_tree_is_read() -> None:
    log = FIXTURES / "dirty-with-log" / "UsrClass.dat.LOG1"
    with_log = read("dirty-with-log", LOG1=log)
    assert r"E:\持出し" in by_path(with_log)
    assert with_log.problems == []
    without = read("dirty-with-log")
    assert r"E:\持出し" not in by_path(without)
    assert [one.kind for one in without.problems] == [ProblemKind.AMBIGUOUS]


def test_damage_is_told_and_never_gives_a_folder_the_name_of_its_parent() -> None:
    found = read("damaged")
    rows = {one["bag_path"]: (one["shell_path"], status) for _, _, status, one in found.rows}
    assert rows == {
        "0": ("This PC", "partial"),
        r"0\0": (r"This PC\下", "ok"),
        "1": ("<missing 0x00>", "partial"),
        "2": ("<missing 0x00>", "partial"),
        "3": (r"Desktop\日付", "partial"),
        r"7\0": (r"<missing 0x00>\残り", "partial"),
    }
    assert [(one.kind, one.column) for one in found.problems] == [
        (ProblemKind.DAMAGED, "mru_position"),
        (ProblemKind.TRUNCATED, "shell_path"),
        (ProblemKind.DAMAGED, "shell_path"),
        (ProblemKind.DAMAGED, "item_modified_at"),
        (ProblemKind.DAMAGED, "shell_path"),
    ]


def test_depth_and_number_of_folders_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = Folder(item=entry("x"), written_at=AT)
    for _ in range(200):
        deep = Folder(item=entry("x"), written_at=AT, below=(deep,))
    found = run(shellbags, from_bytes(shellitems.user_class(AT, deep), tmp_path, "UsrClass.dat"))
    assert ProblemKind.LIMIT in {one.kind for one in found.problems}
    assert len(found.rows) < 150
    monkeypatch.setattr(module, "_MOST_FOLDERS", 5)
    many = Folder(
        item=b"", written_at=AT, below=tuple(Folder(item=entry(f"{n}"), written_at=AT) for n in range(9))
    )
    found = run(shellbags, from_bytes(shellitems.user_class(AT, many), tmp_path, "UsrClass.dat"))
    assert (len(found.rows), [one.kind for one in found.problems]) == (5, [ProblemKind.LIMIT])


def test_a_hive_of_another_kind_passes_in_silence(tmp_path: Path) -> None:
    software = hives.software_hive(written_at=AT, installed_at=AT)
    found = run(shellbags, from_bytes(software, tmp_path, "SOFTWARE"))
    assert (found.rows, found.problems) == ([], [])


def damage(seed: int) -> None:
    """Read mutants of the fixtures. Runs in a child of the test."""
    kept = [one.files[0][1] for name, one in scenarios().items() if name.startswith("shellbags/")]
    with tempfile.TemporaryDirectory() as place:
        for content in mutants(kept, seed, 250):
            found = run(shellbags, from_bytes(content, Path(place), "UsrClass.dat"))
            assert len(found.rows) < 1000
            assert found.rows or found.problems or len(content) > 4096


@pytest.mark.parametrize("seed", [1, 2])
def test_damaged_hives_never_raise_hang_or_grow(seed: int) -> None:
    in_child("tests.test_shellbags", f"damage({seed})")
