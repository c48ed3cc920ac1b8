"""Shell links from bytes: paths in each form, volumes, shares, odd and damaged ones; liblnk reads the same."""

from __future__ import annotations

import io
import random
import resource
import subprocess
import sys
import tempfile
import uuid
from datetime import UTC, datetime
from pathlib import Path

import pylnk
import pytest

from fixtures.builders.lnk import CDROM, FOLDER, REMOVABLE, Share, Tracker, Volume, build, scenarios
from parsers.contract import ProblemKind
from parsers.windows.lnk import lnk
from tests.artefacts import Yielded, artefact, from_bytes, run

AT = datetime(2026, 9, 28, 8, 41, 7, 250000, tzinfo=UTC)
STICK = Volume(serial=0x0A1B2C3D, drive_type=REMOVABLE, label="営業メモリ")
MUTANTS = 400


def read(content: bytes, folder: Path) -> Yielded:
    return run(lnk, from_bytes(content, folder, "target.lnk"))


def row(content: bytes, folder: Path) -> dict[str, object]:
    found = read(content, folder)
    assert found.problems == []
    (only,) = found.rows
    assert only[:3] == ("windows_lnk", "0", "ok")
    return only[3]


def reference(content: bytes) -> pylnk.file:
    link = pylnk.file()
    link.set_ascii_codepage("cp932")
    link.open_file_object(io.BytesIO(content))
    return link


@pytest.mark.parametrize("name", scenarios())
def test_fixtures_are_what_the_builder_writes(name: str) -> None:
    assert (FOLDER / name / "target.lnk").read_bytes() == scenarios()[name].content


@pytest.mark.parametrize("name", [name for name in scenarios() if name not in ("cut-off", "odd-time")])
def test_what_the_builder_writes_reads_the_same_in_liblnk(name: str, tmp_path: Path) -> None:
    content = scenarios()[name].content
    ours, theirs = row(content, tmp_path), reference(content)
    serial = theirs.drive_serial_number
    assert ours.get("local_path") == theirs.local_path
    assert ours.get("network_path") == theirs.network_path
    assert ours.get("environment_path") == theirs.environment_variables_location
    assert ours.get("volume_label") == theirs.volume_label
    assert ours.get("volume_serial") == (f"{serial:08X}" if serial else None)
    assert ours.get("description") == theirs.description
    assert ours.get("relative_path") == theirs.relative_path
    assert ours.get("working_path") == theirs.working_directory
    assert ours.get("arguments") == theirs.command_line_arguments
    assert ours.get("icon_path") == theirs.icon_location
    assert ours.get("machine_id") == theirs.machine_identifier
    assert ours.get("droid_volume_id") == theirs.droid_volume_identifier
    assert ours.get("birth_file_id") == theirs.birth_droid_file_identifier
    assert ours["target_bytes"] == theirs.file_size
    assert ours["target_created_at"] == theirs.file_creation_time.replace(tzinfo=UTC)
    assert ours["trailing_bytes"] == 0


def test_an_ansi_path_is_read_as_cp932_though_a_second_byte_is_a_backslash(tmp_path: Path) -> None:
    found = row(build(target=r"E:\顧客\能登表.csv", volume=STICK, has_id_list=False), tmp_path)
    assert (found["target_path"], found["codec"]) == (r"E:\顧客\能登表.csv", "cp932")
    assert (found["drive_type"], found["volume_serial"], found["volume_label"]) == (
        "removable",
        "0A1B2C3D",
        "営業メモリ",
    )


def test_vendor_signs_and_half_width_kana_survive_ansi(tmp_path: Path) -> None:
    assert (
        row(build(target="E:\\髙橋①㈱ｶﾅ.xlsx", volume=STICK), tmp_path)["target_path"] == "E:\\髙橋①㈱ｶﾅ.xlsx"
    )


def test_a_path_in_utf16_is_preferred_to_one_ansi_could_not_hold(tmp_path: Path) -> None:
    content = build(target="E:\\𠮷田—é.xlsx", volume=STICK, is_path_unicode=True)
    assert row(content, tmp_path)["target_path"] == "E:\\𠮷田—é.xlsx"


def test_another_code_page_is_taken_where_utf16_in_the_link_agrees_with_it(tmp_path: Path) -> None:
    # 'é' and 'à' in cp1252 read as half-width kana in cp932; the identifier list holds the name in UTF-16.
    content = build(target=r"C:\Users\Zoé\Déjà vu.txt", volume=Volume(serial=1), codec="cp1252")
    found = row(content, tmp_path)
    assert (found["target_path"], found["codec"]) == (r"C:\Users\Zoé\Déjà vu.txt", "cp1252")


def test_one_lone_half_width_kana_between_latin_letters_is_an_accent(tmp_path: Path) -> None:
    found = row(build(share=Share(name=r"\\FS\QUALITÉ"), suffix="a.txt", codec="cp1252"), tmp_path)
    assert found["target_path"] == r"\\FS\QUALITÉ\a.txt"


def test_a_share_keeps_its_path_and_the_letter_it_was_mapped_to(tmp_path: Path) -> None:
    found = row(build(share=Share(name=r"\\FS01\営業", device="Z:"), suffix=r"名簿\会員.csv"), tmp_path)
    assert (found["target_path"], found["device_name"]) == (r"\\FS01\営業\名簿\会員.csv", "Z:")
    assert found.get("volume_serial") is None
    assert found.get("drive_type") is None


def test_serial_numbers_are_eight_digits_and_drive_types_words(tmp_path: Path) -> None:
    for kind, word in ((CDROM, "cdrom"), (1, "no_root"), (0, "unknown"), (77, "unknown")):
        found = row(build(target="D:\\a", volume=Volume(serial=0xBEEF, drive_type=kind)), tmp_path)
        assert (found["volume_serial"], found["drive_type"]) == ("0000BEEF", word)


def test_times_size_and_tracker_are_those_given(tmp_path: Path) -> None:
    ids = [uuid.UUID(int=number) for number in (1, 2, 3, 4)]
    tracker = Tracker(
        machine="pc", volume_id=ids[0], file_id=ids[1], birth_volume_id=ids[2], birth_file_id=ids[3]
    )
    found = row(build(created_at=AT, size=(1 << 32) + 5, attributes=0x21, tracker=tracker), tmp_path)
    assert (found["target_created_at"], found["target_modified_at"], found["target_accessed_at"]) == (
        AT,
        None,
        None,
    )
    assert (found["target_bytes"], found["attributes_flags"], found["machine_id"]) == (5, 0x21, "pc")
    columns = ("droid_volume_id", "droid_file_id", "birth_volume_id", "birth_file_id")
    assert [found[one] for one in columns] == [str(one) for one in ids]


def test_shell_items_tell_the_path_where_nothing_else_does(tmp_path: Path) -> None:
    found = row(build(target=r"E:\顧客\能登.csv"), tmp_path)
    assert (found["target_path"], found["id_list_path"]) == (r"E:\顧客\能登.csv", r"E:\顧客\能登.csv")


def test_a_broken_item_list_is_told_and_the_link_is_read_on(tmp_path: Path) -> None:
    content = bytearray(build(target=r"C:\a.txt", volume=Volume(serial=7)))
    content[0x4E + 20 : 0x4E + 22] = b"\xff\x7f"  # the size of the second item
    found = read(bytes(content), tmp_path)
    (values,) = found.table("windows_lnk")
    assert (values["id_list_path"], values["local_path"]) == ("This PC", r"C:\a.txt")
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.TRUNCATED, "id_list_path")]


def test_strings_may_be_ansi(tmp_path: Path) -> None:
    found = row(build(description="顧客一覧", working_path=r"C:\能登", is_unicode=False), tmp_path)
    assert (found["description"], found["working_path"]) == ("顧客一覧", r"C:\能登")


def test_half_a_surrogate_is_replaced_and_told(tmp_path: Path) -> None:
    found = read(build(description="a\ud842b"), tmp_path)
    assert found.table("windows_lnk")[0]["description"] == "a\ufffdb"
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, "description")]


def test_a_time_that_is_none_is_null_and_a_problem_naming_the_column() -> None:
    found = run(lnk, artefact(FOLDER / "odd-time" / "target.lnk"))
    assert found.table("windows_lnk")[0].get("target_accessed_at") is None
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, "target_accessed_at")]
    assert found.rows[0][2] == "partial"


def test_a_link_cut_short_keeps_what_came_before() -> None:
    found = run(lnk, artefact(FOLDER / "cut-off" / "target.lnk"))
    (values,) = found.table("windows_lnk")
    assert values["target_path"] == r"C:\Users\eigyo\Documents\list.xlsx"
    assert values["volume_serial"] == "9C31D00F"
    assert [one.kind for one in found.problems] == [ProblemKind.TRUNCATED]
    assert found.rows[0][2] == "partial"


def test_bytes_behind_the_link_are_counted(tmp_path: Path) -> None:
    content = build(target="C:\\a", volume=Volume(serial=1))
    assert row(content + b"MZ" * 1000, tmp_path)["trailing_bytes"] == 2000


def test_a_link_without_its_terminal_block_is_whole(tmp_path: Path) -> None:
    assert row(build(target="C:\\a", volume=Volume(serial=1))[:-4], tmp_path)["trailing_bytes"] == 0


@pytest.mark.parametrize("content", [b"", b"\x02\0\0\0\0\0\0\0$I file named .lnk", b"MZ" * 60, b"L\0\0"])
def test_what_is_no_link_is_unrecognised(content: bytes, tmp_path: Path) -> None:
    found = read(content, tmp_path)
    assert found.rows == []
    assert [one.kind for one in found.problems] == [ProblemKind.UNRECOGNISED]


def test_a_header_alone_that_is_cut_is_truncated(tmp_path: Path) -> None:
    found = read(build()[:60], tmp_path)
    assert (found.rows, [one.kind for one in found.problems]) == ([], [ProblemKind.TRUNCATED])


def test_offsets_outside_the_section_are_problems_and_the_rest_is_read(tmp_path: Path) -> None:
    content = bytearray(build(target="C:\\a", volume=Volume(serial=7), has_id_list=False, description="d"))
    content[0x4C + 0x10 : 0x4C + 0x14] = b"\xff\xff\xff\x7f"  # LocalBasePathOffset
    found = read(bytes(content), tmp_path)
    (values,) = found.table("windows_lnk")
    assert (values["local_path"], values["volume_serial"], values["description"]) == (None, "00000007", "d")
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, "local_path")]


def damage(seed: int) -> None:
    """Read mutants of every fixture: cut, flipped, spliced. Runs in a child of the test."""
    chance = random.Random(seed)
    kept = [one.content for one in scenarios().values()]
    with tempfile.TemporaryDirectory() as place:
        for number in range(MUTANTS):
            content = bytearray(chance.choice(kept))
            for _ in range(chance.randint(1, 12)):
                index = chance.randrange(len(content))
                match chance.randrange(4):
                    case 0:
                        content[index] ^= 1 << chance.randrange(8)
                    case 1:
                        content[index : index + 4] = chance.choice(
                            (b"\xff" * 4, b"\0" * 4, b"\xff\xff\xff\x7f", b"\4\0\0\0")
                        )
                    case 2:
                        del content[index : index + chance.randint(1, 64)]
                    case _:
                        content[index:index] = chance.randbytes(chance.randint(1, 16))
                content = content or bytearray(b"L")
            found = run(lnk, from_bytes(bytes(content), Path(place)))
            assert len(found.rows) <= 1, (seed, number)
            assert found.rows or found.problems, (seed, number)
            for _, _, status, _ in found.rows:
                assert (status == "partial") == bool(found.problems), (seed, number)
            for one in found.problems:
                assert len(one.message) < 500, (seed, number)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_damaged_links_give_problems_and_never_raise_hang_or_grow(seed: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"from tests.test_lnk import damage; damage({seed})"],
        cwd=Path(__file__).resolve().parent.parent,
        timeout=60,
        check=False,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30)),
    )
    assert done.returncode == 0, f"seed {seed}: {done.stderr[-2000:]}"
