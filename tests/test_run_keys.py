"""Commands run at logon, from bytes."""

from __future__ import annotations

from pathlib import Path

from regipy.registry import RegistryHive

from fixtures.builders import user_hives
from parsers.contract import ProblemKind
from parsers.windows.run_keys import RUN_KEYS, run_keys
from tests.artefacts import artefact, run
from tests.hive_damage import survives

FIXTURES = user_hives.FOLDER / "run_keys"
USER, MACHINE = FIXTURES / "user" / "NTUSER.DAT", FIXTURES / "machine" / "SOFTWARE"
COMMANDS = [
    ("Run", "見本同期", r"C:\Users\hanako\AppData\Local\見本\sync.exe /background"),
    ("Run", "Expanded", r"%windir%\a.exe"),
    ("Run", "Odd", None),
    ("RunOnce", "Delete", "cmd.exe /c del x"),
    ("Run", "1", r"\\fileserver\netlogon\start.bat"),
]


def test_commands_of_a_user() -> None:
    found = run(run_keys, artefact(USER, "/Users/hanako/NTUSER.DAT"))
    rows = found.table("windows_run_keys")
    assert [(one["run_key"], one["value_name"], one["command"]) for one in rows] == COMMANDS
    assert {one["profile_name"] for one in rows} == {"hanako"}
    assert rows[4]["key_path"] == r"\Software\Microsoft\Windows\CurrentVersion\Policies\Explorer\Run"
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, "command")]


def test_commands_of_the_machine_belong_to_no_profile() -> None:
    rows = run(run_keys, artefact(MACHINE, "/Windows/System32/config/SOFTWARE")).table("windows_run_keys")
    told = [(one["run_key"], one["value_name"], one["command"]) for one in rows]
    assert told == [*COMMANDS, ("Run", "Old", "old.exe")]
    assert {one["profile_name"] for one in rows} == {None}
    assert rows[5]["key_path"] == r"\Wow6432Node\Microsoft\Windows\CurrentVersion\Run"


def test_an_entry_is_no_sign_that_its_command_ran() -> None:
    assert RUN_KEYS.answers == ()


def test_regipy_reads_the_same() -> None:
    key = RegistryHive(str(MACHINE)).get_key(r"\Microsoft\Windows\CurrentVersion\Run")
    theirs = {one.name: one.value for one in key.iter_values(trim_values=False)}
    assert {name: theirs[name] for _, name, _ in COMMANDS[:2]} == {
        name: told for _, name, told in COMMANDS[:2]
    }


def test_damage_ends_in_problems(tmp_path: Path) -> None:
    survives(run_keys, USER.read_bytes(), tmp_path)
    survives(run_keys, MACHINE.read_bytes(), tmp_path, "SOFTWARE", seed=2)
