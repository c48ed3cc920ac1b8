"""Documents trusted in Microsoft Office, from bytes."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fixtures.builders import user_hives
from fixtures.builders.regf import binary
from parsers.contract import ProblemKind
from parsers.windows.trust_records import trust_records
from tests.artefacts import artefact, from_bytes, run
from tests.hive_damage import survives

FIXTURE = user_hives.FOLDER / "trust_records" / "editing-and-macros" / "NTUSER.DAT"
AT = datetime(2026, 9, 28, 9, 12, 30, 123456, tzinfo=UTC)
PLACE = r"Software\Microsoft\Office\16.0\Excel\Security\Trusted Documents\TrustRecords"


def test_each_record_tells_what_was_trusted_and_in_which_minute() -> None:
    found = run(trust_records, artefact(FIXTURE, "/Users/見本花子/NTUSER.DAT"))
    minute, early = datetime(2026, 9, 28, 9, 12, tzinfo=UTC), datetime(2026, 9, 28, 6, 12, tzinfo=UTC)
    told = [
        (one["target_path"], one.get("trusted_at"), one.get("trusted_for"), one.get("clock_offset_minutes"))
        for one in found.table("windows_trust_records")
    ]
    assert told == [
        (r"%USERPROFILE%\Downloads\顧客 一覧.xlsm", minute, "content", 540),
        (r"%DESKTOP%\a b%.xlsx", early, "editing", -240),
        (r"C:\cut.xlsx", None, None, None),
        (r"\\fileserver\share\見本.docx", early, "editing", 540),
        ("https://storage.example/a%FF.docx", early, "unknown", 540),
    ]
    created = [one.get("document_created_at") for one in found.table("windows_trust_records")]
    # Of the second, the file is younger than the trust: its FILETIME is not the act.
    assert created == [AT - timedelta(days=1), AT, None, AT - timedelta(days=1), AT - timedelta(days=1)]
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, "trusted_at")]


@pytest.mark.parametrize(
    ("created", "minutes", "columns"),
    [(0, 0, []), (1 << 63, 1, ["document_created_at"]), (0, 0xFFFFFFFF, ["trusted_at"])],
)
def test_times_that_are_none(created: int, minutes: int, columns: list[str], tmp_path: Path) -> None:
    record = binary("C:/a.xlsx", struct.pack("<QqII", created, 0, minutes, 1))
    found = run(trust_records, from_bytes(user_hives.hive({PLACE: (record,)}), tmp_path))
    (row,) = found.table("windows_trust_records")
    assert row["document_created_at"] is None
    assert (row["trusted_at"] is None) is (minutes != 1)
    assert [one.column for one in found.problems] == columns


def test_damage_ends_in_problems(tmp_path: Path) -> None:
    survives(trust_records, FIXTURE.read_bytes(), tmp_path)
