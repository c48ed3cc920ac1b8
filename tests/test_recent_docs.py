"""Documents a user opened lately, from bytes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from regipy.registry import RegistryHive

from fixtures.builders import user_hives
from fixtures.builders.regf import binary
from parsers.contract import ProblemKind
from parsers.windows.recent_docs import recent_docs
from tests.artefacts import artefact, from_bytes, run
from tests.hive_damage import survives

FIXTURE = user_hives.FOLDER / "recent_docs" / "two-extensions" / "NTUSER.DAT"
AT = datetime(2026, 9, 28, 9, 12, 30, 123456, tzinfo=UTC)
PLACE = rf"{user_hives.EXPLORER}\RecentDocs"


def rows() -> list[dict[str, object]]:
    found = run(recent_docs, artefact(FIXTURE, "/Users/見本花子/NTUSER.DAT"))
    assert found.problems == []
    return found.table("windows_recent_docs")


def test_names_and_shortcuts_stand_in_their_lists() -> None:
    told = [(one["extension"], one["document_name"], one["link_name"]) for one in rows()]
    assert told == [
        (None, "顧客一覧_2026.xlsx", "顧客一覧_2026 (2).lnk"),
        (None, "議事録.txt", "議事録.lnk"),
        (None, "顧客", "顧客.lnk"),
        (None, "単価表.xlsx", "単価表.lnk"),
        (".xlsx", "単価表.xlsx", "単価表.lnk"),
        (".xlsx", "顧客一覧_2026.xlsx", "顧客一覧_2026 (2).lnk"),
        ("Folder", "顧客", "顧客.lnk"),
    ]


def test_only_the_first_of_a_list_carries_the_time_of_its_key() -> None:
    told = [(one["mru_position"], one["opened_at"], one["key_written_at"]) for one in rows()]
    xlsx = AT - timedelta(minutes=7)
    assert told == [
        (2, None, AT),
        (3, None, AT),
        (1, AT, AT),
        (None, None, AT),
        (2, None, xlsx),
        (1, xlsx, xlsx),
        (1, AT, AT),
    ]


def test_names_are_those_in_the_bytes_regipy_reads() -> None:
    key = RegistryHive(str(FIXTURE)).get_key("\\" + PLACE)
    theirs = {
        one.name: one.value.decode("utf-16-le", "ignore").partition("\0")[0]
        for one in key.iter_values(trim_values=False)
        if one.name != "MRUListEx"
    }
    assert theirs == {
        str(number): one["document_name"] for number, one in enumerate(rows()) if one["extension"] is None
    }


def test_values_cut_short_give_what_is_left(tmp_path: Path) -> None:
    whole = user_hives.recent_value(0, "見本.txt", "見本.lnk").content
    odd = (
        binary("0", whole[:5]),  # no end of the name
        binary("1", b""),
        binary("2", whole[:14]),  # the name alone, nothing behind it
        binary("3", whole[:40]),  # a shell item cut short
        binary("4", b"\0\0" + whole[14:]),
        binary("x", whole),
    )
    found = run(recent_docs, from_bytes(user_hives.hive({PLACE: odd}), tmp_path))
    told = [(one["document_name"], one["link_name"]) for one in found.table("windows_recent_docs")]
    assert told == [(None, None), (None, None), ("見本.txt", None), ("見本.txt", None), (None, "見本.lnk")]
    assert {one.kind for one in found.problems} == {ProblemKind.DAMAGED}
    assert [one.column for one in found.problems] == [
        "document_name", "document_name", "link_name", "document_name",
    ]  # fmt: skip


def test_damage_ends_in_problems(tmp_path: Path) -> None:
    survives(recent_docs, FIXTURE.read_bytes(), tmp_path)
