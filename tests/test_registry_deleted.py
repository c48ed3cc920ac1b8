"""Deleted keys and values of hives, from bytes: what is found, what is not claimed, and devices that were cleaned away."""

from __future__ import annotations

import struct
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from regipy.registry import RegistryHive

from fixtures.builders import deleted_keys, hives, regf
from fixtures.builders.deleted_keys import CLEANED_AT, ENUM, EXPLORER, MBR_VOLUME, VOLUME
from fixtures.builders.machine_hives import AT, hive
from fixtures.builders.regf import dword, sz
from fixtures.builders.regf_delete import delete_key, reuse
from parsers.contract import PROVENANCE, ProblemKind
from parsers.windows.registry_deleted import DEVICES, KEYS, VALUES, registry_deleted
from parsers.windows.usbstor import usbstor
from pipeline.extract.select import select
from pipeline.match.devices import connected_rows, device_rows, devices, observation_rows, observe, rules
from pipeline.tables.schema import full_schema
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cuts, flipped, in_child, mutants
from tests.golden_rows import FIXTURES

USBSTOR = rf"{ENUM}\USBSTOR"
STICK = rf"\{USBSTOR}\Disk&Ven_KNSK&Prod_Memory_Stick&Rev_1.00\KS20260914000777&0"
MADE = deleted_keys.made()


def read(name: str) -> Yielded:
    path = MADE[f"registry_deleted/{name}"][0]
    place = FIXTURES / "windows" / "registry_deleted" / name / path.rpartition("/")[2]
    return run(registry_deleted, artefact(place, path))


def of(content: bytes, folder: Path, name: str = "SYSTEM") -> Yielded:
    return run(registry_deleted, from_bytes(content, folder, name))


def keys(found: Yielded) -> dict[str, dict[str, Any]]:
    return {str(one["key_path"]): one for one in found.table("windows_registry_deleted_key")}


def values(found: Yielded, path: str | None) -> dict[str, dict[str, Any]]:
    rows = found.table("windows_registry_deleted_value")
    return {str(one["value_name"]): one for one in rows if one.get("key_path") == path}


@pytest.mark.parametrize("name", MADE)
def test_fixtures_are_what_their_builders_make(name: str) -> None:
    path, content, _ = MADE[name]
    assert (FIXTURES / "windows" / name / path.rpartition("/")[2]).read_bytes() == content


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_cleaned_hive_is_sound_and_holds_no_storage_device() -> None:
    file = FIXTURES / "windows" / "registry_deleted" / "cleaned-usbstor" / "SYSTEM"
    paths = {one.path for one in RegistryHive(str(file)).recurse_subkeys(fetch_values=False)}
    assert not any("USBSTOR" in one or "KS2026" in one for one in paths)
    assert rf"\{ENUM}\USB" in paths
    found = run(usbstor, artefact(file))
    assert found.problems == []
    assert "USBSTOR" not in {one["bus"] for one in found.table("windows_usbstor")}
    assert "KS20260914000777" not in {one["device_serial"] for one in found.table("windows_usbstor")}


def test_every_key_and_value_deleted_is_found_again_with_its_path(tmp_path: Path) -> None:
    before = RegistryHive(str(from_bytes(deleted_keys.before_cleaning(), tmp_path, "before").local()))
    told = {one.path: one for one in before.recurse_subkeys(fetch_values=True)}
    gone = {path: one for path, one in told.items() if "USBSTOR" in path or "VID_F00D&PID_0042" in path}
    found = read("cleaned-usbstor")
    assert found.problems == []
    assert set(keys(found)) == set(gone)
    assert all(one["is_path_whole"] and one["is_path_in_order"] for one in keys(found).values())
    assert {one["is_there_again"] for one in keys(found).values()} == {False}
    assert {status for _, _, status, _ in found.rows} == {"recovered"}
    for path, key in gone.items():
        ours = values(found, path)
        assert len(ours) == key.values_count == keys(found)[path]["value_count"]
        for one in key.values:
            mine = ours["" if one.name == "(default)" else one.name]
            assert mine["data_state"] in ("free", "inline")
            if isinstance(one.value, str) and one.value_type == "REG_SZ":
                assert mine["value_text"] == one.value


def test_a_key_that_went_with_those_below_it_bears_the_time_of_the_deletion() -> None:
    found = keys(read("cleaned-usbstor"))
    assert found[STICK]["key_written_at"] == CLEANED_AT
    assert found[rf"{STICK}\Device Parameters\Partmgr"]["key_written_at"] == AT - timedelta(hours=2)


def test_a_stick_that_was_cleaned_away_is_a_device_with_its_times() -> None:
    rows = read("cleaned-usbstor").table("windows_registry_deleted_device")
    told = [(one["device_trace"], one.get("device_serial")) for one in rows]
    assert sorted(told, key=str) == [
        (r"Enum\USB", "KS20260914000777"),
        (r"Enum\USBSTOR", "6&1f2e3d4c"),
        (r"Enum\USBSTOR", "KS20260914000777"),
        ("MountedDevices", "KS20260914000777"),
        ("MountedDevices", "KS20260914000777"),
    ]
    stick = next(one for one in rows if one["key_path"] == STICK)
    assert {name: stick[name] for name in ("vendor", "product", "revision", "friendly_name", "disk_id")} == {
        "vendor": "KNSK",
        "product": "Memory_Stick",
        "revision": "1.00",
        "friendly_name": "KNSK Memory Stick USB Device",
        "disk_id": "{7a1b2c3d-9000-11f1-8001-020000000001}",
    }
    assert stick["container_id"] == "{0d5c1f3a-1111-5222-8333-444455556666}"
    assert stick["first_installed_at"] == AT - timedelta(days=13, hours=4)
    assert stick["last_connected_at"] == AT - timedelta(hours=2)
    assert stick["last_removed_at"] == AT - timedelta(hours=1, minutes=20)
    mounted = [one for one in rows if one["device_trace"] == "MountedDevices"]
    assert {one.get("drive_letter") for one in mounted} == {None, "E:"}
    assert {one.get("volume_guid") for one in mounted} == {None, VOLUME}


def test_windows_7_times_are_read_one_key_deeper(tmp_path: Path) -> None:
    stick, _, _ = hives.example_devices(AT)
    content = hives.system_hive(computer_name="PC", written_at=AT, disks=(stick,), is_windows_7=True)
    found = of(delete_key(content, USBSTOR, CLEANED_AT), tmp_path)
    (row,) = found.table("windows_registry_deleted_device")
    assert row["first_installed_at"] == AT - timedelta(days=13, hours=4)
    assert "last_connected_at" not in row


def test_portable_devices_have_their_labels_and_letters() -> None:
    rows = read("portable-devices").table("windows_registry_deleted_device")
    assert {(one.get("device_serial"), one.get("volume_label"), one.get("drive_letter")) for one in rows} == {
        ("KS20260914000777", "営業部バックアップ", None),
        ("6&1F2E3D4C", None, "E:"),
        (None, "UASP", None),
        ("5&19FB0A6C&0&0", "DCIM-01", None),
        ("7&2A3B4C5D&0&0000", None, None),
        ("AA0001", "旧データ", None),
    }
    telephone = next(one for one in rows if one.get("enumerator") == "USB")
    assert (telephone["friendly_name"], telephone["product_id"]) == ("花子のスマートフォン", "6860")


def test_volumes_a_user_saw_are_devices_and_shares_are_none() -> None:
    found = read("user")
    rows = found.table("windows_registry_deleted_device")
    assert [(one["volume_guid"], one.get("disk_signature"), one["profile_name"]) for one in rows] == [
        (MBR_VOLUME, "5CBEA03E", "見本花子"),
        (VOLUME, None, "見本花子"),
    ]
    assert rf"\{EXPLORER}\MountPoints2\##fileserver#営業部" in keys(found)


def test_a_value_taken_out_of_a_list_is_given_to_the_key_in_use() -> None:
    (row,) = values(read("user"), rf"\{EXPLORER}\TypedPaths").values()
    assert (row["value_name"], row["value_text"]) == ("url2", "E:\\顧客データ\\名簿.xlsx")
    assert row["is_key_deleted"] is False
    assert row["is_there_again"] is False
    assert row["key_written_at"] == CLEANED_AT


def test_values_of_every_type_are_shown_as_text() -> None:
    found = values(read("user"), r"\Software\見本")
    shown = {name: (one["value_type"], one["value_text"], one["data_bytes"]) for name, one in found.items()}
    assert shown["bytes"] == ("REG_BINARY", (bytes(range(256)) * 4).hex(), 5120)
    assert shown["large"] == ("REG_BINARY", "ab" * 1024, 40_000)
    assert {name: one for name, one in shown.items() if name not in ("bytes", "large")} == {
        "": ("REG_SZ", "既定", 6),
        "dword": ("REG_DWORD", "4294967295", 4),
        "qword": ("REG_QWORD", "9223372036854775808", 8),
        "none": ("REG_BINARY", "", 0),
        "list": ("REG_MULTI_SZ", "一; 二", 10),
        "time": ("device property 0x10", "2026-09-28T09:12:30.123456+00:00", 8),
        "no time": ("device property 0x10", "ff" * 8, 8),
        "big": ("REG_DWORD_BIG_ENDIAN", "256", 4),
    }


def two_keys() -> bytes:
    return hive("SYSTEM", {r"A\B": (sz("text", "見本" * 20), dword("number", 7)), r"A\C": ()})


def test_data_whose_cell_is_used_again_are_not_claimed(tmp_path: Path) -> None:
    content = delete_key(two_keys(), r"A\B", CLEANED_AT)
    at = content.index("見本".encode("utf-16-le")) - 4 - 4096
    found = of(reuse(content, at, b"other" * 16), tmp_path)
    rows = values(found, r"\A\B")
    assert (rows["text"]["data_state"], rows["text"].get("value_text")) == ("reused", None)
    assert (rows["number"]["data_state"], rows["number"]["value_text"]) == ("inline", "7")


def test_data_in_which_another_record_stands_are_not_claimed(tmp_path: Path) -> None:
    content = bytearray(delete_key(two_keys(), r"A\B", CLEANED_AT))
    at = content.index("見本".encode("utf-16-le"))
    content[at + 8 : at + 28] = struct.pack("<2sHIIIHH", b"vk", 0, 0x80000004, 1, 4, 1, 0)
    found = of(bytes(content), tmp_path)
    assert values(found, r"\A\B")["text"]["data_state"] == "reused"
    assert values(found, None)[""]["value_text"] == "1"


def test_a_path_ends_where_the_parent_is_gone(tmp_path: Path) -> None:
    content = bytearray(deleted_keys.cleaned())
    # The node of the key USBSTOR itself is written over; all below it stays.
    at = content.index(b"USBSTOR", content.index(b"nk")) - 76
    while content[at : at + 2] != b"nk" or content[at + 76 : at + 83] != b"USBSTOR":
        at = content.index(b"USBSTOR", at + 77) - 76
    content[at : at + 80] = bytes(80)
    found = of(bytes(content), tmp_path)
    tail = STICK.removeprefix(rf"\{USBSTOR}").strip("\\")
    assert keys(found)[tail]["is_path_whole"] is False
    assert "is_there_again" not in keys(found)[tail] or keys(found)[tail]["is_there_again"] is None
    serials = {
        one.get("device_serial")
        for one in found.table("windows_registry_deleted_device")
        if one["device_trace"] == r"Enum\USBSTOR"
    }
    assert serials == {"KS20260914000777"}  # of the other disk neither bus nor number says what it is


def test_a_path_through_a_key_older_than_the_one_below_is_told(tmp_path: Path) -> None:
    content = delete_key(two_keys(), r"A\B", AT - timedelta(days=1))
    row = keys(of(content, tmp_path))[r"\A\B"]
    assert (row["is_path_whole"], row["is_path_in_order"]) == (True, False)


def test_what_is_there_again_is_told(tmp_path: Path) -> None:
    tree = hive("SYSTEM", {r"A\B": (dword("one", 1), dword("two", 2)), r"A\b2": (dword("one", 1),)})
    content = bytearray(delete_key(tree, r"A\B", CLEANED_AT))
    at = content.index(b"b2", content.index(b"nk"))
    struct.pack_into("<H", content, at - 4, 1)  # the other key bears the name of the deleted one now
    found = of(bytes(content), tmp_path)
    assert keys(found)[r"\A\B"]["is_there_again"] is True
    assert {name: one["is_there_again"] for name, one in values(found, r"\A\B").items()} == {
        "one": True,
        "two": False,
    }


def test_a_key_still_listed_by_its_parent_is_not_told_deleted(tmp_path: Path) -> None:
    content = bytearray(two_keys())
    at = content.index(b"nk", content.index(b"B\0\0\0") - 90)
    node = content.rindex(b"nk", 0, content.index(b"B\0\0\0", at)) - 4
    (size,) = struct.unpack_from("<i", content, node)
    struct.pack_into("<i", content, node, abs(size))  # its cell says it is free, its parent that it is there
    assert r"\A\B" not in keys(of(bytes(content), tmp_path))


def test_bytes_behind_the_bins_that_are_no_bin_of_the_hive_lead_nowhere(tmp_path: Path) -> None:
    content = deleted_keys.cleaned()
    other = bytearray(hive("SOFTWARE", {r"X\Y": (sz("text", "other"),)})[4096:])
    found = of(content + bytes(other), tmp_path)
    stray = [one for _, _, _, one in found.rows if one["found_in"] == "stray"]
    assert {one.get("key_path") for one in stray} == {"ROOT", "X", "Y", None}
    assert [one["data_state"] for one in stray if "data_state" in one] == ["lost"]
    struct.pack_into(
        "<I", other, 4, len(content) - 4096
    )  # the bin says it stands in its place: it is one of this hive's
    found = of(content + bytes(other), tmp_path)
    assert {one["found_in"] for one in keys(found).values()} == {"free_cell", "former_bin"}


def test_a_hive_without_deleted_cells_gives_nothing_and_no_problem(tmp_path: Path) -> None:
    found = of(deleted_keys.before_cleaning(), tmp_path)
    assert (found.rows, found.problems) == ([], [])


def test_every_hive_is_wanted_and_no_other_file() -> None:
    for path in (
        "/Windows/System32/config/SYSTEM",
        "/Windows/System32/config/DEFAULT",
        "/Windows/System32/config/SAM",
        "/Users/花子/NTUSER.DAT",
        "/Users/花子/AppData/Local/Microsoft/Windows/UsrClass.dat",
        "/Windows/appcompat/Programs/Amcache.hve",
    ):
        assert select((registry_deleted,), path, b"regf" + bytes(60)).chosen == (registry_deleted,), path
    found = select((registry_deleted,), "/Users/花子/default.htm", b"<html>")
    assert (found.chosen, found.refused) == ((), ())


def test_every_row_fits_its_table() -> None:
    known = {one.name: set(one.schema().names) for one in (KEYS, VALUES, DEVICES)}
    for name in MADE:
        for table, _, _, row in read(name.partition("/")[2]).rows:
            assert set(row) <= known[table]


def test_who_cleaned_usbstor_is_seen_as_a_device_with_less_certainty(tmp_path: Path) -> None:
    rows = read("cleaned-usbstor").rows
    schema = full_schema(DEVICES)
    given = [
        {**dict.fromkeys(PROVENANCE, "x"), "evidence_id": "pc", "locator": locator, **values}
        for table, locator, _, values in rows
        if table == DEVICES.name
    ]
    connection = duckdb.connect(":memory:")
    connection.execute("SET TimeZone = 'UTC'")
    connection.register(DEVICES.name, pa.Table.from_pylist(given, schema=schema))
    rule = next(one for one in rules() if one.stated["name"] == "registry_deleted")
    found = devices(observe(connection, [rule]))
    connection.close()
    stick = next(one for one in found if one.key == "serial:KS20260914000777")
    told = next(one for one in device_rows(found, "T") if one["device_key"] == stick.key)
    assert told["drive_letters"] == ["E:"]
    assert told["volume_guids"] == [VOLUME]
    assert told["last_connected_at"] == AT - timedelta(hours=2)
    assert told["sources"] == ["registry_deleted"]
    assert {one["confidence"] for one in observation_rows([stick], "T")} == {"recovered"}
    assert [(one["begin_certainty"], one["end_certainty"]) for one in connected_rows([stick], "T")] == [
        ("stated", "before"),
        ("stated", "stated"),
    ]


@pytest.mark.parametrize("name", MADE)
def test_damage_ends_in_problems(name: str, tmp_path: Path) -> None:
    _, content, _ = MADE[name]
    for cut in cuts(content):
        found = of(cut, tmp_path)
        assert {one.kind for one in found.problems} & {ProblemKind.TRUNCATED, ProblemKind.UNRECOGNISED}
    for hurt in (*flipped(content, 60), *mutants(content, 20260928, 60)):
        of(hurt, tmp_path)


def made_to_be_slow() -> None:
    """Hives filled with what leads through one another; each must be read within seconds."""
    deep = _filled(100_000, lambda place: place + 88, b"n" * 8)
    circle = _filled(100_000, lambda place: place if place % 16 else place + 88, b"n" * 8)
    long = _filled(60_000, lambda place: max(32, place - 336), b"n" * 255)
    free = regf.build(regf.Key(name="R", written_at=AT), file_name="S")
    cells = struct.pack("<i4x", 8) + struct.pack("<i4x", -8)
    for content in (deep, circle, long, _bins(cells * 2_200_000, free)):
        began = time.monotonic()
        folder = Path("/tmp") / f"registry-deleted-{time.monotonic_ns()}"
        folder.mkdir()
        for one in registry_deleted.parse(from_bytes(content, folder, "SYSTEM")):
            assert one is not None
        (folder / "SYSTEM").unlink()
        folder.rmdir()
        assert time.monotonic() - began < 60


def _filled(count: int, parent: Any, name: bytes) -> bytes:
    """A hive whose one free cell holds many key nodes."""
    step = -(-(4 + 76 + len(name)) // 8) * 8
    nodes = bytearray()
    stamp = (AT - hives.datetime(1601, 1, 1, tzinfo=AT.tzinfo)) // timedelta(microseconds=1) * 10
    for number in range(count):
        above = parent(32 + 4096 + 8 + step * number)
        node = struct.pack("<2sHQII", b"nk", 0x20, stamp, 0, above // 8 * 8)
        node += struct.pack(
            "<IIIIIIIIIIIIIHH", 0, 0, *[0xFFFFFFFF] * 2, 0, *[0xFFFFFFFF] * 3, 0, 0, 0, 0, 0, len(name), 0
        )
        nodes += (struct.pack("<i", -step) + node + name).ljust(step, b"\0")
    return _bins(bytes(nodes), regf.build(regf.Key(name="R", written_at=AT), file_name="S"), is_one=True)


def _bins(cells: bytes, base: bytes, *, is_one: bool = False) -> bytes:
    """A hive with one more bin, of these cells or of one free cell around them."""
    body = struct.pack("<i4x", len(cells) + 8) + cells if is_one else cells
    size = -(-(len(body) + 32) // 4096) * 4096
    rest = size - 32 - len(body)
    if is_one:
        body = struct.pack("<i", size - 32) + body[4:] + bytes(rest)
    elif rest:
        body += struct.pack("<i", rest) + bytes(rest - 4)
    head = struct.pack("<4sIIQQI", b"hbin", len(base) - 4096, size, 0, 0, 0)
    block = bytearray(base[:4096])
    struct.pack_into("<I", block, 40, len(base) - 4096 + size)
    whole = bytes(block) + base[4096:] + head + body
    return regf.restamped(whole, 1, 1)


def test_hives_made_to_be_slow_end_in_time_and_in_bounds() -> None:
    in_child("tests.test_registry_deleted", "made_to_be_slow()")


def test_a_hive_too_large_to_be_held_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["parsers.windows.registry_deleted"], "_LARGEST", 4096)
    found = of(deleted_keys.cleaned(), tmp_path)
    assert found.rows == []
    assert [one.kind for one in found.problems] == [ProblemKind.LIMIT]


def test_a_bin_that_holds_no_cells_is_a_problem_and_the_others_are_read(tmp_path: Path) -> None:
    content = bytearray(deleted_keys.cleaned())
    struct.pack_into("<I", content, 4096 + 32, 12)  # [REGF] Cell: sizes are multiples of 8
    found = of(bytes(content), tmp_path)
    assert [one.locator for one in found.problems if "hold no cells" in one.message] == ["0x1020"]
    assert found.table("windows_registry_deleted_key")
