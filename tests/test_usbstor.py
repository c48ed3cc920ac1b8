"""USB devices of a SYSTEM hive, from bytes."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fixtures.builders import hives, regf
from fixtures.builders.regf import Key, dword, sz
from parsers.contract import ProblemKind
from parsers.formats.device_keys import device_serial, is_generated
from parsers.windows.usbstor import DEVICES, usbstor
from pipeline.extract.select import select
from tests.artefacts import Yielded, artefact, from_bytes, run

FIXTURES = hives.FOLDER / "usbstor"
AT = datetime(2026, 9, 28, 9, 12, 30, 123456, tzinfo=UTC)


def read(scenario: str) -> Yielded:
    folder = FIXTURES / scenario
    about = tomllib.loads((folder / "about.toml").read_text(encoding="utf-8"))
    logs = {Path(name).suffix[1:]: folder / name for name in about.get("companions", ())}
    return run(usbstor, artefact(folder / about["artefact"], about["path"], **logs))


def test_every_device_of_every_control_set_is_a_row() -> None:
    rows = read("two-control-sets").table("windows_usbstor")
    assert [(one["control_set"], one["bus"], one["is_current_control_set"]) for one in rows] == [
        *[("ControlSet001", "USBSTOR", True)] * 2,
        *[("ControlSet001", "USB", True)] * 3,
        *[("ControlSet002", "USBSTOR", False)] * 2,
        *[("ControlSet002", "USB", False)] * 3,
    ]


def test_a_disk_has_its_names_numbers_and_times() -> None:
    disk = next(
        one for one in read("two-control-sets").table("windows_usbstor") if one.get("vendor") == "KNSK"
    )
    assert disk == {
        "bus": "USBSTOR",
        "control_set": "ControlSet001",
        "is_current_control_set": True,
        "is_replayed": False,
        "device_class_id": "Disk&Ven_KNSK&Prod_Memory_Stick&Rev_1.00",
        "device_type": "Disk",
        "vendor": "KNSK",
        "product": "Memory_Stick",
        "revision": "1.00",
        "vendor_id": "F00D",
        "product_id": "0042",
        "instance_id": "KS20260914000777&0",
        "device_serial": "KS20260914000777",
        "is_serial_generated": False,
        "friendly_name": "KNSK Memory Stick USB Device",
        "device_description": "Disk drive",
        "container_id": "{0d5c1f3a-1111-5222-8333-444455556666}",
        "parent_id_prefix": None,
        "port_location": None,
        "service": "disk",
        "disk_id": "{7a1b2c3d-9000-11f1-8001-020000000001}",
        "key_written_at": AT - timedelta(hours=2),
        "first_installed_at": AT - timedelta(days=13, hours=4),
        "installed_at": AT - timedelta(days=13, hours=4),
        "last_connected_at": AT - timedelta(hours=2),
        "last_removed_at": AT - timedelta(hours=1, minutes=20),
    }


def test_a_disk_without_its_own_serial_is_joined_by_the_prefix_of_its_parent() -> None:
    disk = read("two-control-sets").table("windows_usbstor")[0]
    assert disk["is_serial_generated"] is True
    assert disk["device_serial"] == "6&1f2e3d4c"
    assert (disk["vendor_id"], disk["product_id"]) == ("F00D", "0043")
    assert (disk["vendor"], disk["product"], disk["revision"]) == (None, "日本語ディスク", None)


def test_windows_7_properties_are_read_and_times_of_connection_are_null() -> None:
    disk = read("windows-7").table("windows_usbstor")[0]
    assert disk["first_installed_at"] == disk["installed_at"] == AT - timedelta(days=13, hours=4)
    assert disk.get("last_connected_at") is None
    assert disk.get("last_removed_at") is None


def test_a_log_is_replayed_before_the_devices_are_read() -> None:
    found = read("dirty-with-log")
    assert found.problems == []
    assert {one["is_replayed"] for one in found.table("windows_usbstor")} == {True}
    assert [one["device_serial"] for one in found.table("windows_usbstor")][:2] == [
        "6&1f2e3d4c",
        "KS20260914000777",
    ]


def test_a_dirty_hive_without_its_log_is_partial() -> None:
    found = read("dirty-without-log")
    assert [one.kind for one in found.problems] == [ProblemKind.AMBIGUOUS]
    assert {status for _, _, status, _ in found.rows} == {"partial"}
    assert "KS20260914000777" not in {one["device_serial"] for one in found.table("windows_usbstor")}


def test_a_cut_hive_gives_what_is_left() -> None:
    found = read("cut-off")
    assert found.problems[0].kind is ProblemKind.TRUNCATED
    assert found.rows


def test_every_row_fits_the_table() -> None:
    known = set(DEVICES.schema().names)
    for scenario in sorted(FIXTURES.iterdir()):
        for one in read(scenario.name).table("windows_usbstor"):
            assert set(one) <= known


def test_a_hive_that_is_not_system_yields_nothing(tmp_path: Path) -> None:
    content = hives.ntuser_hive(written_at=AT, user_folder=r"C:\Users\eigyo")
    assert run(usbstor, from_bytes(content, tmp_path, "NTUSER.DAT")).problems == []


def test_a_wrong_property_is_null_and_a_problem_that_names_the_column(tmp_path: Path) -> None:
    bad = Key(
        name="0066",
        written_at=AT,
        values=(regf.Value(name="", kind=regf.DEVICE_FILETIME, content=b"\xff" * 8),),
    )
    times = Key(name="{83DA6326-97A6-4088-9453-A1923F573B29}", written_at=AT, subkeys=(bad,))
    device = Key(
        name="1&0",
        written_at=AT,
        values=(dword("FriendlyName", 5), sz("Service", "disk")),
        subkeys=(Key(name="Properties", written_at=AT, subkeys=(times,)),),
    )
    key = device
    for name in ("Disk&Ven_A&Prod_B", "USBSTOR", "Enum", "ControlSet001", "ROOT"):
        key = Key(name=name, written_at=AT, subkeys=(key,))
    found = run(usbstor, from_bytes(regf.build(key, file_name="SYSTEM"), tmp_path))
    assert [(one.kind, one.column) for one in found.problems] == [
        (ProblemKind.DAMAGED, "friendly_name"),
        (ProblemKind.DAMAGED, "last_connected_at"),
    ]
    ((_, locator, status, values),) = found.rows
    assert status == "partial"
    assert locator == r"\ControlSet001\Enum\USBSTOR\Disk&Ven_A&Prod_B\1&0"
    assert (values["friendly_name"], values["last_connected_at"], values["service"]) == (None, None, "disk")
    assert (values["is_current_control_set"], values["revision"]) == (None, None)


@pytest.mark.parametrize(
    ("bus", "instance", "serial", "generated"),
    [
        ("USBSTOR", "AA951D0000007252&0", "AA951D0000007252", False),
        ("USBSTOR", "6&1f2e3d4c&0&1", "6&1f2e3d4c&0", True),
        ("USBSTOR", "&0", "&0", False),
        ("USBSTOR", "ABC", "ABC", False),
        ("USB", "5&391b2433&0", "5&391b2433&0", True),
        ("USB", "AA951D0000007252", "AA951D0000007252", False),
        ("USB", "", "", False),
    ],
)
def test_the_serial_is_the_instance_without_its_unit(
    bus: str, instance: str, serial: str, generated: bool
) -> None:
    assert device_serial(bus, instance) == serial
    assert is_generated(serial) is generated


def test_the_hive_is_wanted_by_path_and_bytes() -> None:
    for path in (
        "/Windows/System32/config/SYSTEM",
        "/windows/system32/config/RegBack/SYSTEM",
        "/SYSTEM_WIN_10",
    ):
        assert select((usbstor,), path, b"regf" + bytes(100)).chosen == (usbstor,)
    assert select((usbstor,), "/Windows/System32/config/SYSTEM", b"junk").refused == (usbstor,)
    assert select((usbstor,), "/Windows/system.ini", b"junk").refused == ()
