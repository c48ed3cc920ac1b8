"""Notifications from bytes: what was shown, by which program, when."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fixtures.builders import sqlite as builder
from parsers.contract import ProblemKind
from parsers.windows.notifications import notifications
from tests.artefacts import artefact, from_bytes, run

FILE = builder.FOLDER / "notifications" / "toasts" / "wpndatabase.db"
PATH = "/Users/eigyo/AppData/Local/Microsoft/Windows/Notifications/wpndatabase.db"
AT = datetime(2026, 9, 28, 9, 12, 30, tzinfo=UTC)


def test_a_toast_has_texts_program_and_time() -> None:
    row = run(notifications, artefact(FILE, PATH)).table("windows_notification")[0]
    assert row["notification_texts"] == ["佐藤 様より", "名簿を送りました"]
    assert row["launch_text"] == "action=open&id=7"
    assert (row["application_id"], row["profile_name"]) == ("Example.Mail_abc!App", "eigyo")
    assert (row["arrived_at"], row["expires_at"]) == (AT, AT + timedelta(days=3))
    assert (row["notification_id"], row["notification_tag"], row["notification_group"]) == (71, "7", "mail")


def test_a_badge_has_no_texts_and_a_program_that_is_gone_no_name() -> None:
    found = run(notifications, artefact(FILE, PATH))
    rows = found.table("windows_notification")
    assert (rows[1]["notification_kind"], rows[1].get("notification_texts"), rows[1]["payload_bytes"]) == (
        "badge",
        None,
        1,
    )
    assert rows[1]["expires_at"] is None
    assert rows[3]["application_id"] is None


def test_entities_are_not_expanded_and_odd_values_are_told() -> None:
    found = run(notifications, artefact(FILE, PATH))
    assert [(one.kind, one.locator, one.column) for one in found.problems] == [
        (ProblemKind.DAMAGED, "Notification#3", "notification_texts"),
        (ProblemKind.DAMAGED, "Notification#4", "arrived_at"),
        (ProblemKind.DAMAGED, "Notification#4", "notification_texts"),
    ]
    assert [status for _, _, status, _ in found.rows] == ["ok", "ok", "partial", "partial"]


def test_cuts_and_changed_bytes_never_raise(tmp_path: Path) -> None:
    content = FILE.read_bytes()
    for size in range(0, len(content), 500):
        assert run(notifications, from_bytes(content[:size], tmp_path)).problems
    for seed in range(200):
        chance = random.Random(seed)
        changed = bytearray(content)
        for _ in range(chance.choice((1, 10, 60))):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        run(notifications, from_bytes(bytes(changed), tmp_path))
