"""A clerical review of a whole case: drawn, asked, written as a sheet, taken in, counted, and verified."""

from __future__ import annotations

import json
import re
import shutil
import stat
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner

from fixtures.persons import persons
from pipeline import again, cli
from pipeline import case as cases
from pipeline.custody import log as custody
from pipeline.custody.record import Material
from pipeline.errors import BusyError, CaseError, CustodyError
from pipeline.review import steps, taking, terminal
from pipeline.review.draw import Draw, draws
from pipeline.review.shown import shown
from pipeline.review.summary import summary
from pipeline.scope import reviewed
from pipeline.scope.people import strata
from pipeline.verify import verify
from tests.whole_case import ask, copied, counts_of, run_case

BY = "確認 花子"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run case of three lists whose humans share names, so that there is much to ask."""
    root = tmp_path_factory.mktemp("case")
    listed = persons(420, seed=20261105, prefix="W")
    lists = {
        "members": [("会員番号", "氏名", "生年月日"), *((p.number, p.surname + p.given, p.born) for p in listed[:300])],
        "visitors": [("氏名", "電話番号"), *((p.surname + p.given, "-".join(p.phone)) for p in listed[150:380])],
        "guests": [("氏名",), *((p.surname + p.given,) for p in listed[360:])],
    }  # fmt: skip
    (root / "evidence").mkdir()
    for name, rows in lists.items():
        text = "".join(",".join(map(str, row)) + "\r\n" for row in rows)
        (root / "evidence" / f"{name}.csv").write_text(text, encoding="utf-8")
    stated = [
        f'[[evidence]]\nid = "{name}"\npath = "evidence/{name}.csv"\nrole = "leaked_medium"\n'
        for name in lists
    ]
    (root / "case.toml").write_text('[case]\nnumber = "KS-REVIEW"\n\n' + "\n".join(stated), encoding="utf-8")
    run_case(root)
    return root


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    """A case that was run, for one test alone."""
    return Path(shutil.copytree(made, tmp_path / "case"))


def typing(*words: str) -> Callable[[str], str | None]:
    """Somebody who types these words and then closes the terminal."""
    left = list(words)
    return lambda _: left.pop(0) if left else None


def reviewed_at_terminal(root: Path, by: str, *words: str, unmasked: bool = False) -> list[str]:
    """What a terminal shows while somebody types."""
    case = cases.load(root)
    said: list[str] = []
    steps.at_terminal(case, steps.drawn(case, by), by, typing(*words), said.append, is_unmasked=unmasked)
    return said


def names_in(root: Path) -> set[str]:
    """Every value of the case's mentions that could name somebody."""
    rows = ask(
        root,
        "SELECT full_name, name_key, kana_key, birth_date, phone_key, email_key, address_key FROM mention",
    )
    return {value for row in rows for value in row if value}


def sheet_answers(made: Draw, case: str, answers: dict[str, str], by: str = "") -> dict[str, object]:
    return {"kanshiki_review": 1, "case": case, "draw": made.id, "by": by, "answers": answers}


def verified(root: Path, *checks: int) -> dict[int, bool | None]:
    """What came of the checks over the log, and of those that do the case again which are named."""
    found = verify(root, again={number: again.CHECKS[number] for number in checks})
    assert found.is_complete, found.incomplete
    return {
        one.number: one.passed for one in found.checks if one.number < again.PARSING or one.number in checks
    }


def test_a_draw_is_the_same_for_a_seed_and_stands_for_what_the_case_holds(root: Path) -> None:
    case = cases.load(root)
    first = steps.drawn(case, BY)
    assert steps.drawn(case, BY) == first and draws(case) == (first,)
    other = steps.drawn(case, BY, seed=2)
    assert other.id != first.id and [one.seed for one in draws(case)] == [1, 2]
    assert len({one.pair for one in first.pairs}) == len(first.pairs) <= 120
    assert set(first.strata) == set(strata.NAMES)
    for name, count in first.strata.items():
        assert sum(one.stratum == name for one in first.pairs) <= count
    mentions = {name for (name,) in ask(root, "SELECT mention_id FROM mention")}
    assert all(set(one.pair) <= mentions for one in first.pairs)
    with pytest.raises(CaseError, match="leave out --pairs"):
        steps.drawn(case, BY, asked=50)


def test_a_draw_holds_no_value_of_a_mention_and_is_read_by_its_owner_alone(root: Path) -> None:
    case = cases.load(root)
    path = case.root / steps.drawn(case, BY).path
    text = path.read_text(encoding="utf-8")
    assert not [value for value in names_in(root) if value in text]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_review_is_stopped_and_taken_up_again(root: Path) -> None:
    told = "\n".join(reviewed_at_terminal(root, BY, "s", "maybe", "d", "b", "c", "q"))
    assert "answer s, d, c, b or q" in told
    count = len(draws(cases.load(root))[0].pairs)
    assert f"0 of {count} pairs answered" in told
    own = reviewed.by_reviewer(reviewed.held(cases.load(root)))[BY]
    assert sorted(own.values()) == ["same", "unclear"]
    told = "\n".join(reviewed_at_terminal(root, BY, "same"))
    assert f"2 of {count} pairs answered" in told and "pair 3 of" in told
    assert len(reviewed.by_reviewer(reviewed.held(cases.load(root)))[BY]) == 3
    assert not cases.load(root).reviewing.exists()


def test_answers_of_a_terminal_that_was_killed_are_taken_in_by_the_next(root: Path) -> None:
    case = cases.load(root)
    made = steps.drawn(case, BY)
    pairs = shown(case, made, is_unmasked=False)
    given = iter(("s", "c"))

    def killed(_: str) -> str:
        word = next(given, None)
        if word is None:
            raise SystemExit(1)
        return word

    with pytest.raises(SystemExit):
        terminal.review(case, made, pairs, BY, killed, lambda _: None)
    assert not reviewed.held(case)
    (pending,) = case.reviewing.iterdir()
    with pending.open("ab") as stream:
        stream.write(b'{"answer":"sa')  # and the last one was cut off
    # Answers that wait are no product: they disturb neither a run nor its verification.
    run_case(root, "ingest")
    assert set(verified(root).values()) == {True}
    reviewed_at_terminal(root, BY, "q")
    assert [one.answer for one in reviewed.held(case)] == ["same", "unclear"]


def test_one_reviewer_answers_at_one_terminal(root: Path) -> None:
    case = cases.load(root)
    held = taking.Pending.open(case, BY)
    with pytest.raises(BusyError, match="another terminal"):
        taking.Pending.open(case, BY)
    taking.Pending.open(case, "other").close()
    held.close()


@pytest.mark.parametrize("unmasked", [False, True])
def test_values_are_shown_only_where_asked_and_that_is_recorded(root: Path, unmasked: bool) -> None:
    told = "\n".join(reviewed_at_terminal(root, BY, "c", "c", "c", unmasked=unmasked))
    assert bool([value for value in names_in(root) if value in told]) == unmasked
    records = [one for one in custody.read(root).records if one is not None]
    acts = [one for one in records if one.action == "values_shown"]
    assert len(acts) == unmasked
    for act in acts:
        assert (act.actor.name, act.actor.role, act.params["where"]) == (BY, "reviewer", "terminal")
        assert act.materials[0].id == draws(cases.load(root))[0].path
    assert verified(root)[5]


def test_values_shown_of_a_draw_the_log_does_not_know_fail_a_check(root: Path) -> None:
    case = cases.load(root)
    with taking.session_of(case, BY) as session:
        strange = Material(id="review/draws/0.json", sha256="0" * 64)
        session.log.append("values_shown", materials=(strange,), params={"where": "sheet"})
    assert verified(root)[5] is False


class _Page(HTMLParser):
    """The tags of a page, and what it would load from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.mark.parametrize("unmasked", [False, True])
def test_a_sheet_stands_by_itself_and_asks_for_every_pair(root: Path, tmp_path: Path, unmasked: bool) -> None:
    case = cases.load(root)
    made = steps.drawn(case, BY)
    file = tmp_path / "sheet.html"
    assert steps.to_sheet(case, made, BY, file, is_unmasked=unmasked) == len(made.pairs)
    text = file.read_text(encoding="utf-8")
    page = _Page()
    page.feed(text)
    assert not [one for _, one in page.tags if {"src", "href", "action"} & set(one)]
    assert [one["data-pair"] for tag, one in page.tags if tag == "section"] == [
        reviewed.pair_text(one.pair) for one in made.pairs
    ]
    radios = [one for tag, one in page.tags if tag == "input" and one.get("type") == "radio"]
    assert len(radios) == 3 * len(made.pairs) and {one["value"] for one in radios} == set(reviewed.SAID)
    assert bool([value for value in names_in(root) if value in text]) == unmasked
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(CaseError, match="exists already"):
        steps.to_sheet(case, made, BY, file)
    for folder in ("evidence", "tables", "review"):
        with pytest.raises(CaseError, match="among what the case keeps"):
            steps.to_sheet(case, made, BY, root / folder / "s.html")


def test_what_evidence_says_cannot_become_part_of_the_page(root: Path, tmp_path: Path) -> None:
    case = cases.load(root)
    made = steps.drawn(case, BY)
    file = tmp_path / "sheet.html"
    steps.to_sheet(case, made, "<script>alert(1)</script>", file)
    text = file.read_text(encoding="utf-8")
    assert text.count("<script>") == 1 and "&lt;script&gt;alert(1)" in text
    assert re.search(r"script-src 'sha256-[A-Za-z0-9+/=]{44}'", text)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"case": "other"}, "is of case"),
        ({"draw": "0" * 24}, "did not make"),
        ({"by": "somebody"}, "as its reviewer"),
        ({"answers": {}}, "holds no answer"),
        ({"answers": {"0a+0b": "same"}}, "is no pair of draw"),
        ({"answers": ["same"]}, "must be"),
        ({"kanshiki_review": 2}, "no sheet of answers"),
        ({"more": 1}, "no sheet of answers"),
        (None, "must be same | different | unclear"),
    ],
)
def test_a_sheet_that_is_none_is_one_clear_error_and_nothing_is_taken(
    root: Path, tmp_path: Path, change: dict[str, object] | None, told: str
) -> None:
    case = cases.load(root)
    made = steps.drawn(case, BY)
    pair = reviewed.pair_text(made.pairs[0].pair)
    stated = sheet_answers(made, case.number, {pair: "same"})
    file = tmp_path / "answers.json"
    file.write_text(json.dumps(stated | (change or {"answers": {pair: "yes"}})), encoding="utf-8")
    with pytest.raises(CaseError, match=re.escape(told)):
        steps.from_sheet(case, BY, file)
    assert not reviewed.held(case)


@pytest.mark.parametrize("content", ["", "[]", "{", '{"case": 1, "case": 2}', "\udcff"])
def test_a_file_that_is_no_json_is_one_clear_error(root: Path, tmp_path: Path, content: str) -> None:
    case = cases.load(root)
    steps.drawn(case, BY)
    file = tmp_path / "answers.json"
    file.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(CaseError):
        steps.from_sheet(case, BY, file)


def by_truth(root: Path, made: Draw) -> dict[str, str]:
    """Answers by who is who in the demo case: one customer number, or one name, is one human."""
    rows = ask(root, "SELECT mention_id, name_key, birth_date FROM mention")
    own = {mention: (name, birth) for mention, name, birth in rows}
    said = {}
    for one in made.pairs:
        (name, birth), (other, other_birth) = (own[mention] for mention in one.pair)
        is_same = name == other and (None in (birth, other_birth) or birth == other_birth)
        said[reviewed.pair_text(one.pair)] = "same" if is_same else "different"
    return said


def test_answers_are_counted_by_the_next_run_and_the_case_verifies_throughout(
    root: Path, tmp_path: Path
) -> None:
    case = cases.load(root)
    before = counts_of(root)
    made = steps.drawn(case, BY)
    file = tmp_path / "answers.json"
    file.write_text(json.dumps(sheet_answers(made, case.number, by_truth(root, made), BY)), encoding="utf-8")
    assert steps.from_sheet(case, BY, file) == len(made.pairs)
    # Taken in and not yet counted: nothing is amiss, and the figures are those they were.
    assert set(verified(root).values()) == {True}
    assert counts_of(root) == before
    run_case(root)
    figures = json.loads((root / "report" / "figures.json").read_text(encoding="utf-8"))
    page = (root / "report" / "report.html").read_text(encoding="utf-8")
    assert set(verified(root, again.FACTS).values()) == {True}
    found = summary(case)
    assert found.review is not None and found.review.answers >= 60
    rows = dict(ask(root, "SELECT agreement, m FROM person_model WHERE field = 'review'"))
    assert rows["answers"] == found.review.answers == figures["review"]["answers"]
    assert f"{found.review.answers:,} 組への確認者の回答" in page
    assert (
        "review" in {one["kind"] for moment in figures["history"] for one in moment["moved"]}
        or len(figures["history"]) == 1
    )
    assert rows["joined_from_likely_before"] == 0.5
    after = dict(ask(root, "SELECT agreement, m FROM person_model WHERE field = 'case'"))
    assert {bound: after[f"joined_from_{bound}"] for bound in ("low", "likely", "high")} == pytest.approx(
        dict(found.review.after)
    )
    assert json.loads(json.dumps(found.as_json()))["settled"] == len(made.pairs)
    assert "joined from (likely): 0.5000" in found.as_text()


def test_answers_that_cannot_be_true_together_are_refused(root: Path) -> None:
    case = cases.load(root)
    made = steps.drawn(case, BY)
    one, other, third = "0a", "0b", "0c"

    def said(pair: tuple[str, str], answer: str) -> reviewed.Answer:
        return reviewed.Answer(draw=made.id, pair=pair, answer=answer, by=BY, at="2026-11-01T00:00:00+00:00")

    taking.take(case, [said((one, other), "same"), said((other, third), "same")], BY)
    with pytest.raises(CaseError, match="contradict each other"):
        taking.take(case, [said((one, third), "different")], BY)
    # Mentions the case does not hold say nothing, and stop nothing.
    found = summary(case)
    assert found.review is None and len(found.standing.settled) == 2


def test_two_reviewers_who_differ_leave_the_pair_out(root: Path) -> None:
    reviewed_at_terminal(root, "A", "s", "s")
    reviewed_at_terminal(root, "B", "d", "s")
    found = summary(cases.load(root))
    assert len(found.standing.disputed) == 1 and len(found.standing.settled) == 1
    (agreement,) = found.standing.agreements
    assert (agreement.one, agreement.other, agreement.pairs, agreement.agreed) == ("A", "B", 2, 1)
    assert "left out" in found.as_text()


def test_withdrawn_answers_count_no_more(root: Path) -> None:
    before = counts_of(root)
    reviewed_at_terminal(root, BY, "d", "d", "d")
    run_case(root, "scope")
    case = cases.load(root)
    assert taking.withdraw(case, BY) == 1
    assert not reviewed.held(case)
    # What counted them is not the case's last word any more, and no check says it is wrong.
    assert verified(root, again.FACTS)[again.FACTS] is None
    run_case(root, "scope")
    assert counts_of(root) == before
    with pytest.raises(CaseError, match="no answers of"):
        taking.withdraw(case, BY)


def test_answers_that_were_altered_or_taken_away_stop_the_run_and_are_not_removed(root: Path) -> None:
    reviewed_at_terminal(root, BY, "s", "s")
    (file,) = (root / reviewed.ANSWERS).iterdir()
    content = file.read_bytes()
    file.write_bytes(content.replace(b'"same"', b'"some"'))
    assert verified(root)[6] is False
    with pytest.raises(CustodyError, match="not the one the custody log names"):
        run_case(root, "scope")
    file.write_bytes(content[:-1])
    with pytest.raises(CustodyError, match="put it back from a copy"):
        run_case(root, "scope")
    assert file.read_bytes() == content[:-1]
    file.write_bytes(content)
    run_case(root, "scope")
    assert set(verified(root).values()) == {True}


def test_a_file_of_answers_no_record_names_is_not_counted(root: Path) -> None:
    reviewed_at_terminal(root, BY, "s")
    stray = root / reviewed.ANSWERS / "0123456789abcdef01234567.jsonl"
    stray.write_bytes(b"nobody said this\n")
    assert len(reviewed.held(cases.load(root))) == 1
    assert verified(root)[6] is False
    run_case(root, "ingest")
    assert not stray.exists() and set(verified(root).values()) == {True}


def invoke(*words: str, typed: str = "") -> tuple[int, str, str]:
    result = CliRunner().invoke(cli.main, list(words), input=typed)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def test_the_command_asks_writes_takes_and_tells(root: Path, tmp_path: Path) -> None:
    code, out, err = invoke("review", str(root), "--by", BY, "--json", typed="s\n\nc\nq\n")
    assert code == 0 and "2 answers taken in" in err
    assert json.loads(out)["answers"] == {BY: {"same": 1, "different": 0, "unclear": 1}}
    file = tmp_path / "s.html"
    assert invoke("review", str(root), "--by", BY, "--sheet", str(file))[0] == 0 and file.is_file()
    code, out, _ = invoke("review", str(root), "--summary")
    assert code == 0 and "thresholds move from 60 on" in out
    assert invoke("review", str(root), "--by", BY, "--withdraw")[0] == 0
    assert invoke("review", str(root))[0] == 2
    assert invoke("review", str(root), "--sheet", str(tmp_path / "t.html"))[0] == 2
    assert invoke("review", str(root), "--by", BY, "--summary", "--withdraw")[0] == 2
    assert invoke("review", str(root), "--by", " ")[0] == 3


def test_a_case_that_was_not_run_has_nothing_to_review(tmp_path: Path) -> None:
    root = copied("mis-sent-mail", tmp_path)
    code, _, err = invoke("review", str(root), "--by", BY)
    assert code == 8 and "`kanshiki run` it first" in err
