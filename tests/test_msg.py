"""Items of Outlook from bytes: recipients, bodies in every form, items within items, contacts, damage; and RTF."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from fixtures.builders import outlook
from fixtures.builders.jump_lists import compound
from parsers.contract import ProblemKind
from parsers.formats import rtf
from parsers.mail.msg import msg
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cuts, flipped, in_child, mutants

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "mail" / "msg"
SENT = datetime(2026, 9, 28, 8, 41, 7, 250000, tzinfo=UTC)


def fixture(name: str) -> Yielded:
    return run(msg, artefact(FIXTURES / name / "item.msg"))


def test_recipients_of_every_kind_are_told_and_those_of_the_directory_apart() -> None:
    found = fixture("mail")
    assert found.problems == []
    row = found.table("mail_message")[0]
    assert (row["sender"], row["sender_name"]) == ("taro.mihon@example.co.jp", "見本 太郎")
    assert row["submitted_by"] == "clerk@example.co.jp"
    assert row["to_addresses"] == ["rei@example.net"]
    assert row["cc_addresses"] == ["somu@example.co.jp"]
    assert row["bcc_addresses"] == ["hidden@example.org"]
    assert row["directory_addresses"] == ["/o=Example/cn=Recipients/cn=eigyo"]
    assert row["recipients"] == "rei@example.net, 営業部, somu@example.co.jp, hidden@example.org"
    assert row["recipient_names"] == ["例子", "営業部", "総務部", ""]


def test_times_are_those_of_the_item_and_the_zone_that_of_its_headers() -> None:
    row = fixture("mail").table("mail_message")[0]
    assert (row["sent_at"], row["sent_offset_minutes"]) == (SENT, 540)
    assert row["delivered_at"] == SENT.replace(second=9)
    assert row["first_received_at"] == SENT.replace(second=8, microsecond=0)
    assert (row["received_count"], row["reply_to_addresses"]) == (1, ["info@example.co.jp"])
    assert (row["is_read"], row["is_unsent"]) == (True, False)


def test_bodies_are_read_with_the_encoding_stated() -> None:
    texts = {one.locator: (one.content, one.codec) for one in fixture("mail").texts}
    assert texts["0/body"] == ("髙見 様\r\n名簿をお送りします。", "utf-16-le")
    assert texts["0/body_html"] == ("髙見 様\n\n名簿①", "cp932")


def test_an_item_within_an_item_is_read_with_its_attachments() -> None:
    found = fixture("mail")
    assert [(one.locator, one.name) for one in found.members] == [
        ("0/attachment:0", "顧客一覧.csv"),
        ("0/attachment:1/attachment:0", "元の名簿.csv"),
    ]
    # Above the size from which on a stream has sectors of its own.
    assert found.members[0].content == outlook.LIST * 200
    assert found.members[1].content.decode("cp932").splitlines()[1] == "髙見 例子,03-0000-0002"
    assert [(one[1], one[3]["subject"]) for one in found.rows] == [
        ("0", "顧客リスト①㈱髙見様"),
        ("0/attachment:1", "元のメール"),
    ]


def test_a_draft_of_before_unicode_is_read_out_of_its_rtf() -> None:
    found = fixture("ansi")
    row = found.table("mail_message")[0]
    assert (row["subject"], row["is_unsent"]) == ("会議の件①", True)
    assert (row["recipients"], row["to_addresses"]) == ("髙見 例子; 営業部", [])
    assert [one.content for one in found.texts if one.segment == "body"] == ["高髙見\n03-0000-0002"]
    assert [(one.kind, one.locator) for one in found.problems] == [
        (ProblemKind.UNSUPPORTED, "0/attachment:0")
    ]


def test_a_contact_is_a_card_and_a_row_of_a_sheet() -> None:
    found = fixture("contact")
    (card,) = found.table("contact_card")
    assert card["contact_name"] == "髙見 例子"
    assert card["name_kana"] == "タカミ レイコ"
    assert card["mail_addresses"] == ["rei@example.net"]
    assert card["phone_numbers"] == ["090-0000-0002", "03-0000-0002"]
    assert card["postal_addresses"] == ["100-0000 東京都例示区見本町1-2-3"]
    assert (card["organisation"], card["job_title"]) == ("株式会社見本", "部長")
    # The instant is a midnight in Japan, one day before in UTC: the local date counts.
    assert card["birth_date"] == "1980-05-04"
    ((_, rows),) = found.sheets
    assert rows.num_rows == 1
    assert rows.column("c000").to_pylist() == ["髙見 例子"]


def test_what_is_odd_is_null_and_told() -> None:
    found = fixture("odd")
    ((_, _, status, row),) = found.rows
    assert status == "partial"
    assert row.get("sent_at") is None and row.get("delivered_at") is None and row.get("is_read") is None
    assert row["subject"] == "半\ufffd分"
    assert {(one.locator, one.column) for one in found.problems} == {
        ("0/header", "sent_at"),
        ("0", "subject"),
        ("0", "sent_at"),
        ("0/body_rtf", None),
    }


def test_members_of_a_list_are_cards(tmp_path: Path) -> None:
    head = bytes(4) + bytes.fromhex("812b1fa4bea310199d6e00dd010f5402") + b"\0\0\x01\x80"
    entry = head + "\0".join(("髙見 例子", "SMTP", "rei@example.net", "")).encode("utf-16-le")
    given: outlook.Given = {(0x001A, outlook.WIDE): "IPM.DistList", (0x8000, 0x1102): b""}
    streams = outlook.message(given) | outlook.named((0x00062004, 0x8054))
    streams["__substg1.0_80001102-00000000"] = entry
    found = run(msg, from_bytes(compound(streams), tmp_path, "list.msg"))
    (card,) = found.table("contact_card")
    assert (card["contact_name"], card["mail_addresses"]) == ("髙見 例子", ["rei@example.net"])


def test_a_compound_file_of_another_kind_is_told(tmp_path: Path) -> None:
    found = run(msg, from_bytes(compound({"Catalog": b"x"}), tmp_path, "a.msg"))
    assert [one.kind for one in found.problems] == [ProblemKind.UNRECOGNISED]
    found = run(msg, from_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", tmp_path, "a.msg"))
    assert [one.kind for one in found.problems] == [ProblemKind.DAMAGED]


def test_rtf_is_undone_as_the_specification_shows() -> None:
    # [MS-OXRTFCP] 4.1 and 4.2
    simple = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )
    assert rtf.decompressed(simple) == (b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n", None)
    crossing = bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")
    assert rtf.decompressed(crossing) == (b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}", None)
    changed = bytearray(simple)
    changed[20] ^= 1
    assert rtf.decompressed(bytes(changed))[1] is not None


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        (rb"{\rtf1\ansi\ansicpg932 \'8d\'82\'8c\'a9}", "高見"),
        (rb"{\rtf1{\fonttbl{\f0 A;}{\f1\fcharset128 B;}}\f1 \'8d\'82\f0 \'e9}", "高é"),
        (rb"{\rtf1\uc2\u-25895 ab\u-29715 cde}", "髙" + chr(65536 - 29715) + "e"),
        (rb"{\rtf1\u-10179 ?\u-8704 ?}", "😀"),
        (rb"{\rtf1 a{\*\unknown b}{\pict 00ff}\{c\}\par\tab d}", "a{c}\n\td"),
        (rb"{\rtf1}}}}} a", "a"),
        (rb"\'", ""),
    ],
)
def test_the_text_of_an_rtf(stored: bytes, text: str) -> None:
    assert rtf.text(stored)[0] == text


def damage() -> None:
    import tempfile

    whole = [one.content for one in outlook.msg_scenarios().values()]
    with tempfile.TemporaryDirectory() as folder:
        given = [one for each in whole for one in cuts(each)]
        given += [one for each in whole for one in flipped(each, 120, spare=512)]
        given += list(mutants(whole, 20260928, 200))
        for content in given:
            found = run(msg, from_bytes(content, Path(folder), "item.msg"))
            assert found.rows or found.problems
            assert len(found.rows) < 20


def rtf_damage() -> None:
    content = rtf_whole()
    for one in [*cuts(content), *mutants(content, 1, 300)]:
        rtf.text(rtf.decompressed(one)[0])
    rtf.text(b"{" * 1_000_000 + b"\\u1" * 100_000)


def rtf_whole() -> bytes:
    return outlook.rtf(rb"{\rtf1\ansi\ansicpg932{\fonttbl{\f0\fcharset128 x;}}\f0 \'8d\'82\u-25895 ?\par x}")


@pytest.mark.parametrize("call", ["damage()", "rtf_damage()"])
def test_damage_is_borne(call: str) -> None:
    in_child("tests.test_msg", call)
