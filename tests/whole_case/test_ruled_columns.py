"""Rulings on what a column holds and on candidates for special care-required categories, over a whole case."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fixtures.builders.sheets import csv_bytes
from pipeline.errors import CaseError
from tests.whole_case.test_open_and_ruled import ask, decision, entry, headline, medium, ruling, run_case

STAFF = csv_bytes([("氏名", "傷病名"), ("甕岡 鑑壮", "区分A"), ("轟木 縁朱", "区分B"), ("黛原 朧生", "")])
UNKNOWN = csv_bytes([("担当の方", "区分"), ("甕岡 鑑壮", "甲"), ("轟木 縁朱", "乙"), ("黛原 朧生", "丙")])


def facts(root: Path) -> dict[str, object]:
    return {name: json.loads(value) for name, value in ask(root, "SELECT name, value FROM fact")}


def test_a_candidate_leaves_the_decision_open_until_it_is_ruled_on(tmp_path: Path) -> None:
    root = medium(tmp_path, a__csv=STAFF)
    run_case(root)
    told = facts(root)
    assert (told["categories"], told["candidate_categories"]) == (["name"], ["medical_treatment_record"])
    assert decision(root) == "undetermined"
    counted = "SELECT high FROM affected_count WHERE dimension = 'category' AND value = 'medical_treatment_record' AND grade = 'confirmed'"
    assert ask(root, counted) == []
    medium(tmp_path, ruling(f"candidates:usb/{entry(root, 'a.csv')}", "confirmed"))
    run_case(root)
    assert ask(root, counted) == [(2,)]
    assert "candidate_categories" not in facts(root)
    assert decision(root) is True
    medium(tmp_path, ruling(f"candidates:usb/{entry(root, 'a.csv')}", "none"))
    run_case(root)
    assert facts(root)["categories"] == ["name"]
    assert decision(root) is False


def test_a_column_can_be_ruled_to_hold_an_item_or_none(tmp_path: Path) -> None:
    root = medium(tmp_path, b__csv=UNKNOWN)
    run_case(root)
    assert headline(root)[:3] == (0, 0, 0)
    ((sheet_id,),) = ask(root, "SELECT sheet_id FROM sheet")
    medium(tmp_path, ruling(f"column:{sheet_id}/c000", "name"))
    run_case(root)
    assert headline(root) == (3, 3, 3, [])
    assert ask(root, "SELECT item, proposed_by FROM sheet_column WHERE column_name = 'c000'") == [
        ("name", "ruling")
    ]
    medium(tmp_path, ruling(f"column:{sheet_id}/c000", "none"))
    run_case(root)
    assert ask(root, "SELECT item, is_suspect FROM sheet_column WHERE column_name = 'c000'") == [
        (None, False)
    ]


@pytest.mark.parametrize(
    ("column", "item"), [("c009", "name"), ("c000", "nothing_known")], ids=["no column", "no item"]
)
def test_a_ruling_on_what_is_not_there_is_an_error(tmp_path: Path, column: str, item: str) -> None:
    root = medium(tmp_path, b__csv=UNKNOWN)
    run_case(root)
    ((sheet_id,),) = ask(root, "SELECT sheet_id FROM sheet")
    medium(tmp_path, ruling(f"column:{sheet_id}/{column}", item))
    with pytest.raises(CaseError, match="the ruling on"):
        run_case(root)
