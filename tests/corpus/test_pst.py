"""Real Outlook stores: items by folder, subjects and times as libpff's own tools count them; whole and damaged."""

from __future__ import annotations

import json
import random
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from parsers.mail.pst import pst
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.corpus import CORPUS, needs_corpus
from tests.damaged import in_child

pytestmark = [needs_corpus, pytest.mark.corpus]

FILE = CORPUS / "expected" / "mail.json"
FILES: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))["files"] if FILE.is_file() else {}
EXPECTED = {name: one for name, one in FILES.items() if one["kind"] == "pst"}
LISTS = "java-libpst/src/test/resources/dist-list.pst"


def items(found: Yielded) -> list[dict[str, object]]:
    """Items that hang in folders, those within others left out."""
    return [one[3] for one in found.rows if one[0] == "mail_message" and "/" not in one[1]]


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_items_are_those_expected(name: str) -> None:
    expected, found = EXPECTED[name], run(pst, artefact(CORPUS / name))
    assert {str(one.kind) for one in found.problems} <= {"unsupported"}
    folders = {one["folder"]: one["messages"] for one in expected["pypff"]["folders"] if one["messages"]}
    assert Counter(str(one["folder_path"]) for one in items(found)) == folders
    # What the other has no reader for (free and busy times) stands in its list without a subject.
    listed = [one for one in expected["message_list"] if "subject" in one]
    own = [one for one in items(found) if "FreeBusy" not in str(one["message_class"])]
    assert sorted(str(one["subject"]) for one in own) == sorted(one["subject"] for one in listed)
    assert sum(int(str(one["attachment_count"])) for one in items(found)) == expected["pypff"]["attachments"]
    by_subject = {one["subject"]: one for one in items(found)}
    for one in listed:
        row = by_subject[one["subject"]]
        assert row.get("sender_name") == one["sender"]
        if one["delivery"]:
            assert row["delivered_at"] == datetime.fromisoformat(one["delivery"]).replace(tzinfo=UTC)


def test_the_whole_of_the_kind_is_covered() -> None:
    assert len(EXPECTED) == 3


def test_contacts_and_members_of_a_list_are_cards_and_a_sheet() -> None:
    found = run(pst, artefact(CORPUS / LISTS))
    assert [(one["contact_name"], one["contact_address"]) for one in found.table("contact_card")] == [
        ("contact name 1", "contact1@rjohnson.id.au"),
        ("dist name 1", "dist1@rjohnson.id.au"),
        ("dist name 2", "dist2@rjohnson.id.au"),
        ("contact name 1", "contact1@rjohnson.id.au"),
    ]
    ((_, rows),) = found.sheets
    assert rows.num_rows == 4


def test_a_mail_within_a_mail_is_read_as_far_as_it_goes_and_the_rest_told() -> None:
    name = next(one for one in EXPECTED if one.endswith("testPST.pst"))
    found = run(pst, artefact(CORPUS / name))
    (inner,) = [one[3] for one in found.rows if "/attachment:" in one[1]]
    assert inner["subject"] == "First email"
    assert ["attachments" in one.message for one in found.problems] == [True]


def damage() -> None:
    import tempfile

    content = (CORPUS / LISTS).read_bytes()
    chance = random.Random(20260928)
    with tempfile.TemporaryDirectory() as folder:
        given = [content[: len(content) * part // 16] for part in range(1, 16)]
        for _ in range(60):
            hurt = bytearray(content)
            for _ in range(chance.randint(1, 40)):
                at = chance.randrange(len(hurt))
                hurt[at : at + chance.choice((1, 8, 64))] = chance.randbytes(8)
            given.append(bytes(hurt))
        for one in given:
            found = run(pst, from_bytes(one, Path(folder), "a.pst"))
            assert found.problems
            assert len(found.rows) <= 10


def test_damage_is_borne() -> None:
    in_child("tests.corpus.test_pst", "damage()")
