"""Real mails: headers and attachments as Python's email package reads them, or better where that gives U+FFFD."""

from __future__ import annotations

import email.utils
import json
import re
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from parsers.mail.eml import eml, looks_like_mail
from tests.artefacts import artefact, run
from tests.corpus import CORPUS, needs_corpus

pytestmark = [needs_corpus, pytest.mark.corpus]

FILE = CORPUS / "expected" / "mail.json"
FILES: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))["files"] if FILE.is_file() else {}
EXPECTED = {name: one for name, one in FILES.items() if one["kind"] == "eml"}
NAMED = sorted(name for name in EXPECTED if name.endswith(".eml"))

# Names the other reader loses: a backslash within quotes it takes for an escape, a name without quotes it cuts.
LOST = {
    "C:TEMPnsmailEG.png": "C:\\TEMP\\nsmailEG.png",
    "C:TEMPnsmail39.png": "C:\\TEMP\\nsmail39.png",
    "This": "This is a test.txt",
}


def pattern(told: str) -> re.Pattern[str]:
    """What the other reader gives, its U+FFFD standing for anything and runs of white space for any."""
    words = ["[^ ]*".join(re.escape(part) for part in re.split("\ufffd+", word)) for word in told.split()]
    return re.compile(r"\s*" + r"\s+".join(words) + r"\s*", re.DOTALL)


@pytest.mark.parametrize("name", NAMED)
def test_headers_and_attachments_are_those_expected(name: str) -> None:
    expected, found = EXPECTED[name], run(eml, artefact(CORPUS / name))
    (row,) = found.table("mail_message")
    if expected["subject"]:
        assert pattern(expected["subject"]).fullmatch(str(row["subject"])), row["subject"]
    else:
        assert not row["subject"]
    if expected["message_id"]:
        assert row["message_id"] == expected["message_id"].strip().strip("<>")
    sender = email.utils.parseaddr(expected["from"] or "")[1]
    if "@" in sender:
        assert row["sender"] == sender.lower()
    for address in re.findall(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", expected["to"] or ""):
        assert address.lower() in str(row["recipients"])
    if expected["date"] and re.search(r"\d:\d\d", expected["date"]):
        at = email.utils.parsedate_to_datetime(expected["date"])
        assert row["sent_at"] == (at if at.tzinfo else at.replace(tzinfo=UTC))
    members = {one.name: one for one in found.members}
    for attached in expected["attachments"]:
        name = LOST.get(attached["name"], attached["name"])
        assert name in members, sorted(members)
        if attached.get("bytes") is not None:
            assert len(members[name].content) == attached["bytes"]


@pytest.mark.parametrize("name", NAMED)
def test_every_mail_is_known_by_its_first_bytes(name: str) -> None:
    head = (CORPUS / name).read_bytes()[:4096]
    assert any(want.sniff is not None and want.sniff(head) for want in eml.wants)
    # A line `From ` in front is what an mbox begins with: only the name .eml makes one a mail.
    assert looks_like_mail(head) != head.startswith(b"From ")


def test_the_whole_of_the_kind_is_covered() -> None:
    assert len(EXPECTED) == 53
    assert [Path(name).suffix for name in EXPECTED if name not in NAMED] == [".emlx"]


def test_japanese_mails_read_as_written() -> None:
    folder = CORPUS / "mail/spec/fixtures/emails/multi_charset"
    for name, codec in (("japanese.eml", "utf-8"), ("japanese_iso_2022.eml", "iso-2022-jp")):
        found = run(eml, artefact(folder / name))
        assert found.problems == []
        assert found.table("mail_message")[0]["subject"] == "まみむめも"
        assert "\\x" not in found.texts[-1].content
        assert found.texts[-1].codec == codec
    (member,) = run(eml, artefact(folder / "japanese_attachment.eml")).members
    assert member.name == "てすと.txt"


def test_dates_without_reading_are_problems_not_guesses() -> None:
    found = run(eml, artefact(CORPUS / "mail/spec/fixtures/emails/error_emails/bad_date_header.eml"))
    assert found.table("mail_message")[0].get("sent_at") is None
    assert "sent_at" in {one.column for one in found.problems}


def test_other_text_files_are_not_taken_for_mails() -> None:
    taken = []
    for line in (CORPUS / "MANIFEST.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        cells = line.split("\t")
        if cells[7] not in ("eml", "mbox") and int(cells[1]) < 1 << 22:
            with (CORPUS / cells[0]).open("rb") as stream:
                taken += [cells[0]] if looks_like_mail(stream.read(4096)) else []
    assert taken == []
