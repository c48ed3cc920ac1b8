"""Who runs beside whom: our commands, plaso in an environment of its own, and how the rows of each are counted."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.measure import Sample, run

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".bench"
REQUIREMENTS = Path(__file__).with_name("plaso.txt")
WORKERS = os.cpu_count() or 1
_COUNTS = """
import json, sys
from pathlib import Path
import pyarrow.parquet as pq
rows = {}
for part in Path(sys.argv[1]).rglob("*.parquet"):
    name = part.parts[len(Path(sys.argv[1]).parts)]
    rows[name] = rows.get(name, 0) + pq.read_metadata(part).num_rows
print(json.dumps(rows))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What a run gave: rows, the events made of them where that is another number, and what went wrong."""

    rows: int
    events: int | None = None
    problems: int = 0


def environment() -> dict[str, str]:
    """The environment of every run: byte code is kept, and the examiner's key is one of this folder."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "KANSHIKI_KEY": str(CACHE / "examiner.key"), "PYTHONPATH": str(ROOT)}


def prepare(uv: str) -> None:
    """Set up plaso as pinned, byte-compiled as our own environment is.

    Raises:
        subprocess.CalledProcessError: the environment could not be made.
    """
    environment_of("plaso", REQUIREMENTS, uv)
    folders = [str(ROOT / name) for name in ("pipeline", "parsers", "tests/bench", "fixtures/builders")]
    subprocess.run([sys.executable, "-m", "compileall", "-q", *folders], check=True, env=environment())


def environment_of(name: str, requirements: Path, uv: str) -> None:
    """An environment of its own for a peer, with what is pinned for it; made again where the pins changed.

    Raises:
        subprocess.CalledProcessError: the environment could not be made.
    """
    CACHE.mkdir(exist_ok=True)
    stamp = CACHE / f"{name}.stamp"
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text(encoding="ascii") == wanted:
        return
    place = str(CACHE / name)
    shutil.rmtree(place, ignore_errors=True)
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, place], check=True)
    command = [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", f"{place}/bin/python"]
    subprocess.run([*command, "-r", str(requirements)], check=True)
    stamp.write_text(wanted, encoding="ascii")


def pinned(requirements: Path = REQUIREMENTS) -> dict[str, str]:
    """Versions of a peer and its libraries, as pinned."""
    lines = requirements.read_text(encoding="ascii").splitlines()
    return dict(line.split("==") for line in lines if "==" in line)  # type: ignore[misc]


def ingest(source: Path, work: Path, tables: Sequence[str]) -> tuple[Sample, Counted]:
    """`kanshiki ingest` on a new case with this one item: custody, digests, walk, every parser and rule, Parquet."""
    case = work / "case"
    shutil.rmtree(case, ignore_errors=True)
    case.mkdir(parents=True)
    stated = f'[case]\nnumber = "bench"\n\n[[evidence]]\nid = "bench"\npath = {json.dumps(str(source))}\nrole = "host"\n'
    (case / "case.toml").write_text(stated, encoding="utf-8")
    command = [sys.executable, "-c", "from pipeline.cli import main; main()", "ingest", "--quiet", str(case)]
    sample = run(command, folder=ROOT, log=work / "ingest.log", environment=environment(), good=(0, 1))
    counting = [sys.executable, "-c", _COUNTS, str(case / "tables")]
    rows = json.loads(subprocess.run(counting, check=True, capture_output=True, env=environment()).stdout)
    wanted = {name: count for name, count in rows.items() if name in tables}
    if "windows_*" in tables:
        wanted |= {name: count for name, count in rows.items() if name.startswith("windows_")}
    return sample, Counted(rows=sum(wanted.values()), problems=rows.get("problem", 0))


def alone(reader: str, source: Path, work: Path, names: Sequence[str] = ()) -> tuple[Sample, Counted]:
    """One reader alone, in one process."""
    out = work / "alone"
    shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, "-m", "tests.bench.alone", reader, str(out), str(source), *names]
    sample = run(command, folder=ROOT, log=work / "alone.log", environment=environment(), good=(0,))
    return sample, Counted(**json.loads(sample.printed))


def plaso(source: Path, work: Path, parsers: str) -> tuple[Sample, Counted]:
    """log2timeline with the parsers of this kind alone, its events stored and not sorted (no psort)."""
    place = work / "plaso"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    store = place / "o.plaso"
    command = [
        str(CACHE / "plaso" / "bin" / "log2timeline"), "--status_view", "none", "-u", "-q", "--parsers", parsers,
        "--hashers", "md5,sha1,sha256", "--workers", str(WORKERS), "--partitions", "all", "--vss_stores", "none",
        "--storage-file", str(store), "--logfile", str(place / "l.log"), str(source),
    ]  # fmt: skip
    sample = run(command, folder=place, log=work / "plaso.log", environment=foreign(), good=(0,))
    with sqlite3.connect(store) as connection:
        rows, events = (_count(connection, name) for name in ("event_data", "event"))
        problems = _count(connection, "extraction_warning")
    connection.close()
    return sample, Counted(rows=rows, events=events, problems=problems)


def foreign() -> dict[str, str]:
    """The environment of a peer, which nothing of ours is in."""
    return {name: value for name, value in environment().items() if name != "PYTHONPATH"}


def _count(connection: sqlite3.Connection, table: str) -> int:
    found = connection.execute(
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", [table]
    ).fetchone()
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]) if found else 0  # noqa: S608
