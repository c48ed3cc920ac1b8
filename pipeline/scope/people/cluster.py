"""Persons from mentions: the three bounds, why each mention is in its person, and how wide counts of them must be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb
import numpy as np
import pyarrow as pa

from pipeline.scope.people.bounds import BOUNDS, bounds, told_apart
from pipeline.scope.people.doubts import Doubts, at_least, doubts
from pipeline.scope.people.errors import Widening, counted_twice, pieces, strayed_weak
from pipeline.scope.people.forms import PREPARED, Forms, Ints, Mask, Reals, Small, read_forms
from pipeline.scope.people.model import Model, learned, probability, read_model, threshold, weights
from pipeline.scope.people.pairs import LEVELS, Pairs, Patterns, compared, level

ALONE, FIRST, SAME, RULED, MAY_BE_ANY = range(5)
_OWN_REASONS = ("alone", "first mention of the person", "says the same", "ruling", "may be any of them")
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
# So many times as often as the model has it may mentions stray that no pair could be made of.
_WORSE = 2.0
# Columns of `mention` that counting and facts ask for; the others are left where they are.
_KEPT = "sheet_id, evidence_id, entry_id, role, items, categories, candidates, subject_kind, doubt"
_KEYS = "name_key, kana_key, birth_date, phone_key, email_key, address_key, postal_code, number_key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruled:
    """An examiner's ruling on two mentions: whether they speak of one human."""

    one: str
    other: str
    is_same: bool


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
    high bound refuses. `is_weak` marks mentions of a name and nothing else: whose they are is no matter of weights. `is_registered` marks mentions with a number of
    the issuer that has given most: so many humans there are at least, but for those who were registered twice
    (`twice_registered`: the known ones).
    """

    people: Mapping[str, Small]
    reasons: Mapping[str, Small]
    reason_words: tuple[str, ...]
    weight: Reals
    form: Small
    is_weak: Mask
    doubts: Doubts
    model: Model
    widening: Widening
    is_registered: Mask
    twice_registered: int

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
            packed = np.unique((group[which].astype(np.int64) << 32) | labels[which])
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
        packed = np.unique((group[mask].astype(np.int64) << 32) | self.people["high"][mask])
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
        most = (
            found.high - at_least(found.high - found.held, found.doubt) + self.widening.chance_of(found.forms)
        )
        likely = float(found.joined)
        if self.model.is_shown():  # few pairs teach nothing of a case that would correct it
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


def cluster(
    connection: duckdb.DuckDBPyConnection,
    rulings: Sequence[Ruled] = (),
    joined_from: Mapping[str, float] | None = None,
) -> Clusters:
    """Persons in each bound over the view `mention` of the connection; `joined_from` sets other probabilities to join from.

    Leaves two tables in the connection: `numbered` (n, and columns of `mention`) and `clustered` (n, and for each bound the
    number of the person's first mention).
    """
    # Rows of a table that was written in order are numbered by themselves; a window over all of them would hold them twice.
    connection.execute("DROP VIEW IF EXISTS numbered")
    prepared = ", ".join(f"{sql} AS {name}" for name, sql in PREPARED.items())
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE ordered AS SELECT mention_id, {_KEPT}, {_KEYS}, {prepared} FROM mention ORDER BY mention_id"  # noqa: S608
    )
    connection.execute("CREATE TEMP VIEW numbered AS SELECT rowid AS n, * FROM ordered")
    same, apart = _numbered(connection, rulings)
    forms = read_forms(connection, sorted({one for pair in (*same, *apart) for one in pair}))
    same, apart = (
        [(int(forms.of_mention[a]), int(forms.of_mention[b])) for a, b in some] for some in (same, apart)
    )
    pairs = compared(connection, forms)
    model = read_model()
    model = learned(replace(model, joined_from={**model.joined_from, **(joined_from or {})}), forms, pairs)
    weight = weights(model, forms, pairs)
    kept = np.flatnonzero(weight >= threshold(model, "low"))
    order = kept[np.argsort(-weight[kept], kind="stable")]
    del kept
    pairs, weight = pairs.take(order), weight[order]
    parts = bounds(connection, forms, model, pairs, weight, same, apart)
    reasons, words, best = _reasons(forms, parts, pairs, weight, same)
    people = {bound: forms.first[part][forms.of_mention] for bound, part in parts.items()}
    columns = {"n": np.arange(len(forms.of_mention)), **people}
    connection.register("made_clustered", pa.table(columns))
    connection.execute("CREATE OR REPLACE TEMP TABLE clustered AS SELECT * FROM made_clustered")
    connection.unregister("made_clustered")
    registered = _is_registered(forms)
    doubted = doubts(pairs, weight, parts["high"], parts["likely"])
    return Clusters(
        people=people,
        reasons=reasons,
        reason_words=words,
        weight=best[forms.of_mention],
        form=forms.of_mention,
        is_weak=forms.is_weak()[forms.of_mention],
        doubts=Doubts(
            held=forms.first[doubted.held][forms.of_mention], doubt=doubted.doubt[forms.of_mention]
        ),
        model=model,
        widening=_widening(model, forms, pairs, weight, parts),
        is_registered=registered[forms.of_mention],
        twice_registered=max(
            len(np.unique(forms.code["number"][registered])) - len(np.unique(parts["low"][registered])), 0
        ),
    )


def _widening(
    model: Model, forms: Forms, pairs: Pairs, weight: Reals, parts: Mapping[str, Small]
) -> Widening:
    strong = ~forms.is_weak()
    twice = {}
    for bound in ("low", "likely"):
        # The bound must hold where the pairs that could not be joined are worse than those that could.
        slips = _WORSE if bound == "low" else None
        found = pieces(model, forms, parts["likely"], _joining(bound, model), slips)
        persons = len(np.unique(parts[bound][strong]))
        twice[bound] = counted_twice(persons, int(strong.sum()), found) + strayed_weak(
            model, forms, parts[bound]
        )
    is_high = (weight >= threshold(model, "high")) & (parts["high"][pairs.left] == parts["high"][pairs.right])
    chance = float((1 - probability(weight[is_high])).sum())
    joins = {bound: len(forms) - len(np.unique(parts[bound])) for bound in ("low", "likely")}
    return Widening(
        missed=twice["low"], missed_joins=joins["low"], unlinked=twice["likely"], unlinked_joins=joins["likely"],
        chance=chance, forms=len(forms),
    )  # fmt: skip


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
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Pairs ruled the same, and pairs ruled different, by the numbers of their mentions."""
    named = [name for ruled in rulings for name in (ruled.one, ruled.other)]
    found = connection.execute(
        "SELECT mention_id, n FROM numbered WHERE list_contains(?, mention_id)", [named]
    )
    numbers = dict(found.fetchall())
    sides: dict[bool, list[tuple[int, int]]] = {True: [], False: []}
    for ruled in rulings:
        first, second = sorted((numbers[ruled.one], numbers[ruled.other]))
        sides[ruled.is_same].append((first, second))
    return sides[True], sides[False]


def _reasons(
    forms: Forms, parts: Mapping[str, Small], pairs: Pairs, weight: Reals, same: Sequence[tuple[int, int]]
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
