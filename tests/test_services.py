"""Services and drivers, from bytes."""

from __future__ import annotations

from pathlib import Path

from regipy.registry import RegistryHive

from fixtures.builders import execution
from fixtures.builders.execution import system_hive
from fixtures.builders.keys import AT
from fixtures.builders.regf import Key, dword, sz
from parsers.contract import ProblemKind
from parsers.windows.services import services
from tests.artefacts import artefact, from_bytes, run
from tests.damaged import cut, flipped

FILE = execution.FOLDER / "services" / "all-kinds" / "SYSTEM"


def service(*values: object) -> bytes:
    return system_hive(services=(Key(name="one", written_at=AT, values=values),))  # type: ignore[arg-type]


def test_each_service_tells_what_it_starts_how_and_as_whom() -> None:
    found = run(services, artefact(FILE))
    assert found.problems == []
    rows = found.table("windows_services")
    assert [(one["control_set"], one["is_current_control_set"], one["service_name"]) for one in rows] == [
        (control_set, is_current, name)
        for control_set, is_current in (("ControlSet001", True), ("ControlSet002", False))
        for name in ("KanshikiHost", "knskdrv", "転送サービス")
    ]
    hosted, driver, own = rows[:3]
    assert hosted["service_dll_path"] == r"%SystemRoot%\System32\khost.dll"
    assert hosted["image_path"] == r"%SystemRoot%\System32\svchost.exe -k netsvcs -p"
    assert (hosted["service_type"], hosted["start_type"]) == ("shared_process", "automatic")
    assert (hosted["is_start_delayed"], hosted["runs_as"]) == (True, r"NT AUTHORITY\LocalService")
    # A kind of start that Windows does not know is told as its number.
    assert (driver["service_type"], driver["start_type"], driver["runs_as"]) == ("kernel_driver", "9", None)
    assert own["image_path"] == r'"C:\Users\hanako\AppData\転送.exe" /run'
    assert (own["display_name"], own["runs_as"]) == ("転送サービス", r".\hanako")
    assert own["service_type"] == "own_process,interactive"
    assert own["key_written_at"] == AT


def test_regipy_reads_the_same_values() -> None:
    key = RegistryHive(str(FILE)).get_key(r"\ControlSet001\Services")
    theirs = {
        one.name: {value.name: value.value for value in one.iter_values()} for one in key.iter_subkeys()
    }
    for row in run(services, artefact(FILE)).table("windows_services")[:3]:
        other = theirs[row["service_name"]]  # type: ignore[index]
        assert (row["image_path"], row["runs_as"]) == (other["ImagePath"], other.get("ObjectName"))


def test_a_value_of_the_wrong_type_is_null_and_a_problem(tmp_path: Path) -> None:
    content = service(sz("Type", "16"), dword("Start", 2), dword("ImagePath", 5))
    found = run(services, from_bytes(content, tmp_path, "SYSTEM"))
    (row,) = found.table("windows_services")
    assert (row["service_type"], row["start_type"], row["image_path"]) == (None, "automatic", None)
    assert [(one.kind, one.column) for one in found.problems] == [
        (ProblemKind.DAMAGED, "service_type"),
        (ProblemKind.DAMAGED, "image_path"),
    ]
    assert found.rows[0][2] == "partial"


def test_bits_of_a_type_that_have_no_word_are_told(tmp_path: Path) -> None:
    for number, words in ((0x10, "own_process"), (0x1010, "own_process,0x1000"), (0, "0x0")):
        found = run(services, from_bytes(service(dword("Type", number)), tmp_path, "SYSTEM"))
        assert found.table("windows_services")[0]["service_type"] == words


def test_damage_neither_raises_nor_hides_a_cut(tmp_path: Path) -> None:
    content = FILE.read_bytes()
    for damaged in flipped(content, 120, spare=4):
        run(services, from_bytes(damaged, tmp_path, "SYSTEM"))
    whole = run(services, from_bytes(content, tmp_path, "SYSTEM")).rows
    for damaged in cut(content, 12):
        found = run(services, from_bytes(damaged, tmp_path, "SYSTEM"))
        assert found.problems or found.rows == whole
