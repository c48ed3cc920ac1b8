"""Addresses typed, from bytes."""

from __future__ import annotations

from datetime import timedelta

from fixtures.builders import user_hives
from fixtures.builders.user_hives import AT
from parsers.contract import ProblemKind
from parsers.windows.typed_urls import typed_urls
from tests.artefacts import artefact, run
from tests.hive_damage import survives

FILE = user_hives.FOLDER / "typed_urls" / "with-times" / "NTUSER.DAT"


def test_addresses_have_their_own_times_and_paths_are_told_apart() -> None:
    found = run(typed_urls, artefact(FILE, "/Users/hanako/NTUSER.DAT"))
    rows = found.table("windows_typed_urls")
    assert [
        tuple(one.get(name) for name in ("list_number", "url", "opened_path", "typed_at")) for one in rows
    ] == [
        (1, "https://storage.example/", None, AT),
        (2, r"E:\名簿", r"E:\名簿", AT - timedelta(hours=1)),
        (3, r"\\FS01\営業部", r"\\FS01\営業部", None),
        (4, "file:///D:/a.html", r"D:\a.html", None),
        (5, "intra", None, None),
        (6, None, None, None),
    ]
    assert {one["profile_name"] for one in rows} == {"hanako"}
    assert [(one.kind, one.column) for one in found.problems] == [
        (ProblemKind.DAMAGED, "typed_at"),
        (ProblemKind.DAMAGED, "url"),
    ]


def test_damage_is_told_and_never_raised(tmp_path) -> None:
    survives(typed_urls, FILE.read_bytes(), tmp_path)
