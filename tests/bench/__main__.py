"""`python -m tests.bench`: sets up the peers, makes the inputs, runs all in turn, writes docs/bench.md."""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tests.bench import measure, peers, personal_data, persons, sections
from tests.bench.measure import Sample
from tests.bench.page import ALONE, INGEST, PLASO, Circumstances, Line, Measured, page, table
from tests.bench.peers import CACHE, ROOT, Counted

OURS = (
    "kanshiki", "pyarrow", "evtx", "libregf-python", "liblnk-python", "libscca-python", "libolecf-python",
    "dfvfs", "libevtx-python", "python-evtx", "regipy",
)  # fmt: skip
THEIRS = ("plaso", "dfvfs", "libevtx-python", "libregf-python", "libfsntfs-python")
KEPT_ROUNDS = 3
# The parts of the page after the first, in their order.
PARTS = (personal_data, persons)
Run = Callable[[Path, Path], tuple[Sample, Counted]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One input and who runs over it. `tables` are those whose rows count as ours."""

    name: str
    title: str
    note: str
    full: int
    quick: int
    parsers: tuple[str, ...]
    plaso: str | None
    tables: tuple[str, ...] = ("windows_*",)
    second: str | None = None
    is_corpus: bool = False
    source: str = ""
    loose: str = ""
    is_alone: bool = False


LOG = ("windows/evtx",)
SMALL = ("windows/lnk", "windows/prefetch", "windows/automatic_destinations", "windows/custom_destinations")
GROUPS = (
    Group(name="event_log", title="Event log", full=100_000, quick=4_000, parsers=LOG, plaso="winevtx", second="libevtx", note="one security log of {count:,} built records (logons, refusals, logoffs, file accesses)."),
    Group(name="event_log", title="Small event log", full=3_000, quick=0, parsers=LOG, plaso=None, second="python-evtx", is_alone=True, note="{count:,} records of the same kind, since python-evtx reads some hundred a second."),
    Group(name="evtx", title="Event logs of the corpus", full=1, quick=0, parsers=LOG, plaso="winevtx", is_corpus=True, note="the corpus's own event logs, real and partly damaged, used through KANSHIKI_CORPUS."),
    Group(name="registry", title="Registry", full=30_000, quick=1_000, parsers=("all",), plaso="winreg", second="regipy", note="a user's hive of {count:,} built keys, one in a hundred of interest, and a SYSTEM hive with a USB disk for every hundred."),
    Group(name="regf", title="Registry of the corpus", full=1, quick=0, parsers=("all",), plaso="winreg", is_corpus=True, note="the corpus's own hives, packed ones unpacked before, without their logs, used through KANSHIKI_CORPUS."),
    Group(name="small_files", title="Shortcuts, jump lists, prefetch", full=3_000, quick=100, parsers=SMALL, plaso="lnk,olecf/olecf_automatic_destinations,custom_destinations,prefetch", note="{count:,} built files: shortcuts and prefetch files two in five each, the rest jump lists."),
    Group(name="master_file_table", title="$MFT", full=20_000, quick=1_000, parsers=("windows/mft",), plaso="mft", source="$MFT", note="a loose table of {count:,} records; plaso reads about a thousand a second."),
    Group(name="master_file_table", title="Large $MFT", full=200_000, quick=0, parsers=("windows/mft",), plaso=None, note="a loose table of {count:,} records, ours alone: plaso would take minutes a round."),
    Group(name="change_journal", title="Change journal", full=20_000, quick=1_000, parsers=("windows/usn_journal",), plaso="usnjrnl", tables=("windows_usn_journal",), source="ntfs.raw", loose="loose", note="an NTFS image with a journal of {count:,} built records: plaso reads journals inside a volume alone. Ours alone reads the loose stream."),
    Group(name="change_journal", title="Large change journal", full=200_000, quick=0, parsers=("windows/usn_journal",), plaso=None, tables=("windows_usn_journal",), source="loose", loose="loose", note="a loose stream of {count:,} records, ours alone."),
    Group(name="image", title="E01 image", full=1, quick=0, parsers=(), plaso="filestat", tables=("file_entry",), note="the demo fixtures/cases/usb-takeout/evidence/PC01.E01. Rows are entries. Ours parses all it knows in them besides; the second line walks and hashes and writes nothing; plaso runs filestat."),
)  # fmt: skip


def contestants(group: Group) -> dict[str, Run]:
    """Who runs over a group's input, in the order of a round; each is given the source of images and of loose files."""
    chosen: dict[str, Run] = {}
    if not group.is_alone:
        chosen[INGEST] = lambda source, _, tables=group.tables: peers.ingest(source, CACHE / "work", tables)
    if group.plaso is not None:
        chosen[PLASO] = lambda source, _, names=group.plaso: peers.plaso(source, CACHE / "work", names)
    reader = "ours" if group.parsers else "walk"
    chosen[ALONE] = lambda _, loose: peers.alone(reader, loose, CACHE / "work", group.parsers)
    if group.second is not None:
        second = group.second
        chosen[second] = lambda _, loose: peers.alone(second, loose, CACHE / "work")
    return chosen


def sources(group: Group, count: int, corpus: Path) -> tuple[Path, Path]:
    """The item of a group, and the folder of its loose artefacts; built where they are not there yet."""
    if group.name == "image":
        image = ROOT / "fixtures" / "cases" / "usb-takeout" / "evidence" / "PC01.E01"
        return image, image
    made_by = [ROOT / "tests" / "bench" / "inputs.py", *sorted((ROOT / "fixtures" / "builders").glob("*.py"))]
    digest = hashlib.sha256(b"".join(one.read_bytes() for one in made_by)).hexdigest()[:12]
    folder = (corpus if group.is_corpus else CACHE / "inputs") / f"{group.name}-{count}-{digest}"
    command = [sys.executable, "-m", "tests.bench.inputs", group.name, str(count), str(folder)]
    subprocess.run(command, check=True, cwd=ROOT, env=peers.environment())
    source = folder / group.source if (folder / group.source).exists() else folder
    return source, folder / group.loose


def measured(group: Group, count: int, rounds: int, corpus: Path, tell: Callable[[str], None]) -> Measured:
    """Run a group: one round to warm up, then the rounds that are kept, everyone in turn in each.

    Raises:
        RuntimeError: a run failed, gave no rows, or gave other rows than in the round before.
    """
    source, loose = sources(group, count, corpus)
    chosen = contestants(group)
    if group.plaso is not None and not source.exists():
        del chosen[PLASO]
    samples: dict[str, list[Sample]] = {name: [] for name in chosen}
    counted: dict[str, Counted] = {}
    for number in range(rounds + 1):
        for name, run in chosen.items():
            sample, found = run(source, loose)
            tell(f"{group.title}, round {number}, {name}: {sample.wall:.2f} s, {found.rows} rows")
            if found.rows == 0 or counted.setdefault(name, found) != found:
                raise RuntimeError(
                    f"{group.title}, {name}: {found}, but {counted.get(name)} in the round before"
                )
            if number:
                samples[name].append(sample)
    order = [name for name in (INGEST, ALONE, PLASO, group.second) if name in chosen]
    lines = tuple(
        Line(name=str(name), samples=tuple(samples[str(name)]), counted=counted[str(name)]) for name in order
    )
    return Measured(title=group.title, note=group.note.format(count=count), lines=lines)


def machine() -> dict[str, str]:
    """What the machine is."""
    said = dict(line.split(":", 1) for line in Path("/proc/cpuinfo").read_text().splitlines() if ":" in line)
    models = {name.strip(): value.strip() for name, value in said.items()}
    memory = int(Path("/proc/meminfo").read_text().split()[1]) >> 20
    return {
        "Machine": f"{models.get('model name', platform.machine())}, {os.cpu_count()} processors, {memory} GiB",
        "System": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
    }


def versions() -> dict[str, str]:
    """Versions of both sides."""
    told = {}
    for name in OURS:
        try:
            told[name] = version(name)
        except PackageNotFoundError:
            told[name] = "not installed"
    pins = peers.pinned()
    return told | {
        f"plaso's {name}" if name != "plaso" else name: pins.get(name, "unknown") for name in THEIRS
    }


def main(arguments: Sequence[str]) -> None:
    """Measure, print the table, write the page."""
    options = _options().parse_args(arguments)
    if not options.only or set(options.only) - {one.TITLE for one in PARTS}:
        peers.prepare(options.uv)
    has_corpus = (Path(os.environ.get("KANSHIKI_CORPUS", "")) / "MANIFEST.tsv").is_file()
    left_out, done = [], []
    (CACHE / "work").mkdir(parents=True, exist_ok=True)
    before, used = measure.load(), os.times()
    with tempfile.TemporaryDirectory(prefix="kanshiki-bench-") as corpus:
        for group in GROUPS:
            count = (
                group.quick if options.quick else max(int(group.full * options.scale), min(group.full, 1000))
            )
            if not count or (options.only and group.title not in options.only):
                left_out.append(group.title)
                continue
            if group.is_corpus and not has_corpus:
                left_out.append(f"{group.title}: KANSHIKI_CORPUS names no corpus")
                continue
            rounds = 1 if options.quick else options.rounds
            done.append(measured(group, count, rounds, Path(corpus), _tell))
    after, ended = measure.load(), os.times()
    own = sum(ended[index] - used[index] for index in range(4))
    around = Circumstances(
        date=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        command=" ".join(["python -m tests.bench", *arguments]),
        machine=machine(),
        versions=versions(),
        load_before=before.average,
        load_after=after.average,
        others=max(0.0, (after.busy - before.busy - own) / (after.at - before.at)),
        processors=os.cpu_count() or 1,
        kept_rounds=1 if options.quick else options.rounds,
        is_quick=options.quick,
        scale=options.scale,
        left_out=left_out,
    )
    place: Path = options.page or (CACHE / "quick.md" if options.quick else ROOT / "docs" / "bench.md")
    written = place.read_text(encoding="utf-8") if place.is_file() else ""
    headings = [one.HEADING for one in PARTS]
    parts = sections.kept(written, headings)
    if done:
        sys.stdout.write("\n".join(table(done)) + "\n")
        written = page(done, around)
    taken = {"Taken": f"{around.date}, with `{around.command}`", **machine()}
    for one in PARTS:
        if not options.only or one.TITLE in options.only:
            parts[one.HEADING] = one.part(
                uv=options.uv, is_quick=options.quick, rounds=around.kept_rounds, around=taken, tell=_tell
            )
            sys.stdout.write("\n".join(parts[one.HEADING]) + "\n")
    # What was not run stays as it was taken, with its date.
    place.write_text(sections.joined(written, parts, headings), encoding="utf-8")
    shutil.rmtree(CACHE / "work", ignore_errors=True)
    _tell(f"written to {place}")


def _tell(message: str) -> None:
    sys.stderr.write(f"{message}\n")
    sys.stderr.flush()


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="small inputs, one kept round, .bench/quick.md instead"
    )
    parser.add_argument("--rounds", type=int, default=KEPT_ROUNDS, help="rounds kept after the warm-up")
    parser.add_argument(
        "--scale", type=float, default=1.0, help="built inputs of this share of their full size"
    )
    parser.add_argument(
        "--only", action="append", metavar="TITLE", help="this input alone; can be given again"
    )
    parser.add_argument("--page", type=Path, help="where the page is written")
    parser.add_argument(
        "--uv",
        default=shutil.which("uv") or str(ROOT / ".uv" / "bin" / "uv"),
        help="the uv that sets up plaso",
    )
    return parser


if __name__ == "__main__":
    main(sys.argv[1:])
