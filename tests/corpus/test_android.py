"""Real databases of Android: as many calls and messages as expected, and what they say."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from parsers.contract import ProblemKind
from parsers.phones.android_contacts import android_contacts
from parsers.phones.android_messages import android_messages
from tests.artefacts import artefact, run
from tests.corpus import CORPUS, needs_corpus

pytestmark = [needs_corpus, pytest.mark.corpus]

FILE = CORPUS / "expected" / "databases.json"
EXPECTED = json.loads(FILE.read_text(encoding="utf-8"))["files"] if FILE.is_file() else {}
CONTACTS = "plaso/test_data/android/contacts2.db"
MESSAGES = "plaso/test_data/android/mmssms.db"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
KINDS = {1: "incoming", 2: "outgoing", 3: "missed"}


def test_every_call_is_a_row() -> None:
    found = run(android_contacts, artefact(CORPUS / CONTACTS))
    rows = found.table("android_call")
    assert len(rows) == EXPECTED[CONTACTS]["tables"]["calls"]
    for row, said in zip(rows, EXPECTED[CONTACTS]["calls_rows"], strict=True):
        assert row["call_number"] == said["number"]
        assert row["called_at"] == EPOCH + timedelta(milliseconds=said["date"])
        assert (row["call_seconds"], row["call_kind"]) == (said["duration"], KINDS[said["type"]])
    assert {row["call_name"] for row in rows} == {"Barney"}


def test_contacts_whose_table_is_gone_are_told_and_not_taken_for_none() -> None:
    found = run(android_contacts, artefact(CORPUS / CONTACTS))
    assert (found.table("contact_card"), found.sheets) == ([], [])
    assert [(one.kind, one.locator) for one in found.problems] == [(ProblemKind.DAMAGED, "raw_contacts")]


def test_every_message_is_a_row_and_a_text() -> None:
    found = run(android_messages, artefact(CORPUS / MESSAGES))
    rows = found.table("android_message")
    assert found.problems == []
    assert len(rows) == len(found.texts) == EXPECTED[MESSAGES]["tables"]["sms"]
    for row, said in zip(rows, EXPECTED[MESSAGES]["sms_samples"], strict=False):
        is_in = said["type"] == 1
        assert row["stored_at"] == EPOCH + timedelta(milliseconds=said["date"])
        assert row.get("sender" if is_in else "recipients") == said["address"]
        assert row["message_folder"] == ("inbox" if is_in else "sent")
        assert str(row["message_text"]).startswith(said["body"])
    # Sent by the other side's network some hundred milliseconds before the telephone had it.
    third = rows[2]
    assert third["sent_at"] == datetime(2013, 10, 29, 17, 5, 40, tzinfo=UTC)
