"""The page of a run: docs/bench.md, and the same table on stdout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.bench.measure import Sample
from tests.bench.peers import Counted
from tests.bench.stats import Spread, ratios, reading, spread, told

INGEST, ALONE, PLASO = "kanshiki ingest", "kanshiki, parser alone", "log2timeline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One contestant over one input: its kept rounds, in the order they were run."""

    name: str
    samples: tuple[Sample, ...]
    counted: Counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """All contestants over one input, and which pairs of them are compared."""

    title: str
    note: str
    lines: tuple[Line, ...]

    def pairs(self) -> list[tuple[Line, Line]]:
        """Ours beside theirs: the whole run and the parser alone beside plaso, the parser alone beside a library."""
        own = [one for one in self.lines if one.name in (INGEST, ALONE)]
        other = [one for one in self.lines if one not in own]
        return [(one, two) for two in other for one in own if two.name == PLASO or one.name == ALONE]


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """Where, when, how and beside what a run was made."""

    date: str
    command: str
    machine: Mapping[str, str]
    versions: Mapping[str, str]
    load_before: float
    load_after: float
    others: float
    processors: int
    kept_rounds: int
    is_quick: bool
    scale: float = 1.0
    left_out: Sequence[str] = field(default=())


def table(measured: Sequence[Measured]) -> list[str]:
    """The lines of the two tables."""
    lines = [
        "## Runs",
        "",
        "| Input | Run | Rows | Events | Problems | Wall s, min / median / max | CPU s, median | Peak MiB | Rows/s |",
    ]
    lines.append("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for one in measured:
        for line in one.lines:
            wall = spread([sample.wall for sample in line.samples])
            cpu = spread([sample.cpu for sample in line.samples]).middle
            peak = max(sample.peak_bytes for sample in line.samples) / (1 << 20)
            events = "" if line.counted.events is None else f"{line.counted.events:,}"
            lines.append(
                f"| {one.title} | {line.name} | {line.counted.rows:,} | {events} | {line.counted.problems:,} | {told(wall)} "
                f"| {cpu:.2f} | {peak:.0f} | {line.counted.rows / wall.middle:,.0f} |"
            )
    lines += [
        "",
        "## Ratios",
        "",
        "Ours divided by theirs, round by round; below 1 we took less. A range that crosses 1.00 is a tie.",
        "",
    ]
    lines += [
        "| Input | Ours / theirs | Wall, min / median / max | CPU, min / median / max | Reading of the wall clock |"
    ]
    lines.append("| --- | --- | ---: | ---: | --- |")
    for one in measured:
        for ours, theirs in one.pairs():
            wall = _ratio(ours, theirs, "wall")
            cpu = _ratio(ours, theirs, "cpu")
            lines.append(
                f"| {one.title} | {ours.name} / {theirs.name} | {told(wall, 3)} | {told(cpu, 3)} | {reading(wall)} |"
            )
    return lines


def _ratio(ours: Line, theirs: Line, what: str) -> Spread:
    figures = [[getattr(sample, what) for sample in line.samples] for line in (ours, theirs)]
    return spread(ratios(*figures))


def page(measured: Sequence[Measured], around: Circumstances) -> str:
    """The whole page."""
    lines = [
        "# Speed",
        "",
        "Written by `make bench`, which runs everything on this page side by side; no figure here was typed.",
        "",
    ]
    lines += [f"- Taken: {around.date}, with `{around.command}`"]
    lines += [f"- {name}: {value}" for name, value in around.machine.items()]
    lines += [f"- Versions: {', '.join(f'{name} {value}' for name, value in around.versions.items())}"]
    lines += [
        f"- Rounds: each line is {around.kept_rounds} whole processes run in turn with the others of its input (A B A B), after one round "
        "that is thrown away as warm-up"
    ]
    lines += [
        f"- Load: average {around.load_before:.1f} before and {around.load_after:.1f} after; {_loaded(around)}"
    ]
    if around.is_quick:
        lines += [
            "- **A quick run**: small inputs and one kept round, to see that everything runs. Its figures are mostly start-up: quote none."
        ]
    if around.scale != 1.0:
        lines += [
            f"- **Built inputs of {around.scale:g} of their full size**: start-up weighs more than in a full run"
        ]
    lines += [f"- Left out: {one}" for one in around.left_out]
    lines += ["", *table(measured), "", "## Inputs", ""]
    lines += [f"- **{one.title}**: {one.note}" for one in measured]
    return "\n".join([*lines, "", *DIFFERENCES]) + "\n"


def _loaded(around: Circumstances) -> str:
    told_others = f"other work took {around.others:.2f} of {around.processors} processors during the run"
    if around.others > 0.1 * around.processors:
        return f"**a loaded machine**: {told_others}, so wall times are too long and ratios noisy; take it again on a quiet one"
    return told_others


DIFFERENCES = [
    "## What differs",
    "",
    "The two programs do not do the same work; a ratio compares whole runs, not one algorithm.",
    "",
    "- `kanshiki ingest` takes the item into custody (signed log, MD5, SHA-1 and SHA-256), walks it, reads each entry once with the three digests",
    "  again, runs **every** parser that wants it and the malware rules, and writes sorted-out tables as Parquet, synced to the medium, each with",
    "  digests of file and rows. It makes one row for each record, with all of its times as columns.",
    "- log2timeline runs only the parsers of the kind in question, with the same three digests and as many workers as processors, and stores events in",
    "  SQLite. psort, which a timeline needs after it, is **not** run: the figures are those of extraction alone. It stores event data (in the",
    "  column *Rows*) and one event for each of its times (*Events*); for registry hives it keeps every key, where we keep the values that",
    "  answer a question of ours, so the numbers of rows differ by design.",
    "- *Parser alone* decodes into Parquet in one process: no custody, digests, rules, coverage or workers.",
    "- libevtx, which plaso reads event logs with, leaves out a record that ends exactly where its chunk ends. The built logs are regular and have",
    "  one in every few hundred, so the rows of that side are a few fewer.",
    "- libevtx and python-evtx turn every record into XML, and regipy every key into Python values; all three keep nothing.",
    "- CPU seconds are those of a process and all its children. Peak is the largest single process of the tree, not their sum.",
    "- Problems are those either program told; on damaged files of the corpus more told is not worse.",
    "- Built inputs are regular: text compresses and caches well, in favour of both sides. The corpus is real but small, so start-up weighs more.",
    "- Both environments are byte-compiled. The page cache is warm: reading from a slow medium is not measured.",
]
