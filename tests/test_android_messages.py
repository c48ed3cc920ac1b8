"""Messages of Android from bytes: who wrote what to whom, files, encodings of subjects, the log, odd rows, damage."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from fixtures.builders import android as builder
from fixtures.builders.sqlite import Change, build
from fixtures.persons import persons
from parsers.contract import ProblemKind
from parsers.phones.android_messages import PHONE_MESSAGE, android_messages
from tests.artefacts import Yielded, artefact, from_bytes, run

PLACE = builder.FOLDER / "android_messages" / "with-log" / "mmssms.db"
ONE, TWO = ("".join(one.phone) for one in persons(2, seed=53))
AT = datetime(2026, 9, 28, 2, 40, 0, 123000, tzinfo=UTC)


def fixture() -> Yielded:
    return run(android_messages, artefact(PLACE, **{"-wal": PLACE.with_name("mmssms.db-wal")}))


def by_place() -> dict[str, dict[str, object]]:
    return {locator: values for _, locator, _, values in fixture().rows}


def made(folder: Path, *statements: builder.Statement) -> Yielded:
    content, _ = build(builder.MESSAGES, Change(statements=statements))
    return run(android_messages, from_bytes(content, folder, "mmssms.db"))


def test_what_came_in_has_sender_and_both_times() -> None:
    row = by_place()["sms#1"]
    assert (row["message_kind"], row["message_folder"]) == ("sms", "inbox")
    assert (row["sender"], row.get("recipients")) == (ONE, None)
    assert (row["sent_at"], row["stored_at"]) == (AT, AT + timedelta(seconds=2))
    assert row["message_text"] == "名簿は届きましたか\n返事は taro@mail.example へ"
    assert (row["first_line"], row["is_read"]) == ("名簿は届きましたか", True)
    assert (row["conversation_id"], row["conversation_addresses"]) == ("1", [ONE])
    assert row["service_centre"] == "+819000000000"


def test_what_was_sent_has_recipient_and_the_telephone_s_time() -> None:
    row = by_place()["sms#2"]
    assert (row["message_folder"], row.get("sender"), row["recipients"]) == ("sent", None, ONE)
    assert row["sent_at"] == row["stored_at"] == AT + timedelta(minutes=1)
    assert (row["delivery_state"], row["written_by"]) == ("complete", "com.android.mms")


def test_drafts_and_what_failed_were_not_sent() -> None:
    rows = by_place()
    draft, failed = rows["sms#3"], rows["sms#5"]
    assert (draft["message_folder"], draft["sent_at"], draft["stored_at"]) == (
        "draft",
        None,
        AT + timedelta(seconds=90),
    )
    assert (failed["message_folder"], failed["sent_at"], failed["delivery_state"]) == (
        "failed",
        None,
        "failed",
    )
    assert (failed["message_text"], failed["first_line"]) == (None, None)


def test_a_multimedia_message_has_people_subject_text_and_files() -> None:
    row = by_place()["pdu#8"]
    assert (row["message_kind"], row["message_folder"]) == ("mms", "inbox")
    assert (row["sender"], row["recipients"]) == (ONE, TWO)
    assert (row["message_subject"], row["first_line"], row["message_text"]) == (
        "名簿の件",
        "名簿の件",
        "添付します",
    )
    assert row["attachment_names"] == ["名簿.xls", "PART_2"]
    folder = "/data/user_de/0/com.android.providers.telephony/app_parts"
    assert row["attachment_paths"] == [f"{folder}/PART_1759027200123_名簿.xls", f"{folder}/PART_2"]
    assert (row["sent_at"], row["stored_at"]) == (
        AT.replace(microsecond=0),
        AT.replace(microsecond=0) + timedelta(seconds=9),
    )
    assert row["conversation_addresses"] == [ONE, TWO]


def test_the_log_is_read_and_every_text_is_told() -> None:
    found = fixture()
    assert by_place()["sms#6"]["message_text"] == "追伸"
    without = run(android_messages, artefact(PLACE))
    assert "sms#6" not in {locator for _, locator, _, _ in without.rows}
    assert [(one.locator, one.segment) for one in found.texts] == [
        (place, "message") for place in ("sms#1", "sms#2", "sms#3", "sms#6", "pdu#8", "pdu#70")
    ]
    assert found.texts[0].content == "名簿は届きましたか\n返事は taro@mail.example へ"


def test_odd_rows_are_kept_and_told() -> None:
    found = fixture()
    assert [(one.kind, one.locator, one.column) for one in found.problems] == [
        (ProblemKind.DAMAGED, "threads#2", None),
        (ProblemKind.DAMAGED, "sms#4", "stored_at"),
        (ProblemKind.DAMAGED, "sms#4", "message_text"),
        (ProblemKind.DAMAGED, "addr#6", None),
        (ProblemKind.DAMAGED, "pdu", None),
    ]
    rows = by_place()
    odd = rows["sms#4"]
    assert (odd["message_folder"], odd["message_text"], odd["conversation_addresses"]) == ("99", None, [ONE])
    assert (odd.get("sender"), odd.get("recipients")) == (None, None)
    assert rows["pdu#70"]["message_text"] == "持ち主のない文"


def test_the_question_leaves_drafts_and_reports_out() -> None:
    (answer,) = PHONE_MESSAGE.answers
    rows = [{"at_place": locator, **values} for locator, values in by_place().items()]
    listed = pa.Table.from_pylist(
        [{name: one.get(name) for name in ("at_place", "message_folder", "message_kind")} for one in rows]
    )
    connection = duckdb.connect()
    connection.register("listed", listed)
    said = connection.execute(f"SELECT at_place FROM listed WHERE {answer.where} ORDER BY 1").fetchall()  # noqa: S608
    assert [one for (one,) in said] == [
        "pdu#70",
        "pdu#8",
        "pdu#9",
        "sms#1",
        "sms#2",
        "sms#4",
        "sms#5",
        "sms#6",
    ]


@pytest.mark.parametrize(
    ("number", "codec", "told"),
    [(106, "utf-8", "件名"), (17, "cp932", "①髙橋"), (39, "iso-2022-jp", "件名"), (18, "euc_jp", "件名"), (1000, "utf-16-be", "件名"), (4, "latin-1", "été")],
)  # fmt: skip
def test_subjects_in_the_encodings_of_japan(number: int, codec: str, told: str, tmp_path: Path) -> None:
    kept = told.encode(codec).decode("latin-1")
    found = made(tmp_path, builder.insert("pdu", _id=1, sub=kept, sub_cs=number, msg_box=1, m_type=132))
    assert found.table("android_message")[0]["message_subject"] == told


def test_subjects_kept_as_they_read_and_of_unknown_encodings(tmp_path: Path) -> None:
    found = made(
        tmp_path,
        builder.insert("pdu", _id=1, sub="件名", sub_cs=106, m_type=130),
        builder.insert("pdu", _id=2, sub="abc", sub_cs=9999),
        builder.insert("pdu", _id=3, sub="abc", sub_cs="x"),
    )
    rows = found.table("android_message")
    assert [one["message_subject"] for one in rows] == ["件名", "abc", "abc"]
    assert [one["message_kind"] for one in rows] == ["mms_notification", "mms", "mms"]
    assert [(one.locator, one.column) for one in found.problems] == [("pdu#3", "message_subject")]


def test_times_beyond_the_calendar(tmp_path: Path) -> None:
    found = made(
        tmp_path,
        builder.insert("sms", date=1 << 62, date_sent=-(1 << 62), type=1),
        builder.insert("pdu", date=1 << 40, msg_box=2),
    )
    assert [(one.locator, one.column) for one in found.problems] == [
        ("sms#1", "stored_at"),
        ("sms#1", "sent_at"),
        ("pdu#1", "stored_at"),
    ]
    assert [status for _, _, status, _ in found.rows] == ["partial", "partial"]


def test_a_database_of_another_kind_is_told(tmp_path: Path) -> None:
    content, _ = build(["CREATE TABLE other (a)"], Change())
    found = run(android_messages, from_bytes(content, tmp_path))
    assert (found.rows, [one.kind for one in found.problems]) == ([], [ProblemKind.UNRECOGNISED])


def test_cuts_and_changed_bytes_never_raise(tmp_path: Path) -> None:
    content = PLACE.read_bytes()
    for size in range(0, len(content), 300):
        assert run(android_messages, from_bytes(content[:size], tmp_path)).problems
    for seed in range(100):
        chance = random.Random(seed)
        changed = bytearray(content)
        for _ in range(chance.choice((1, 10, 60))):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        assert len(run(android_messages, from_bytes(bytes(changed), tmp_path)).rows) < 60
