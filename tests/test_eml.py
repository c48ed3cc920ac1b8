"""Mails from bytes: Japanese headers and bodies in every form, recipients, attachments, dates, damage."""

from __future__ import annotations

import hashlib
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from parsers.contract import ProblemKind
from parsers.mail.eml import eml, looks_like_mail
from pipeline.extract.select import select
from tests.artefacts import Yielded, artefact, from_bytes, run

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "mail" / "eml"
SCENARIOS = sorted(one.name for one in FIXTURES.iterdir())
SENT = datetime(2026, 9, 28, 8, 41, 7, tzinfo=UTC)
MUTANTS = 250


def fixture(name: str) -> Yielded:
    return run(eml, artefact(FIXTURES / name / "mail.eml"))


def row(found: Yielded) -> dict[str, object]:
    (only,) = found.table("mail_message")
    return only


def read(folder: Path, *lines: str | bytes) -> Yielded:
    raw = b"\r\n".join(one if isinstance(one, bytes) else one.encode() for one in lines)
    return run(eml, from_bytes(raw, folder, "mail.eml"))


def test_iso_2022_jp_with_vendor_signs_and_half_width_kana_is_read_as_written() -> None:
    found = fixture("iso-2022-jp")
    assert found.problems == []
    told = row(found)
    assert told["subject"] == "顧客リスト①㈱髙見様ｶﾅ"
    assert (told["sender"], told["sender_name"]) == ("taro.mihon@example.co.jp", "見本 太郎")
    assert told["to_addresses"] == ["rei@example.net", "info@example.net"]
    assert told["cc_addresses"] == ["eigyo@example.co.jp"]
    assert told["bcc_addresses"] == ["hidden@example.org"]
    assert told["recipients"] == "rei@example.net, info@example.net, eigyo@example.co.jp, hidden@example.org"
    assert told["recipient_names"] == ["髙見①", "Example, Inc.", "営業部", ""]
    assert (told["sent_at"], told["sent_offset_minutes"]) == (SENT, 540)
    assert (told["received_count"], told["first_received_at"]) == (2, SENT.replace(second=9))
    assert [(one.segment, one.codec) for one in found.texts] == [
        ("subject", "iso-2022-jp"),
        ("body", "iso-2022-jp"),
    ]
    assert "髙見 様" in found.texts[1].content
    assert "①の件、㈱例のリストをお送りします。ﾖﾛｼｸ。" in found.texts[1].content


def test_an_attachment_keeps_its_name_and_bytes() -> None:
    (member,) = fixture("iso-2022-jp").members
    assert (member.name, member.locator, member.media_type) == ("顧客一覧.csv", "part:2", "text/csv")
    assert member.content.decode("cp932").splitlines()[2] == "髙見 例子,03-0000-0002"


def test_a_wrong_label_does_not_win_over_the_bytes() -> None:
    found = fixture("mislabelled")
    assert found.problems == []
    assert row(found)["subject"] == "会員名簿の送付"
    assert [(one.content, one.codec) for one in found.texts[1:]] == [("会員名簿をお送りします。①②", "cp932")]


def test_raw_iso_2022_jp_in_headers_is_decoded_before_it_is_cut_at_commas() -> None:
    found = fixture("mislabelled")
    assert (row(found)["recipients"], row(found)["recipient_names"]) == ("rei@example.net", ["例子、様"])
    assert [one.name for one in found.members] == ["会員「名簿」、最新.txt"]


def test_a_date_without_a_zone_is_wall_clock_alone() -> None:
    told = row(fixture("mislabelled"))
    assert told["sent_at"] is None
    assert told["sent_local"] == SENT.replace(second=0, tzinfo=None)


def test_parts_within_parts_come_in_order_with_their_numbers() -> None:
    found = fixture("nested")
    assert found.problems == []
    assert [(one.segment, one.locator, one.content) for one in found.texts[:3]] == [
        ("subject", "header", "転送 of メー"),
        ("body", "part:1.1.1", "本文 end"),
        ("body_html", "part:1.1.2", "本文&髙い\n\n氏名\t例子"),
    ]
    assert (found.texts[3].segment, found.texts[3].locator) == ("delivery_status", "part:3")
    assert [(one.name, one.locator, one.is_inline) for one in found.members] == [
        ("part-1.2", "part:1.2", True),
        ("part-2.eml", "part:2", False),
    ]
    told = row(found)
    assert (told["attachment_count"], told["attachment_names"]) == (1, ["part-2.eml"])
    assert told["recipients"] == "a@example.net, b@example.net, c@example.net"
    assert told["recipient_names"] == ["", "B, b", "C c"]
    assert told["reference_ids"] == ["zero@example.com", "first@example.com"]
    assert (told["sent_at"], told["submitted_by"]) == (SENT, "clerk@example.co.jp")


def test_an_attached_mail_is_a_mail_again_byte_for_byte(tmp_path: Path) -> None:
    inner = fixture("nested").members[1]
    assert looks_like_mail(inner.content)
    assert row(run(eml, from_bytes(inner.content, tmp_path)))["message_id"] == "inner@example.com"
    raw = (FIXTURES / "nested" / "mail.eml").read_bytes()
    assert inner.content in raw


def test_what_is_broken_is_told_and_the_rest_is_read() -> None:
    found = fixture("broken")
    assert found.rows[0][2] == "partial"
    assert row(found).get("sent_at") is None
    assert "壊れ" in str(row(found)["subject"])
    assert found.texts[-1].content == "壊れた本文\\xffです。この文は長く続き、読めないバイトは一つだけです。"
    assert found.members[0].content == bytes(range(12))
    assert {one.column for one in found.problems} == {"sent_at", "first_received_at", "subject", None}
    assert {one.locator for one in found.problems} == {"header", "part:0", "part:1", "part:2"}
    assert {one.kind for one in found.problems} == {ProblemKind.DAMAGED}


@pytest.mark.parametrize(
    ("date", "sent"),
    [
        ("Mon, 28 Sep 2026 17:41:07 +0900", SENT),
        ("28 Sep 26 08:41:07 GMT", SENT),
        ("Mon, 28 Sep 2026 17:41:07 JST", SENT),
        ("Mon, 28 Sep 2026 08:41:07 -0000", SENT),
        ("Mon, 28 Sep 2026 04:41:07 EDT", SENT),
        ("Mon, 28 Sep 2026 17:41:60 +0900", SENT.replace(second=59)),
        ("Mon, 28 Sep 2026 17:41:07", None),
        ("Mon, 28 Sep 2026 17:41:07 XYZ", None),
    ],
)
def test_dates_are_instants_only_with_a_known_zone(date: str, sent: datetime | None, tmp_path: Path) -> None:
    found = read(tmp_path, "From: a@example.com", f"Date: {date}", "", "x")
    assert found.problems == []
    assert row(found)["sent_at"] == sent
    assert row(found)["sent_local"] is not None


@pytest.mark.parametrize(
    "date",
    [
        "yesterday",
        "Mon, 30 Feb 2026 00:00:00 +0900",
        "31 Dec 9999 23:00:00 -2300",
        "9" * 50_000,
        "1 Jan 2026 00:00 +99999",
    ],
)
def test_dates_that_are_none_are_null_and_a_problem_naming_the_column(date: str, tmp_path: Path) -> None:
    found = read(tmp_path, "From: a@example.com", f"Date: {date}", "", "x")
    assert row(found).get("sent_at") is None
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, "sent_at")]
    assert len(found.problems[0].message) < 300


def test_a_sign_cut_in_two_by_encoded_words_is_joined(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "From: a@example.com",
        "Subject: =?UTF-8?B?5a+/5Y8=?=",
        " =?utf-8?B?uA==?= =?us-ascii?Q?_end?=",
        "",
        "",
    )
    assert row(found)["subject"] == "寿司 end"


@pytest.mark.parametrize(
    ("value", "addresses", "names"),
    [
        ('"=?iso-2022-jp?B?GyRCTmM7UhsoQg==?=" <REI@Example.net>', ["rei@example.net"], ["例子"]),
        ("root, a@example.com", ["root", "a@example.com"], ["", ""]),
        ("undisclosed-recipients:;", [], []),
        (
            "Team: a@b.example, C <c@d.example>; e@f.example",
            ["a@b.example", "c@d.example", "e@f.example"],
            ["", "C", ""],
        ),
        (
            '"Doe, \\"J\\" (x)" <j@example.com>, k@example.com (K (nested))',
            ["j@example.com", "k@example.com"],
            ['Doe, "J" (x)', "K (nested)"],
        ),
        ("<@a.example,@b.example:c@example.com>", ["c@example.com"], [""]),
        ("=?utf-8?B?5L6L5a2QIDxyZWlAZXhhbXBsZS5uZXQ+?=", ["rei@example.net"], ["例子"]),
        ("Taro Mihon", [], ["Taro Mihon"]),
        ("<broken@example.com", ["broken@example.com"], [""]),
    ],
)
def test_addresses_are_bare_and_lower_case(
    value: str, addresses: list[str], names: list[str], tmp_path: Path
) -> None:
    told = row(read(tmp_path, "From: a@example.com", f"To: {value}", "", ""))
    assert (told["to_addresses"], told["recipient_names"]) == (addresses, names)


@pytest.mark.parametrize(
    ("charset", "raw", "text", "codec"),
    [
        ("shift_jis", "髙橋①".encode("cp932"), "髙橋①", "cp932"),
        ("euc-jp", "顧客の名簿".encode("euc_jp"), "顧客の名簿", "euc_jp"),
        ("utf-8", "顧客の名簿です。".encode("cp932"), "顧客の名簿です。", "cp932"),
        ("us-ascii", "顧客の名簿".encode(), "顧客の名簿", "utf-8"),
        ("iso-8859-1", "Frösche für".encode("latin-1"), "Frösche für", "cp1252"),
        ("x-unknown", "顧客の名簿です".encode("cp932"), "顧客の名簿です", "cp932"),
        ("punycode", b"abc", "abc", "ascii"),
        ("iso-2022-jp", b"\x1b$B8\\5R\r\nnext line", "顧客\r\nnext line", "iso-2022-jp"),
        ("utf-16", "名簿".encode("utf-16"), "名簿", "utf-16"),
    ],
)
def test_bodies_are_decoded_as_labelled_where_the_bytes_agree(
    charset: str, raw: bytes, text: str, codec: str, tmp_path: Path
) -> None:
    found = read(tmp_path, "From: a@example.com", f"Content-Type: text/plain; charset={charset}", "", raw)
    assert found.problems == []
    assert [(one.content, one.codec) for one in found.texts] == [(text, codec)]


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p>a<br>b</p><p>c</p>", "a\nb\n\nc"),
        ("<table><tr><th>氏名<td>住所</table>", "氏名\t住所"),
        ('<a title="x>y" href=z>link</a> &lt;b&gt; &#39640;', "link <b> 高"),
        ("<SCRIPT>if (a<b) x</SCRIPT ><style>p{}</style>shown<script>never closed", "shown"),
        ("<!-- hidden <p> -->a<![if !mso]>b<![endif]>c<?xml x?>d<!-- never closed", "abcd"),
        ("1 < 2 <3 and <a 'unclosed>kept", "1 < 2 <3 and kept"),
        ("a<b", "a"),
    ],
)
def test_a_page_gives_the_text_it_shows(page: str, text: str, tmp_path: Path) -> None:
    found = read(tmp_path, "From: a@example.com", "Content-Type: text/html; charset=utf-8", "", page)
    assert [(one.segment, one.content) for one in found.texts] == [("body_html", text)]


def test_uuencoded_parts_are_decoded(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "From: a@example.com",
        "Content-Type: application/octet-stream; name=a.txt",
        "Content-Transfer-Encoding: x-uuencode",
        "",
        "begin 644 a.txt",
        "#:&EI",
        "`",
        "end",
    )
    assert found.members[0].content == b"hii"


def test_encrypted_parts_are_told_as_locked(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "From: a@example.com",
        "Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m",
        "Content-Transfer-Encoding: base64",
        "",
        "MIAG",
    )
    assert [one.kind for one in found.problems] == [ProblemKind.LOCKED]
    assert [one.name for one in found.members] == ["smime.p7m"]


def test_names_of_attachments_are_kept_as_stored_however_hostile(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "From: a@example.com",
        'Content-Disposition: attachment; filename="../../etc/=cmd()\t.csv"',
        "",
        "x",
    )
    assert [one.name for one in found.members] == ["../../etc/=cmd()\t.csv"]


def test_a_mail_nested_without_end_is_a_limit_not_a_crash(tmp_path: Path) -> None:
    lines = ["From: a@example.com"]
    for depth in range(200):
        lines += [f"Content-Type: multipart/mixed; boundary=b{depth}", "", f"--b{depth}"]
    found = read(tmp_path, *lines, "", "x")
    assert ProblemKind.LIMIT in {one.kind for one in found.problems}


def test_many_parts_are_a_limit(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "From: a@example.com",
        "Content-Type: multipart/mixed; boundary=b",
        "",
        *["--b\r\n\r\nx"] * 10_050,
        "--b--",
    )
    assert [one.kind for one in found.problems] == [ProblemKind.LIMIT]


def test_large_and_hostile_mails_are_read_in_time_that_grows_with_their_size(tmp_path: Path) -> None:
    hostile = (
        b"Subject: " + b"=?utf-8?q?a?= " * 50_000,
        b"To: " + b"(" * 200_000,
        b"To: " + b"a@example.com, " * 50_000,
        b"To: " + b"<" * 200_000,
        b"Content-Type: multipart/mixed; boundary=" + b"x" * 100_000,
        b"Content-Type: text/plain; " + b"a*0=b;" * 5_000,
        b"Content-Type: text/html\r\n\r\n" + b"<![" * 100_000,
        b"Content-Type: text/html\r\n\r\n" + b"<a " * 100_000,
        b"Content-Type: text/html\r\n\r\n" + b"<a \"'" * 100_000,
        b"Content-Type: text/html\r\n\r\n" + b"<script></script " * 100_000,
        b"Content-Type: text/html\r\n\r\n" + b" \t" * 200_000 + b"x",
        b"Content-Type: text/html\r\n\r\n" + b"\n" * 200_000 + b"x",
        b"Content-Type: text/html\r\n\r\n" + b"<!--" * 50_000,
        b"Date: " + b"1 " * 100_000,
        b"References: " + b"<" * 200_000,
        b"X: y\r\n" * 100_000,
    )
    for line in hostile:
        began = time.monotonic()
        run(eml, from_bytes(b"From: a@example.com\r\n" + line + b"\r\n\r\nx", tmp_path))
        assert time.monotonic() - began < 20, line[:60]


@pytest.mark.parametrize(
    ("head", "is_mail"),
    [
        (b"Received: by x\r\n\tfor y\r\nFrom: a@example.com\r\n\r\nbody", True),
        (b"\xef\xbb\xbfMIME-Version: 1.0\nSubject: x\n\n", True),
        (b"From: a@example.com\r\n\r\nTo: b@example.com", False),
        (b"Name: x\nAge: 3\n\n", False),
        (b"Dear all,\nFrom: a\nTo: b\n", False),
        (b"From a@example.com Mon Sep 28 2026\nFrom: a\nTo: b\n", False),
        (b"name,address\r\nFrom:,To:\r\n", False),
        (b"", False),
        (b"\x00\x01From: a\nTo: b\n", False),
    ],
)
def test_a_mail_is_told_by_two_known_header_lines(head: bytes, is_mail: bool) -> None:
    assert looks_like_mail(head) == is_mail


def test_files_named_eml_need_one_header_and_others_two() -> None:
    def verdict(path: str, head: bytes) -> tuple[bool, bool]:
        found = select([eml], path, head)
        return bool(found.chosen), bool(found.refused)

    assert verdict("/a.eml", b"Subject: x\r\n\r\n") == (True, False)
    assert verdict("/a.eml", b"From a@example.com Mon\nSubject: x\n\n") == (True, False)
    assert verdict("/a.eml", b"PK\x03\x04") == (False, True)
    assert verdict("/a.txt", b"Subject: x\r\n\r\n") == (False, False)
    assert verdict("/a.txt", b"Subject: x\r\nTo: y\r\n\r\n") == (True, False)


@pytest.mark.parametrize("content", [b"", b"\r\n\r\n", b"x", b"\x00" * 5000, b":" * 100])
def test_what_is_no_mail_is_a_problem(content: bytes, tmp_path: Path) -> None:
    found = run(eml, from_bytes(content, tmp_path))
    assert ProblemKind.UNRECOGNISED in {one.kind for one in found.problems}


def damage(seed: int) -> None:
    """Read mutants of every fixture: cut, flipped, doubled, spliced. Runs in a child of the test."""
    chance = random.Random(seed)
    kept = [(FIXTURES / name / "mail.eml").read_bytes() for name in SCENARIOS]
    with tempfile.TemporaryDirectory() as place:
        for number in range(MUTANTS):
            content = bytearray(chance.choice(kept))
            for _ in range(chance.randint(1, 20)):
                index, width = chance.randrange(len(content)), chance.randint(1, 60)
                match chance.randrange(5):
                    case 0:
                        content[index] ^= 1 << chance.randrange(8)
                    case 1:
                        content[index : index + 2] = chance.choice(
                            (b"\x1b$", b"=?", b"\r\n", b"\0\0", b"--", b'"(')
                        )
                    case 2:
                        del content[index : index + width]
                    case 3:
                        content[index:index] = content[index : index + width]
                    case _:
                        content[index:index] = chance.randbytes(width // 4 + 1)
                content = content or bytearray(b"F")
            found = run(eml, from_bytes(bytes(content), Path(place)))
            assert len(found.rows) == 1, (seed, number)
            assert sum(len(one.content) for one in found.members) <= len(content), (seed, number)
            for one in found.texts:
                one.content.encode("utf-8")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_damaged_mails_give_problems_and_never_raise_hang_or_grow(seed: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"from tests.test_eml import damage; damage({seed})"],
        cwd=Path(__file__).resolve().parent.parent,
        timeout=90,
        check=False,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30)),
    )
    assert done.returncode == 0, f"seed {seed}: {done.stderr[-2000:]}"


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_same_bytes_give_the_same_yields(name: str) -> None:
    first, second = (repr(list(eml.parse(artefact(FIXTURES / name / "mail.eml")))) for _ in range(2))
    assert hashlib.sha256(first.encode()).digest() == hashlib.sha256(second.encode()).digest()
