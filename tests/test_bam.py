"""Programs of the Background and Desktop Activity Moderator, from bytes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from regipy.plugins.system.bam import BAMPlugin
from regipy.registry import RegistryHive

from fixtures.builders import execution
from fixtures.builders.execution import SID, system_hive
from fixtures.builders.keys import AT
from fixtures.builders.regf import Key, binary
from parsers.contract import ProblemKind
from parsers.windows.bam import bam
from tests.artefacts import artefact, from_bytes, run
from tests.damaged import cut, flipped

FILE = execution.FOLDER / "bam" / "two-accounts" / "SYSTEM"


def with_value(content: bytes) -> bytes:
    account = Key(name=SID, written_at=AT, values=(binary(r"\Device\X\a.exe", content),))
    settings = Key(name="UserSettings", written_at=AT, subkeys=(account,))
    return system_hive(services=(Key(name="bam", written_at=AT, subkeys=(settings,)),))


def test_each_program_of_each_account_has_its_last_run() -> None:
    found = run(bam, artefact(FILE))
    assert found.problems == []
    assert [
        (one["moderator"], one["account_sid"], one["program_path"], one["last_run_at"])
        for one in found.table("windows_bam")
    ] == [
        ("bam", SID, r"\Device\HarddiskVolume3\Tools\old.exe", AT - timedelta(days=400)),
        ("bam", "S-1-5-18", r"\Device\HarddiskVolume3\Windows\System32\svchost.exe", AT - timedelta(days=1)),
        ("bam", SID, r"\Device\HarddiskVolume3\Users\hanako\Downloads\転送ツール.exe", AT),
        ("bam", SID, "Kanshiki.Memo_8wekyb3d8bbwe", AT - timedelta(minutes=5)),
        ("dam", SID, r"\Device\HarddiskVolume5\NYURYOKU.EXE", AT - timedelta(hours=2)),
    ]
    assert {
        (one["control_set"], one["is_current_control_set"], one["is_replayed"], one["key_written_at"])
        for one in found.table("windows_bam")
    } == {("ControlSet001", True, False, AT)}
    assert found.rows[1][1] == (
        r"\ControlSet001\Services\bam\State\UserSettings\S-1-5-18@\Device\HarddiskVolume3\Windows\System32\svchost.exe"
    )


def test_regipy_reads_the_same_of_bam() -> None:
    plugin = BAMPlugin(RegistryHive(str(FILE)), as_json=False)
    plugin.run()
    ours = {
        (one["account_sid"], one["program_path"], one["last_run_at"])
        for one in run(bam, artefact(FILE)).table("windows_bam")
        if one["moderator"] == "bam"
    }
    assert {(one["sid"], one["executable"], one["timestamp"]) for one in plugin.entries} == ours


def test_a_time_that_is_short_or_none_is_null_and_a_problem(tmp_path: Path) -> None:
    for content, has_problem in ((b"\1\2\3", True), (b"\xff" * 24, True), (bytes(24), False)):
        found = run(bam, from_bytes(with_value(content), tmp_path, "SYSTEM"))
        assert [one["last_run_at"] for one in found.table("windows_bam")] == [None]
        assert [(one.kind, one.column) for one in found.problems] == [
            (ProblemKind.DAMAGED, "last_run_at")
        ] * has_problem


def test_a_hive_without_bam_yields_nothing(tmp_path: Path) -> None:
    found = run(bam, from_bytes(system_hive(), tmp_path, "SYSTEM"))
    assert (found.rows, found.problems) == ([], [])


def test_damage_neither_raises_nor_hides_a_cut(tmp_path: Path) -> None:
    content = FILE.read_bytes()
    for damaged in flipped(content, 120, spare=4):
        run(bam, from_bytes(damaged, tmp_path, "SYSTEM"))
    whole = run(bam, from_bytes(content, tmp_path, "SYSTEM")).rows
    for damaged in cut(content, 12):
        found = run(bam, from_bytes(damaged, tmp_path, "SYSTEM"))
        assert found.problems or found.rows == whole
