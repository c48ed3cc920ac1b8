"""Sessions on Linux servers, from bytes."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

from fixtures.builders import servers as builder
from fixtures.builders.servers import AT, FOLDER, RECORD_BYTES
from parsers.contract import ProblemKind
from parsers.servers.utmp import utmp
from pipeline.extract.select import select
from tests.artefacts import Yielded, artefact, from_bytes, run

HOUR = timedelta(hours=1)


def fixture(name: str) -> Yielded:
    one = builder.scenarios()["utmp"][name]
    return run(utmp, artefact(FOLDER / "utmp" / name / one.artefact, one.path))


def test_sessions_begin_and_end() -> None:
    found = fixture("sessions")
    assert found.problems == []
    names = ("recorded_at", "record_kind", "action", "account", "terminal", "from_host", "from_address")
    assert [tuple(one[name] for name in names) for one in found.table("server_session")] == [
        (AT, "boot_time", None, "reboot", "~", "6.1.0-18-amd64", None),
        (AT + HOUR, "user_process", "logon", "kanri", "pts/0", "198.51.100.7", "198.51.100.7"),
        (AT + HOUR, "user_process", "logon", "保守", "pts/1", "gw.mihon.example", "2001:db8::7"),
        (AT + 2 * HOUR, "dead_process", "logoff", None, "pts/0", None, None),
    ]
    assert [one[1] for one in found.rows] == ["offset:0", "offset:384", "offset:768", "offset:1536"]


def test_what_stands_in_btmp_was_refused() -> None:
    (row,) = fixture("refused").table("server_session")
    assert (row["action"], row["account"], row["from_host"]) == ("failed", "root", "203.0.113.5")


def test_damage_is_told_and_the_rest_read() -> None:
    found = fixture("damaged")
    assert [one["record_kind"] for one in found.table("server_session")] == [
        "boot_time",
        "user_process",
        "99",
    ]
    assert [(one.kind, one.locator) for one in found.problems] == [
        (ProblemKind.DAMAGED, "offset:768"),
        (ProblemKind.TRUNCATED, "offset:1536"),
    ]


def test_files_of_other_kinds_are_not_wanted() -> None:
    wtmp = builder.scenarios()["utmp"]["sessions"].content
    assert select([utmp], "/var/log/wtmp.1", wtmp[:4096]).chosen == (utmp,)
    for other in (
        b"utmpx-1.00" + bytes(4000),
        b"MZ" + bytes(4000),
        wtmp[: RECORD_BYTES - 1],
        b"\1\0\0\0" + b"\xff" * 600,
    ):
        assert select([utmp], "/var/log/wtmp", other).chosen == ()


def test_cuts_and_changed_bytes_never_raise(tmp_path: Path) -> None:
    content = builder.scenarios()["utmp"]["sessions"].content
    for size in range(1, len(content), 61):
        run(utmp, from_bytes(content[:size], tmp_path, "wtmp"))
    for seed in range(300):
        chance = random.Random(seed)
        changed = bytearray(content)
        for _ in range(chance.choice((1, 10, 100))):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        run(utmp, from_bytes(bytes(changed), tmp_path, "wtmp"))
