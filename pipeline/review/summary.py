"""What a review came to so far: answers, agreement of reviewers, thresholds before and after, and how often links are wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.case import Case
from pipeline.progress import printable
from pipeline.review.draw import Draw, draws
from pipeline.scope import reviewed, rulings
from pipeline.scope import stage as scope
from pipeline.scope.people import BOUNDS, strata
from pipeline.scope.people.calibration import LEAST_ANSWERS, LEVEL, PRIOR_ANSWERS, Review
from pipeline.scope.reviewed import SAID, Standing, pair_text
from pipeline.tables import read

_ERRORS = {
    "false_links": "links of the likely figure that join two humans",
    "missed_links": "pairs of one human the likely figure leaves apart",
    "counted_twice_low": "persons the low figure counts twice",
    "taken_for_others_high": "persons the high figure takes for others",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The draws of a case, what each reviewer said, what stands of it, and what it says of the links; `review` is None without answers."""

    draws: tuple[Draw, ...]
    said: Mapping[str, Mapping[str, int]]
    standing: Standing
    review: Review | None

    def as_json(self) -> dict[str, Any]:
        """The summary as JSON values."""
        found: dict[str, Any] = {
            "draws": [
                {"draw": one.id, "seed": one.seed, "pairs": len(one.pairs), "strata": dict(one.strata)}
                for one in self.draws
            ],
            "answers": {name: dict(own) for name, own in self.said.items()},
            "settled": len(self.standing.settled),
            "unclear": [pair_text(one) for one in self.standing.unclear],
            "disputed": [pair_text(one) for one in self.standing.disputed],
            "agreement": [
                {
                    "reviewers": [one.one, one.other],
                    "pairs": one.pairs,
                    "agreed": one.agreed,
                    "kappa": one.kappa,
                }
                for one in self.standing.agreements
            ],
        }
        if self.review is None:
            return found
        return found | {
            "thresholds": {
                bound: {
                    "before": self.review.before[bound],
                    "after": self.review.after[bound],
                    "kept_because": self.review.refused.get(bound),
                }
                for bound in BOUNDS
            },
            "answers_needed_for_thresholds": LEAST_ANSWERS,
            "waiting_for_a_second_reviewer": list(self.review.waiting),
            "strata": [
                {
                    "stratum": one.name,
                    "pairs": one.pairs,
                    "same": one.same,
                    "different": one.different,
                    "by_answers_alone": list(one.exact()),
                    "by_model": one.expected,
                    "share": one.share,
                    "limits": list(one.limits()),
                }
                for one in self.review.strata
            ],
            "errors": {
                name: {"expected": one.expected, "least": one.least, "most": one.most}
                for name, one in self.review.errors.items()
            },
        }

    def as_text(self) -> str:
        """The summary as lines."""
        lines = [f"draw {one.id}: {len(one.pairs)} pairs, seed {one.seed}" for one in self.draws]
        for name, own in self.said.items():
            lines.append(f"{printable(name)}: " + ", ".join(f"{own[one]} {one}" for one in SAID))
        for one in self.standing.agreements:
            told = "says nothing" if one.kappa is None else f"{one.kappa:.2f}"
            lines.append(
                f"{printable(one.one)} and {printable(one.other)}: {one.agreed} of {one.pairs} pairs alike, kappa {told}"
            )
        lines.append(
            f"{len(self.standing.settled)} pairs settled, {len(self.standing.unclear)} nobody could tell, "
            f"{len(self.standing.disputed)} left out until settled"
        )
        lines += [f"  left out  {pair_text(one)}" for one in self.standing.disputed]
        if self.review is not None:
            lines += _review_lines(self.review)
        return "\n".join(lines)


def _review_lines(review: Review) -> list[str]:
    lines = [f"{'stratum':<32}{'pairs':>9}{'same':>6}{'diff.':>6}  {'share':<8}{'model':<8}answers alone"]
    for one in review.strata:
        if one.pairs:
            least, most = one.exact()
            alone = f"{least:.3f} - {most:.3f}" if one.answered else "none"
            lines.append(
                f"{one.name:<32}{one.pairs:>9,}{one.same:>6}{one.different:>6}  {one.share:<8.4f}{one.expected:<8.4f}{alone}"
            )
    lines.append(
        f"share: answers with the model's as {PRIOR_ANSWERS:.0f} more; answers alone: Clopper and Pearson, {LEVEL:.0%}"
    )
    by_weight = sum(one.answered for one in review.strata[: strata.APART])
    if by_weight < LEAST_ANSWERS:
        lines.append(
            f"{by_weight} answers on bands of weight: thresholds move from {LEAST_ANSWERS} on; pairs answered and errors count at once"
        )
    lines += [f"waits for a second reviewer or a ruling: {one}" for one in review.waiting]
    for bound in BOUNDS:
        line = f"joined from ({bound}): {review.before[bound]:.4f} -> {review.after[bound]:.4f} by the model's probability"
        if bound in review.refused:
            line += f"; kept, since {review.refused[bound]}"
        lines.append(line)
    for name, found in review.errors.items():
        lines.append(f"{_ERRORS[name]}: {found.expected:.1f} ({found.least:.1f} - {found.most:.1f})")
    return lines


def summary(case: Case) -> Summary:
    """The summary of a case as its tables and answers stand.

    Raises:
        CaseError: rulings and answers contradict each other.
        CustodyError: draws or answers are gone, or not those recorded.
    """
    answers = reviewed.held(case)
    ruled = [pair for one in case.rulings if (pair := reviewed.pair_of(one.subject)) is not None]
    said = {
        name: {one: sum(answer == one for answer in own.values()) for one in SAID}
        for name, own in reviewed.by_reviewer(answers).items()
    }
    review = None
    if answers:
        connection = read.connect(case.tables, case.work / "duckdb")
        try:
            rulings.hold_documents(connection, case)
            review = scope.persons(connection, case).review
        finally:
            connection.close()
    return Summary(
        draws=draws(case), said=said, standing=reviewed.standing(answers, set(ruled)), review=review
    )
