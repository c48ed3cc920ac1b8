"""A real winmail.dat: five files, as Apache Tika's own test of it names them."""

from __future__ import annotations

import pytest

from parsers.mail.tnef import tnef
from tests.artefacts import artefact, run
from tests.corpus import CORPUS, needs_corpus

pytestmark = [needs_corpus, pytest.mark.corpus]

FILE = (
    "tika/tika-parsers/tika-parsers-standard/tika-parsers-standard-modules/tika-parser-microsoft-module"
    "/src/test/resources/test-documents/testWINMAIL.dat"
)


def test_its_files_come_out_whole() -> None:
    found = run(tnef, artefact(CORPUS / FILE))
    assert found.problems == []
    assert [one.name for one in found.members] == [
        "quick.doc",
        "quick.html",
        "quick.pdf",
        "quick.txt",
        "quick.xml",
    ]
    assert found.members[0].content.startswith(b"\xd0\xcf\x11\xe0")
    assert found.members[2].content.startswith(b"%PDF-1.3")
    assert found.members[2].content.rstrip().endswith(b"%%EOF")
    assert [one.content.split("\n")[0] for one in found.texts] == ["These are five files."]
