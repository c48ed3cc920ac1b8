"""Shared folders, from bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.builders import machine_settings
from fixtures.builders.machine_hives import AT
from parsers.contract import ProblemKind
from parsers.formats import security_descriptor
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
        (ProblemKind.DAMAGED, "reader_sids"),
        (ProblemKind.DAMAGED, "share_path"),
    ]


def test_whom_a_share_lets_read(tmp_path: Path) -> None:
    found = run(shares, from_bytes(machine_settings.shares(), tmp_path, "SYSTEM"))
    rows = {
        str(one["share_name"]): (one["reader_sids"], one["is_null_session"])
        for one in found.table("windows_shares")
    }
    assert rows == {
        # The first word on guests is a denial, and to list names is not to read.
        "顧客": (["S-1-5-32-545"], False),
        "公開": (["S-1-1-0"], True),
        # A descriptor without a list keeps nobody out.
        "printer": (["S-1-1-0"], False),
        "odd": (None, False),
        "wrong": (None, False),
    }


@pytest.mark.parametrize("cut", [0, 3, 19, 21, 27, 30])
def test_a_descriptor_that_is_cut_is_none(cut: int) -> None:
    whole = machine_settings.descriptor((0, 1, machine_settings.EVERYONE), (0, 1, machine_settings.USERS))
    with pytest.raises(ValueError, match="bytes|list|entry"):
        security_descriptor.readers(whole[:cut])


def test_damage_is_told_and_never_raised(tmp_path: Path) -> None:
    survives(shares, machine_settings.shares(), tmp_path, "SYSTEM")
