"""Real documents of Office and OpenDocument: text agrees with a plain second reading, properties with other tools."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from parsers.contract import ProblemKind
from parsers.documents.doc import doc
from parsers.documents.docx import docx
from parsers.documents.office_properties import office_properties
from parsers.documents.opendocument_text import opendocument_text
from parsers.documents.ppt import ppt
from parsers.documents.pptx import pptx
from parsers.documents.rtf import rtf
from tests.artefacts import Yielded, artefact, run
from tests.corpus import CORPUS, needs_corpus

pytestmark = [needs_corpus, pytest.mark.corpus]

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_TEXT_PARTS = re.compile(r"word/(document|header\d*|footer\d*|footnotes|endnotes|comments)\.xml")


def files(ending: str) -> list[Path]:
    return sorted(one for one in CORPUS.rglob(f"*.{ending}") if one.is_file())


def named(one: object) -> str:
    return one.name if isinstance(one, Path) else ""


def everything(found: Yielded) -> str:
    cells = (
        str(cell)
        for _, table in found.sheets
        for row in table.to_pylist()
        for name, cell in row.items()
        if name != "row_number"
    )
    heads = (word for sheet, _ in found.sheets for word in sheet.header or ())
    return re.sub(r"\s+", "", "".join((*(one.content for one in found.texts), *cells, *heads)))


@pytest.mark.parametrize("file", files("docx"), ids=named)
def test_every_text_of_a_document_is_told(file: Path) -> None:
    found = run(docx, artefact(file))
    if "protected" in file.name:
        assert [one.kind for one in found.problems] == [ProblemKind.LOCKED]
        return
    assert found.problems == []
    told = everything(found)
    with zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            if _TEXT_PARTS.fullmatch(name):
                for one in ElementTree.fromstring(archive.read(name)).iter(f"{_W}t"):
                    assert re.sub(r"\s+", "", one.text or "") in told, name


@pytest.mark.parametrize("file", files("pptx"), ids=named)
def test_every_text_of_a_presentation_is_told(file: Path) -> None:
    found = run(pptx, artefact(file))
    assert found.problems == []
    told = everything(found)
    with zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            if re.fullmatch(r"ppt/(slides|notesSlides|diagrams)/(slide|notesSlide|data)\d+\.xml", name):
                for one in ElementTree.fromstring(archive.read(name)).iter(f"{_A}t"):
                    assert re.sub(r"\s+", "", one.text or "") in told, name


def test_every_text_of_an_open_document_is_told() -> None:
    (file,) = (one for one in files("odt") if one.name == "testStyles.odt")
    told = everything(run(opendocument_text, artefact(file)))
    with zipfile.ZipFile(file) as archive:
        content = ElementTree.fromstring(archive.read("content.xml"))
    for one in content.iter("{urn:oasis:names:tc:opendocument:xmlns:text:1.0}p"):
        assert re.sub(r"\s+", "", "".join(one.itertext())) in told


_EXPECTED = (
    json.loads((CORPUS / "expected" / "documents.json").read_text("utf-8"))["files"]
    if CORPUS.is_dir()
    else {}
)
_OFFICE = [
    one for one in _EXPECTED if _EXPECTED[one].get("ole_metadata") or _EXPECTED[one].get("ooxml_props")
]
_XML = {"title": "title", "subject": "subject", "creator": "author", "lastModifiedBy": "last_saved_by", "keywords": "document_keywords",
    "description": "description", "Template": "template", "Application": "application", "Company": "company", "Manager": "manager",
    "revision": "revision_number", "TotalTime": "edit_minutes", "Pages": "page_count", "Words": "word_count", "AppVersion": "application_version",
    "created": "created_at", "modified": "modified_at", "category": "category"}  # fmt: skip
_OLE = {"title": "title", "subject": "subject", "author": "author", "last_saved_by": "last_saved_by", "keywords": "document_keywords",
    "comments": "description", "template": "template", "creating_application": "application", "company": "company", "manager": "manager",
    "revision_number": "revision_number", "num_pages": "page_count", "num_words": "word_count", "create_time": "created_at",
    "last_saved_time": "modified_at", "category": "category"}  # fmt: skip


@pytest.mark.parametrize("name", _OFFICE, ids=lambda one: one.rsplit("/", 1)[-1])
def test_properties_agree_with_other_tools(name: str) -> None:
    expected = _EXPECTED[name]
    rows = run(office_properties, artefact(CORPUS / name)).table("document_properties")
    wanted = expected.get("ooxml_props") or expected["ole_metadata"]
    names = _XML if "ooxml_props" in expected else _OLE
    told = {column: str(wanted[one]) for one, column in names.items() if str(wanted.get(one, "")).strip()}
    found = rows[0] if rows else {}
    for column, value in told.items():
        own = found.get(column)
        value = value.partition("\0")[0]  # the other tool reads on behind the end of a text
        if column.endswith("_at"):
            if own is None:  # a span or zero where a time should be
                assert value.startswith("1601") or re.match(r"\d+ days|\d:", value), column
                continue
            assert re.sub(r"[TZ ]", "", value) == re.sub(r"[T ]|\+00:00", "", own.isoformat()), column
        else:
            assert str(own) == value.strip().replace("\r\n", "\n") or repr(value.encode()) in value, column


@pytest.mark.parametrize("file", files("doc"), ids=named)
def test_binary_documents_have_as_many_signs_as_they_count(file: Path) -> None:
    found = run(doc, artefact(file))
    assert {one.kind for one in found.problems} <= {ProblemKind.UNSUPPORTED}
    counted = _EXPECTED[file.relative_to(CORPUS).as_posix()]["ole_metadata"].get("num_chars")
    body = "".join(one.content for one in found.texts if one.segment == "body")
    # Word counts no blanks; some programs count the codes of fields.
    if counted and int(counted) > 10 and "MSEquation" not in file.name:
        codes = "".join(one.content for one in found.texts if one.segment == "field")
        own = [len(re.sub(r"\s", "", one)) for one in (body, body + codes)]
        assert any(one == pytest.approx(int(counted), rel=0.25) for one in own), (own, counted)


@pytest.mark.parametrize("file", files("ppt"), ids=named)
def test_binary_presentations_are_read(file: Path) -> None:
    found = run(ppt, artefact(file))
    assert {one.kind for one in found.problems} <= {ProblemKind.UNSUPPORTED}
    told = {
        "testComment.ppt": "Here is a comment", "testPPT.ppt": "Sample Powerpoint Slide",
        "testPPT_masterText.ppt": "Text that I added to the master slide", "testPPT_custom_props.ppt": "Test extraction properties",
    }  # fmt: skip
    assert told.get(file.name, "") in "\n".join(one.content for one in found.texts)


def test_a_japanese_rich_text_is_read_whole() -> None:
    (file,) = files("rtf")
    found = run(rtf, artefact(file))
    assert found.problems == []
    told = everything(found)
    # The first and the last words of the page, and one of a cell; no sign of a wrong code page.
    assert "ゾルゲと尾崎、淡々と最期" in told and "ＧＨＱ内の情報部門" in told
    assert "\\x" not in told and "\ufffd" not in told
    (row,) = found.table("document_properties")
    expected = _EXPECTED[file.relative_to(CORPUS).as_posix()]["exiftool"]
    assert row["author"] == expected["RTF:Author"]
    assert f"{row['created_local']:%Y:%m:%d %H:%M:%S}" == expected["RTF:CreateDate"]
