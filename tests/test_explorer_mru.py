"""What a user typed into Explorer, from bytes."""

from __future__ import annotations

from pathlib import Path

from regipy.plugins.ntuser.runmru import RunMRUPlugin
from regipy.plugins.ntuser.typed_paths import TypedPathsPlugin
from regipy.registry import RegistryHive

from fixtures.builders import user_hives
from parsers.contract import ProblemKind
from parsers.windows.explorer_mru import RUN_MRU, SEARCHES, TYPED_PATHS, explorer_mru
from tests.artefacts import artefact, run
from tests.hive_damage import survives

FIXTURE = user_hives.FOLDER / "explorer_mru" / "typed" / "NTUSER.DAT"


def test_each_list_has_its_entries_in_order() -> None:
    found = run(explorer_mru, artefact(FIXTURE, "/Users/見本花子/NTUSER.DAT"))
    typed = found.table("windows_typed_paths")
    assert [(one["typed_path"], one["mru_position"]) for one in typed] == [
        (r"\\fileserver\営業部", 1),
        (r"E:\持出し", 2),
    ]
    searches = found.table("windows_word_wheel_query")
    assert [(one["search_words"], one["search_scope"], one["mru_position"]) for one in searches] == [
        ("顧客名簿", None, 2),
        ("password", None, 1),
        (None, None, None),
        ("給与", "{E1F1C1A0-1111-4222-8333-444455556666}", 1),
    ]
    commands = found.table("windows_run_mru")
    assert [(one["command"], one["mru_position"]) for one in commands] == [
        ("cmd", 2),
        (r"\\192.0.2.10\backup", 3),
        (r"C:\道具\copy.exe /s", 1),
        (None, None),
    ]
    assert [(one.kind, one.column) for one in found.problems] == [
        (ProblemKind.DAMAGED, "search_words"),
        (ProblemKind.DAMAGED, "command"),
    ]


def test_typing_answers_no_question() -> None:
    assert not any(table.answers for table in (TYPED_PATHS, SEARCHES, RUN_MRU))


def test_regipy_reads_the_same() -> None:
    hive = RegistryHive(str(FIXTURE))
    found = run(explorer_mru, artefact(FIXTURE))
    paths, commands = TypedPathsPlugin(hive, as_json=False), RunMRUPlugin(hive, as_json=False)
    paths.run()
    commands.run()
    theirs = paths.entries["entries"]
    assert {one["typed_path"] for one in found.table("windows_typed_paths")} <= {
        value for one in theirs for value in one.values()
    }
    ours = sorted(
        (one for one in found.table("windows_run_mru") if one["mru_position"]),
        key=lambda one: one["mru_position"],
    )
    # regipy leaves the number behind the last backslash with the command.
    assert [one["command"].removesuffix("\\1") for one in commands.entries[0]["commands"]] == [
        one["command"] for one in ours
    ]


def test_damage_ends_in_problems(tmp_path: Path) -> None:
    survives(explorer_mru, FIXTURE.read_bytes(), tmp_path)
