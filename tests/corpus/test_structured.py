"""Real JSON, XML of office documents and HTML of mails: every value the standard library finds stands in a row or a text."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from parsers.documents.html_document import html_document
from parsers.documents.json_document import json_document
from parsers.documents.xml_document import xml_document
from parsers.formats import mime
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.corpus import CORPUS, needs_corpus

pytestmark = [needs_corpus, pytest.mark.corpus]

_MOST_BYTES = 8 << 20


def files(*endings: str) -> list[Path]:
    return sorted(
        one
        for one in CORPUS.rglob("*")
        if one.suffix.lower() in endings and one.is_file() and one.stat().st_size < _MOST_BYTES
    )


def told(found: Yielded) -> str:
    """Everything a parser gave, blanks folded."""
    cells = [
        str(cell)
        for _, stored in found.sheets
        for column in stored.columns[1:]
        for cell in column.to_pylist()
        if cell
    ]
    heads = [word for sheet, _ in found.sheets for word in sheet.header or ()]
    return " ".join(" ".join([*(one.content for one in found.texts), *cells, *heads]).split())


def leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for one in value.values():
            yield from leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from leaves(one)
    elif isinstance(value, str) and value.strip():
        yield " ".join(value.replace("\0", "\\x00").split())


@pytest.mark.parametrize("file", files(".json"), ids=lambda one: one.name)
def test_every_string_of_a_json_document_is_told(file: Path) -> None:
    found = run(json_document, artefact(file))
    assert found.problems == []
    content = told(found)
    assert [one for one in leaves(json.loads(file.read_text("utf-8"))) if one not in content] == []


@pytest.mark.parametrize("file", files(".docx", ".xlsx", ".odt", ".pptx", ".ods"), ids=lambda one: one.name)
def test_every_text_of_the_xml_of_office_documents_is_told(file: Path, tmp_path: Path) -> None:
    if not zipfile.is_zipfile(file):
        pytest.skip("locked")
    with zipfile.ZipFile(file) as archive:
        parts = [
            one for one in archive.infolist() if one.filename.endswith(".xml") and one.file_size < 1 << 20
        ]
        for number, part in enumerate(parts[:12]):
            if part.flag_bits & 1:
                pytest.skip("locked")
            content = archive.read(part)
            try:
                tree = ElementTree.fromstring(content)
            except ElementTree.ParseError:
                continue
            found = run(xml_document, from_bytes(content, tmp_path, f"{number}.xml"))
            assert [one for one in found.problems if "levels" not in one.message] == [], part.filename
            whole = told(found)
            texts = (
                one for each in tree.iter() for one in (each.text, each.tail, *each.attrib.values()) if one
            )
            assert [one for one in leaves(list(texts)) if one not in whole] == [], part.filename


class _Shown(HTMLParser):
    """Text outside scripts and styles, as the standard library sees it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.silent += tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.found += data.split()


@pytest.mark.parametrize("file", files(".eml"), ids=lambda one: one.name)
def test_every_word_of_the_pages_of_mails_is_told(file: Path, tmp_path: Path) -> None:
    for part in mime.parts(file.read_bytes()):
        if part.media_type != "text/html" or part.is_container:
            continue
        body, _ = mime.transfer_decoded(part)
        text = mime.decode_text(body, part.parameter("content-type", "charset"))
        if text.replaced:
            continue
        found = run(html_document, from_bytes(text.text.encode(), tmp_path, f"{part.number}.html"))
        assert found.problems == []
        other = _Shown()
        other.feed(text.text)
        other.close()
        whole = "".join(told(found).split())
        assert [one for one in other.found if one not in whole] == []
