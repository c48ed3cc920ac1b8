"""The three bounds, one from the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb
import numpy as np
import pyarrow as pa

from pipeline.scope.people import strata
from pipeline.scope.people.calibration import (
    Review,
    different_share,
    recalibrated,
    same_share,
    total,
)
from pipeline.scope.people.errors import Widening, counted_twice, recall
from pipeline.scope.people.forms import KANA, NAME, NOTHING, Forms, Ints, Mask, Reals, Small, read_forms
from pipeline.scope.people.merging import Strictness, joined, merged
from pipeline.scope.people.model import Model, learned, probability, read_model, threshold, weights
from pipeline.scope.people.pairs import LEVELS, Pairs, Patterns, compared, level

BOUNDS = ("high", "likely", "low")
# What contradicts. A second number weighs against a pair, but one human may have been given two: only the high bound forbids it.
_STRICTNESS = {
    "high": Strictness(is_exact=False, by_number=True),
    "likely": Strictness(is_exact=False, by_number=False),
    "low": Strictness(is_exact=False, by_number=False, by_birth=False),
}
ALONE, FIRST, SAME, RULED, MAY_BE_ANY, ANSWERED = range(6)
_OWN_REASONS = (
    "alone",
    "first mention of the person",
    "says the same",
    "ruling",
    "may be any of them",
    "a reviewer's answer",
)
_WORDS = {
    "name": {
        "exact": "name",
        "kana_alone": "kana",
        "kana": "kana, name written otherwise",
        "reading_differs": "name, read otherwise",
        "edit": "name but for a sign",
        "changed": "given name",
        "part": "part of the name",
    },
    "birth_date": {"exact": "birth_date", "near": "birth_date but for a digit"},
    "phone": {"exact": "phone", "near": "phone but for a digit"},
    "email": {"exact": "email"},
    "place": {"exact": "address", "postal": "postal_code"},
    "number": {"exact": "number"},
}
_BATCH_ROWS = 65_536
_WORSE = 4.0
# Of twenty answers one is taken to be a slip: against greater odds (a weight) one reviewer alone does not prevail.
_SLIP = float(np.log2(19))
# How many signs a name may have that is a part of another: surnames, written or in kana.
_PART_SIGNS = range(2, 7)
# Columns of `mention` that counting and facts ask for; the others are left where they are.
_KEPT = "sheet_id, evidence_id, entry_id, role, items, categories, candidates, subject_kind, doubt"
_KEYS = "name_key, kana_key, birth_date, phone_key, email_key, address_key, postal_code, number_key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruled:
    """A ruling or a reviewer's answer on two mentions: whether they speak of one human.

    `is_confirmed` says that it holds whatever the records say: an examiner's ruling, or two reviewers' answer.
    """

    one: str
    other: str
    is_same: bool
    is_confirmed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A count of persons: low, likely, high, and the second estimate beside the likely one."""

    low: int
    likely: int
    high: int
    estimate: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Clusters:
    """Every mention in one person of each bound.

    Mentions are numbered in the order of their identifiers, and a person by its first mention. `widening` says how far the low and
    high counts over all mentions may be from the truth, `form` which form a mention is of. `is_registered` marks mentions with a number of
    the issuer that has given most: so many humans there are at least, but for those who were registered twice
    (`twice_registered`: the known ones). `review` is what a clerical review says of the links, where there was one.
    """

    people: Mapping[str, Small]
    reasons: Mapping[str, Small]
    reason_words: tuple[str, ...]
    weight: Reals
    form: Small
    model: Model
    widening: Widening
    is_registered: Mask
    twice_registered: int
    review: Review | None = None

    def __len__(self) -> int:
        return len(self.form)

    def counted(self, mask: Mask, is_sure: Mask) -> Interval:
        """The persons of some mentions. Those not sure to speak of a person at all count in the highest bound only."""
        sure = mask & is_sure
        low, likely = (distinct(self.people[bound], sure) for bound in ("low", "likely"))
        return self.widened(
            low=low,
            likely=likely,
            high=distinct(self.people["high"], mask),
            forms=distinct(self.form, mask),
            registered=distinct(self.people["low"], sure & self.is_registered),
        )

    def widened(self, *, low: int, likely: int, high: int, forms: int, registered: int) -> Interval:
        """Counts of persons as wide as this case's links may be wrong: never below the humans an issuer has numbered, nor below one."""
        # Where some were registered twice and are known, others were and are not.
        twice = self.twice_registered * min(1.0, forms / max(self.widening.forms, 1))
        numbered = registered - int(np.ceil(np.sqrt(twice)))
        least = max(numbered, min(low, 1), low - self.widening.missed_of(forms))
        return Interval(
            low=least,
            likely=likely,
            high=high + self.widening.chance_of(forms),
            estimate=max(least, likely - self.widening.unlinked_of(forms)),
        )


def distinct(labels: Small, mask: Mask) -> int:
    """How many different labels (below their own length) some of the rows have."""
    seen = np.zeros(len(labels), dtype=bool)
    seen[labels[mask]] = True
    return int(seen.sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """The forms of a case, its compared pairs in falling weight, and what rulings and answers say of forms.

    `same` and `apart` are pairs of forms ruled so; `answers` those reviewers answered.
    """

    forms: Forms
    pairs: Pairs
    weight: Reals
    model: Model
    same: tuple[tuple[int, int], ...]
    apart: tuple[tuple[int, int], ...]
    answers: Mapping[tuple[int, int], Ruled]

    def answered(self, *, is_same: bool) -> Ints:
        """The places of the pairs answered so, among those compared."""
        so = [pair for pair, said in self.answers.items() if said.is_same == is_same]
        return strata.found_among(self.pairs, so)

    def strata(self) -> strata.Numbers:
        """The number of the stratum of each pair."""
        return strata.strata_of(self.weight, _kept_apart(self.forms, self.pairs))


def weighed(
    connection: duckdb.DuckDBPyConnection,
    rulings: Sequence[Ruled] = (),
    reviewed: Sequence[Ruled] = (),
    joined_from: Mapping[str, float] | None = None,
    *,
    is_framed: bool = False,
) -> Weighed:
    """What the view `mention` of the connection is weighed to be: pairs from the low threshold on.

    With answers, or `is_framed`, pairs from the lowest stratum on. Leaves the table `numbered` in the connection.
    """
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE numbered AS SELECT row_number() OVER (ORDER BY mention_id) - 1 AS n, mention_id, {_KEPT}, {_KEYS} FROM mention ORDER BY n"  # noqa: S608
    )
    ruled, reviews = _numbered(connection, rulings), _numbered(connection, reviewed)
    alone = {one for pair, _ in ruled for one in pair}
    forms = read_forms(connection, sorted(alone))
    # What is answered of a mention holds for all that say the same, unless it is that two of these are two humans.
    within = {
        one
        for pair, said in reviews
        if not said.is_same and forms.of_mention[pair[0]] == forms.of_mention[pair[1]]
        for one in pair
    }
    if within:
        forms = read_forms(connection, sorted(alone | within))

    def of_forms(pair: tuple[int, int]) -> tuple[int, int]:
        one, other = sorted(int(forms.of_mention[mention]) for mention in pair)
        return one, other

    pairs = compared(connection, forms)
    model = read_model()
    model = learned(replace(model, joined_from={**model.joined_from, **(joined_from or {})}), forms, pairs)
    weight = weights(model, forms, pairs)
    least = threshold(model, "low")
    if reviewed or is_framed:
        least = min(least, float(strata.edges()[0]))
    order = np.argsort(-weight, kind="stable")
    order = order[: int(np.searchsorted(-weight[order], -least, side="right"))]
    return Weighed(
        forms=forms,
        pairs=pairs.take(order),
        weight=weight[order],
        model=model,
        same=tuple(of_forms(pair) for pair, said in ruled if said.is_same),
        apart=tuple(of_forms(pair) for pair, said in ruled if not said.is_same),
        answers={of_forms(pair): said for pair, said in reviews},
    )


def cluster(
    connection: duckdb.DuckDBPyConnection,
    rulings: Sequence[Ruled] = (),
    joined_from: Mapping[str, float] | None = None,
    reviewed: Sequence[Ruled] = (),
) -> Clusters:
    """Persons in each bound over the view `mention` of the connection; `joined_from` sets other probabilities to join from.

    `reviewed` are answers of a clerical review: they hold as rulings do, and say where the thresholds of this case lie and how
    often its links are wrong.

    Leaves two tables in the connection: `numbered` (n, and columns of `mention`) and `clustered` (n, and for each bound the
    number of the person's first mention).
    """
    found = weighed(connection, rulings, reviewed, joined_from)
    review = None
    if reviewed:
        found, review = _reviewed(connection, found, joined_from or {})
    forms, model, pairs, weight = found.forms, found.model, found.pairs, found.weight
    parts = _bounds(connection, found)
    if review is not None:
        review = _judged(found, review, parts)
        end = _end(weight, threshold(model, "low"))
        pairs, weight = pairs.take(np.arange(end)), weight[:end]
    answered = [pair for pair in found.same if pair in found.answers]
    reasons, words, best = _reasons(forms, parts, pairs, weight, found.same, answered)
    people = {bound: forms.first[part][forms.of_mention] for bound, part in parts.items()}
    columns = {"n": np.arange(len(forms.of_mention)), **people}
    connection.register("made_clustered", pa.table(columns))
    connection.execute("CREATE OR REPLACE TEMP TABLE clustered AS SELECT * FROM made_clustered")
    connection.unregister("made_clustered")
    registered = _is_registered(forms)
    widening = _widening(model, forms, pairs, weight, parts)
    if review is not None:
        widening = replace(widening, missed_most=review.twice.most, chance_most=review.hidden.most)
    return Clusters(
        people=people,
        reasons=reasons,
        reason_words=words,
        weight=best[forms.of_mention],
        form=forms.of_mention,
        model=model,
        widening=widening,
        is_registered=registered[forms.of_mention],
        twice_registered=max(
            len(np.unique(forms.code["number"][registered])) - len(np.unique(parts["low"][registered])), 0
        ),
        review=review,
    )


def _end(weight: Reals, least: float) -> int:
    """How many pairs, in falling weight, weigh so much."""
    return int(np.searchsorted(-weight, -least, side="right"))


def _reviewed(
    connection: duckdb.DuckDBPyConnection, found: Weighed, supposed: Mapping[str, float]
) -> tuple[Weighed, Review]:
    """The model with the thresholds the answers give it, as far as none must be refused; what is supposed stays."""
    described = strata.described(
        found.strata(), found.weight, found.answered(is_same=True), found.answered(is_same=False)
    )
    found, waiting = _heeding(found)
    before = found.model.joined_from
    after = recalibrated(described[: strata.APART], strata.edges().tolist(), before) | dict(supposed)
    refused: dict[str, str] = {}
    if any(after[bound] < before[bound] for bound in BOUNDS):
        then = replace(found, model=replace(found.model, joined_from=after))
        old, new = _bounds(connection, found), _bounds(connection, then)
        for bound in BOUNDS:
            if after[bound] >= before[bound]:
                continue
            place = np.arange(len(found.pairs))
            is_link, was_link = (
                place < _end(found.weight, threshold(one, bound)) for one in (then.model, found.model)
            )
            why = strata.why_refused(found.forms, found.pairs, old[bound], new[bound], is_link, was_link)
            if why is not None:
                refused[bound] = why
    after |= {bound: before[bound] for bound in refused}
    # Each bound is coarser than the one before it.
    after["low"] = min(after["low"], after["likely"])
    after["high"] = max(after["high"], after["likely"])
    model = replace(found.model, joined_from=after)
    review = Review(
        strata=described, before=before, after=after, refused=refused, waiting=tuple(sorted(waiting))
    )
    return replace(found, model=model), review


def _heeding(found: Weighed) -> tuple[Weighed, list[str]]:
    """The answers as rulings, but for those of one reviewer against odds that make a slip of the reviewer more probable.

    These wait for a second reviewer, and are named.
    """
    places = strata.found_among(found.pairs, found.answers)
    weighs = {
        (int(found.pairs.left[place]), int(found.pairs.right[place])): float(found.weight[place])
        for place in places
    }
    apart = {
        (int(found.pairs.left[place]), int(found.pairs.right[place]))
        for place in places[_kept_apart(found.forms, found.pairs.take(places))]
    }
    heeded: dict[bool, list[tuple[int, int]]] = {True: list(found.same), False: list(found.apart)}
    waiting = []
    for pair, said in found.answers.items():
        against = -weighs.get(pair, 0.0) if said.is_same else weighs.get(pair, 0.0)
        # What is kept apart by a contradiction, whatever it weighs, asks for just this word.
        if said.is_confirmed or pair in apart or against < _SLIP:
            heeded[said.is_same].append(pair)
        else:
            waiting.append(f"{said.one}+{said.other}")
    return replace(found, same=tuple(heeded[True]), apart=tuple(heeded[False])), waiting


def _judged(found: Weighed, review: Review, parts: Mapping[str, Small]) -> Review:
    """The review with how many links and persons its answers say are wrong, among what nobody answered."""
    pairs, number = found.pairs, found.strata()
    is_open = number >= 0
    is_open[strata.found_among(pairs, (*found.same, *found.apart))] = False

    def counts(bound: str, *, are_joined: bool) -> tuple[Small, Small, Mask]:
        left, right = parts[bound][pairs.left], parts[bound][pairs.right]
        which: Mask = is_open & ((left == right) == are_joined)
        return left, right, which

    _, _, linked = counts("likely", are_joined=True)
    _, _, unlinked = counts("likely", are_joined=False)
    left, right, apart = counts("low", are_joined=False)
    _, _, held = counts("high", are_joined=True)
    twice = strata.distinct_pairs(left, right, apart)
    bridges = strata.spanning(pairs.left, pairs.right, held, len(found.forms))
    return replace(
        review,
        false_links=total(review.strata, strata.per_stratum(number, linked), different_share),
        missed_links=total(review.strata, strata.per_stratum(number, unlinked), same_share),
        twice=total(review.strata, strata.per_stratum(number, twice), same_share),
        hidden=total(review.strata, strata.per_stratum(number, bridges), different_share),
    )


def _kept_apart(forms: Forms, pairs: Pairs) -> Mask:
    """Pairs that something keeps apart in the likely or the low bound, whatever they weigh."""
    found: Mask = _told_apart(pairs.pattern) | _slips_alone(pairs.pattern) | _two_rows(forms, pairs)
    return found


def _bounds(connection: duckdb.DuckDBPyConnection, found: Weighed) -> dict[str, Small]:
    """The forms of each bound, every person named by its lowest form."""
    forms, pairs, same, apart = found.forms, found.pairs, found.same, found.apart

    def names(asked: Small) -> dict[int, tuple[str | None, str | None]]:
        connection.register("asked", pa.table({"form": asked, "n": forms.first[asked].astype(np.int64)}))
        said = connection.sql(
            f"SELECT form, {NAME}, {KANA} FROM asked JOIN numbered USING (n)"  # noqa: S608
        ).fetchall()
        connection.unregister("asked")
        return {form: (name, kana) for form, name, kana in said}

    ruled = [np.array(side, dtype=np.int32) for side in zip(*same, strict=True)] or [
        np.zeros(0, np.int32)
    ] * 2
    parts: dict[str, Small] = {}
    finer = joined(np.arange(len(forms), dtype=np.int32), ruled[0], ruled[1])
    for bound in BOUNDS:
        which = pairs.take(np.arange(_end(found.weight, threshold(found.model, bound))))
        discriminates = None
        if bound == "high":
            which = which.take(proves(which.pattern))
            discriminates = (level(which.pattern, "birth_date") == 1) | (level(which.pattern, "number") == 1)
        elif bound == "likely":
            which = which.take(~_slips_alone(which.pattern) & ~_two_rows(forms, which))
        # The same number of one issuer and the same date of birth are no second human, however the name is written.
        overrules = None
        if bound != "high":
            overrules = _is_one_number(which.pattern)
            if bound == "likely":
                overrules &= level(which.pattern, "birth_date") == 1
        part = merged(
            finer, which.left, which.right, discriminates, overrules, forms, names, _STRICTNESS[bound], apart
        )
        if bound == "likely":
            part = _with_weak(connection, part, forms, apart)
        elif bound == "low":
            part = _with_nameless(part, forms, apart)
        parts[bound] = finer = part
    return parts


def proves(pattern: Patterns) -> Mask:
    """Whether a pair agrees in two things and clearly contradicts in none: what the high bound asks for beside the weight."""
    name = level(pattern, "name")
    same_name = (name == 1) | (name == 2) | (name == 3)
    things = same_name.astype(np.int8)
    for field in ("birth_date", "phone", "email", "place", "number"):
        things += level(pattern, field) == 1
    clash = (level(pattern, "birth_date") == 3) | (level(pattern, "number") == 2) | _names_differ(pattern)
    found: Mask = (things >= 2) & ~clash
    return found


def _names_differ(pattern: Patterns) -> Mask:
    found: Mask = level(pattern, "name") == LEVELS["name"].index("differ")
    return found


def _slips_alone(pattern: Patterns) -> Mask:
    """Pairs whose dates of birth differ by a slip and that nothing but a name holds together: kept apart, for an examiner to rule."""
    held = np.zeros(len(pattern), dtype=bool)
    for field in ("phone", "email", "place", "number"):
        held |= level(pattern, field) == 1
    found: Mask = (level(pattern, "birth_date") == 2) & ~held
    return found


def _two_rows(forms: Forms, pairs: Pairs) -> Mask:
    """Two rows of one list that share a name and differ in how to reach them: a list has a row for each of its humans."""
    one_list = (forms.place[pairs.left] == forms.place[pairs.right]) & forms.is_list[forms.place[pairs.left]]
    held = np.zeros(len(pairs), dtype=bool)
    for field in ("birth_date", "phone", "email", "place", "number"):
        held |= level(pairs.pattern, field) == 1
    differ = np.zeros(len(pairs), dtype=bool)
    for field in ("phone", "email", "place"):
        differ |= level(pairs.pattern, field) == len(LEVELS[field]) - 1
    found: Mask = one_list & ~held & differ
    return found


def _with_weak(
    connection: duckdb.DuckDBPyConnection, part: Small, forms: Forms, apart: Sequence[tuple[int, int]]
) -> Small:
    """Persons of whom a name, a part of one, or a reading is all that is said go to the first that bears it: more likely known than new."""
    is_strong = np.zeros(len(part), dtype=bool)
    is_strong[part[~forms.is_weak()]] = True
    for field in ("name", "kana"):
        code = forms.code[field]
        bears = np.flatnonzero((code != NOTHING) & is_strong[part])
        asks = np.flatnonzero((code != NOTHING) & ~is_strong[part])
        if not len(bears) or not len(asks):
            continue
        values, place = np.unique(code[bears], return_index=True)
        found = np.minimum(np.searchsorted(values, code[asks]), len(values) - 1)
        hit = values[found] == code[asks]
        part = _unless_apart(part, asks[hit], bears[place[found[hit]]], apart)
    return _with_surnames(connection, part, forms, apart)


def _with_surnames(
    connection: duckdb.DuckDBPyConnection,
    part: Small,
    forms: Forms,
    apart: Sequence[tuple[int, int]],
) -> Small:
    has_strong = np.zeros(len(part), dtype=bool)
    has_strong[part[~forms.is_weak()]] = True
    asks = np.flatnonzero(~has_strong[part])
    if not len(asks):
        return part
    bears = np.flatnonzero(has_strong[part])
    connection.register("asks", pa.table({"form": asks, "n": forms.first[asks].astype(np.int64)}))
    connection.register("bears", pa.table({"form": bears, "n": forms.first[bears].astype(np.int64)}))
    starts = " UNION ALL ".join(
        f"SELECT left(v, {size}) AS v, min(form) AS form FROM c WHERE length(v) > {size} GROUP BY 1"  # noqa: S608
        for size in _PART_SIGNS
    )
    found = connection.sql(
        f"WITH a AS (SELECT form, coalesce({NAME}, {KANA}) AS v FROM asks JOIN numbered USING (n)), "  # noqa: S608
        f"b AS (SELECT form, {NAME} AS name, {KANA} AS kana FROM bears JOIN numbered USING (n)), "
        "c AS (SELECT name AS v, form FROM b WHERE name IS NOT NULL UNION ALL SELECT kana, form FROM b WHERE kana IS NOT NULL), "
        f"f AS ({starts}) "
        "SELECT a.form AS one, f.form AS other FROM a JOIN f USING (v) ORDER BY 1"
    ).to_arrow_table()
    connection.unregister("asks")
    connection.unregister("bears")
    one, other = (found.column(name).to_numpy() for name in ("one", "other"))
    return _unless_apart(part, one, other, apart)


def _with_nameless(part: Small, forms: Forms, apart: Sequence[tuple[int, int]]) -> Small:
    """In the low bound a person of whom neither name nor number is known may be any other.

    One with a mail address of its own can only be somebody of whom no address is known: each goes with one of those.
    """
    is_known, has_mail = (np.zeros(len(part), dtype=bool) for _ in range(2))
    is_known[part[forms.says("name") | forms.says("number")]] = True
    has_mail[part[forms.says("email")]] = True
    roots = np.unique(part)
    known = roots[is_known[roots]]
    if not len(known):
        return part
    rest = roots[~is_known[roots] & ~has_mail[roots]]
    part = _unless_apart(part, rest, np.full(len(rest), known[0]), apart)
    mailed, free = roots[~is_known[roots] & has_mail[roots]], known[~has_mail[known]]
    count = min(len(mailed), len(free))
    return _unless_apart(part, mailed[:count], free[:count], apart)


def _unless_apart(
    part: Small, left: Small | Ints, right: Small | Ints, apart: Sequence[tuple[int, int]]
) -> Small:
    """Persons joined, but for those that would bring together what is ruled apart."""
    made = joined(part, left.astype(np.int32), right.astype(np.int32))
    together = [one for pair in apart if made[pair[0]] == made[pair[1]] for one in pair]
    if not together:
        return made
    ruled = np.zeros(len(part), dtype=bool)
    ruled[part[together]] = True
    keep = ~ruled[part[left]]
    return joined(part, left[keep].astype(np.int32), right[keep].astype(np.int32))


def _widening(
    model: Model, forms: Forms, pairs: Pairs, weight: Reals, parts: Mapping[str, Small]
) -> Widening:
    strong = ~forms.is_weak()
    twice = {}
    for bound, refused in (("low", _told_apart), ("likely", _slips_alone)):
        # The bound must hold where the pairs that could not be joined are worse than those that could.
        slips = _WORSE if bound == "low" else 1.0
        joins = recall(model, forms, _passing(threshold(model, bound), refused), slips)
        twice[bound] = counted_twice(parts[bound][strong], joins)
    is_high = (weight >= threshold(model, "high")) & (parts["high"][pairs.left] == parts["high"][pairs.right])
    chance = float((1 - probability(weight[is_high])).sum())
    return Widening(missed=twice["low"], unlinked=twice["likely"], chance=chance, forms=len(forms))


def _passing(at: float, refused: Callable[[Patterns], Mask]) -> Callable[[Patterns, Reals], Mask]:
    return lambda pattern, weight: (weight >= at) & ~refused(pattern) & ~_told_apart(pattern)


def _told_apart(pattern: Patterns) -> Mask:
    """Patterns that contradict even in the low bound."""
    found: Mask = ((level(pattern, "birth_date") == 3) | _names_differ(pattern)) & ~_is_one_number(pattern)
    return found


def _is_one_number(pattern: Patterns) -> Mask:
    """The same number of one issuer, with the same date of birth or the same name: a slip in the other makes no second human."""
    found: Mask = (level(pattern, "number") == 1) & (
        (level(pattern, "birth_date") == 1) | (level(pattern, "name") == 1)
    )
    return found


def _is_registered(forms: Forms) -> Mask:
    """Forms that bear a number of the issuer that has given most."""
    own = forms.registry[forms.says("number")]
    if not len(own):
        return np.zeros(len(forms), dtype=bool)
    issuers, counts = np.unique(own, return_counts=True)
    found: Mask = forms.says("number") & (forms.registry == issuers[np.argmax(counts)])
    return found


def _numbered(
    connection: duckdb.DuckDBPyConnection, rulings: Sequence[Ruled]
) -> list[tuple[tuple[int, int], Ruled]]:
    """Rulings with the numbers of their mentions, the lower first."""
    named = [name for ruled in rulings for name in (ruled.one, ruled.other)]
    found = connection.execute(
        "SELECT mention_id, n FROM numbered WHERE mention_id IN (SELECT unnest(?))", [named]
    )
    numbers = dict(found.fetchall())
    made = []
    for ruled in rulings:
        first, second = sorted((numbers[ruled.one], numbers[ruled.other]))
        made.append(((first, second), ruled))
    return made


def _reasons(
    forms: Forms,
    parts: Mapping[str, Small],
    pairs: Pairs,
    weight: Reals,
    same: Sequence[tuple[int, int]],
    answered: Sequence[tuple[int, int]],
) -> tuple[dict[str, Small], tuple[str, ...], Reals]:
    """For each mention and bound the number of a reason, the words of the reasons, and the weight of each form's best pair."""
    patterns = np.unique(pairs.pattern)
    words = (*_OWN_REASONS, *(_told(int(one)) for one in patterns))
    number = (np.searchsorted(patterns, pairs.pattern) + len(_OWN_REASONS)).astype(np.int32)
    best = np.full(len(forms), np.nan, dtype=np.float32)
    found: dict[str, Small] = {}
    is_first = np.zeros(len(forms.of_mention), dtype=bool)
    is_first[forms.first] = True
    for bound, part in parts.items():
        sizes = np.bincount(part, minlength=len(part))[part]
        own = np.where(sizes == 1, ALONE, MAY_BE_ANY).astype(np.int32)
        within = np.flatnonzero(part[pairs.left] == part[pairs.right])[
            ::-1
        ]  # rising, so that the best stands last
        for side in (pairs.left, pairs.right):
            own[side[within]] = number[within]
        if bound == "likely":
            for side in (pairs.left, pairs.right):
                best[side[within]] = np.fmax(best[side[within]], weight[within])
        own[[one for pair in same for one in pair]] = RULED
        own[[one for pair in answered for one in pair]] = ANSWERED
        own[(part == np.arange(len(part))) & (sizes > 1)] = FIRST
        of_mention = own[forms.of_mention]
        of_mention[~is_first] = SAME
        counts = np.bincount(forms.of_mention, minlength=len(forms))
        alone = is_first & (of_mention == ALONE) & (counts[forms.of_mention] > 1)
        of_mention[alone] = FIRST
        found[bound] = of_mention
    return found, words, best


def _told(pattern: int) -> str:
    """A pattern of agreements in words."""
    held = np.array([pattern], dtype=np.int16)
    told = []
    for field, names in LEVELS.items():
        name = names[int(level(held, field)[0])]
        if name in _WORDS[field]:
            told.append(_WORDS[field][name])
    return " + ".join(told) or "rarity of what both say"


def batches(connection: duckdb.DuckDBPyConnection, found: Clusters) -> Iterator[pa.RecordBatch]:
    """Columns mention_id, and for each bound the person (1 and up, in the order of first mentions) and the reason; and the weight."""
    words = pa.array(found.reason_words, pa.string())
    start = 0
    reader = connection.sql("SELECT mention_id FROM numbered ORDER BY n").to_arrow_reader(_BATCH_ROWS)
    for batch in reader:
        stop = start + batch.num_rows
        columns: dict[str, pa.Array] = {"mention_id": batch.column(0).cast(pa.string())}
        for bound in BOUNDS:
            columns[bound] = pa.array(found.people[bound][start:stop].astype(np.int64) + 1)
            columns[f"{bound}_reason"] = words.take(pa.array(found.reasons[bound][start:stop]))
        weight = found.weight[start:stop].astype(np.float64)
        columns["weight"] = pa.array(weight, mask=np.isnan(weight))
        yield pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))
        start = stop
