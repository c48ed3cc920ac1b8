"""Local accounts and groups, from bytes; nothing of a password is given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fixtures.builders import machine_users
from fixtures.builders.machine_facts import SID
from fixtures.builders.machine_hives import AT
from fixtures.builders.machine_users import CREATED, DOMAIN_SID, HASH, LOGON, PASSWORD, REFUSED
from parsers.contract import ProblemKind
from parsers.windows.sam_users import sam_users
from tests.artefacts import Yielded, from_bytes, run
from tests.hive_damage import survives


def read(folder: Path) -> Yielded:
    return run(sam_users, from_bytes(machine_users.sam_users(), folder, "SAM"))


def users(found: Yielded) -> dict[int, dict[str, Any]]:
    return {int(str(one["rid"])): one for one in found.table("windows_sam_users")}


def test_an_account_has_names_times_counters_and_groups(tmp_path: Path) -> None:
    hanako = users(read(tmp_path))[1001]
    assert (hanako["account"], hanako["account_full_name"], hanako["account_comment"]) == (
        "花子",
        "架空 花子",
        "営業部",
    )
    assert hanako["account_sid"] == f"{SID}-1001"
    assert hanako["internet_account"] == "hanako@mail.example"
    assert (hanako["last_logon_at"], hanako["last_failed_logon_at"], hanako["password_set_at"]) == (
        LOGON,
        REFUSED,
        PASSWORD,
    )
    assert hanako["account_expires_at"] is None  # 0x7fff... stands for never
    assert (hanako["logon_count"], hanako["failed_logon_count"]) == (321, 1)
    assert hanako["group_names"] == ["Administrators", "Users"]
    assert (hanako["name_key_written_at"], hanako["key_written_at"]) == (CREATED, AT)


def test_flags_are_told_by_their_bits(tmp_path: Path) -> None:
    found = users(read(tmp_path))
    names = ("is_disabled", "is_locked", "has_no_password_required", "has_unexpiring_password")
    assert [found[500][name] for name in names] == [True, False, False, True]
    assert [found[1001][name] for name in names] == [False, False, False, True]
    assert [found[1002][name] for name in names] == [True, True, True, False]
    assert found[500]["last_logon_at"] is None
    assert found[1002]["group_names"] == ["経理閲覧"]


def test_groups_hold_members_of_other_domains(tmp_path: Path) -> None:
    groups = {str(one["group_name"]): one for one in read(tmp_path).table("windows_sam_groups")}
    assert groups["Administrators"]["member_sids"] == [f"{SID}-500", f"{SID}-1001", f"{DOMAIN_SID}-512"]
    assert (groups["経理閲覧"]["group_domain"], groups["経理閲覧"]["group_comment"]) == (
        "Account",
        "経理の共有を読む",
    )


def test_what_is_cut_is_null_and_told(tmp_path: Path) -> None:
    found = read(tmp_path)
    cut = users(found)[1003]
    assert (cut["account"], cut.get("last_logon_at")) == (None, None)
    assert [(one.kind, one.column) for one in found.problems] == [
        (ProblemKind.DAMAGED, "last_logon_at"),
        (ProblemKind.DAMAGED, "account"),
        (ProblemKind.DAMAGED, "member_sids"),
    ]
    statuses = {at.rpartition("\\")[2]: status for _, at, status, _ in found.rows}
    assert statuses == {
        "000001F4": "ok",
        "000003E9": "ok",
        "000003EA": "ok",
        "000003EB": "partial",
        "00000220": "ok",
        "00000221": "partial",
        "000003EC": "ok",
    }


def test_nothing_of_a_password_is_given(tmp_path: Path) -> None:
    told = str(read(tmp_path))
    assert HASH.hex() not in told
    assert str(HASH)[2:-1] not in told
    assert "never read" not in told


def test_a_hive_of_another_kind_is_passed_over(tmp_path: Path) -> None:
    found = run(sam_users, from_bytes(machine_users.profile_list(), tmp_path, "SOFTWARE"))
    assert (found.rows, found.problems) == ([], [])


def test_damage_is_told_and_never_raised(tmp_path: Path) -> None:
    survives(sam_users, machine_users.sam_users(), tmp_path, "SAM")
