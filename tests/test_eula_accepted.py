"""Licences of Sysinternals' tools a user accepted, from bytes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from fixtures.builders.regf import dword
from fixtures.builders.user_hives import AT, FOLDER, hive
from fixtures.builders.user_tools import SYSINTERNALS, eula_accepted_scenarios
from parsers.contract import ProblemKind
from parsers.windows.eula_accepted import EULA, eula_accepted
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.hive_damage import survives

TABLE = "windows_eula_accepted"


def fixture(name: str) -> Yielded:
    one = eula_accepted_scenarios()[name]
    return run(eula_accepted, artefact(FOLDER / "eula_accepted" / name / one.artefact, one.path))


def answered(found: Yielded) -> list[object]:
    """Names of the tools whose rows answer what ran."""
    (answer,) = EULA.answers
    rows = pa.Table.from_pylist(found.table(TABLE), schema=EULA.schema())
    connection = duckdb.connect(":memory:")
    connection.register("told", rows)
    names = connection.sql(f"SELECT tool_name FROM told WHERE {answer.where}").fetchall()
    connection.close()
    return [name for (name,) in names]


def test_the_time_is_that_of_a_key_that_holds_nothing_else() -> None:
    found = fixture("started")
    assert [(one["tool_name"], one["is_accepted"], one["accepted_at"]) for one in found.table(TABLE)] == [
        ("Handle", False, AT),
        ("Process Explorer", True, None),
        ("PsExec", True, AT - timedelta(days=90)),
        ("SDelete", True, AT - timedelta(minutes=5)),
        ("Strings", None, AT),
    ]
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, "is_accepted")]
    assert answered(found) == ["Process Explorer", "PsExec", "SDelete"]


def test_tools_written_together_do_not_tell_that_they_ran() -> None:
    found = fixture("installed")
    assert [one["accepted_together_count"] for one in found.table(TABLE)] == [5] * 5
    assert answered(found) == []


def test_a_turn_of_the_second_does_not_part_what_was_written_together(tmp_path: Path) -> None:
    names = ("a", "b", "c", "d", "e")
    keys = {rf"{SYSINTERNALS}\{name}": (dword("EulaAccepted", 1),) for name in names}
    turn = AT.replace(microsecond=900_000)
    times = {
        rf"{SYSINTERNALS}\{name}": turn + timedelta(milliseconds=50 * number)
        for number, name in enumerate(names)
    }
    found = run(eula_accepted, from_bytes(hive(keys, times=times), tmp_path, "NTUSER.DAT"))
    assert answered(found) == []


def test_a_value_above_the_tools_names_none(tmp_path: Path) -> None:
    found = run(
        eula_accepted,
        from_bytes(hive({SYSINTERNALS: (dword("EulaAccepted", 1),)}), tmp_path, "NTUSER.DAT"),
    )
    assert [one["tool_name"] for one in found.table(TABLE)] == [None]
    assert answered(found) == []


@pytest.mark.parametrize("name", sorted(eula_accepted_scenarios()))
def test_damage_ends_in_problems(name: str, tmp_path: Path) -> None:
    survives(eula_accepted, eula_accepted_scenarios()[name].content, tmp_path)
