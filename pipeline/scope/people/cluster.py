"""Persons from mentions: the three bounds, why each mention is in its person, and how wide counts of them must be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb
import numpy as np
import pyarrow as pa

from pipeline.scope.people import strata
from pipeline.scope.people.bounds import BOUNDS, bounds, told_apart, two_rows
from pipeline.scope.people.calibration import Review, different_share, recalibrated, same_share, total
from pipeline.scope.people.doubts import Doubts, at_least, doubts
from pipeline.scope.people.errors import Widening, counted_twice, pieces, strayed_weak
from pipeline.scope.people.forms import PREPARED, Forms, read_forms
from pipeline.scope.people.model import Model, learned, probability, read_model, threshold, weights
from pipeline.scope.people.numbers import Ints, Mask, Reals, Small, unique
from pipeline.scope.people.pairs import LEVELS, Pairs, Patterns, compared, level
from pipeline.scope.people.weak import is_guess

# Forms, pairs, weights, bounds, and how wrong these may be: what takes long of many mentions.
STEPS = 5
ALONE, FIRST, SAME, RULED, MAY_BE_ANY, ANSWERED = range(6)
_OWN_REASONS = (
    "alone", "first mention of the person", "says the same", "ruling", "may be any of them", "a reviewer's answer",
)  # fmt: skip
_WORDS = {
    "name": {
        "exact": "name",
        "kana_alone": "kana",
        "kana": "kana, name written otherwise",
        "reading_differs": "name, read otherwise",
        "edit": "name but for a sign",
        "edits": "name but for some signs",
        "surname": "beginning of the name",
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
# So many times as often as the model has it may mentions stray that no pair could be made of; and so many more where the case has not
# one pair that would teach how often they do, fewer the more it has.
_WORSE, _UNTAUGHT = 2.0, 2.0
# Of twenty answers one is taken to be a slip: against greater odds (a weight) one reviewer alone does not prevail.
_SLIP = float(np.log2(19))
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
    """A count of persons: low, likely, high; `estimate` is how many persons the likely bound made, before they were corrected."""

    low: int
    likely: int
    high: int
    estimate: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Clusters:
    """Every mention in one person of each bound.

    Mentions are numbered in the order of their identifiers, and a person by its first mention. `widening` says how far the low and
    high counts over all mentions may be from the truth, `form` which form a mention is of, `doubts` how sure the joins are that the
    high bound refuses. `is_weak` marks mentions of a name and nothing else, and `is_guess` those of them that stand with the person they most
    probably speak of but may well speak of another. `is_registered` marks mentions with a number of
    the issuer that has given most: so many humans there are at least, but for those who were registered twice
    (`twice_registered`: the known ones). `review` is what a clerical review says of the links, where there was one.
    """

    people: Mapping[str, Small]
    reasons: Mapping[str, Small]
    reason_words: tuple[str, ...]
    weight: Reals
    form: Small
    is_weak: Mask
    is_guess: Mask
    doubts: Doubts
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
        held, doubt = self._held(mask)
        _, sure_doubt = self._held(sure & ~self.is_weak)
        return self._widened(
            _Found(
                low=distinct(self.people["low"], sure),
                joined=distinct(self.people["likely"], sure),
                high=distinct(self.people["high"], mask),
                forms=distinct(self.form, mask),
                sure_forms=distinct(self.form, sure),
                registered=distinct(self.people["low"], sure & self.is_registered),
                held=held,
                doubt=doubt,
                sure_doubt=sure_doubt,
            )
        )

    def counted_by(self, group: Small, mask: Mask, is_sure: Mask) -> dict[int, Interval]:
        """As `counted`, of the mentions of each group, for groups that have any."""
        size = int(group.max(initial=-1)) + 1
        sure = mask & is_sure

        def per_group(labels: Small, which: Mask) -> Ints:
            packed = unique((group[which].astype(np.int64) << 32) | labels[which])
            return np.bincount(packed >> 32, minlength=size)

        low, joined = (per_group(self.people[bound], sure) for bound in ("low", "likely"))
        high, forms, sure_forms = (
            per_group(self.people["high"], mask),
            per_group(self.form, mask),
            per_group(self.form, sure),
        )
        registered = per_group(self.people["low"], sure & self.is_registered)
        held = per_group(self.doubts.held, mask)
        doubt, sure_doubt = (self._doubt_by(group, which, size) for which in (mask, sure & ~self.is_weak))
        return {
            int(one): self._widened(
                _Found(
                    low=int(low[one]), joined=int(joined[one]), high=int(high[one]), forms=int(forms[one]), sure_forms=int(sure_forms[one]),
                    registered=int(registered[one]), held=int(held[one]), doubt=float(doubt[one]), sure_doubt=float(sure_doubt[one]),
                )
            )
            for one in np.flatnonzero(high)
        }  # fmt: skip

    def _held(self, mask: Mask) -> tuple[int, float]:
        """How many persons pairs of the likely bound make of those of the high bound among some mentions, and how many of the joins are expected not to hold."""
        persons = np.zeros(len(self), dtype=bool)
        persons[self.people["high"][mask]] = True
        present = np.flatnonzero(persons)
        together = np.bincount(self.doubts.held[present], minlength=len(self))
        several = together[self.doubts.held[present]] > 1
        return int(np.count_nonzero(together)), float(self.doubts.doubt[present[several]].sum())

    def _doubt_by(self, group: Small, mask: Mask, size: int) -> Reals:
        packed = unique((group[mask].astype(np.int64) << 32) | self.people["high"][mask])
        of, person = packed >> 32, packed & 0xFFFFFFFF
        _, place, together = np.unique(
            (of << 32) | self.doubts.held[person], return_inverse=True, return_counts=True
        )
        several = together[place] > 1
        return np.bincount(of[several], weights=self.doubts.doubt[person[several]], minlength=size).astype(
            np.float32
        )

    def _widened(self, found: _Found) -> Interval:
        """Counts of persons as wide as this case's links may be wrong: never below the humans an issuer has numbered, nor below one."""
        # Where some were registered twice, or their number is mistyped, and are known, others were and are not.
        twice = self.twice_registered * min(1.0, found.forms / max(self.widening.forms, 1))
        unknown = 2 * twice * self.widening.missed / max(self.widening.missed_joins, 1)
        numbered = found.registered - int(np.ceil(np.sqrt(twice) + unknown))
        least = max(
            numbered, min(found.low, 1), found.low - self.widening.missed_of(found.sure_forms - found.low)
        )
        most = found.high + self.widening.chance_of(found.forms)
        likely = float(found.joined)
        if self.model.is_shown():  # few pairs teach nothing of a case that would correct it
            most -= at_least(found.high - found.held, found.doubt)
            likely += found.sure_doubt - self.widening.unlinked_of(found.sure_forms - found.joined)
        most = max(most, found.joined, least)
        return Interval(
            low=least, likely=min(max(least, round(likely)), most), high=most, estimate=found.joined
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What is counted among some mentions before it is widened: persons of the bounds (`joined`: of the likely one), forms, and doubts."""

    low: int
    joined: int
    high: int
    forms: int
    sure_forms: int
    registered: int
    held: int
    doubt: float
    sure_doubt: float


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
        return strata.strata_of(self.weight, _kept_apart(self.model, self.forms, self.pairs, self.weight))


def weighed(
    connection: duckdb.DuckDBPyConnection,
    rulings: Sequence[Ruled] = (),
    reviewed: Sequence[Ruled] = (),
    joined_from: Mapping[str, float] | None = None,
    *,
    is_framed: bool = False,
    advance: Callable[[], None] = lambda: None,
) -> Weighed:
    """What the view `mention` of the connection is weighed to be: pairs from the low threshold on; `advance` is called thrice on the way.

    With answers, or `is_framed`, pairs from the lowest stratum on. Leaves the table `numbered` in the connection.
    """
    # Rows of a table that was written in order are numbered by themselves; a window over all of them would hold them twice.
    connection.execute("DROP VIEW IF EXISTS numbered")
    prepared = ", ".join(f"{sql} AS {name}" for name, sql in PREPARED.items())
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE ordered AS SELECT mention_id, {_KEPT}, {_KEYS}, {prepared} FROM mention ORDER BY mention_id"  # noqa: S608
    )
    connection.execute("CREATE TEMP VIEW numbered AS SELECT rowid AS n, * FROM ordered")
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

    advance()
    pairs = compared(connection, forms)
    advance()
    model = read_model()
    model = learned(replace(model, joined_from={**model.joined_from, **(joined_from or {})}), forms, pairs)
    weight = weights(model, forms, pairs)
    least = threshold(model, "low")
    if reviewed or is_framed:
        least = min(least, float(strata.edges()[0]))
    kept = np.flatnonzero(weight >= least)
    order = kept[np.argsort(-weight[kept], kind="stable")]
    del kept
    advance()
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
    advance: Callable[[], None] = lambda: None,
) -> Clusters:
    """Persons in each bound over the view `mention` of the connection; `joined_from` sets other probabilities to join from.

    `reviewed` are answers of a clerical review: they hold as rulings do, and say where the thresholds of this case lie and how
    often its links are wrong. `advance` is called at each of the `STEPS`.

    Leaves two tables in the connection: `numbered` (n, and columns of `mention`) and `clustered` (n, and for each bound the
    number of the person's first mention).
    """
    found = weighed(connection, rulings, reviewed, joined_from, advance=advance)
    review = None
    if reviewed:
        found, review = _reviewed(connection, found, joined_from or {})
    forms, model, pairs, weight = found.forms, found.model, found.pairs, found.weight
    parts = _bounds(connection, found)
    advance()
    if review is not None:
        review = _judged(found, review, parts)
        end = _end(weight, threshold(model, "low"))
        pairs, weight = pairs.take(np.arange(end)), weight[:end]
    answered = [pair for pair in found.same if pair in found.answers]
    guess = is_guess(forms, parts["likely"], pairs, weight)
    reasons, words, best = _reasons(forms, parts, pairs, weight, guess, found.same, answered)
    people = {bound: forms.first[part][forms.of_mention] for bound, part in parts.items()}
    columns = {"n": np.arange(len(forms.of_mention)), **people}
    connection.register("made_clustered", pa.table(columns))
    connection.execute("CREATE OR REPLACE TEMP TABLE clustered AS SELECT * FROM made_clustered")
    connection.unregister("made_clustered")
    registered = _is_registered(forms)
    doubted = doubts(pairs, weight, parts["high"], parts["likely"])
    widening = _widening(model, forms, pairs, weight, parts)
    advance()
    if review is not None:
        widening = replace(
            widening,
            missed_most=review.twice.most,
            chance_most=review.hidden.most,
            # What reviewers joined is not missed any more, whatever drawn humans say of the others.
            unlinked=max(widening.unlinked - _joined_by_answers(connection, found, parts["likely"]), 0.0),
        )
    return Clusters(
        people=people,
        reasons=reasons,
        reason_words=words,
        weight=best[forms.of_mention],
        form=forms.of_mention,
        is_weak=forms.is_weak()[forms.of_mention],
        is_guess=guess[forms.of_mention],
        doubts=Doubts(
            held=forms.first[doubted.held][forms.of_mention], doubt=doubted.doubt[forms.of_mention]
        ),
        model=model,
        widening=widening,
        is_registered=registered[forms.of_mention],
        twice_registered=max(
            len(unique(forms.code["number"][registered])) - len(unique(parts["low"][registered])), 0
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
        for place in places[
            _kept_apart(found.model, found.forms, found.pairs.take(places), found.weight[places])
        ]
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


def _joined_by_answers(connection: duckdb.DuckDBPyConnection, found: Weighed, likely: Small) -> int:
    """How many persons fewer the likely bound has than it would without what reviewers answered to be the same."""
    without = replace(found, same=tuple(pair for pair in found.same if pair not in found.answers))
    return max(len(unique(_bounds(connection, without)["likely"])) - len(unique(likely)), 0)


def _kept_apart(model: Model, forms: Forms, pairs: Pairs, weight: Reals) -> Mask:
    """Pairs that something keeps apart in the likely or the low bound, whatever they weigh; thresholds of the case have no part in it."""
    of_rules = replace(model, joined_from=read_model().joined_from)
    found = two_rows(forms, pairs)
    for bound in ("likely", "low"):
        found |= told_apart(bound, of_rules, pairs.pattern, weight)
    return found


def _bounds(connection: duckdb.DuckDBPyConnection, found: Weighed) -> dict[str, Small]:
    return bounds(connection, found.forms, found.model, found.pairs, found.weight, found.same, found.apart)


def _widening(
    model: Model, forms: Forms, pairs: Pairs, weight: Reals, parts: Mapping[str, Small]
) -> Widening:
    strong = ~forms.is_weak()
    twice = {}
    for bound in ("low", "likely"):
        # The bound must hold where the pairs that could not be joined are worse than those that could.
        slips = _worse(model) if bound == "low" else None
        found = pieces(model, forms, parts["likely"], _joining(bound, model), slips)
        persons = len(unique(parts[bound][strong]))
        twice[bound] = counted_twice(persons, int(strong.sum()), found) + strayed_weak(
            model, forms, parts[bound]
        )
    is_high = (weight >= threshold(model, "high")) & (parts["high"][pairs.left] == parts["high"][pairs.right])
    chance = float((1 - probability(weight[is_high])).sum())
    joins = {bound: len(forms) - len(unique(parts[bound])) for bound in ("low", "likely")}
    return Widening(
        missed=twice["low"], missed_joins=joins["low"], unlinked=twice["likely"], unlinked_joins=joins["likely"],
        chance=chance, forms=len(forms),
    )  # fmt: skip


def _worse(model: Model) -> float:
    """How many times as often as the model has it mentions may stray of which the low bound made no pair."""
    taught = model.learned_pairs["name"]
    return _WORSE + _UNTAUGHT * max(0.0, 1 - taught / model.prior_pairs)


def _joining(bound: str, model: Model) -> Callable[[Patterns, Reals], Mask]:
    at = threshold(model, bound)
    return lambda pattern, weight: (weight >= at) & ~told_apart(bound, model, pattern, weight)


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
    guess: Mask,
    same: Sequence[tuple[int, int]],
    answered: Sequence[tuple[int, int]],
) -> tuple[dict[str, Small], tuple[str, ...], Reals]:
    """For each mention and bound the number of a reason, the words of the reasons, and the weight of each form's best pair."""
    patterns = unique(pairs.pattern)
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
            own[guess & (sizes > 1)] = MAY_BE_ANY
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
