"""Words found in mails and texts are tried on locked files where a ruling allows it; the word itself is told nowhere."""

from __future__ import annotations

import inspect
import io
import re
import shutil
from email.message import EmailMessage
from pathlib import Path

import openpyxl
import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from fixtures.builders import archives as builder
from fixtures.persons import persons
from parsers import all_parsers
from pipeline import again, verify
from pipeline.custody.log import read
from pipeline.extract.found_passwords import OPENERS
from pipeline.extract.password_words import words
from tests.whole_case import ask, digests, rows, run_case

PEOPLE = persons(60, seed=91)
OF_MAIL, OF_BOOK = "Mihon#8842-zip", "kagi-Mihon_0917"
RULING = (
    '[[ruling]]\non = "passwords:found"\ndecision = "try"\nreason = "依頼者の承諾を得た"\nby = "鑑識 担当"\n'
)
LIST_SUBJECT = b"Subject: =?utf-8?b?5ZCN57C/44Gu6YCB5LuY?="
HEAD = '[case]\nnumber = "P"\nexaminer = "鑑識 担当"\n'
ITEM = '[[evidence]]\nid = "pc"\npath = "evidence/pc"\nrole = "leaked_medium"\n'


def table(part: list) -> list[list[str]]:
    return [["氏名", "電話番号", "メールアドレス"]] + [
        [f"{one.surname} {one.given}", "-".join(one.phone), one.email] for one in part
    ]


def roster() -> bytes:
    return "\r\n".join(",".join(row) for row in table(PEOPLE[:40])).encode("cp932") + b"\r\n"


def book(password: str) -> bytes:
    plain, out = io.BytesIO(), io.BytesIO()
    made = openpyxl.Workbook()
    for row in table(PEOPLE[40:]):
        made.active.append(row)
    made.save(plain)
    OOXMLFile(plain).encrypt(password, out)
    return out.getvalue()


def mail(body: str, number: int, answers: int | None = None, attached: bytes = b"") -> bytes:
    one = EmailMessage()
    one["From"], one["To"] = "sato@example.co.jp", "suzuki@example.jp"
    one["Subject"], one["Date"] = "名簿の送付", f"Tue, 3 Feb 2026 10:{number:02d}:00 +0900"
    one["Message-ID"] = f"<{number}@example.co.jp>"
    if answers is not None:
        one["In-Reply-To"] = f"<{answers}@example.co.jp>"
    one.set_content(body, charset="utf-8", cte="8bit")
    if attached:
        one.add_attachment(attached, "application", "zip", filename="list.zip")
    return one.as_bytes()


def case_of(folder: Path, ruling: str = RULING, **further: bytes) -> Path:
    root = folder / "case"
    place = root / "evidence" / "pc"
    (place / "mail").mkdir(parents=True)
    (place / "docs").mkdir()
    locked = builder.zip_aes("list.csv", roster(), OF_MAIL.encode())
    (place / "mail" / "1.eml").write_bytes(mail("名簿をお送りします。", 1, attached=locked))
    (place / "mail" / "2.eml").write_bytes(mail(f"解凍パスワード:{OF_MAIL} です。", 2, answers=1))
    (place / "docs" / "members.xlsx").write_bytes(book(OF_BOOK))
    (place / "docs" / "memo.txt").write_text(f"会員名簿\r\nPW: {OF_BOOK}\r\n", encoding="cp932")
    for name, content in further.items():
        (place / name.replace("__", ".")).write_bytes(content)
    (root / "case.toml").write_text(HEAD + ITEM + ruling, encoding="utf-8")
    return root


def opened(root: Path) -> list[dict]:
    return [
        dict(one.params) for one in read(root).records if one is not None and one.action == "password_found"
    ]


def spoken(root: Path) -> set[str]:
    """Tables and folders in which one of the words stands, in any file of the case that is not evidence."""
    found = set()
    for file in (
        one for one in root.rglob("*") if one.is_file() and "evidence" not in one.relative_to(root).parts[:1]
    ):
        if any(word.encode() in file.read_bytes() for word in (OF_MAIL, OF_BOOK)):
            found.add(file.relative_to(root).parts[0])
    for name, content in rows(root).items():
        if any(word in row for word in (OF_MAIL, OF_BOOK) for row in content):
            found.add(name)
    # The text itself stands in `tables`, as it does in the evidence.
    return found - {"tables"}


def test_without_a_ruling_nothing_is_tried_and_the_locked_files_say_that_there_are_words(
    tmp_path: Path,
) -> None:
    root = case_of(tmp_path, ruling="")
    run_case(root)
    assert ask(root, "SELECT count(*) FROM sheet") == [(0,)]
    told = ask(
        root, "SELECT path, message FROM problem WHERE parser = 'pipeline/extract/found_passwords' ORDER BY 1"
    )
    assert [path for path, _ in told] == ["/docs/members.xlsx", "/mail/1.eml//list.zip"]
    assert all("stand in 2 texts" in message and "passwords:found" in message for _, message in told)
    assert ask(root, "SELECT count(*) FROM found_password") == [(0,)]
    assert not opened(root)
    assert spoken(root) <= {"text"}
    assert "stand in 2 texts" in (root / "report" / "report.html").read_text(encoding="utf-8")
    assert verify.verify(root, again=again.CHECKS).is_intact


def test_with_a_ruling_they_open_what_is_locked(tmp_path: Path) -> None:
    root = case_of(tmp_path)
    run_case(root)
    assert ask(root, "SELECT count(*) FROM problem") == [(0,)]
    assert ask(root, "SELECT sum(row_count) FROM sheet") == [(len(PEOPLE),)]
    assert ask(root, "SELECT DISTINCT path FROM file_entry JOIN sheet USING (entry_id) ORDER BY 1") == [
        ("/docs/members.xlsx//members.xlsx",),
        ("/mail/1.eml//list.zip//list.csv",),
    ]
    # The nearest first: the mail that answers, the note in the same folder.
    first = ask(
        root,
        "SELECT k.path, t.path, p.nearness FROM found_password p JOIN file_entry k USING (entry_id) "
        "JOIN file_entry t ON t.entry_id = p.text_entry_id WHERE p.try_number = 0 ORDER BY 1",
    )
    assert first == [
        ("/docs/members.xlsx", "/docs/memo.txt", "folder"),
        ("/mail/1.eml//list.zip", "/mail/2.eml", "thread"),
    ]
    told = opened(root)
    by_text = {one["text"].partition("/")[2]: one for one in told}
    assert len(told) == 2 and all(len(one["seal"]) == 32 for one in told)
    texts = dict(ask(root, "SELECT entry_id, path FROM file_entry"))
    assert {texts[one] for one in by_text} == {"/docs/memo.txt", "/mail/2.eml"}
    assert {texts[one["entry"].partition("/")[2]] for one in told} == {
        "/docs/members.xlsx",
        "/mail/1.eml//list.zip",
    }
    assert spoken(root) == {"text"}
    found = verify.verify(root, again=again.CHECKS)
    assert found.is_intact, [one for one in found.checks if one.passed is False]
    assert found.is_complete


def test_a_second_run_changes_no_byte(tmp_path: Path) -> None:
    root = case_of(tmp_path)
    run_case(root)
    before = digests(root)
    assert run_case(root).steps_done == 0
    assert digests(root) == before


def test_a_ruling_that_is_given_or_taken_back_holds_from_the_next_run_on(tmp_path: Path) -> None:
    first = case_of(tmp_path / "first")
    never, changed = tmp_path / "never", tmp_path / "changed"
    for root in (never, changed):  # locking a file again would give other bytes
        shutil.copytree(first, root)
        (root / "case.toml").write_text(HEAD + ITEM, encoding="utf-8")
    for root in (never, first, changed):
        run_case(root, "ingest")
    toml = changed / "case.toml"
    toml.write_text(HEAD + ITEM + RULING, encoding="utf-8")
    run_case(changed, "ingest")
    kept = {"text", "sheet", "problem", "found_password", "entry_content", "file_entry", "document"}
    assert {name: one for name, one in rows(changed).items() if name in kept} == {
        name: one for name, one in rows(first).items() if name in kept
    }
    toml.write_text(HEAD + ITEM, encoding="utf-8")
    run_case(changed, "ingest")
    assert {name: one for name, one in rows(changed).items() if name in kept} == {
        name: one for name, one in rows(never).items() if name in kept
    }
    assert verify.verify(changed, again={8: again.parsing}).is_intact


def test_a_part_that_is_lost_is_made_again(tmp_path: Path) -> None:
    root = case_of(tmp_path)
    run_case(root, "ingest")
    before = rows(root)
    for table_name in ("text", "found_password"):
        for file in (root / "tables" / table_name).rglob("*.parquet"):
            file.unlink()
        run_case(root, "ingest")
        assert rows(root) == before
    assert verify.verify(root, again={8: again.parsing}).is_intact


def test_what_is_within_an_opened_file_is_tried_with_the_same_words_and_a_wrong_word_leaves_it_locked(
    tmp_path: Path,
) -> None:
    inner = builder.zip_aes("inner.csv", roster(), OF_BOOK.encode())
    root = case_of(
        tmp_path,
        outer__zip=builder.zip_aes("inner.zip", inner, OF_MAIL.encode()),
        other__7z=builder.seven(("list.csv", roster()), password="never-said"),
    )
    run_case(root, "ingest")
    assert ask(root, "SELECT count(*) FROM file_entry WHERE path = '/outer.zip//inner.zip//inner.csv'") == [
        (1,)
    ]
    assert ask(root, "SELECT DISTINCT kind, path FROM problem") == [("locked", "/other.7z")]
    assert len(opened(root)) == 4


def test_in_a_mailbox_the_mail_itself_is_nearest_and_its_day_nearer_than_other_days(tmp_path: Path) -> None:
    locked = builder.zip_aes("list.csv", roster(), OF_MAIL.encode())
    mails = [
        mail("PW: Of-another-day", 1)
        .replace(b"3 Feb 2026", b"9 Feb 2026")
        .replace(LIST_SUBJECT, b"Subject: a"),
        mail("PW: Of-this-day", 2).replace(LIST_SUBJECT, b"Subject: b"),
        mail(f"PW: {OF_MAIL}", 3, attached=locked),
    ]
    box = b"".join(b"From a@example.jp Tue Feb  3 10:00:00 2026\n" + one + b"\n" for one in mails)
    root = case_of(tmp_path, box__mbox=box)
    run_case(root, "ingest")
    told = ask(
        root,
        "SELECT p.nearness, p.text_locator FROM found_password p JOIN file_entry k USING (entry_id) "
        "WHERE k.path LIKE '/box.mbox//%' ORDER BY p.try_number",
    )
    assert told == [
        ("same_file", "offset:561/part:1"),
        ("thread", "part:1"),
        ("day", "offset:282/part:1"),
        ("folder", "offset:0/part:1"),
        ("case", "line:1"),
    ]
    assert ask(root, "SELECT count(*) FROM problem") == [(0,)]


def test_those_that_try_passwords_are_known() -> None:
    trying = {
        one.full_name
        for one in all_parsers()
        if re.search(
            r"artefact\.passwords|_Passwords\(artefact\)|import opened\b",
            inspect.getsource(inspect.getmodule(one.parse)),
        )
    }
    assert trying == set(OPENERS)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("解凍パスワード: Mihon-2026", "Mihon-2026"),
        ("添付ファイルの解凍パスワードは「見本-2026」です。", "見本-2026"),
        ("PW:Abc123.", "Abc123"),
        ("パスワードは以下の通りです。\r\n\r\n  aB3$kk9!\r\n\r\n以上", "aB3$kk9"),
        ("Password: hunter2, please", "hunter2"),
        ("PW:見本2026 よろしく", "見本2026"),
        ("ﾊﾟｽﾜｰﾄﾞ【Zx9(kk)】", "Zx9(kk"),
        ("開封には ABCD を", "ABCD"),
        ("compass: northwest", None),
        ("パスワード:abc", None),
        ("パスワード:" + "A" * 65, None),
        ("パスワード" + "あ" * 40 + " Mihon-2026", None),
        ("passage to Mihon-2026", None),
        ("PW https://example.com/a", None),
    ],
)
def test_words_are_those_behind_a_word_for_a_password(text: str, first: str | None) -> None:
    found = words(text)
    assert (found[0] if found else None) == first
    assert all(4 <= len(one) <= 64 and one in text for one in found)


def test_words_are_distinct_and_no_more_than_200_of_a_text() -> None:
    assert words("PW: Mihon-1\n" * 9) == ("Mihon-1",)
    assert len(words("".join(f"PW: Mihon-{number:04d}\n" for number in range(900)))) == 200
    assert words("pass" * 200_000) == ()
    assert words("PW:" + "「" * 100_000) == ()
