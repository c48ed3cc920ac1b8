"""Which commands of logon are switched on, from bytes."""

from __future__ import annotations

from datetime import timedelta

from fixtures.builders import user_hives
from fixtures.builders.user_hives import AT
from parsers.contract import ProblemKind
from parsers.windows.startup_approved import startup_approved
from tests.artefacts import artefact, run
from tests.hive_damage import survives

FILE = user_hives.FOLDER / "startup_approved" / "user" / "NTUSER.DAT"


def test_what_is_on_and_since_when_it_is_off() -> None:
    found = run(startup_approved, artefact(FILE, "/Users/hanako/NTUSER.DAT"))
    rows = found.table("windows_startup_approved")
    assert [
        tuple(one[name] for name in ("run_key", "value_name", "is_switched_on", "switched_off_at"))
        for one in rows
    ] == [
        ("Run", "見本同期", True, None),
        ("Run", "EDR", False, AT - timedelta(days=2)),
        ("Run", "odd", True, None),
        ("Run32", "Old", True, None),
        ("StartupFolder", "送信.lnk", False, AT),
    ]
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, "is_switched_on")]


def test_damage_is_told_and_never_raised(tmp_path) -> None:
    survives(startup_approved, FILE.read_bytes(), tmp_path)
