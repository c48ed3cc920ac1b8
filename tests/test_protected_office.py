"""Documents protected by a password: told as locked, and read where a password of the case opens them."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from parsers.contract import Parser, ProblemKind
from parsers.documents import doc, docx, ppt, pptx, xlsx
from parsers.documents.protected_office import protected_office
from tests.artefacts import artefact, from_bytes, run
from tests.corpus import CORPUS, needs_corpus

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "documents"
PASSWORD = "見本-2026"
DOCUMENTS: dict[str, Parser] = {
    "docx": docx.docx,
    "pptx": pptx.pptx,
    "doc": doc.doc,
    "ppt": ppt.ppt,
    "xlsx": xlsx.xlsx,
}


def plain(kind: str) -> bytes:
    """The first whole fixture of a kind."""
    found = sorted(one for one in (FIXTURES / kind).rglob(f"*.{kind}") if zipfile.is_zipfile(one))
    return found[0].read_bytes()


def protected(content: bytes) -> bytes:
    """The document encrypted as Office does since 2010 (agile)."""
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(content)).encrypt(PASSWORD, out)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["docx", "pptx", "xlsx"])
def test_a_password_of_the_case_opens_it(kind: str, tmp_path: Path) -> None:
    content = plain(kind)
    given = from_bytes(protected(content), tmp_path, f"名簿.{kind}")
    for passwords in (), ("wrong", ""):
        asked = replace(given, passwords=passwords, made={})
        assert run(protected_office, asked).members == []
        assert [one.kind for one in run(DOCUMENTS[kind], asked).problems] == [ProblemKind.LOCKED]
    asked = replace(given, passwords=("wrong", PASSWORD), made={})
    (member,) = run(protected_office, asked).members
    assert (member.name, member.content) == (f"名簿.{kind}", content)
    found = run(DOCUMENTS[kind], asked)
    assert (found.problems, found.texts, found.sheets) == ([], [], [])


def test_damage_is_told_as_locked_and_never_raised(tmp_path: Path) -> None:
    whole = protected(plain("docx"))
    for size in range(600, len(whole), max(1, len(whole) // 12)):
        asked = replace(from_bytes(whole[:size], tmp_path, "a.docx"), passwords=(PASSWORD,))
        assert run(protected_office, asked).members or run(docx.docx, replace(asked, made={})).problems


def test_a_document_without_protection_gives_no_member(tmp_path: Path) -> None:
    for file in sorted((FIXTURES / "doc").glob("*/*.doc")):
        given = replace(artefact(file), passwords=(PASSWORD,))
        assert run(protected_office, given).members == []


@needs_corpus
@pytest.mark.corpus
@pytest.mark.parametrize(
    ("name", "kind"),
    [("testWORD_protected_passtika.docx", "docx"), ("testEXCEL_protected_passtika.xls", "xlsx")],
)
def test_real_documents_open_with_their_password(name: str, kind: str, tmp_path: Path) -> None:
    (path,) = CORPUS.rglob(name)
    asked = replace(artefact(path), passwords=("tika",))
    assert run(DOCUMENTS[kind], asked).problems == []
    (member,) = run(protected_office, asked).members
    assert isinstance(member.content, bytes)
    inner = run(DOCUMENTS[kind], from_bytes(member.content, tmp_path, name))
    assert inner.texts or inner.sheets
