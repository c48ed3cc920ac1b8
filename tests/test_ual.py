"""User Access Logging from bytes: who used which role of a server from where, and on which days."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fixtures.builders import ese
from fixtures.builders.ese import Col, EseTable
from fixtures.builders.ese_databases import FOLDER, ual_tables
from parsers.contract import ProblemKind
from parsers.windows.ual import ual
from tests.artefacts import Yielded, artefact, from_bytes, run

AT = datetime(2026, 9, 28, 9, 12, 30, tzinfo=UTC)
FILE_SERVER = "{10a9226f-50ee-49d8-a393-9a501d47ce04}"


def current() -> Yielded:
    return run(ual, artefact(FOLDER / "ual" / "current" / "Current.mdb"))


def test_a_client_has_account_address_times_and_count() -> None:
    first, machine, _ = current().table("windows_ual_client")
    assert first == {
        "role_guid": FILE_SERVER,
        "account": "jirei\\hanako.営業",
        "client_address": "192.0.2.17",
        "client_name": None,
        "tenant_guid": "{00000000-0000-0000-0000-000000000000}",
        "first_seen_at": AT - timedelta(days=30),
        "last_accessed_at": AT,
        "yearly_access_count": 57,
    }
    assert (machine["account"], machine["client_address"]) == ("jirei\\pc01$", "2001:db8::7")


def test_days_are_rows_and_their_counts_add_up() -> None:
    days = [one for one in current().table("windows_ual_day") if one["client_address"] == "192.0.2.17"]
    assert [(one["access_date"], one["day_of_year"], one["day_access_count"]) for one in days] == [
        ("2026-08-29", 241, 3),
        ("2026-09-28", 271, 54),
    ]


def test_a_day_has_no_date_where_the_year_is_open() -> None:
    last: dict[str, Any] = current().table("windows_ual_day")[-1]
    assert (last["day_of_year"], last["access_date"], last["day_access_count"]) == (366, None, 2)


def test_an_address_that_is_none_is_a_problem_and_the_state_of_the_database_is_told() -> None:
    found = current()
    assert [(one.kind, one.column) for one in found.problems] == [
        (ProblemKind.AMBIGUOUS, None),
        (ProblemKind.DAMAGED, "client_address"),
    ]
    assert found.table("windows_ual_client")[2].get("client_address") is None
    assert {status for _, _, status, _ in found.rows} == {"partial"}


def test_roles_names_and_the_server() -> None:
    found = run(ual, artefact(FOLDER / "ual" / "identity" / "SystemIdentity.mdb"))
    assert [(one["role_guid"], one["role_name"]) for one in found.table("windows_ual_role")] == [
        (FILE_SERVER, "File Server"),
        ("{d6256cf7-98fb-4eb4-aa18-303f1da1f770}", "Web Server"),
    ]
    assert found.table("windows_ual_server") == [
        {"server_name": "FS01.jirei.example", "domain_name": "jirei.example", "os_build": 20348, "identity_written_at": AT}
    ]  # fmt: skip
    (name,) = current().table("windows_ual_dns")
    assert (name["client_address"], name["client_host"]) == ("192.0.2.17", "PC-HANAKO.jirei.example")


def test_a_database_of_another_kind_is_told(tmp_path: Path) -> None:
    content = ese.build([EseTable(name="other", columns=(Col("a", ese.I32),), rows=[{"a": 1}])])
    found = run(ual, from_bytes(content, tmp_path))
    assert (found.rows, [one.kind for one in found.problems]) == ([], [ProblemKind.UNRECOGNISED])


def test_a_count_that_looks_like_the_filling_of_null_columns_is_a_count(tmp_path: Path) -> None:
    tables = [one for one in ual_tables() if one.name == "CLIENTS"]
    rows = [{**tables[0].rows[0], "Day12": 0x2A2A}]
    table = EseTable(name="CLIENTS", columns=tables[0].columns, rows=rows)
    found = run(ual, from_bytes(ese.build([table]), tmp_path))
    assert found.table("windows_ual_day")[0]["day_access_count"] == 0x2A2A


def test_cuts_and_changed_bytes_never_raise(tmp_path: Path) -> None:
    content = ese.build(ual_tables())
    whole = len(run(ual, from_bytes(content, tmp_path)).rows)
    for share in (0, 20, 60, 90, 98):
        assert run(ual, from_bytes(content[: len(content) * share // 100], tmp_path)).problems
    for seed in range(40):
        chance = random.Random(seed)
        changed = bytearray(content)
        for _ in range(chance.choice((1, 10, 60))):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        found = run(ual, from_bytes(bytes(changed), tmp_path))
        assert len(found.rows) == whole or found.problems, f"seed {seed}"
