"""What Defender took away into quarantine, from bytes."""

from __future__ import annotations

import struct
from datetime import timedelta
from pathlib import Path

import pytest

from fixtures.builders.protection import (
    AT,
    FOLDER,
    SHA1,
    Resource,
    defender_quarantine_scenarios,
    quarantine_entry,
)
from parsers.contract import ProblemKind
from parsers.windows.defender_quarantine import defender_quarantine, rc4
from pipeline.extract.select import select
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cuts, mutants

TABLE = "windows_defender_quarantine"


def fixture(name: str) -> Yielded:
    one = defender_quarantine_scenarios()[name]
    return run(defender_quarantine, artefact(FOLDER / "defender_quarantine" / name / one.artefact, one.path))


def test_the_key_is_the_published_one() -> None:
    # Files of ResourceData are known to begin 0b ad 00: a stream of kind 3 (security descriptor) in the clear.
    assert rc4(b"\x0b\xad\0") == b"\3\0\0"
    assert rc4(b"\xd3\x45\xc5\x99") == b"\xdb\xe8\xc5\x01"


def test_a_file_is_told_with_threat_times_size_and_where_its_content_lies() -> None:
    found = fixture("file-and-registry")
    assert found.problems == []
    file, key = found.table(TABLE)
    assert (file["target_kind"], file["target_path"]) == (
        "file", r"\\?\C:\Users\eigyo\Downloads\持出し (1).exe",
    )  # fmt: skip
    assert (file["threat_name"], file["threat_number"]) == ("HackTool:Win32/Sample!ksk", 2147805916)
    assert (file["quarantined_at"], file["target_created_at"]) == (AT, AT - timedelta(days=3))
    assert (file["target_accessed_at"], file["target_bytes"]) == (AT, 5_000_000_000)
    assert (file["quarantine_name"], file["quarantine_guid"]) == (
        SHA1, "{80012345-0000-0000-89AB-CDEF01234567}",
    )  # fmt: skip
    assert (key["target_kind"], key["quarantined_at"]) == ("regkeyvalue", AT)
    assert key["target_path"] == "HKLM@SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\RUN\\\\見本"
    assert "target_bytes" not in key


def test_times_and_sizes_that_are_none_are_null_and_told() -> None:
    found = fixture("odd")
    (row,) = found.table(TABLE)
    assert (row.get("quarantined_at"), row.get("target_created_at"), row.get("target_bytes")) == (None,) * 3
    assert [(one.kind, one.column) for one in found.problems] == [
        (ProblemKind.DAMAGED, "quarantined_at"),
        (ProblemKind.DAMAGED, "target_created_at"),
        (ProblemKind.DAMAGED, "target_bytes"),
    ]
    assert found.rows[0][2] == "partial"


def test_an_entry_without_a_resource_still_tells_the_threat(tmp_path: Path) -> None:
    found = run(defender_quarantine, from_bytes(quarantine_entry([]), tmp_path))
    assert [(one["threat_name"], one["quarantined_at"]) for one in found.table(TABLE)] == [
        ("HackTool:Win32/Sample!ksk", AT)
    ]


def test_every_cut_is_told_and_what_is_read_is_partial(tmp_path: Path) -> None:
    for content in cuts(defender_quarantine_scenarios()["file-and-registry"].content, 60):
        found = run(defender_quarantine, from_bytes(content, tmp_path))
        assert found.problems, len(content)
        assert {status for _, _, status, _ in found.rows} <= {"partial"}, len(content)


def test_many_resources_at_one_place_do_not_grow(tmp_path: Path) -> None:
    whole = quarantine_entry([Resource(path="x" * 60_000, kind="file")])
    head, first = rc4(whole[:60]), whole[60:]
    sizes = struct.unpack_from("<II", head, 40)
    body = rc4(first[sizes[0] :])[8:]
    count = 9_000
    second = struct.pack(f"<{count + 1}I", count, *[4 + 4 * count] * count) + body
    head = head[:44] + struct.pack("<I", len(second)) + head[48:]
    found = run(defender_quarantine, from_bytes(rc4(head) + first[: sizes[0]] + rc4(second), tmp_path))
    assert len(found.rows) < 10
    assert [one.kind for one in found.problems] == [ProblemKind.LIMIT]


def test_which_files_are_wanted() -> None:
    content = quarantine_entry([])
    path = "/ProgramData/Microsoft/Windows Defender/Quarantine/Entries/{80012345-0000-0000-89AB-CDEF01234567}"
    assert select((defender_quarantine,), path, content).chosen
    assert select((defender_quarantine,), "/carved/f0001.bin", content).chosen
    assert select((defender_quarantine,), path, b"MZ" * 100).refused
    assert not select((defender_quarantine,), "/x", b"MZ" * 100).chosen


@pytest.mark.parametrize("name", sorted(defender_quarantine_scenarios()))
def test_damage_never_raises(name: str, tmp_path: Path) -> None:
    content = defender_quarantine_scenarios()[name].content
    for mutant in mutants(content, seed=6, count=200):
        found = run(defender_quarantine, from_bytes(mutant, tmp_path))
        for _, _, status, _ in found.rows:
            assert status == "ok" or found.problems
    # Damage within what is enciphered, as a builder of bad entries would do it.
    plain = [rc4(content[:60]), *(rc4(one) for one in parts(content))]
    for mutant in mutants(plain[2], seed=7, count=300):
        head = plain[0][:44] + struct.pack("<I", len(mutant)) + plain[0][48:]
        run(
            defender_quarantine,
            from_bytes(rc4(head) + rc4(plain[1]) + rc4(mutant), tmp_path),
        )


def parts(content: bytes) -> tuple[bytes, bytes]:
    size = struct.unpack_from("<I", rc4(content[:60]), 40)[0]
    return content[60 : 60 + size], content[60 + size :]
