"""What was touched on a device: which link joins a trace, how sure it is, and what is not joined."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pipeline.match.on_device import on_device
from pipeline.tables import read, write
from pipeline.tables.schema import all_tables
from pipeline.tables.write import rows_to_table

CAME = datetime(2026, 9, 28, 12, 5, 33, tzinfo=UTC)
WENT = CAME + timedelta(minutes=25)
MINUTE = timedelta(minutes=1)
GUID = "{a1b2c3d4-0000-11ee-9a5b-806e6f6e6963}"


def device(
    key: str, *, serials: tuple[str, ...] = (), letter: str = "E:", evidence: str = "pc"
) -> dict[str, Any]:
    """The rows that make one device known on one machine."""
    observed = {"evidence_id": evidence, "device_key": key}
    return {
        "device": [{"device_key": key, "device_serial": key.upper(), "volume_serials": list(serials)}],
        "device_observation": [
            observed | {"attribute": "drive_letter", "observed_value": letter},
            observed
            | {"attribute": "volume_guid", "observed_value": GUID.upper() if key == "stick" else "{0}"},
        ],
    }


def connection(key: str, came: datetime | None, went: datetime | None) -> dict[str, Any]:
    row = {"evidence_id": "pc", "device_key": key, "first_connected_at": came, "last_connected_at": came}
    return {"connected": [row | {"last_removed_at": went}]}


def link(what: str, *, serial: str | None = None, evidence: str = "pc") -> dict[str, Any]:
    """A shortcut: a path and the serial number of its volume, without a time."""
    row = {"evidence_id": evidence, "target_path": what, "volume_serial": serial}
    return {"windows_lnk": [row]}


def office(what: str, at: datetime | None, evidence: str = "pc") -> dict[str, Any]:
    """An entry of Office's list: a path and a time."""
    row = {"evidence_id": evidence, "target_path": what, "opened_at": at}
    return {"windows_office_mru": [row]}


def joined(folder: Path, *parts: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    tables: dict[str, list[dict[str, Any]]] = {}
    for part in parts:
        for name, rows in part.items():
            tables.setdefault(name, []).extend(rows)
    for name, rows in tables.items():
        stored = rows_to_table(all_tables()[name], rows)
        write.write_part(stored, folder / "tables" / name / "1.parquet")
    asked = read.connect(folder / "tables")
    found = on_device(asked, "T").to_pylist()
    asked.close()
    return [(one["device_key"], one["what"], one["linked_by"], one["certainty"]) for one in found]


STICK = (device("stick", serials=("5A3C91E7",)), connection("stick", CAME, WENT))
OLD = (device("old"), connection("old", CAME - timedelta(days=400), CAME - timedelta(days=400) + MINUTE))


def test_a_volume_serial_names_the_device_whatever_the_letter(tmp_path: Path) -> None:
    assert joined(tmp_path, *STICK, *OLD, link("G:\\名簿.xlsx", serial="5A3C91E7")) == [
        ("stick", "G:\\名簿.xlsx", "volume_serial", "proved")
    ]


def test_the_guid_of_a_volume_names_the_device_of_that_machine(tmp_path: Path) -> None:
    path = rf"\\?\Volume{GUID}\名簿.xlsx"
    assert joined(tmp_path, *STICK, office(path, CAME)) == [("stick", path, "volume_guid", "proved")]
    # A trace that has both is told by its serial number.
    both = link(path, serial="5A3C91E7")
    assert joined(tmp_path / "both", *STICK, both) == [("stick", path, "volume_serial", "proved")]
    other = office(path, CAME, evidence="laptop")
    assert joined(tmp_path / "2", *STICK, other) == []


def test_letter_and_time_tell_two_devices_of_one_letter_apart(tmp_path: Path) -> None:
    assert joined(tmp_path, *STICK, *OLD, office("E:\\名簿.xlsx", CAME + MINUTE)) == [
        ("stick", "E:\\名簿.xlsx", "letter_and_time", "likely")
    ]


def test_a_letter_alone_is_possible_for_each_device_that_had_it(tmp_path: Path) -> None:
    for number, at in enumerate((None, WENT + timedelta(hours=1))):
        assert joined(tmp_path / str(number), *STICK, *OLD, office("e:\\名簿.xlsx", at)) == [
            ("old", "e:\\名簿.xlsx", "letter", "possible"),
            ("stick", "e:\\名簿.xlsx", "letter", "possible"),
        ]


def test_a_connection_without_an_end_includes_no_time_for_sure(tmp_path: Path) -> None:
    open_ended = (device("stick"), connection("stick", CAME, None))
    assert joined(tmp_path, *open_ended, office("E:\\a", CAME + MINUTE)) == [
        ("stick", "E:\\a", "letter", "possible")
    ]


def test_a_trace_whose_volume_lies_elsewhere_is_not_joined_by_its_letter(tmp_path: Path) -> None:
    disk = {
        "volume": [{"evidence_id": "pc", "volume_serial": "6E20D4B1"}],
        "evidence_item": [{"evidence_id": "pc", "role": "host"}],
    }
    assert joined(tmp_path, *STICK, disk, link("E:\\名簿.xlsx", serial="6E20D4B1")) == []
    # Of a volume nobody knows, the letter may still tell.
    assert joined(tmp_path / "2", *STICK, disk, link("E:\\名簿.xlsx", serial="00000001")) == [
        ("stick", "E:\\名簿.xlsx", "letter", "possible")
    ]


def test_other_letters_machines_and_things_without_a_letter_are_not_joined(tmp_path: Path) -> None:
    others = (
        office("C:\\名簿.xlsx", CAME),
        office("名簿.xlsx", CAME),
        office("E:\\x", CAME, evidence="laptop"),
    )
    assert joined(tmp_path, *STICK, *others, office("Epsilon:\\x", CAME), office("https://e:/x", CAME)) == []


def test_a_program_run_from_the_device_is_told(tmp_path: Path) -> None:
    ran = {
        "windows_user_assist": [
            {
                "evidence_id": "pc",
                "program_path": "E:\\portable\\rar.exe",
                "last_run_at": CAME + MINUTE,
                "is_time_shared": False,
            }
        ]
    }
    assert joined(tmp_path, *STICK, ran) == [("stick", "E:\\portable\\rar.exe", "letter_and_time", "likely")]
