"""What keeps a count open, in whole cases, and how an examiner's ruling closes it: no zero that means "could not look"."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fixtures.builders.sheets import csv_bytes
from pipeline.errors import CaseError
from tests.whole_case import ask, copied, run_case

PERSONS = csv_bytes([("氏名", "電話番号"), ("見本 太郎", "090-1111-2222"), ("例示 花子", "090-3333-4444")])
UNKNOWN = csv_bytes([("担当の方", "区分"), ("甕岡 鑑壮", "甲"), ("轟木 縁朱", "乙"), ("黛原 朧生", "丙")])


def medium(folder: Path, rulings: str = "", **files: bytes) -> Path:
    """A case of one lost medium given as a folder."""
    root = folder / "case"
    (root / "evidence" / "usb").mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (root / "evidence" / "usb" / name.replace("__", ".")).write_bytes(content)
    item = '[[evidence]]\nid = "usb"\npath = "evidence/usb"\nrole = "leaked_medium"\nencryption = "none"\n'
    incident = '[incident]\ncause = "loss"\nimproper_purpose = "no"\n'
    (root / "case.toml").write_text(f'[case]\nnumber = "T"\n{incident}{item}{rulings}', encoding="utf-8")
    return root


def headline(root: Path) -> tuple[int, int, int, list[str]]:
    """Low, likely, high of what is confirmed, and what keeps it open."""
    query = "SELECT low, likely, high, open_reasons FROM affected_count WHERE grade = 'confirmed' AND dimension = 'all'"
    ((low, likely, high, reasons),) = ask(root, query)
    return low, likely, high, [one.partition(":")[0] for one in reasons]


def entry(root: Path, name: str) -> str:
    ((entry_id,),) = ask(root, f"SELECT entry_id FROM file_entry WHERE name = '{name}'")
    return entry_id


def decision(root: Path) -> object:
    ((outcome,),) = ask(root, "SELECT outcome FROM decision")
    return json.loads(outcome)["reportable"]


def ruling(on: str, decided: str) -> str:
    return f'[[ruling]]\non = "{on}"\ndecision = "{decided}"\nreason = "確認した"\nby = "担当"\n'


def test_a_sheet_that_looks_like_persons_keeps_the_count_open_until_it_is_ruled_on(tmp_path: Path) -> None:
    root = medium(tmp_path, a__csv=PERSONS, b__csv=UNKNOWN)
    run_case(root)
    assert headline(root) == (
        2,
        2,
        2,
        ["a sheet looks as if it held persons, but no column of it was recognised"],
    )
    medium(tmp_path, ruling(f"document:usb/{entry(root, 'b.csv')}", "no_persons"))
    run_case(root)
    assert headline(root) == (2, 2, 2, [])
    assert any("b.csv" not in one for (one,) in ask(root, "SELECT reason FROM exposure"))


def test_nobody_recognised_is_not_nobody(tmp_path: Path) -> None:
    root = medium(tmp_path, c__csv=csv_bytes([("数量", "単価"), (1, 2), (3, 4)]))
    outcome = run_case(root)
    assert headline(root) == (0, 0, 0, ["no person was recognised in what is exposed, look at it and rule"])
    assert "not zero persons" in outcome.as_text()
    assert decision(root) == "undetermined"
    medium(tmp_path, ruling(f"document:usb/{entry(root, 'c.csv')}", "no_persons"))
    run_case(root)
    assert headline(root) == (0, 0, 0, [])
    assert decision(root) is False


def test_a_document_nothing_reads_keeps_the_count_open_until_it_was_read_by_hand(tmp_path: Path) -> None:
    root = medium(tmp_path, a__csv=PERSONS, s__pdf=b"%PDF-1.7\n%%EOF\n")
    run_case(root)
    assert headline(root)[3] == ["an exposed document was not read whole"]
    assert decision(root) == "undetermined"
    medium(tmp_path, ruling(f"document:usb/{entry(root, 's.pdf')}", "read"))
    run_case(root)
    assert headline(root) == (2, 2, 2, [])


def test_persons_of_a_document_ruled_out_do_not_count(tmp_path: Path) -> None:
    root = medium(
        tmp_path, a__csv=PERSONS, d__csv=csv_bytes([("氏名", "電話番号"), ("記入 例", "090-0000-0000")])
    )
    run_case(root)
    assert headline(root)[:3] == (3, 3, 3)
    medium(tmp_path, ruling(f"document:usb/{entry(root, 'd.csv')}", "no_persons"))
    run_case(root)
    assert headline(root)[:3] == (2, 2, 2)


def test_an_exposure_can_be_ruled_out_and_in(tmp_path: Path) -> None:
    root = medium(tmp_path, a__csv=PERSONS)
    run_case(root)
    where = f"exposure:usb/{entry(root, 'a.csv')}"
    medium(tmp_path, ruling(where, "none"))
    run_case(root)
    assert headline(root) == (
        0,
        0,
        0,
        ["nothing of this grade was found exposed, which is not a count of nobody"],
    )
    assert ask(root, "SELECT grade FROM exposure") == [("excluded",)]
    assert decision(root) == "undetermined"
    medium(tmp_path, ruling(where, "likely"))
    run_case(root)
    told = ask(root, "SELECT grade, likely FROM affected_count WHERE dimension = 'all' ORDER BY grade")
    assert told == [("confirmed", 0), ("likely", 2), ("possible", 2)]


def test_two_mentions_can_be_ruled_one_human(tmp_path: Path) -> None:
    root = medium(tmp_path, a__csv=PERSONS)
    run_case(root)
    one, other = (found for (found,) in ask(root, "SELECT mention_id FROM mention ORDER BY 1"))
    medium(tmp_path, ruling(f"pair:{one}+{other}", "same"))
    run_case(root)
    assert headline(root)[:3] == (1, 1, 1)


def test_rulings_that_contradict_each_other_are_an_error(tmp_path: Path) -> None:
    root = medium(tmp_path, a__csv=PERSONS)
    run_case(root)
    where = f"candidates:usb/{entry(root, 'a.csv')}"
    medium(tmp_path, ruling(where, "confirmed") + ruling(where, "none"))
    with pytest.raises(CaseError, match=r"contradict each other, 'confirmed' and 'none'"):
        run_case(root)


@pytest.mark.parametrize("on", ["document:usb/0123456789abcdef", "exposure:gone/0123", "pair:0123+4567"])
def test_a_ruling_on_what_is_not_there_is_an_error(tmp_path: Path, on: str) -> None:
    decided = {"document": "read", "exposure": "none", "pair": "same"}[on.partition(":")[0]]
    root = medium(tmp_path, ruling(on, decided), a__csv=PERSONS)
    with pytest.raises(CaseError, match="which this case does not hold"):
        run_case(root)


def test_traces_of_a_host_that_could_not_be_looked_at_keep_the_maximum_open(tmp_path: Path) -> None:
    root = copied("usb-takeout", tmp_path)
    toml = root / "case.toml"
    text = toml.read_text(encoding="utf-8")
    start, end = text.index('[[evidence]]\nid = "pc01"'), text.index('[[evidence]]\nid = "usb01"')
    # Of the host only a folder without hives or shortcuts was preserved.
    (root / "evidence" / "rest").mkdir()
    (root / "evidence" / "rest" / "memo.txt").write_text("なし\n", encoding="utf-8")
    part = '[[evidence]]\nid = "pc01"\npath = "evidence/rest"\nrole = "host"\n'
    toml.write_text(text[:start] + part + text[end:], encoding="utf-8")
    run_case(root)
    told = dict(ask(root, "SELECT grade, open_reasons FROM affected_count WHERE dimension = 'all'"))
    assert told["confirmed"] == []
    (reason,) = told["possible"]
    assert reason.startswith("traces that would show an exposure could not be looked at: ")
    assert "pc01 opened: missing" in reason
    assert "pc01 connected: missing" in reason
