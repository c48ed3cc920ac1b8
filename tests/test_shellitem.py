"""Shell items from bytes: paths, names, times and references of each kind; libfwsi reads the same where it reads them."""

from __future__ import annotations

from datetime import UTC, datetime

import pyfwsi
import pytest

from fixtures.builders import shellitems
from fixtures.builders.shellitems import entry, id_list, item, root
from parsers.formats.shellitem import MOST_ITEMS, read_id_list
from tests.damaged import in_child, mutants

AT = datetime(2026, 9, 28, 8, 41, 7, tzinfo=UTC)
EVEN = AT.replace(second=6)
PC = root(shellitems.THIS_PC)
EVERY = (
    id_list(PC, shellitems.drive("C:\\"), entry("顧客", at=AT, reference=(90001, 3))),
    id_list(root(shellitems.NETWORK), shellitems.network(r"\\FS01\営業部"), entry("能登", at=AT, version=0)),
    id_list(PC, shellitems.device("Sora", r"\\?\usb#x"), shellitems.device_volume("内部"), shellitems.device_folder("DCIM")),
    id_list(shellitems.removable_drive("E:\\"), entry("名簿.zip", at=AT, is_file=True), shellitems.archive_folder("顧客/関東", "支店")),
    id_list(root(shellitems.USER_FOLDER), shellitems.user_entry("AppData", at=AT, reference=(171285, 1))),
    id_list(root(shellitems.LIBRARIES), shellitems.library_entry("見積.pdf", r"C:\Users\eigyo\見積.pdf", AT)),
    id_list(root(shellitems.CONTROL_PANEL), shellitems.control_category(2), shellitems.control_item(shellitems.CONTROL_PANEL)),
    id_list(shellitems.uri("ftp://intra.example/顧客")),
    id_list(PC, shellitems.known_folder(shellitems.DOWNLOADS, AT), entry("a.txt", is_file=True)),
)  # fmt: skip


PATHS = (
    r"C:\顧客",
    r"\\FS01\営業部\能登",
    r"This PC\Sora\内部\DCIM",
    r"E:\名簿.zip\顧客\関東\支店",
    r"User Folder\AppData",
    r"C:\Users\eigyo\見積.pdf",
    r"Control Panel\Hardware and Sound\Control Panel",
    "ftp://intra.example/顧客",
    r"This PC\Downloads\a.txt",
)


@pytest.mark.parametrize(("content", "path"), list(zip(EVERY, PATHS, strict=True)), ids=PATHS)
def test_each_kind_gives_its_part_of_the_path(content: bytes, path: str) -> None:
    found = read_id_list(content)
    assert (found.path, found.fault, found.notes, found.end) == (path, None, (), len(content))


def test_a_folder_keeps_times_reference_and_both_names() -> None:
    (found,) = read_id_list(id_list(entry("顧客一覧", at=AT, short="KOKYA~1", reference=(90001, 3)))).items
    assert (found.kind, found.name, found.short_name) == ("folder", "顧客一覧", "KOKYA~1")
    assert (found.created_at, found.modified_at, found.accessed_at) == (EVEN, EVEN, EVEN)
    assert (found.file_reference, found.sequence, found.attributes) == (90001, 3, 0x10)


@pytest.mark.parametrize("version", [3, 8, 9])
def test_every_version_of_the_extension_block_gives_the_long_name(version: int) -> None:
    (found,) = read_id_list(id_list(entry("髙橋①𠮷田", at=AT, version=version, reference=(7, 8)))).items
    assert found.name == "髙橋①𠮷田"
    assert found.file_reference == (7 if version >= 7 else None)


def test_a_name_in_cp932_alone_survives_though_a_second_byte_is_a_backslash() -> None:
    (found,) = read_id_list(id_list(entry("能登表", at=AT, version=0, short="NOTO~1"))).items
    assert (found.name, found.short_name, found.codec) == ("能登表", "NOTO~1", "cp932")


def test_another_code_page_is_taken_where_utf16_around_agrees() -> None:
    share = shellitems.network(r"\\FS\Qualité", codec="cp1252")
    found = read_id_list(id_list(share, entry("Qualité", at=AT, codec="cp1252")))
    assert found.path == "\\\\FS\\Qualité\\Qualité"


def test_a_list_without_a_root_begins_on_the_desktop() -> None:
    assert read_id_list(id_list(entry("控え.txt", is_file=True))).path == r"Desktop\控え.txt"


def test_a_drive_alone_keeps_its_backslash() -> None:
    assert read_id_list(id_list(PC, shellitems.drive("E:\\"))).path == "E:\\"


def test_a_telephone_keeps_the_path_of_its_device() -> None:
    (found,) = read_id_list(id_list(shellitems.device("Sora", r"\\?\usb#vid_18d1#SORA0012345#{x}"))).items
    assert (found.kind, found.device_path) == ("device", r"\\?\usb#vid_18d1#SORA0012345#{x}")


def test_a_file_in_a_library_keeps_the_extension_the_shell_hides() -> None:
    (found,) = read_id_list(id_list(shellitems.library_entry("見積.pdf", r"C:\見積.pdf", AT))).items
    assert (found.name, found.full_path, found.size_bytes, found.modified_at) == (
        "見積.pdf",
        r"C:\見積.pdf",
        4711,
        AT,
    )


def test_an_unknown_item_leaves_a_gap_that_can_be_seen() -> None:
    found = read_id_list(id_list(PC, item(b"\x99\0\1\2\3"), entry("a", at=AT)))
    assert found.path == r"This PC\<unknown 0x99>\a"
    assert [one.kind for one in found.items] == ["root", "unknown", "folder"]


def test_faults_are_told_and_what_came_before_is_given() -> None:
    whole = id_list(PC, shellitems.drive("C:\\"))
    cut = read_id_list(whole[:-10])
    assert (cut.path, cut.is_cut) == ("This PC", True)
    bare = read_id_list(whole[:-2])
    assert (bare.path, bare.fault) == ("C:\\", None)
    odd = read_id_list(whole[:-2] + b"\2\0")
    assert (odd.path, odd.is_cut) == ("C:\\", False)
    assert odd.fault is not None
    assert read_id_list(b"").is_cut
    assert read_id_list(b"\0\0").path is None


def test_a_list_without_end_is_bounded() -> None:
    found = read_id_list(item(b"\x99") * (MOST_ITEMS + 50))
    assert len(found.items) == MOST_ITEMS
    assert found.fault is not None


def test_a_date_that_is_none_is_a_note_naming_the_column() -> None:
    odd = bytearray(entry("a", at=AT))
    odd[8:10] = b"\xff\xff"
    (found,) = read_id_list(id_list(bytes(odd))).items
    assert found.modified_at is None
    assert [column for column, _ in found.notes] == ["item_modified_at"]


def test_half_a_surrogate_is_replaced_and_noted() -> None:
    (found,) = read_id_list(id_list(entry("a\ud842b", at=AT))).items
    assert found.name == "a\ufffdb"
    assert [column for column, _ in found.notes] == ["name"]


def agrees(content: bytes) -> int:
    """How many items libfwsi reads, each the same."""
    ours = read_id_list(content).items
    # libfwsi is told the code page that was decided here.
    codec = next((one.codec for one in ours if one.codec is not None), "cp932")
    theirs = pyfwsi.item_list()
    theirs.copy_from_byte_stream(content, ascii_codepage=codec)
    assert theirs.number_of_items == len(ours)
    count = 0
    for one, other in zip(ours, theirs.items, strict=True):
        match type(other).__name__:
            case "root_folder" | "volume" if one.guid:
                guid = getattr(other, "shell_folder_identifier", None) or getattr(other, "identifier", None)
                if guid is None:
                    continue
                assert one.guid == f"{{{guid}}}"
            case "volume":
                assert one.name == other.name
            case "network_location":
                assert one.name == other.location
            # libfwsi takes delegate items for files of their own.
            case "file_entry" if one.class_type & 0x70 == 0x30:
                blocks = [x for x in other.extension_blocks if isinstance(x, pyfwsi.file_entry_extension)]
                names = [other.name, *(x.long_name for x in blocks)]
                assert one.name == names[-1]
                assert one.size_bytes == other.file_size
                if other.get_modification_time_as_integer():
                    assert one.modified_at == other.modification_time.replace(tzinfo=UTC)
                for block in blocks:
                    if block.get_creation_time_as_integer():
                        assert one.created_at == block.creation_time.replace(tzinfo=UTC)
                        assert one.accessed_at == block.access_time.replace(tzinfo=UTC)
                    reference = block.file_reference
                    if reference is not None and one.file_reference is not None:
                        assert one.file_reference | one.sequence << 48 == reference
            case _:
                continue
        count += 1
    return count


def test_what_the_builder_writes_reads_the_same_in_libfwsi() -> None:
    assert sum(agrees(content) for content in EVERY) > 12


def damage(seed: int) -> None:
    """Read mutants of every kind. Runs in a child of the test."""
    for content in mutants(EVERY, seed, 3000):
        found = read_id_list(content)
        assert len(found.items) <= MOST_ITEMS
        for _, message in found.notes:
            assert len(message) < 300
        if found.path is not None:
            assert len(found.path) <= 4 * len(content) + 100


@pytest.mark.parametrize("seed", [1, 2])
def test_damaged_lists_never_raise_hang_or_grow(seed: int) -> None:
    in_child("tests.test_shellitem", f"damage({seed})")
