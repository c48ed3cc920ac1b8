"""TNEF from bytes: recipients, attachments, a mail within a mail, checksums, damage."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from fixtures.builders import outlook
from parsers.contract import ProblemKind
from parsers.mail.tnef import tnef
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cuts, flipped, in_child, mutants

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "mail" / "tnef"


def fixture(name: str) -> Yielded:
    return run(tnef, artefact(FIXTURES / name / "winmail.dat"))


def test_a_mail_is_read_with_its_recipients_and_its_body() -> None:
    found = fixture("mail")
    assert found.problems == []
    row = found.table("mail_message")[0]
    # The subject stands only in an attribute of before MAPI.
    assert (row["subject"], row["message_class"]) == ("会議の件①", "IPM.Note")
    assert (row["sender"], row["sender_name"]) == ("taro.mihon@example.co.jp", "見本 太郎")
    assert row["sent_at"] == datetime(2026, 9, 28, 8, 41, 7, 250000, tzinfo=UTC)
    assert (row["to_addresses"], row["cc_addresses"]) == (["rei@example.net"], ["somu@example.co.jp"])
    texts = {one.locator: one.content for one in found.texts}
    assert texts["0/body_rtf"] == "高髙見"
    assert texts["0/appointment"] == "Location: 会議室①"


def test_attachments_and_those_of_a_mail_within_are_members() -> None:
    found = fixture("mail")
    assert [(one.locator, one.name, one.content) for one in found.members] == [
        ("0/attachment:0", "会員名簿.csv", outlook.LIST),
        ("0/attachment:1/attachment:0", "元の名簿.csv", outlook.LIST),
    ]
    assert [(one[1], one[3]["subject"]) for one in found.rows] == [
        ("0", "会議の件①"),
        ("0/attachment:1", "元のメール"),
    ]


def test_what_does_not_hold_is_told_and_the_rest_is_read() -> None:
    found = fixture("damaged")
    assert found.members[0].content[1:] == outlook.LIST[1:]
    told = [one.message for one in found.problems]
    assert any("checksum of attribute 800f" in one for one in told)
    assert any("are there" in one for one in told)
    assert {one.kind for one in found.problems} <= {ProblemKind.DAMAGED, ProblemKind.UNSUPPORTED}


def test_bytes_that_are_none_are_told(tmp_path: Path) -> None:
    found = run(tnef, from_bytes(b"nothing", tmp_path))
    assert [one.kind for one in found.problems] == [ProblemKind.UNRECOGNISED]
    found = run(tnef, from_bytes(outlook.tnef(b"\x07" * 20), tmp_path))
    assert [one.kind for one in found.problems] == [ProblemKind.DAMAGED]


def test_mails_within_mails_end(tmp_path: Path) -> None:
    iid = bytes.fromhex("0703020000000000c000000000000046")
    made = outlook.tnef()
    for _ in range(40):
        given: outlook.Given = {(0x3705, 3): 5, (0x3701, 0x0D): iid + made}
        made = outlook.tnef(
            outlook.attribute(0x00069002, bytes(14), is_of_attachment=True),
            outlook.attribute(0x00069005, outlook.listed(given), is_of_attachment=True),
        )
    found = run(tnef, from_bytes(made, tmp_path))
    assert len(found.rows) == 11
    assert [one.kind for one in found.problems] == [ProblemKind.LIMIT]


def damage() -> None:
    import tempfile

    whole = outlook.winmail()
    with tempfile.TemporaryDirectory() as folder:
        for one in [*cuts(whole), *flipped(whole, 200, spare=4), *mutants(whole, 20260928, 300)]:
            found = run(tnef, from_bytes(one, Path(folder)))
            assert found.rows or found.problems
            assert len(found.rows) < 20


def test_damage_is_borne() -> None:
    in_child("tests.test_tnef", "damage()")
