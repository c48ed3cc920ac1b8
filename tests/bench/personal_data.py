"""The part of `make bench` on finding personal data: who runs on what, and what is told of it on the page.

Start-up is in none of its times: a second of it would hide what a hundredth of a second of work takes. Of a list that is run as
a case everything is, and memory is that of the whole tree of processes.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench import measure, peers
from tests.bench.measure import Sample
from tests.bench.peers import CACHE, ROOT
from tests.bench.stats import ratios, spread, told
from tests.offline.network_guard import unplugged

TITLE = "Personal data"
HEADING = "## Personal data"
PRESIDIO = Path(__file__).with_name("presidio.txt")
OURS, OURS_KNOWN, OURS_NAMES = (
    "kanshiki, all items",
    "kanshiki, mail, phone, card",
    "kanshiki, items and names",
)
THEIRS, BULK = "presidio-analyzer", "bulk_extractor"
# Kilobytes of text, rows of a sheet, persons of a list: in a full run and in a quick one.
SIZES = {"texts": (1_000, 50), "prose": (1_000, 50), "sheet": (500_000, 20_000), "list": (5_000_000, 100_000)}
_MEBI = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One run: what the reader said of itself, and what the process took."""

    said: Mapping[str, Any]
    sample: Sample

    @property
    def rate(self) -> float:
        """Bytes or cells a second, without start-up."""
        return float(self.said["size"] / self.said["seconds"])


def part(*, uv: str, is_quick: bool, rounds: int, around: Mapping[str, str], tell: Callable[[str], None]) -> list[str]:  # fmt: skip
    """Run everything; gives the lines of the page's part."""
    prepare(uv)
    sizes = {name: pair[is_quick] for name, pair in SIZES.items()}
    before = measure.load()
    lines = [HEADING, ""]
    lines += [f"- {name}: {value}" for name, value in around.items()]
    lines += [
        f"- Versions: presidio-analyzer {peers.pinned(PRESIDIO)['presidio-analyzer']}, spacy {peers.pinned(PRESIDIO)['spacy']}"
    ]
    table = _of_texts(sizes, rounds, tell)
    table += ["", *_of_cells(_made("customers", sizes["sheet"]), rounds, tell)]
    table += ["", *_of_list(_made("customers", sizes["list"]), sizes["list"], tell)]
    after = measure.load()
    lines += [f"- Load: average {before.average:.1f} before and {after.average:.1f} after"]
    if is_quick:
        lines += ["- **A quick run**: small inputs and one kept round. Quote none of its figures."]
    return [*lines, "", *table, "", *NOTES]


def prepare(uv: str) -> None:
    """Set up presidio as pinned, in an environment of its own."""
    peers.environment_of("presidio", PRESIDIO, uv)


def _made(kind: str, count: int) -> Path:
    """The folder of an input, built where it is not there yet."""
    code = (ROOT / "tests" / "bench" / "personal_inputs.py").read_bytes()
    folder = CACHE / "inputs" / f"{kind}-{count}-{hashlib.sha256(code).hexdigest()[:12]}"
    if not folder.exists():
        fresh = folder.with_name(f".{folder.name}.tmp")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        build = f"from pathlib import Path; from tests.bench.personal_inputs import {kind} as of; of({count}, Path({str(fresh)!r}))"
        subprocess.run([sys.executable, "-c", build], check=True, cwd=ROOT, env=peers.environment())
        fresh.rename(folder)
    return folder


def _of_texts(sizes: Mapping[str, int], rounds: int, tell: Callable[[str], None]) -> list[str]:
    """Each of the texts, everyone in turn in each round, and the ratios of those rounds."""
    lines = [
        "| Texts | Run | MB/s, min / median / max | Peak MiB | Found |",
        "| --- | --- | ---: | ---: | --- |",
    ]
    compared = []
    for title, kind in (("Dense", "texts"), ("Prose", "prose")):
        file = _made(kind, sizes[kind]) / "texts.txt"
        runs = {
            OURS: _ours("texts", file),
            OURS_KNOWN: _ours("known", file),
            OURS_NAMES: _ours("names", file),
        }
        runs[THEIRS] = lambda file=file: presidio(file)
        if shutil.which("bulk_extractor"):
            runs[BULK] = lambda file=file: bulk_extractor(file)
        kept = _rounds(runs, rounds, f"{title} texts", tell)
        for name, found in kept.items():
            rate = spread([one.rate / 1e6 for one in found])
            peak = max(one.sample.peak_bytes for one in found) / _MEBI
            hits = ", ".join(f"{item} {count:,}" for item, count in sorted(found[-1].said["found"].items()))
            lines.append(f"| {title} | {name} | {told(rate)} | {peak:.0f} | {hits} |")
        pairs = [(OURS, THEIRS), (OURS_KNOWN, THEIRS), (OURS_NAMES, THEIRS), (OURS_KNOWN, BULK)]
        for ours, theirs in pairs:
            if theirs in kept:
                ratio = spread(ratios([one.rate for one in kept[ours]], [one.rate for one in kept[theirs]]))
                compared.append(f"| {title} | {ours} / {theirs} | {told(ratio, 1)} |")
    lines += ["", "| Texts | Ours / theirs | Bytes a second, min / median / max |", "| --- | --- | ---: |", *compared]  # fmt: skip
    if shutil.which("bulk_extractor") is None:
        lines += [
            "",
            "bulk_extractor was not on this machine, and neither its system's package lists nor the package index had it:"
            " it is **not** compared. Where it is on the path, it runs here too.",
        ]
    return lines


def _of_cells(folder: Path, rounds: int, tell: Callable[[str], None]) -> list[str]:
    kept = _rounds({"cells": _ours("cells", folder / "customers.csv")}, rounds, "Cells", tell)["cells"]
    said = kept[-1].said
    judging = spread([said["size"] / one.said["judging"] / 1e6 for one in kept])
    both = spread([one.rate / 1e6 for one in kept])
    found = ", ".join(f"{count:,} {name}" for name, count in said["found"].items())
    return [
        "| Cells on one processor | Cells | Judged, million/s | Judged and made mentions, million/s | Found |",
        "| --- | ---: | ---: | ---: | --- |",
        f"| A sheet of customers | {said['size']:,} | {told(judging)} | {told(both)} | {found} |",
    ]


def _of_list(folder: Path, count: int, tell: Callable[[str], None]) -> list[str]:
    """A list of customers on a lost medium, run as a case from intake to report, once."""
    case = CACHE / "work" / "list"
    shutil.rmtree(case, ignore_errors=True)
    (case / "evidence").mkdir(parents=True)
    (case / "evidence" / "customers.csv").hardlink_to(folder / "customers.csv")
    stated = '[case]\nnumber = "bench"\n\n[[evidence]]\nid = "list"\npath = "evidence/customers.csv"\nrole = "leaked_medium"\n'
    (case / "case.toml").write_text(stated, encoding="utf-8")
    stage = case.with_name("stage")
    stage.unlink(missing_ok=True)
    one = _ours("list", case, stage=stage)()
    shutil.rmtree(case, ignore_errors=True)
    tell(f"List: {one.said}")
    stages, held, found = one.said["stages"], one.sample.tree_bytes, one.said["found"]
    lines = [
        f"A list as a case: {count:,} customers, CP932, {one.said['size'] / 1e6:,.0f} MB.",
        "",
        "| Stage | Wall s | Peak of all processes, MiB |",
        "| --- | ---: | ---: |",
    ]
    for name, seconds in {**stages, "the whole run": one.said["seconds"]}.items():
        most = held.get(name, 0) if name in stages else max(held.values())
        # A stage shorter than the time between two looks was not seen.
        lines.append(f"| {name} | {seconds:.1f} | {f'{most / _MEBI:,.0f}' if most else ''} |")
    return [
        *lines,
        "",
        "| Mentions | Persons: low / likely / high | Truth |",
        "| ---: | ---: | ---: |",
        f"| {found['mentions']:,} | {found['low']:,} / {found['likely']:,} / {found['high']:,} | {count:,} |",
    ]


def _rounds(
    runs: Mapping[str, Callable[[], Found]], rounds: int, title: str, tell: Callable[[str], None]
) -> dict[str, list[Found]]:
    """Everyone in turn, round by round, after one round that is thrown away.

    Raises:
        RuntimeError: a run failed, or found other things than in the round before.
    """
    kept: dict[str, list[Found]] = {name: [] for name in runs}
    for number in range(rounds + 1):
        for name, run in runs.items():
            found = run()
            tell(f"{title}, round {number}, {name}: {found.rate / 1e6:.2f} million/s")
            if kept[name] and kept[name][-1].said["found"] != found.said["found"]:
                raise RuntimeError(f"{title}, {name}: found other things than in the round before")
            if number:
                kept[name].append(found)
    return kept


def _ours(what: str, path: Path, *, stage: Path | None = None) -> Callable[[], Found]:
    command = [sys.executable, "-m", "tests.bench.personal_readers", what, str(path)]

    def run() -> Found:
        sample = measure.run(
            command, folder=ROOT, log=CACHE / "work" / f"{what}.log", environment=peers.environment(), good=(0,), stage=stage,
        )  # fmt: skip
        return Found(said=json.loads(sample.printed), sample=sample)

    return run


def presidio(file: Path) -> Found:
    """Presidio over a file, with its network taken away: its recogniser of mail addresses asks for a list on the web."""
    script = str(Path(__file__).with_name("presidio_reader.py"))
    command = [*unplugged(), str(CACHE / "presidio" / "bin" / "python"), script, str(file)]
    sample = measure.run(
        command, folder=CACHE, log=CACHE / "work" / "presidio.log", environment=peers.foreign(), good=(0,)
    )
    return Found(said=json.loads(sample.printed), sample=sample)


def bulk_extractor(file: Path, program: str = "bulk_extractor") -> Found:
    """bulk_extractor with its scanners of accounts and mail over a file, on one thread; its start is in its time."""
    out = CACHE / "work" / "bulk"
    shutil.rmtree(out, ignore_errors=True)
    command = [program, "-j", "1", "-E", "email", "-e", "accts", "-o", str(out), str(file)]
    sample = measure.run(
        command, folder=CACHE, log=CACHE / "work" / "bulk.log", environment=peers.foreign(), good=(0,)
    )
    found = {name: _features(out / f"{name}.txt") for name in ("email", "telephone", "ccn")}
    return Found(said={"size": file.stat().st_size, "seconds": sample.cpu, "found": found}, sample=sample)


def _features(file: Path) -> int:
    """The lines of a feature file that are no comment."""
    if not file.is_file():
        return 0
    return sum(not line.startswith(b"#") for line in file.read_bytes().splitlines() if line)


NOTES = [
    "- *Dense* texts are business mails, memos and minutes in which nearly every line holds something: the worst case. *Prose* is plain",
    "  sentences with somebody's telephone and mail in one paragraph of thirty. Both are Japanese and built, the same for everyone.",
    "- Presidio runs its English recognisers of patterns over a blank model of spaCy: it has none for Japan, and no names without a model.",
    "  Its network is taken away. The mail addresses here end in `.example`, which its list of domains lacks: it finds none of them.",
    "- Ours knows every item of its rules; *mail, phone, card* are those that bulk_extractor knows. Texts are in memory before the clock",
    "  starts, and start-up is in no time of a text or cell. Ours goes through a text as often as fills two seconds.",
    "- Rates of texts and cells are by seconds of the processor: each runs on one thread, and what else the machine does counts for nothing.",
    "- Cells: judging reads every row, and twice where headers do not settle a column. The sheet is in memory; one processor, one thread.",
    "- A list as a case is `kanshiki run` with all of its stages: custody, digests, malware rules, Parquet, judging, counting, report. Memory",
    "  is the sum over all its processes of what each alone uses and its part of what they share (proc(5), Pss), five times a second; a stage",
    "  begins with what the stages before it have left in the process.",
]
