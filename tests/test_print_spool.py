"""What was handed to the print spooler, from bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.builders.remote_traces import AT, FOLDER, narrow_shadow, print_spool_scenarios, wide_shadow
from parsers.contract import ProblemKind
from parsers.windows.print_spool import print_spool
from pipeline.extract.select import select
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cuts, mutants

TABLE = "windows_print_job"


def fixture(name: str) -> Yielded:
    one = print_spool_scenarios()[name]
    return run(print_spool, artefact(FOLDER / "print_spool" / name / one.artefact, one.path))


def test_a_job_tells_the_document_who_printed_it_where_and_when() -> None:
    found = fixture("windows-10")
    assert found.problems == []
    (row,) = found.table(TABLE)
    assert (row["document_name"], row["print_user"]) == ("顧客一覧_2026.xlsx", "見本花子")
    assert (row["printer_name"], row["printer_port"]) == ("Microsoft Print to PDF", "PORTPROMPT:")
    assert (row["submitted_at"], row["page_count"], row["spool_bytes"]) == (AT, 12, 524_288)
    assert (row["job_number"], row["layout_mark"]) == (7, "5123")
    assert "print_machine" not in row


def test_windows_xp_names_the_machine_too() -> None:
    (row,) = fixture("windows-xp").table(TABLE)
    assert (row["print_machine"], row["printer_name"]) == (r"\\KNSK-PC01", r"\\PRN01\営業部")
    assert (row["submitted_at"], row["page_count"], row["spool_bytes"]) == (AT, 3, 91_822)


def test_windows_2003_is_laid_out_like_windows_xp(tmp_path: Path) -> None:
    (row,) = run(print_spool, from_bytes(narrow_shadow(0x4968), tmp_path)).table(TABLE)
    assert (row["document_name"], row["layout_mark"]) == ("顧客一覧_2026.xlsx", "4968")


def test_pages_alone_tell_the_document() -> None:
    found = fixture("pages")
    assert found.problems == []
    assert found.table(TABLE) == [
        {"kind": "spool", "document_name": "顧客一覧_2026.xlsx", "printer_port": "PORTPROMPT:"}
    ]


def test_what_cannot_be_read_is_null_and_told() -> None:
    found = fixture("odd")
    (row,) = found.table(TABLE)
    assert (row["submitted_at"], row["document_name"], row["print_user"]) == (None, None, "見本花子")
    assert [(one.kind, one.column) for one in found.problems] == [
        (ProblemKind.DAMAGED, "submitted_at"),
        (ProblemKind.DAMAGED, "document_name"),
    ]


def test_jobs_of_older_windows_are_unsupported_and_others_unrecognised(tmp_path: Path) -> None:
    found = run(print_spool, from_bytes(b"\x66\x49\0\0" + bytes(100), tmp_path))
    assert [one.kind for one in found.problems] == [ProblemKind.UNSUPPORTED]
    found = run(print_spool, from_bytes(b"MZ" + bytes(100), tmp_path))
    assert [one.kind for one in found.problems] == [ProblemKind.UNRECOGNISED]


def test_a_text_without_an_end_does_not_grow(tmp_path: Path) -> None:
    content = wide_shadow(("x" * 50_000, *[None] * 9))
    found = run(print_spool, from_bytes(content, tmp_path))
    (row,) = found.table(TABLE)
    assert row["print_user"] == "x" * 4096
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, "print_user")]


def test_which_files_are_wanted() -> None:
    folder = "/Windows/System32/spool/PRINTERS"
    assert select((print_spool,), f"{folder}/00007.SHD", wide_shadow()).chosen
    assert select((print_spool,), f"{folder}/00007.SPL", b"\0\0\1\0" + bytes(12)).chosen
    assert not select((print_spool,), f"{folder}/00007.SPL", b"%-12345X@PJL").chosen
    assert not select((print_spool,), "/game/x.shd", b"shader").refused


@pytest.mark.parametrize("name", sorted(print_spool_scenarios()))
def test_damage_never_raises_and_a_cut_is_told(name: str, tmp_path: Path) -> None:
    content = print_spool_scenarios()[name].content
    for cut in cuts(content):
        found = run(print_spool, from_bytes(cut, tmp_path))
        # Behind the texts of a SPL come pages, which are not read; the last text of a SHD may end at its NUL.
        assert found.problems or len(cut) >= len(content) - 8, len(cut)
    for mutant in mutants(content, seed=8, count=200):
        found = run(print_spool, from_bytes(mutant, tmp_path))
        for _, _, status, _ in found.rows:
            assert status == "ok" or found.problems
