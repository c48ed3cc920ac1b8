"""Real PDF documents: properties as exiftool gives them, text, and a document with a password."""

from __future__ import annotations

import json
from typing import Any

import pytest

from parsers.contract import ProblemKind
from parsers.documents.pdf import pdf
from parsers.formats.pdf_head import moment
from tests.artefacts import artefact, run
from tests.corpus import CORPUS, needs_corpus

pytestmark = [needs_corpus, pytest.mark.corpus]

FILE = CORPUS / "expected" / "documents.json"
FILES: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))["files"] if FILE.is_file() else {}
EXPECTED = {name: one["exiftool"] for name, one in FILES.items() if one["kind"] == "pdf"}
LOCKED = "testPDF_no_extract_yes_accessibility_owner_user.pdf"


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_properties_are_those_expected(name: str) -> None:
    told = EXPECTED[name]
    (row,) = run(pdf, artefact(CORPUS / name)).table("document_properties")
    for key, column in (("Title", "title"), ("Author", "author"), ("Creator", "application")):
        expected = told.get(f"PDF:{key}") or told.get(f"XMP-xmp:{key}Tool")
        assert row.get(column) == expected
    for key, column in (("CreateDate", "created"), ("ModifyDate", "modified")):
        stated = told.get(f"PDF:{key}") or told.get(f"XMP-xmp:{key}")
        found = row.get(f"{column}_at") or row.get(f"{column}_local")
        # 2014:03:04 21:56:45+01:00
        assert found == (moment(stated.replace(":", "-", 2).replace(" ", "T")) if stated else None)


def test_the_whole_of_the_kind_is_covered() -> None:
    assert len(EXPECTED) == 5


def test_text_is_read_and_a_scan_and_a_password_are_told() -> None:
    found = {name.rsplit("/", 1)[1]: run(pdf, artefact(CORPUS / name)) for name in EXPECTED}
    boxes = found["testPDFTwoTextBoxes.pdf"]
    assert [one.content.split("\n")[0] for one in boxes.texts] == ["Left column line 1"]
    assert [one.kind for one in found[LOCKED].problems] == [ProblemKind.LOCKED]
    scan = found["testPDF_Version.11.x.PDFA-1b.pdf"]
    assert [(one.kind, one.locator) for one in scan.problems] == [(ProblemKind.UNSUPPORTED, "page:1")]
