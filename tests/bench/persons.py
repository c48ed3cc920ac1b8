"""The part of `make bench` on counting persons: how long it takes as lists grow, and beside Splink on the same mentions."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from fixtures import populations
from tests.bench import measure, peers
from tests.bench.peers import CACHE, ROOT
from tests.bench.stats import ratios, spread, told
from tests.people_truth import runs
from tests.people_truth.__main__ import SPLINK, splink
from tests.people_truth.scorer import Pairs

TITLE = "Persons"
HEADING = "## Persons"
# Persons of the populations that are scoped, and of the one that Splink has as well: in a full run and in a quick one.
SIZES = ((37_000, 370_000, 3_700_000), (2_000, 20_000))
BESIDE = (20_000, 1_000)
_SOURCES, _NOISE, _SEED = 6, "usual", 1
_MEBI = 1 << 20


def part(*, uv: str, is_quick: bool, rounds: int, around: Mapping[str, str], tell: Callable[[str], None]) -> list[str]:  # fmt: skip
    """Run everything; gives the lines of the page's part."""
    before = measure.load()
    table = _growing(SIZES[is_quick], tell)
    table += ["", *_beside(BESIDE[is_quick], rounds, uv, tell)]
    lines = [HEADING, ""]
    lines += [f"- {name}: {value}" for name, value in around.items()]
    lines += [f"- Versions: splink {peers.pinned(SPLINK)['splink']}"]
    lines += [f"- Load: average {before.average:.1f} before and {measure.load().average:.1f} after"]
    if is_quick:
        lines += ["- **A quick run**: small inputs and one kept round. Quote none of its figures."]
    return [*lines, "", *table, "", *NOTES]


def _growing(sizes: Sequence[int], tell: Callable[[str], None]) -> list[str]:
    """Populations scoped one by one, each in a process of its own, once."""
    lines = [
        "| Mentions | Wall s | Seconds a million | Peak MiB | Persons: low / likely / high | Truth |",
        "| ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for persons in sizes:
        folder = CACHE / "work" / "population"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        populations.write(folder, seed=_SEED, persons=persons, sources=_SOURCES, noise=_NOISE)
        sample = measure.run(
            [sys.executable, "-m", "tests.bench.persons_reader", str(folder)],
            folder=ROOT, log=CACHE / "work" / "persons.log", environment=peers.environment(), good=(0,),
        )  # fmt: skip
        said = json.loads(sample.printed)
        tell(f"Persons: {said}")
        shutil.rmtree(folder)
        lines.append(
            f"| {said['mentions']:,} | {said['seconds']:.1f} | {said['seconds'] / said['mentions'] * 1e6:.0f} "
            f"| {sample.peak_bytes / _MEBI:,.0f} | {said['low']:,} / {said['likely']:,} / {said['high']:,} | {said['persons']:,} |"
        )
    return lines


def _beside(persons: int, rounds: int, uv: str, tell: Callable[[str], None]) -> list[str]:
    """Splink and ours on the same mentions, in turn in each round; the first round is thrown away."""
    mentions, truth = populations.mentions(
        populations.make(seed=_SEED, persons=persons, sources=_SOURCES, noise=_NOISE)
    )
    ours, theirs = [], []
    found: dict[str, Pairs] = {}
    for number in range(rounds + 1):
        own = runs.clustered(_SEED, mentions, truth)
        peer = splink(mentions, truth, Path(CACHE / "work"), uv)
        tell(f"Persons, round {number}: {own.seconds:.1f} s, splink {peer.seconds:.1f} s")
        if number:
            ours.append(own.seconds)
            theirs.append(peer.seconds)
        found = {"kanshiki": own.score.pairs["likely"]} | {
            f"splink, p >= {one}": pairs for one, pairs in peer.pairs.items()
        }
    lines = [
        f"The same {mentions.num_rows:,} mentions of {persons:,} persons, both in memory:",
        "",
        "| Who | P | R | F1 | s, min / median / max |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for name, pairs in found.items():
        took = told(spread(ours if name == "kanshiki" else theirs), 1)
        lines.append(f"| {name} | {pairs.precision:.4f} | {pairs.recall:.4f} | {pairs.f1:.4f} | {took} |")
    ratio = told(spread(ratios(theirs, ours)), 1)
    return [*lines, "", f"Splink's seconds by ours, round by round: {ratio}."]


NOTES = [
    "- Made populations (`fixtures/populations`): 6 lists, usual noise, seed 1; each scoped once in a process of its own, from mentions in Parquet to every table",
    "  of the stage (exposures, persons in three bounds, whose each mention is, counts by every dimension, what concerns each person, facts).",
    "- The truth here counts the dead as well, who are in no low or likely figure: one in a hundred, where a list tells of it.",
    "- Splink is one configuration of it (tests/people_truth/splink_peer.py): the comparisons of its library, trained on the mentions, blocks of ours.",
    "- How right the counts are, on many populations and with the largest of 35 million mentions: [persons.md](persons.md).",
]
