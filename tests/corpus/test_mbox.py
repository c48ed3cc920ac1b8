"""Real mailboxes: as many messages as Python's mailbox counts, with its subjects."""

from __future__ import annotations

import json
from typing import Any

import pytest

from parsers.mail.mbox import looks_like_mbox, mbox
from tests.artefacts import artefact, run
from tests.corpus import CORPUS, needs_corpus

pytestmark = [needs_corpus, pytest.mark.corpus]

FILE = CORPUS / "expected" / "mail.json"
FILES: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))["files"] if FILE.is_file() else {}
EXPECTED = {name: one for name, one in FILES.items() if one["kind"] == "mbox"}


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_messages_and_subjects_are_those_expected(name: str) -> None:
    expected = EXPECTED[name]
    assert looks_like_mbox((CORPUS / name).read_bytes()[:4096])
    found = run(mbox, artefact(CORPUS / name)).table("mail_message")
    assert len(found) == expected["messages"]
    assert [str(one["subject"]) for one in found] == [one.strip() for one in expected["subjects"]]


def test_the_whole_of_the_kind_is_covered() -> None:
    assert len(EXPECTED) == 4


def test_other_files_are_not_taken_for_mailboxes() -> None:
    taken = []
    for line in (CORPUS / "MANIFEST.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        cells = line.split("\t")
        if cells[7] != "mbox":
            with (CORPUS / cells[0]).open("rb") as stream:
                taken += [cells[0]] if looks_like_mbox(stream.read(4096)) else []
    assert [one for one in taken if not one.endswith(".eml")] == []
