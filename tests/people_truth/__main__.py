"""`python -m tests.people_truth`: clusters made populations and public data sets, and prints how near the truth that comes."""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from fixtures import populations
from fixtures.populations import LEVELS
from tests.bench import peers
from tests.people_truth import febrl, reviews, runs
from tests.people_truth.runs import Run
from tests.people_truth.scorer import Pairs, score

SPLINK = Path(__file__).with_name("splink.txt")
_SCRIPT = Path(__file__).with_name("splink_peer.py")
_MOST_SOURCES = 6
KEYED = ("members", "orders", "survey", "staff")


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """What splink made of the same mentions, by threshold, and the seconds it took."""

    pairs: dict[str, Pairs]
    seconds: float
    problems: tuple[str, ...]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables asked for; 1 where an interval misses the truth, else 0."""
    asked = _parsed(arguments)
    missed = 0
    if asked.populations:
        missed = _many(asked)
    if asked.large:
        missed += _large(asked.large, asked)
    if asked.reviews:
        missed += _reviews(asked)
    if asked.febrl:
        _febrl(asked)
    if asked.splink:
        _beside(asked)
    return 1 if missed else 0


def say(line: str) -> None:
    """Write a line at once: a large population takes long."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.people_truth",
        description=__doc__,
        epilog="example: python -m tests.people_truth --populations 200 --persons 1000 --febrl --splink --uv .uv/bin/uv",
    )
    parser.add_argument(
        "--populations", type=int, default=0, help="how many populations to cluster in memory"
    )
    parser.add_argument("--persons", type=int, default=1000, help="persons of each")
    parser.add_argument("--seed", type=int, default=1, help="seed of the first; each next has the next")
    parser.add_argument(
        "--noise", choices=[*LEVELS, "all"], default="all", help="level of noise; all: in turn"
    )
    parser.add_argument("--sources", type=int, default=0, help="sheets of each population; 0: 1 to 6 in turn")
    parser.add_argument(
        "--keyed",
        action="store_true",
        help=f"populations of {', '.join(KEYED)}: nearly every row has a number, date of birth, telephone or mail of its own",
    )
    parser.add_argument(
        "--large",
        type=int,
        nargs="*",
        default=[],
        metavar="PERSONS",
        help="populations clustered out of Parquet, each in a process of its own",
    )
    parser.add_argument(
        "--reviews",
        type=int,
        default=0,
        help="how many populations to review by the truth, and again with 5 %% of the answers wrong",
    )
    parser.add_argument("--febrl", action="store_true", help="FEBRL 3 and 4 beside the best F1 noted")
    parser.add_argument(
        "--splink",
        action="store_true",
        help="splink on the same mentions, with the comparisons of its library",
    )
    parser.add_argument(
        "--uv", default="uv", help="uv, which sets up what is fetched for --febrl and --splink"
    )
    parser.add_argument(
        "--work",
        type=Path,
        default=peers.CACHE,
        help="where large populations and splink's clusters are written",
    )
    return parser.parse_args(arguments)


def _many(asked: argparse.Namespace) -> int:
    """Many populations in memory: a line for each level of noise and number of sources; how many intervals miss."""
    levels = list(LEVELS) if asked.noise == "all" else [asked.noise]
    groups: dict[tuple[str, int | str], list[Run]] = {}
    for index in range(asked.populations):
        level = levels[index % len(levels)]
        sources = asked.sources or 1 + index // len(levels) % _MOST_SOURCES
        found = runs.run(asked.seed + index, asked.persons, KEYED if asked.keyed else sources, level)
        groups.setdefault((level, "keyed" if asked.keyed else sources), []).append(found)
    say(
        f"\n{asked.populations} populations of {asked.persons:,} persons, seeds {asked.seed} to {asked.seed + asked.populations - 1}"
    )
    say(
        _line(
            "noise",
            "sources",
            "holds",
            "likely error",
            "as joined",
            "worst",
            "width",
            "widest",
            "low/true",
            "high/true",
            "P",
            "R",
            "F1",
            "P said",
            "R said",
            "s",
        )
    )
    for (level, sources), found in groups.items():
        say(_line(level, sources, *_told(found)))
    every = [one for found in groups.values() for one in found]
    say(_line("all", "", *_told(every)))
    missed = [one for one in every if not one.score.holds]
    unordered = [one for one in every if not one.score.is_ordered]
    for word, those in (("interval misses the truth", missed), ("likely outside the interval", unordered)):
        if those:
            say(
                f"{word}: "
                + ", ".join(
                    f"seed {one.seed} ({one.score.low} - {one.score.likely} - {one.score.high}, truth {one.score.persons})"
                    for one in those
                )
            )
    return len(missed)


def _reviews(asked: argparse.Namespace) -> int:
    """Populations before and after a clerical review of 120 pairs at most: a line for each level of noise and rate of error."""
    errs = (0.0, 0.05)
    seeds = range(asked.seed, asked.seed + asked.reviews)
    missed = 0
    say(
        f"\n{asked.reviews} populations of {asked.persons:,} persons a level, 1 to {_MOST_SOURCES} sources in turn"
    )
    say(
        _line(
            "noise", "wrong", "holds", "off before", "after", "nearer", "farther", "width", "after", *[""] * 7
        )
    )
    for level in LEVELS if asked.noise == "all" else [asked.noise]:
        runs_of = [
            reviews.review(seed, asked.persons, asked.sources or 1 + seed % _MOST_SOURCES, level, errs)
            for seed in seeds
        ]
        for place, rate in enumerate(errs):
            own = [one[place] for one in runs_of]
            before, after = ([getattr(one, when) for one in own] for when in ("before", "after"))
            off = [[abs(score.error) for score in scores] for scores in (before, after)]
            holds = sum(score.holds for score in after)
            missed += len(own) - holds
            say(
                _line(
                    level, f"{rate:.0%}", f"{holds} of {len(own)}", f"{np.mean(off[0]):.2%}", f"{np.mean(off[1]):.2%}",
                    sum(b < a for a, b in zip(*off, strict=True)), sum(b > a for a, b in zip(*off, strict=True)),
                    f"{np.mean([one.width for one in before]):.1%}", f"{np.mean([one.width for one in after]):.1%}", *[""] * 7,
                )
            )  # fmt: skip
    return missed


def _told(found: Sequence[Run]) -> tuple[str, ...]:
    """How many hold, the error and width in the middle and at worst, and precision and recall over all pairs."""
    scores = [one.score for one in found]
    errors = np.array([one.error for one in scores])
    widths = np.array([one.width for one in scores])
    pairs = sum((one.pairs["likely"] for one in scores[1:]), scores[0].pairs["likely"])
    said = sum((one.said for one in scores[1:]), scores[0].said)
    lows, highs = (
        np.array([getattr(one, bound) / max(one.persons, 1) for one in scores]) for bound in ("low", "high")
    )
    return (
        f"{sum(one.holds for one in scores)} of {len(scores)}",
        f"{np.median(errors):+.2%}", f"{np.median([one.second for one in scores]):+.2%}", f"{errors[np.abs(errors).argmax()]:+.2%}",
        f"{np.median(widths):.1%}", f"{widths.max():.1%}",
        f"{np.median(lows):.3f}", f"{np.median(highs):.3f}",
        f"{pairs.precision:.4f}", f"{pairs.recall:.4f}", f"{pairs.f1:.4f}",
        f"{said.precision:.4f}", f"{said.recall:.4f}", f"{sum(one.seconds for one in found):.1f}",
    )  # fmt: skip


def _line(*cells: object) -> str:
    widths = (8, 7, 10, 12, 9, 9, 8, 8, 8, 9, 7, 7, 7, 7, 7, 7)
    return "  ".join(str(cell).ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _large(sizes: Sequence[int], asked: argparse.Namespace) -> int:
    """Populations written to Parquet and clustered in a process of its own each, with time and memory."""
    level, sources, missed = (
        "usual" if asked.noise == "all" else asked.noise,
        asked.sources or _MOST_SOURCES,
        0,
    )
    asked.work.mkdir(parents=True, exist_ok=True)
    for persons in sizes:
        with tempfile.TemporaryDirectory(dir=asked.work, prefix="population") as folder:
            started = time.perf_counter()
            mentions = populations.write(
                Path(folder), seed=asked.seed, persons=persons, sources=sources, noise=level
            )
            say(f"{mentions:,} mentions written in {time.perf_counter() - started:.0f} s")
            command = [sys.executable, "-c", _ONE, folder, str(asked.seed)]
            told = subprocess.run(command, check=True, capture_output=True, text=True, cwd=peers.ROOT)
            found = json.loads(told.stdout.splitlines()[-1])
            missed += not found["holds"]
            say(
                json.dumps(
                    {"persons": persons, "sources": sources, "noise": level, "seed": asked.seed, **found}
                ),
            )
    return missed


_ONE = "import sys; from tests.people_truth.__main__ import one_from_folder as one; one(sys.argv[1], int(sys.argv[2]))"


def one_from_folder(folder: str, seed: int) -> None:
    """Cluster a written population and print score, seconds and the most memory, as JSON."""
    found = runs.from_folder(seed, Path(folder))
    likely = found.score.pairs["likely"]
    told = {
        "mentions": found.mentions, "truth": found.score.persons, "low": found.score.low, "likely": found.score.likely,
        "high": found.score.high, "holds": found.score.holds, "error": round(found.score.error, 5),
        "width": round(found.score.width, 5), "precision": round(likely.precision, 5), "recall": round(likely.recall, 5),
        "precision_said": round(found.score.said.precision, 5), "recall_said": round(found.score.said.recall, 5),
        "largest": found.score.largest, "seconds": round(found.seconds, 1),
        "peak_mib_to_cluster": found.peak_kib // 1024,
        "peak_mib_with_scoring": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }  # fmt: skip
    say(json.dumps(told))


def _febrl(asked: argparse.Namespace) -> None:
    folder = febrl.fetched(asked.uv)
    say("\nFEBRL (English): pairs over all records")
    for name, (best, by) in febrl.PUBLISHED.items():
        mentions, truth = febrl.mentions(folder, name)
        found = runs.clustered(0, mentions, truth).score
        say(f"{name}: truth {found.persons:,}, interval {found.low:,} - {found.likely:,} - {found.high:,}")
        say(_pairs_line("ours, likely", found.pairs["likely"]))
        for line in _peer_lines(asked, mentions, truth) if asked.splink else ():
            say(line)
        say(f"  {'noted: ' + by:28s}  F1 {best:.4f}")


def _beside(asked: argparse.Namespace) -> None:
    """Splink on the mentions of a made population, at each level of noise."""
    for level in LEVELS if asked.noise == "all" else [asked.noise]:
        made = populations.make(
            seed=asked.seed, persons=asked.persons, sources=asked.sources or _MOST_SOURCES, noise=level
        )
        mentions, truth = populations.mentions(made)
        found = runs.clustered(asked.seed, mentions, truth)
        say(
            f"\n{level}: seed {asked.seed}, {asked.persons:,} persons, {mentions.num_rows:,} mentions, truth {found.score.persons:,}"
        )
        say(_pairs_line("ours, likely", found.score.pairs["likely"]) + f"  {found.seconds:.1f} s")
        for line in _peer_lines(asked, mentions, truth):
            say(line)


def _peer_lines(asked: argparse.Namespace, mentions: pa.Table, truth: np.ndarray) -> list[str]:
    found = splink(mentions, truth, asked.work, asked.uv)
    lines = [_pairs_line(f"splink, p >= {threshold}", pairs) for threshold, pairs in found.pairs.items()]
    lines[0] += f"  {found.seconds:.1f} s"
    return lines + [f"  splink could not train on {one}" for one in found.problems]


def splink(mentions: pa.Table, truth: np.ndarray, work: Path, uv: str) -> Peer:
    """Splink's clusters of mentions, scored over the same mentions as ours: those in doubt left out.

    Raises:
        subprocess.CalledProcessError: it could not be set up, or did not finish.
    """
    peers.environment_of("splink", SPLINK, uv)
    place = work / "splink-run"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    pq.write_table(mentions, place / "mentions.parquet")
    command = [
        str(peers.CACHE / "splink" / "bin" / "python"),
        str(_SCRIPT),
        str(place / "mentions.parquet"),
        str(place / "clusters.parquet"),
    ]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=peers.foreign())
    answer = json.loads(told.stdout.splitlines()[-1])
    of = pa.table(
        {"mention_id": mentions.column("mention_id"), "person": truth, "doubt": mentions.column("doubt")}
    )
    clusters = pq.read_table(place / "clusters.parquet")
    joined = of.join(clusters, "mention_id").combine_chunks()
    sure = joined.filter(joined.column("doubt").is_null())
    person = sure.column("person").to_numpy()
    pairs = {
        name: score(
            sure.column(name).combine_chunks().dictionary_encode().indices.to_numpy(zero_copy_only=False),
            person,
        )
        for name in clusters.column_names
        if name != "mention_id"
    }
    return Peer(pairs=pairs, seconds=answer["seconds"], problems=tuple(answer["problems"]))


def _pairs_line(who: str, pairs: Pairs) -> str:
    ratio = pairs.clusters / pairs.persons if pairs.persons else 0.0
    return f"  {who:28s}  P {pairs.precision:.4f}  R {pairs.recall:.4f}  F1 {pairs.f1:.4f}  clusters/true {ratio:.3f}"


if __name__ == "__main__":
    sys.exit(main())
