"""Who is told what, whose data it was, and how the counts moved: on a case whose assumptions change from run to run."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from pipeline import case as cases
from pipeline.custody.history import Moment, history
from pipeline.custody.log import read
from pipeline.errors import CaseError
from pipeline.outcome import history_text
from tests.whole_case import ask, copied, counts_of, run_case

_ENTRUSTER = """
[[entruster]]
name = "甲株式会社"
paths = ["*/{pattern}"]
"""
_RULING = """
[[ruling]]
on = "exposure:{document}"
decision = "none"
reason = "受信者が未開封のまま削除した"
by = "鑑識 担当"
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = copied("mis-sent-mail", tmp_path_factory.mktemp("case"))
    run_case(made, "scope")
    return made


def moments(root: Path) -> tuple[Moment, ...]:
    return history(read(root).records)


def test_each_person_likely_affected_has_one_row_with_what_of_theirs_went_out(root: Path) -> None:
    counts = counts_of(root)
    for grade, included in (("confirmed", ["confirmed"]), ("possible", ["confirmed", "likely", "possible"])):
        listed = ", ".join(f"'{one}'" for one in included)
        ((persons,),) = ask(
            root,
            f"SELECT count(DISTINCT person_id) FROM per_person WHERE grade IN ({listed}) AND NOT is_in_doubt",
        )
        assert persons == counts[grade, "all", None][1]
    items = dict(
        ask(
            root, "SELECT i, count(*) FROM per_person, unnest(items) AS u(i) WHERE NOT is_in_doubt GROUP BY 1"
        )
    )
    assert items == {
        value: likely
        for (grade, dimension, value), (_, likely, _, _) in counts.items()
        if (grade, dimension) == ("possible", "item")
    }
    routes = Counter(
        dict(
            ask(
                root,
                "SELECT r, count(*) FROM per_person, unnest(routes) AS u(r) WHERE NOT is_in_doubt GROUP BY 1",
            )
        )
    )
    assert routes == {
        value: likely
        for (grade, dimension, value), (_, likely, _, _) in counts.items()
        if (grade, dimension) == ("possible", "route")
    }


def test_what_reaches_a_person_is_what_their_mentions_say(root: Path) -> None:
    wrong = ask(
        root,
        "SELECT p.person_id FROM per_person p JOIN (SELECT q.likely AS person_id, bool_or(email_key IS NOT NULL) AS email, "
        "bool_or(phone_key IS NOT NULL) AS phone, bool_or(address_key IS NOT NULL) AS address FROM person_mention q JOIN mention USING (mention_id) "
        "GROUP BY 1) m USING (person_id) WHERE (p.has_email, p.has_phone, p.has_address) IS DISTINCT FROM (m.email, m.phone, m.address)",
    )
    assert wrong == []
    kinds = ask(
        root,
        "SELECT DISTINCT has_email OR has_phone OR has_address, contact_changed_at IS NULL FROM per_person",
    )
    assert set(kinds) <= {(True, False), (False, True)}
    # The list went with a mail: what stands in it is no newer than the mail.
    assert ask(
        root, "SELECT max(contact_changed_at) <= (SELECT max(sent_at) FROM mail_message) FROM per_person"
    ) == [(True,)]


def test_a_ruling_moves_the_counts_and_its_withdrawal_moves_them_back(root: Path) -> None:
    (first,) = moments(root)
    assert first.moved == ()
    assert first.figures["confirmed"]["likely"] == counts_of(root)["confirmed", "all", None][1]
    ((document,),) = ask(
        root,
        "SELECT value FROM affected_count WHERE grade = 'confirmed' AND dimension = 'document' ORDER BY likely DESC LIMIT 1",
    )
    toml = root / "case.toml"
    stated = toml.read_text(encoding="utf-8")
    toml.write_text(stated + _RULING.format(document=document), encoding="utf-8")
    run_case(root, "scope")
    first, second = moments(root)
    assert second.figures["confirmed"]["likely"] < first.figures["confirmed"]["likely"]
    assert {one.kind for one in second.moved} == {"ruling", "case"}
    assert any(one.kind == "ruling" and document in one.what and "未開封" in one.what for one in second.moved)
    toml.write_text(stated, encoding="utf-8")
    run_case(root, "scope")
    *_, third = moments(root)
    assert third.figures == first.figures
    assert any(one.what.startswith("withdrawn: on exposure:") for one in third.moved)
    run_case(root, "scope")
    assert len(moments(root)) == 3


def test_entrusters_are_counted_each_for_themselves(root: Path) -> None:
    toml = root / "case.toml"
    stated = toml.read_text(encoding="utf-8")
    counts = counts_of(root)
    assert not [one for one in counts if one[1] == "entruster"]
    ((document,),) = ask(
        root,
        "SELECT value FROM affected_count WHERE grade = 'confirmed' AND dimension = 'document' ORDER BY likely DESC LIMIT 1",
    )
    ((name,),) = ask(
        root, f"SELECT name FROM file_entry WHERE concat(evidence_id, '/', entry_id) = '{document}'"
    )
    toml.write_text(stated + _ENTRUSTER.format(pattern=name.upper()), encoding="utf-8")
    run_case(root, "scope")
    found = {
        value: own
        for (grade, dimension, value), own in counts_of(root).items()
        if (grade, dimension) == ("confirmed", "entruster")
    }
    assert found["甲株式会社"][1] == counts["confirmed", "document", document][1]
    assert set(found) == {"甲株式会社"}
    role = "SELECT value FROM fact WHERE name = 'entrustment'"
    lowest = counts["confirmed", "all", None][0]
    assert json.loads(ask(root, role)[0][0]) == {"role": "entrustee", "clients": [lowest]}
    # Where persons stand in the client's own data as well, it is no mere entrustee.
    toml.write_text(stated + _ENTRUSTER.format(pattern="sent.eml"), encoding="utf-8")
    run_case(root, "scope")
    assert counts_of(root)["confirmed", "entruster", "own"] == counts["confirmed", "all", None]
    assert json.loads(ask(root, role)[0][0]) == {"role": "none"}
    toml.write_text(stated + _ENTRUSTER.format(pattern="no such file"), encoding="utf-8")
    with pytest.raises(CaseError, match="甲株式会社.*no path of this case matches"):
        run_case(root, "scope")
    toml.write_text(stated, encoding="utf-8")


def test_a_window_that_is_ruled_takes_the_place_of_the_stated_one(root: Path) -> None:
    before = cases.load(root)
    ruled = cases.supposed(before, "window:from", "2026-01-02")
    assert ruled.window[0].isoformat() == "2026-01-02T00:00:00+09:00"
    assert ruled.window[1] == before.window[1]
    with pytest.raises(CaseError, match="must be a time such as"):
        cases.supposed(before, "window:to", "soon")
    with pytest.raises(CaseError, match="window:from or window:to"):
        cases.supposed(before, "window:middle", "2026-01-02")


def test_a_history_never_tells_nobody_counted_as_zero(root: Path) -> None:
    told = history_text(moments(root))
    assert "nobody counted, which is not zero persons" in told
    assert ": 0 (" not in told


def test_the_report_tells_laws_abroad_beside_the_decision_and_by_which_version_it_was_made(
    root: Path,
) -> None:
    toml = root / "case.toml"
    stated = toml.read_text(encoding="utf-8")
    toml.write_text(stated.replace('"my-number"]', '"my-number", "gdpr"]'), encoding="utf-8")
    run_case(root)
    page = (root / "report" / "report.html").read_text(encoding="utf-8")
    toml.write_text(stated, encoding="utf-8")
    assert "監督機関" in page
    assert "GDPR Art. 33(1)" in page
    assert "国内の結果を変えない" in page
    assert "as in force since 2025-10-01" in page
    assert "令和8年改正" in page
