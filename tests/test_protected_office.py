"""Documents protected by a password: told as locked, and read where a password of the case opens them."""

from __future__ import annotations

import io
import random
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from fixtures.builders.office import odt, zipped
from fixtures.builders.open_protection import METHODS, encrypted
from fixtures.builders.workbooks import ods
from parsers.contract import Parser, ProblemKind
from parsers.documents import doc, docx, ppt, pptx, xlsx
from parsers.documents.opendocument_text import opendocument_text
from parsers.documents.protected_office import protected_office
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.corpus import CORPUS, needs_corpus
from tests.test_csv import mutant

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


OPEN: dict[str, tuple[Parser, bytes]] = {"odt": (opendocument_text, odt()), "ods": (xlsx.xlsx, ods())}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", sorted(OPEN))
def test_a_password_of_the_case_opens_opendocument(kind: str, method: str, tmp_path: Path) -> None:
    reader, plain_content = OPEN[kind]
    given = from_bytes(encrypted(plain_content, PASSWORD, method), tmp_path, f"名簿.{kind}")
    for passwords in (), ("wrong", ""):
        asked = replace(given, passwords=passwords, made={})
        assert run(protected_office, asked).members == []
        (problem,) = run(reader, asked).problems
        assert problem.kind is ProblemKind.LOCKED
        assert {
            "aes": "aes256-cbc, PBKDF2",
            "blowfish": "Blowfish CFB, PBKDF2",
            "whole": "whole package, aes256-gcm, argon2id",
        }[method] in problem.message
    asked = replace(given, passwords=("wrong", PASSWORD), made={})
    (member,) = run(protected_office, asked).members
    assert run(reader, asked) == Yielded(rows=[], problems=[], sheets=[], texts=[], members=[])
    opened, whole = (
        run(reader, from_bytes(one, tmp_path, f"x.{kind}")) for one in (bytes(member.content), plain_content)
    )
    assert (opened.texts, opened.rows, opened.problems, opened.members) == (
        whole.texts,
        whole.rows,
        [],
        whole.members,
    )
    assert [sheet for _, sheet in opened.sheets] == [sheet for _, sheet in whole.sheets]


def test_a_manifest_that_asks_for_too_much_work_is_told_as_locked(tmp_path: Path) -> None:
    name = "META-INF/manifest.xml"
    asked_for = (
        ("whole", b'argon2-memory="1024"', b'argon2-memory="9999999"'),
        ("aes", b'iteration-count="1000"', b'iteration-count="4000000000"'),
    )
    made = []
    for method, before, after in asked_for:
        with zipfile.ZipFile(io.BytesIO(encrypted(odt(), PASSWORD, method))) as source:
            parts = {one: source.read(one) for one in source.namelist()}
        assert before in parts[name]
        made.append(zipped({**parts, name: parts[name].replace(before, after)}))
    for one in made:
        asked = replace(from_bytes(one, tmp_path, "a.odt"), passwords=(PASSWORD,))
        assert run(protected_office, asked).members == []
        assert [one.kind for one in run(opendocument_text, asked).problems] == [ProblemKind.LOCKED]


def test_mutants_of_encrypted_packages_never_raise(tmp_path: Path) -> None:
    rng = random.Random(9)
    for method in METHODS:
        whole = encrypted(odt(), PASSWORD, method)
        for _ in range(60):
            asked = replace(from_bytes(mutant(whole, rng), tmp_path, "a.odt"), passwords=(PASSWORD,), made={})
            run(protected_office, asked)


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
