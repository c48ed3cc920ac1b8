"""The second demo case: one mail, one workbook, 37 persons."""

from __future__ import annotations

import json
from pathlib import Path

from tests.whole_case import ask, copied, run_case, truth


def test_mail_to_a_wrong_address(tmp_path: Path) -> None:
    root = copied("mis-sent-mail", tmp_path)
    assert run_case(root).exit_code == 0
    known = truth(root)
    ((low, likely, high),) = ask(
        root, "SELECT low, likely, high FROM affected_count WHERE dimension = 'all' AND grade = 'confirmed'"
    )
    assert low <= known["persons"] <= high
    assert likely == known["persons"]
    ((subject, to, cc),) = ask(root, "SELECT subject, to_addresses, cc_addresses FROM mail_message")
    assert subject == "セミナー参加者名簿の送付"
    assert to[0].endswith(known["recipient_domain"])
    assert cc == ["manager@client.example"]
    ((name, parsers),) = ask(
        root,
        "SELECT f.name, c.parsers FROM file_entry f JOIN entry_content c USING (evidence_id, entry_id) WHERE f.kind = 'member'",
    )
    assert name == known["attachment"]
    assert parsers == ["documents/office_properties", "documents/xlsx"]
    ((outcome,),) = ask(root, "SELECT outcome FROM decision")
    decided = json.loads(outcome)
    assert decided["reportable"] is False
    # Each fact behind a reason walks back to the rows it was made from.
    behind = {one["fact"]: one for one in decided["facts"]}
    assert behind["persons_upper"]["supports"] == ["affected_count[grade=possible,dimension=all]"]
    assert behind["known_date"]["source"] == "case.toml"
    stated = dict(ask(root, "SELECT name, value FROM fact WHERE name LIKE 'known%'"))
    assert stated == {"known_at": '"2026-10-02T17:40:00+09:00"', "known_date": '"2026-10-02"'}
    assert all(one["source"] for one in behind.values())


def test_a_day_of_knowing_that_is_ruled_otherwise_takes_its_hour_along(tmp_path: Path) -> None:
    root = copied("mis-sent-mail", tmp_path)
    ruled = '\n[[ruling]]\non = "fact:known_date"\ndecision = "2026-10-01"\nby = "責任者"\nreason = "営業部は前日に知っていた"\n'
    with (root / "case.toml").open("a", encoding="utf-8") as stream:
        stream.write(ruled)
    run_case(root)
    stated = dict(ask(root, "SELECT name, value FROM fact WHERE name LIKE 'known%'"))
    assert stated == {"known_date": '"2026-10-01"'}


def test_a_colleague_is_not_outside(tmp_path: Path) -> None:
    root = copied("mis-sent-mail", tmp_path)
    toml = root / "case.toml"
    toml.write_text(
        toml.read_text(encoding="utf-8").replace(
            '"client.example"]', '"client.example", "other-company.example"]'
        ),
        encoding="utf-8",
    )
    run_case(root)
    assert ask(root, "SELECT count(*) FROM exposure") == [(0,)]
    ((outcome,),) = ask(root, "SELECT outcome FROM decision")
    # No exposure was found: that is not the proof that nobody is affected.
    assert json.loads(outcome)["reportable"] == "undetermined"
