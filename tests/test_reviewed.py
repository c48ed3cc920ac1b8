"""Reviewers' answers: read strictly, the last word of each counts, and what cannot be true together is told or left out."""

from __future__ import annotations

import json
from itertools import combinations

import duckdb
import numpy as np
import pytest

from pipeline.errors import CaseError
from pipeline.scope import reviewed
from pipeline.scope.people import Ruled
from pipeline.scope.reviewed import Answer, contradictions, pair_of, parsed, standing

DRAW = "0123456789abcdef01234567"
AT = "2026-11-01T00:00:00.000000Z"


def said(pair: str, answer: str, by: str = "A") -> Answer:
    found = pair_of(pair)
    assert found is not None
    return Answer(draw=DRAW, pair=found, answer=answer, by=by, at=AT)


def test_a_line_reads_as_it_was_written() -> None:
    answers = (said("0a+0b", "same"), said("0d+0c", "unclear", "鑑識 担当"))
    assert parsed(b"".join(one.line() for one in answers), "x") == answers


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"answer": "yes"}, "same | different | unclear"),
        ({"pair": "0a+0a"}, r"MENTION\+MENTION"),
        ({"pair": "0a"}, r"MENTION\+MENTION"),
        ({"pair": 7}, r"MENTION\+MENTION"),
        ({"draw": "../x"}, "24 hex digits"),
        ({"by": "  "}, "name of a reviewer"),
        ({"by": "a\u001b[2J"}, "name of a reviewer"),
        ({"at": "yesterday"}, "instant"),
        ({"at": "2026-11-01T00:00:00"}, "instant"),
        ({"more": 1}, "must be an object"),
    ],
)
def test_what_is_no_answer_is_one_error_that_names_the_line(change: dict[str, object], told: str) -> None:
    line = json.loads(said("0a+0b", "same").line()) | change
    with pytest.raises(CaseError, match=told) as caught:
        parsed(said("0a+0c", "same").line() + json.dumps(line).encode() + b"\n", "answers.jsonl")
    assert "answers.jsonl, line 2" in str(caught.value)


@pytest.mark.parametrize("line", [b"\xff\n", b"[]\n", b"{\n", b"[" * 100_000 + b"\n"])
def test_what_is_no_json_of_ours_is_one_error(line: bytes) -> None:
    with pytest.raises(CaseError, match="x, line 1"):
        parsed(line, "x")


def test_the_last_word_of_a_reviewer_counts() -> None:
    found = standing([said("0a+0b", "same"), said("0b+0a", "different")])
    assert found.settled == {("0a", "0b"): (False, False)} and not found.disputed


def test_two_who_agree_confirm_and_two_who_do_not_leave_it_open() -> None:
    found = standing(
        [
            said("0a+0b", "same"), said("0a+0b", "same", "B"),
            said("0c+0d", "same"), said("0c+0d", "different", "B"),
            said("0e+0f", "different"), said("0e+0f", "unclear", "B"),
            said("01+02", "unclear"),
        ]
    )  # fmt: skip
    assert found.settled == {("0a", "0b"): (True, True), ("0e", "0f"): (False, False)}
    assert found.disputed == (("0c", "0d"),) and found.unclear == (("01", "02"),)
    (agreement,) = found.agreements
    assert (agreement.pairs, agreement.agreed) == (3, 1)


def test_the_examiners_ruling_goes_before() -> None:
    found = standing([said("0a+0b", "same"), said("0a+0b", "different", "B")], {("0a", "0b")})
    assert not found.settled and not found.disputed


def test_answers_of_two_that_together_cannot_be_true_are_left_out() -> None:
    found = standing(
        [said("0a+0b", "same"), said("0b+0c", "same", "B"), said("0a+0c", "different"), said("0d+0e", "same")]
    )
    assert found.disputed == (("0a", "0b"), ("0a", "0c"), ("0b", "0c"))
    assert found.settled == {("0d", "0e"): (True, False)}


@pytest.mark.parametrize("seed", range(6))
def test_contradictions_are_those_a_plain_method_finds(seed: int) -> None:
    chance = np.random.default_rng(seed)
    names = [f"{number:02x}" for number in range(12)]
    told = {pair: bool(chance.random() < 0.5) for pair in combinations(names, 2) if chance.random() < 0.25}
    group = {name: {name} for name in names}
    for (one, other), is_same in told.items():
        if is_same:
            both = group[one] | group[other]
            group |= dict.fromkeys(both, both)
    wrong = {pair for pair, is_same in told.items() if not is_same and pair[1] in group[pair[0]]}
    loops = contradictions(told)
    assert {loop[0] for loop in loops} == wrong, f"seed {seed}"
    for different, *chain in loops:
        assert all(told[pair] for pair in chain)
        ends = [name for pair in chain for name in pair]
        assert {name for name in ends if ends.count(name) == 1} == set(different), (
            "a chain from one to the other"
        )


def test_a_contradiction_is_refused_with_the_pairs_named() -> None:
    with pytest.raises(CaseError, match=r"0a\+0c is said to be different, and 0a\+0b, 0b\+0c"):
        reviewed.refuse_contradiction(
            {("0a", "0b"): True, ("0b", "0c"): True, ("0a", "0c"): False}, "the answers of A"
        )


def test_a_ruling_stands_before_answers_and_what_is_gone_says_nothing() -> None:
    connection = duckdb.connect(":memory:")
    connection.execute("CREATE TABLE mention AS SELECT unnest(['0a', '0b', '0c']) AS mention_id")
    ruled = (Ruled(one="0b", other="0a", is_same=False),)
    answers = [said("0a+0b", "same"), said("0b+0c", "different"), said("0b+0f", "same")]
    found = reviewed.on_pairs(connection, answers, ruled)
    assert found == (Ruled(one="0b", other="0c", is_same=False, is_confirmed=False),)
    with pytest.raises(CaseError, match="rulings and a reviewer's answers contradict each other"):
        reviewed.on_pairs(connection, [said("0b+0c", "same"), said("0a+0c", "same")], ruled)
