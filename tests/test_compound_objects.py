"""Objects embedded in compound files become files of their own that their parsers read."""

from __future__ import annotations

import random
import zlib
from pathlib import Path

import pytest

from fixtures.builders.jump_lists import compound
from fixtures.builders.sheets import fixtures as built
from fixtures.builders.workbooks import FIVE, FOUR, ONE, THREE, TWO, full, xls, xls_stream
from parsers.contract import Member, Problem, ProblemKind
from parsers.documents.doc import doc
from parsers.documents.ppt import ppt
from parsers.documents.xlsx import xlsx
from parsers.formats import compound_objects
from parsers.formats.compound import Compound
from parsers.formats.compound_copy import copied
from tests.artefacts import FileArtefact, from_bytes, run
from tests.golden_rows import FIXTURES, fixture
from tests.test_csv import mutant


def opened(content: bytes) -> dict[str, bytes]:
    with Compound(compound_objects._Bytes(content)) as file:
        return {path: file.read(path) for path in file.streams}


@pytest.mark.parametrize("seed", range(12))
def test_what_is_copied_reads_the_same(seed: int) -> None:
    rng = random.Random(seed)
    sizes = (0, 1, 63, 64, 65, 4095, 4096, 4097, 70_000)
    streams = {}
    for number in range(rng.randrange(1, 60)):
        folder = "/".join(f"f{rng.randrange(3)}" for _ in range(rng.randrange(4)))
        streams[f"{folder}/s{number}".lstrip("/")] = rng.randbytes(rng.choice(sizes))
    assert opened(copied(streams)) == streams


def test_a_large_storage_is_copied_too() -> None:
    streams = {"Workbook": random.Random(1).randbytes(9 << 20), "small": b"x"}
    assert opened(copied(streams)) == streams


def test_names_that_are_too_long_are_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        copied({"a" * 32: b""})


def test_objects_of_a_document_are_read_by_their_parsers(tmp_path: Path) -> None:
    out = run(doc, fixture(FIXTURES / "documents/doc/objects"))
    names = {one.name: one for one in out.members}
    assert sorted(names) == ["_1000000001.doc", "_1000000003", "_1000000004.pdf", "名簿.csv"]
    assert not out.problems
    inner = run(doc, from_bytes(bytes(names["_1000000001.doc"].content), tmp_path, "inner.doc"))
    assert full(ONE) not in repr(out.texts)
    assert inner.texts and [one.name for one in inner.members] == ["_2000000001"]


def test_objects_of_a_workbook_are_read_by_their_parsers(tmp_path: Path) -> None:
    out = run(xlsx, from_bytes(xls(), tmp_path, "book.xls"))
    names = {one.name: one for one in out.members}
    assert sorted(names) == ["MBD00000001.xls", "MBD00000003.pdf", "名簿.csv"]
    inner = run(xlsx, from_bytes(bytes(names["MBD00000001.xls"].content), tmp_path, "inner.xls"))
    assert [one.name for one, _ in inner.sheets] == ["external 給与", "会員", "控え"] and not inner.problems


def test_objects_of_a_presentation_are_unpacked() -> None:
    out = run(ppt, fixture(FIXTURES / "documents/ppt/saved-twice"))
    assert [(one.name, one.content[:3]) for one in out.members] == [
        ("名簿.csv", b"a,b"),
        ("object 2.doc", b"\xd0\xcf\x11"),
    ]


def test_a_packed_object_is_bounded_and_a_damaged_one_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compound_objects, "_MOST_BYTES", 1000)
    stored = bytes(4) + zlib.compress(bytes(5000))
    for packed, kind in ((stored, ProblemKind.LIMIT), (bytes(4) + b"no", ProblemKind.DAMAGED)):
        [told] = compound_objects.unpacked(packed, "a", "b", is_packed=True)
        assert isinstance(told, Problem) and told.kind is kind


def test_an_empty_object_is_none() -> None:
    assert not list(compound_objects.unpacked(compound({}), "a", "b", is_packed=False))


def test_a_storage_beyond_the_budget_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compound_objects, "_MOST_BYTES", 1000)
    content = compound({"A/Workbook": bytes(5000), "B/Package": b"x"})
    with Compound(compound_objects._Bytes(content)) as file:
        told = list(compound_objects.embedded(file))
    assert isinstance(told[0], Problem) and told[0].kind is ProblemKind.LIMIT
    assert isinstance(told[1], Member)


def test_no_person_beside_the_cells_of_a_workbook_of_excel_97_is_lost(tmp_path: Path) -> None:
    out = run(xlsx, from_bytes(xls(), tmp_path, "book.xls"))
    rows = [list(row.values()) for _, sheet in out.sheets for row in sheet.to_pylist()]
    whole = repr((rows, out.texts, out.rows))
    assert all(full(one) in whole for one in (ONE, TWO, THREE, FOUR, FIVE))
    [remark] = out.table("office_remark")
    assert (remark["remark_author"], remark["document_part"]) == (full(ONE), "sheet:1")
    hidden = out.table("workbook_sheet")
    assert [(one["sheet_state"], one["hidden_row_count"], one["hidden_column_count"]) for one in hidden] == [
        ("visible", 1, 2),
        ("very_hidden", 0, 0),
    ]


def test_mutants_of_records_never_raise(tmp_path: Path) -> None:
    rng = random.Random(11)
    for _ in range(250):
        run(
            xlsx,
            from_bytes(
                compound(
                    {
                        "Workbook": mutant(xls_stream(), rng),
                        "_SX_DB_CUR/0001": mutant(b"\xc7\0\x20\0" + bytes(40), rng),
                    }
                ),
                tmp_path,
                "a.xls",
            ),
        )
    content = built()["xlsx/xls-beside-cells"][1]
    for _ in range(100):
        run(xlsx, from_bytes(mutant(content, rng), tmp_path, "a.xls"))


def test_mutants_of_objects_never_raise(tmp_path: Path) -> None:
    rng = random.Random(12)
    given: FileArtefact = fixture(FIXTURES / "documents/doc/objects")
    content = given.local().read_bytes()
    for _ in range(100):
        run(doc, from_bytes(mutant(content, rng), tmp_path, "a.doc"))
