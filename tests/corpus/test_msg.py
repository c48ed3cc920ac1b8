"""Real .msg files: subject, sender, recipients, times and attachments as another reader gives them."""

from __future__ import annotations

import email.utils
import json
from datetime import datetime
from typing import Any

import pytest

from parsers.mail.msg import msg
from tests.artefacts import artefact, run
from tests.corpus import CORPUS, needs_corpus

pytestmark = [needs_corpus, pytest.mark.corpus]

FILE = CORPUS / "expected" / "mail.json"
FILES: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))["files"] if FILE.is_file() else {}
EXPECTED = {name: one["msg"] for name, one in FILES.items() if one["kind"] == "msg"}


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_an_item_is_told_as_expected(name: str) -> None:
    expected, found = EXPECTED[name], run(msg, artefact(CORPUS / name))
    assert found.problems == []
    (row,) = found.table("mail_message")
    assert row["message_class"] == expected["class"].strip("\0")
    assert row["subject"] == expected["subject"].strip("\0")
    label, address = email.utils.parseaddr(expected["sender"])
    if "@" in address:
        assert (row["sender_name"], row["sender"]) == (label, address.lower())
    else:
        assert row["sender_name"] == expected["sender"]
    # The other keeps the marks around an address that stands for a name.
    to = "" if expected["to"] is None else email.utils.parseaddr(expected["to"])[1]
    assert to.strip("'").lower() in str(row["recipients"]).lower()
    assert row["sent_at"] == datetime.fromisoformat(expected["date"])
    assert [one.name for one in found.members] == expected["attachments"]
    (body,) = [one.content for one in found.texts if one.segment == "body"]
    # Empty lines in front are not counted by the other.
    assert abs(len(body) - expected["body_chars"]) <= 1


def test_the_whole_of_the_kind_is_covered() -> None:
    assert len(EXPECTED) == 5


def test_the_contact_is_a_card() -> None:
    name = next(one for one in EXPECTED if one.endswith("Contact.msg"))
    (card,) = run(msg, artefact(CORPUS / name)).table("contact_card")
    assert card["mail_addresses"] == ["quickbrown@gmail.com"]
    assert card["organisation"] == "Fence Co"
    assert len(card["phone_numbers"]) == 4
