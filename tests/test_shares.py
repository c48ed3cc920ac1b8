"""Shared folders, from bytes."""

from __future__ import annotations

from pathlib import Path

from fixtures.builders import machine_settings
from fixtures.builders.machine_hives import AT
from parsers.contract import ProblemKind
from parsers.windows.shares import shares
from tests.artefacts import from_bytes, run
from tests.hive_damage import survives


def test_a_share_has_path_kind_and_limit(tmp_path: Path) -> None:
    found = run(shares, from_bytes(machine_settings.shares(), tmp_path, "SYSTEM"))
    rows = {str(one["share_name"]): one for one in found.table("windows_shares")}
    folder = rows["顧客"]
    assert (folder["share_path"], folder["share_type"], folder["share_comment"]) == (
        "D:\\顧客",
        "disk",
        "営業部のみ",
    )
    assert (folder["most_users"], folder["offline_files"], folder["key_written_at"]) == (None, "none", AT)
    assert (folder["control_set"], folder["is_current_control_set"]) == ("ControlSet001", True)
    printer = rows["printer"]
    assert (printer["share_type"], printer["most_users"], printer["offline_files"]) == (
        "printer",
        10,
        "manual",
    )
    assert (rows["odd"]["share_path"], rows["odd"]["share_type"], rows["odd"]["most_users"]) == (
        "C:\\x",
        None,
        None,
    )
    assert [(one.kind, one.column) for one in found.problems] == [
        (ProblemKind.DAMAGED, "share_type"),
        (ProblemKind.DAMAGED, "share_path"),
    ]


def test_damage_is_told_and_never_raised(tmp_path: Path) -> None:
    survives(shares, machine_settings.shares(), tmp_path, "SYSTEM")
