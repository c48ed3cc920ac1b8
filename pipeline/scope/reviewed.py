"""What reviewers answered of drawn pairs of mentions, as the case keeps it, and what of it stands.

Each taking-in of answers is a file of its own, `review/answers/<digest>.jsonl`, that a custody record names; a file no record names
is not read. A reviewer's later answer to a pair takes the place of an earlier one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import duckdb

from pipeline import digest
from pipeline.case import Case
from pipeline.custody import log as custody
from pipeline.errors import CaseError, CustodyError
from pipeline.scope.people import Ruled
from pipeline.scope.people.calibration import kappa

SAME, DIFFERENT, UNCLEAR = "same", "different", "unclear"
SAID = (SAME, DIFFERENT, UNCLEAR)
ANSWERS, DRAWS = "review/answers/", "review/draws/"
Pair = tuple[str, str]
_PAIR = re.compile(r"([0-9a-f]{1,64})\+([0-9a-f]{1,64})", re.ASCII)
_DRAW = re.compile(r"[0-9a-f]{24}", re.ASCII)
_NAME_SIGNS = 200
_KEYS = {"answer", "at", "by", "draw", "pair"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One reviewer's answer to one drawn pair of mentions."""

    draw: str
    pair: Pair
    answer: str
    by: str
    at: str

    def line(self) -> bytes:
        """The answer as one line of canonical JSON."""
        stated = {
            "answer": self.answer,
            "at": self.at,
            "by": self.by,
            "draw": self.draw,
            "pair": pair_text(self.pair),
        }
        return digest.canonical(stated) + b"\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How two reviewers agree on the pairs both answered; `kappa` is None where it says nothing."""

    one: str
    other: str
    pairs: int
    agreed: int
    kappa: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What of the answers stands: pairs with whether they are one human and whether two reviewers say so, and what is left out."""

    settled: Mapping[Pair, tuple[bool, bool]] = field(default_factory=dict)
    unclear: tuple[Pair, ...] = ()
    disputed: tuple[Pair, ...] = ()
    agreements: tuple[Agreement, ...] = ()


def pair_text(pair: Pair) -> str:
    """A pair as rulings name it: MENTION+MENTION."""
    return f"{pair[0]}+{pair[1]}"


def pair_of(text: Any) -> Pair | None:
    """The pair a text names, its mentions in order; None where it names none."""
    found = _PAIR.fullmatch(text) if isinstance(text, str) else None
    if found is None or found[1] == found[2]:
        return None
    return (found[1], found[2]) if found[1] < found[2] else (found[2], found[1])


def is_reviewer(name: str) -> bool:
    """Whether a text can stand as the name of a reviewer."""
    return bool(name.strip()) and len(name) <= _NAME_SIGNS and name.isprintable()


def parsed(content: bytes, where: str) -> tuple[Answer, ...]:
    """The answers of a file of lines.

    Raises:
        CaseError: a line is no answer; the message names it.
    """
    return tuple(
        _answer(line, f"{where}, line {number}")
        for number, line in enumerate(content.split(b"\n")[:-1], start=1)
    )


def _answer(line: bytes, where: str) -> Answer:
    try:
        stated = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise CaseError(f"{where} is no JSON: {error}") from error
    if not isinstance(stated, dict) or set(stated) != _KEYS:
        raise CaseError(f"{where} must be an object with {', '.join(sorted(_KEYS))}")
    pair = pair_of(stated["pair"])
    if pair is None:
        raise CaseError(f"{where}: pair must be MENTION+MENTION")
    if stated["answer"] not in SAID:
        raise CaseError(f"{where}: answer must be {' | '.join(SAID)}")
    if not isinstance(stated["draw"], str) or not _DRAW.fullmatch(stated["draw"]):
        raise CaseError(f"{where}: draw must be the identifier of a draw, 24 hex digits")
    if not isinstance(stated["by"], str) or not is_reviewer(stated["by"]):
        raise CaseError(f"{where}: by must be the name of a reviewer")
    if not _is_instant(stated["at"]):
        raise CaseError(f"{where}: at must be an instant with its offset")
    return Answer(draw=stated["draw"], pair=pair, answer=stated["answer"], by=stated["by"], at=stated["at"])


def _is_instant(value: Any) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def held(case: Case, until: int | None = None) -> tuple[Answer, ...]:
    """Every answer the custody log of a case names, in the order in which they were taken in; of its first `until` records where given.

    Raises:
        CustodyError: a file of answers is gone or is not the one recorded.
        CaseError: a line of it is no answer.
    """
    if not case.review.is_dir():
        return ()
    found: list[Answer] = []
    for path, sha256 in recorded(case, ANSWERS, until).items():
        try:
            content = (case.root / path).read_bytes()
        except OSError as error:
            raise CustodyError(f"{path} cannot be read: {error}; put it back from a copy") from error
        if digest.of_bytes(content) != sha256:
            raise CustodyError(f"{path} is not the one the custody log names: put it back from a copy")
        found += parsed(content, path)
    return tuple(found)


def recorded(case: Case, prefix: str, until: int | None = None) -> dict[str, str]:
    """The files under a folder that the custody log of a case (its first `until` records) names, with their SHA-256."""
    records = [one for one in custody.read(case.root).records[:until] if one is not None]
    products = custody.current_products(records)
    return {path: one.sha256 for path, one in products.items() if path.startswith(prefix)}


def by_reviewer(answers: Iterable[Answer]) -> dict[str, dict[Pair, str]]:
    """The last answer of each reviewer to each pair."""
    found: dict[str, dict[Pair, str]] = {}
    for one in answers:
        found.setdefault(one.by, {})[one.pair] = one.answer
    return found


def standing(answers: Iterable[Answer], but: Collection[Pair] = ()) -> Standing:
    """What stands of the answers; pairs in `but` are ruled on by the examiner, whose word goes before.

    Pairs two reviewers answer differently are left out, and so are pairs whose answers together cannot be true. Who cannot tell says
    nothing against who can.
    """
    told = by_reviewer(answers)
    words: dict[Pair, list[str]] = {}
    for own in told.values():
        for pair, answer in own.items():
            if pair not in but:
                words.setdefault(pair, []).append(answer)
    settled: dict[Pair, tuple[bool, bool]] = {}
    unclear, disputed = [], set()
    for pair, said in sorted(words.items()):
        clear = [one for one in said if one != UNCLEAR]
        if not clear:
            unclear.append(pair)
        elif len(set(clear)) > 1:
            disputed.add(pair)
        else:
            settled[pair] = (clear[0] == SAME, len(clear) > 1)
    for loop in contradictions({pair: is_same for pair, (is_same, _) in settled.items()}):
        disputed |= {*loop}
    return Standing(
        settled={pair: one for pair, one in settled.items() if pair not in disputed},
        unclear=tuple(unclear),
        disputed=tuple(sorted(disputed)),
        agreements=_agreements(told),
    )


def _agreements(told: Mapping[str, Mapping[Pair, str]]) -> tuple[Agreement, ...]:
    names = sorted(told)
    found = []
    for place, one in enumerate(names):
        for other in names[place + 1 :]:
            both = sorted(told[one].keys() & told[other].keys())
            if both:
                ones, others = ([told[name][pair] for pair in both] for name in (one, other))
                agreed = sum(a == b for a, b in zip(ones, others, strict=True))
                found.append(
                    Agreement(one=one, other=other, pairs=len(both), agreed=agreed, kappa=kappa(ones, others))
                )
    return tuple(found)


def contradictions(said: Mapping[Pair, bool]) -> list[tuple[Pair, ...]]:
    """Pairs that cannot all be as said: two mentions said to be two humans, and the chain of pairs that makes them one."""
    beside: dict[str, list[str]] = {}
    for (one, other), is_same in sorted(said.items()):
        if is_same:
            beside.setdefault(one, []).append(other)
            beside.setdefault(other, []).append(one)
    found = []
    for pair, is_same in sorted(said.items()):
        if not is_same and (chain := _chain(beside, *pair)):
            found.append((pair, *chain))
    return found


def _chain(beside: Mapping[str, Sequence[str]], start: str, end: str) -> list[Pair]:
    """The shortest chain of pairs from one mention to another; empty where there is none."""
    came: dict[str, str] = {start: start}
    waiting = [start]
    for one in waiting:  # grows while it is walked
        for other in beside.get(one, ()):
            if other not in came:
                came[other] = one
                waiting.append(other)
    chain: list[Pair] = []
    while end in came and end != start:
        before = came[end]
        chain.append((min(before, end), max(before, end)))
        end = before
    return chain[::-1]


def refuse_contradiction(said: Mapping[Pair, bool], whose: str) -> None:
    """Refuse answers and rulings that cannot all be true.

    Raises:
        CaseError: two mentions are said to be two humans, and by others to be one.
    """
    for different, *chain in contradictions(said):
        told = ", ".join(pair_text(one) for one in chain)
        raise CaseError(
            f"{whose} contradict each other: {pair_text(different)} is said to be different, and {told} to be the same: "
            "answer one of them again, or rule on it in case.toml"
        )


def on_pairs(
    connection: duckdb.DuckDBPyConnection, answers: Iterable[Answer], ruled: Sequence[Ruled]
) -> tuple[Ruled, ...]:
    """The answers that stand beside the examiner's rulings; those on mentions the case no longer holds say nothing.

    Raises:
        CaseError: an answer and a ruling contradict each other by way of further pairs.
    """
    own = {(min(one.one, one.other), max(one.one, one.other)): one.is_same for one in ruled}
    found = standing(answers, own.keys()).settled
    if not found:
        return ()
    names = sorted({name for pair in found for name in pair})
    query = "SELECT mention_id FROM mention WHERE mention_id IN (SELECT unnest(?))"
    known = {name for (name,) in connection.execute(query, [names]).fetchall()}
    found = {pair: one for pair, one in found.items() if known.issuperset(pair)}
    refuse_contradiction(
        own | {pair: is_same for pair, (is_same, _) in found.items()}, "rulings and a reviewer's answers"
    )
    return tuple(
        Ruled(one=one, other=other, is_same=is_same, is_confirmed=is_confirmed)
        for (one, other), (is_same, is_confirmed) in sorted(found.items())
    )
