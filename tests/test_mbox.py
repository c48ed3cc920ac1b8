"""Mailboxes from bytes: where a message begins and ends, what is quoted, what is deleted, how much is held."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from parsers.contract import ProblemKind
from parsers.mail import mbox as module
from parsers.mail.mbox import looks_like_mbox, mbox
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cuts, in_child, mutants

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "mail" / "mbox"
FILES = {"thunderbird": "Inbox", "lengths": "Archive", "broken": "Drafts"}
LINE = b"From - Mon Sep 28 17:41:07 2026\n"


def fixture(name: str) -> Yielded:
    return run(mbox, artefact(FIXTURES / name / FILES[name]))


def read(folder: Path, content: bytes, name: str = "Inbox") -> Yielded:
    return run(mbox, from_bytes(content, folder, name))


def bodies(found: Yielded) -> list[str]:
    return [one.content for one in found.texts if one.segment == "body"]


def test_every_message_is_read_and_what_was_deleted_is_told() -> None:
    found = fixture("thunderbird")
    assert found.problems == []
    assert [(one[1], one[2]) for one in found.rows] == [
        ("offset:0", "ok"),
        ("offset:420", "recovered"),
        ("offset:758", "recovered"),
    ]
    rows = found.table("mail_message")
    assert [one["subject"] for one in rows] == ["会議の件①", "消したメール", "名簿"]
    assert [(one["is_read"], one["is_deleted"]) for one in rows] == [
        (True, False),
        (True, True),
        (False, True),
    ]
    assert rows[0]["sent_at"] == datetime(2026, 9, 28, 8, 41, 7, tzinfo=UTC)
    assert rows[2]["recipients"] == "rei@example.net, eigyo@example.co.jp"


def test_lines_lose_the_sign_that_was_put_in_front_of_them() -> None:
    assert bodies(fixture("thunderbird"))[0] == "From the desk of 髙見\n>From quoted\n以上\n\n"


def test_an_attachment_hangs_on_its_message() -> None:
    (member,) = fixture("thunderbird").members
    assert (member.name, member.locator) == ("会員名簿.csv", "offset:758/part:2")
    assert member.content.decode("cp932").splitlines()[1] == "髙見 例子,03-0000-0002"


def test_a_stated_length_that_holds_is_the_body_as_it_stands() -> None:
    found = fixture("lengths")
    assert found.problems == []
    assert bodies(found) == [
        f"一行目 {number}\n\nFrom rei@example.net Mon Sep 28 10:00:00 2026\nSubject: no mail\n\n>From as it is\n"
        for number in (1, 2)
    ]
    assert [one["is_deleted"] for one in found.table("mail_message")] == [True, True]


def test_what_is_broken_is_told_and_the_rest_is_read() -> None:
    found = fixture("broken")
    assert len(found.rows) == 2
    assert [one["to_addresses"] for one in found.table("mail_message")] == [[], ["b@example.com"]]
    assert {(one.locator, one.column) for one in found.problems} >= {
        ("offset:0/header", "is_deleted"),
        ("offset:0/header", "sent_at"),
        ("offset:158/part:0", None),
    }
    assert bodies(found)[-1] == "途中"


@pytest.mark.parametrize(
    ("between", "count"),
    [
        (b"\nFrom now on all is well\nnot a header\n", 1),
        (b"\nFrom x\nTo: a@example.com\n", 2),
        (b"From x\nTo: a@example.com\n", 1),
        (b"From x Mon Sep 28 17:41:07 2026\n", 2),
        (b"From x@y.example Mon, 28 Sep 2026 17:41:07 +0900\n", 2),
        (b"\n>From x Mon Sep 28 17:41:07 2026\n", 1),
    ],
)
def test_a_line_begins_a_message_by_its_date_or_by_what_stands_around_it(
    between: bytes, count: int, tmp_path: Path
) -> None:
    found = read(tmp_path, LINE + b"From: a@example.com\nTo: b@example.com\n\ntext\n" + between)
    assert len(found.rows) == count


def test_bytes_in_front_are_told(tmp_path: Path) -> None:
    found = read(tmp_path, b"garbage\n\n" + LINE + b"From: a@example.com\n\nx\n")
    assert [(one.kind, one.locator) for one in found.problems] == [(ProblemKind.DAMAGED, "offset:0")]
    assert [one[1] for one in found.rows] == ["offset:9"]


def test_a_message_too_large_is_a_limit_and_the_next_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST_BYTES", 100)
    one = LINE + b"Subject: large\n\n" + b"x" * 70 + b"\n" + b"y" * 70 + b"\n"
    found = read(tmp_path, one + LINE + b"Subject: small\n\nx\n")
    assert [row["subject"] for row in found.table("mail_message")] == ["small"]
    assert [(one.kind, one.locator) for one in found.problems] == [(ProblemKind.LIMIT, "offset:0")]


def test_a_mail_named_eml_is_left_to_its_own_reader(tmp_path: Path) -> None:
    found = read(tmp_path, LINE + b"From: a@example.com\n\nx\n", "mail.eml")
    assert found.rows == [] and found.problems == []


@pytest.mark.parametrize(
    ("head", "is_one"),
    [
        (LINE, True),
        (b"\xef\xbb\xbf\r\n" + LINE, True),
        (b"From 10:00 to 12:00 we met in 2026.", False),
        (b"From: a@example.com\r\n", False),
        (b"", False),
    ],
)
def test_a_mailbox_is_known_by_its_first_line(head: bytes, is_one: bool) -> None:
    assert looks_like_mbox(head) is is_one


def damage() -> None:
    import tempfile

    whole = [(FIXTURES / name / file).read_bytes() for name, file in FILES.items()]
    with tempfile.TemporaryDirectory() as folder:
        for content in [one for each in whole for one in cuts(each)] + list(mutants(whole, 20260928, 200)):
            assert len(read(Path(folder), content).rows) < 20


def many() -> None:
    """A mailbox of 300 MiB within 2 GiB of addresses, from a file that is not held."""
    import tempfile

    from pipeline.extract.parse import Content

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "Inbox"
        with file.open("wb") as out:
            for number in range(10):
                out.write(
                    LINE
                    + f"Subject: {number}\n\n".encode()
                    + b"a line of text as long as most are\n" * (30 << 15)
                )
        content = Content(path="/Inbox", size=file.stat().st_size, folder=Path(folder), spool=file)
        assert sum(one.__class__.__name__ == "Row" for one in mbox.parse(content)) == 10


@pytest.mark.parametrize("call", ["damage()", "many()"])
def test_damage_and_size_are_borne(call: str) -> None:
    in_child("tests.test_mbox", call)
