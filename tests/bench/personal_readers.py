"""Our own side of finding personal data, in one process: `python -m tests.bench.personal_readers WHAT PATH`.

What it did is printed as JSON: the bytes or cells it went through, the seconds that took without start-up, and what it found.
Seconds are those of the processor, since one thread does the work, but of a list as a case, which are those of the clock.
`texts` looks for every item of the rules, `known` for those bulk_extractor knows, `names` for items and persons' names; `cells`
judges the columns of a sheet and makes its mentions on one processor; `list` runs a whole case, stage by stage.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

KNOWN = ("email", "phone", "credit_card_number")
_LEAST_SECONDS = 2.0
_BATCH = 65_536
_CHUNK_SIGNS = 4_000_000


def texts(path: Path, names: tuple[str, ...] = ()) -> dict[str, Any]:
    """Texts looked through for every item, or for those named; again until the clock has something to tell."""
    from pipeline.match.personal_data.texts import find_items, read_text_rules

    rules = read_text_rules()
    if names:
        rules = replace(rules, finds=tuple(one for one in rules.finds if one.item in names))
    given = _given(path)
    # A case gives so many signs at once; what is short of it is given again and again.
    copies = max(1, _CHUNK_SIGNS // sum(map(len, given)))
    many = given * copies
    find_items(given[:10], rules)
    rounds, seconds = _again(lambda: find_items(many, rules))
    found = Counter(hit.item for hits in find_items(given, rules) for hit in hits if hit.status == "held")
    return {"size": rounds * copies * path.stat().st_size, "seconds": seconds, "found": dict(found)}


def named(path: Path) -> dict[str, Any]:
    """Texts looked through for every item and for persons' names."""
    from pipeline.match.personal_data.names.finder import NameFinder, read_name_rules
    from pipeline.match.personal_data.texts import find_items, read_text_rules

    rules, finder = read_text_rules(), NameFinder(read_name_rules())
    given = _given(path)
    finder.find(given[0])

    def all_of_it() -> tuple[int, int]:
        return sum(map(len, find_items(given, rules))), sum(len(finder.find(one)) for one in given)

    begun = time.process_time()
    items, names = all_of_it()
    seconds = time.process_time() - begun
    return {
        "size": path.stat().st_size,
        "seconds": seconds,
        "found": {"items": items, "names": names},
    }


def cells(path: Path) -> dict[str, Any]:
    """A sheet judged and turned into mentions on one processor; reading the file is not in the time."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    import pyarrow as pa
    from pyarrow import csv

    from pipeline.match.personal_data.columns import judge
    from pipeline.match.personal_data.items import read_items
    from pipeline.match.personal_data.rows import mentions_of_rows, subject_kind

    pa.set_cpu_count(1)
    given = csv.read_csv(path, read_options=csv.ReadOptions(encoding="cp932"))
    header, count = tuple(given.column_names), given.num_rows
    columns = {f"c{index:03d}": column.cast(pa.string()) for index, column in enumerate(given.columns)}
    sheet = pa.table({"row_number": pa.array(range(2, count + 2), pa.int64()), **columns})
    batches = sheet.combine_chunks().to_batches(max_chunksize=_BATCH)
    items = read_items()
    judge(header, len(header), lambda: batches[:1], items)
    begun = time.process_time()
    judged = judge(header, len(header), lambda: batches, items)
    judging = time.process_time() - begun
    kind = subject_kind(judged, header, items)
    made = sum(mentions_of_rows("bench", judged, kind, one, items).num_rows for one in batches)
    seconds = time.process_time() - begun
    held = sum(one.is_held for one in judged)
    return {
        "size": len(header) * count,
        "seconds": seconds,
        "judging": judging,
        "found": {"columns held": held, "mentions": made},
    }


def whole(root: Path) -> dict[str, Any]:
    """A case run whole as `kanshiki run` does it, with a clock around each of its stages; the file `stage` beside it names the present one."""
    from pipeline import run
    from pipeline.progress import Progress
    from pipeline.tables import read

    taken: dict[str, float] = {}

    def clocked(name: str, stage: Any) -> SimpleNamespace:
        def timed(session: Any) -> None:
            root.with_name("stage").write_text(name, encoding="utf-8")
            begun = time.perf_counter()
            stage.run(session)
            taken[name] = time.perf_counter() - begun

        return SimpleNamespace(run=timed)

    run.STAGES = tuple((name, clocked(name, stage)) for name, stage in run.STAGES)  # type: ignore[misc]
    begun = time.perf_counter()
    run.run(root, "report", Progress(is_quiet=True), run.Options())
    seconds = time.perf_counter() - begun
    ask = "SELECT low, likely, high FROM affected_count WHERE grade = 'confirmed' AND dimension = 'all'"
    ((low, likely, high),) = read.ask(root / "tables", ask)[1]
    ((mentions,),) = read.ask(root / "tables", "SELECT count(*) FROM mention")[1]
    size = sum(one.stat().st_size for one in (root / "evidence").iterdir())
    found = {"mentions": mentions, "low": low, "likely": likely, "high": high}
    return {"size": size, "seconds": seconds, "stages": taken, "found": found}


def _given(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split("\f")


def _again(work: Callable[[], object]) -> tuple[int, float]:
    rounds, begun = 0, time.process_time()
    while (seconds := time.process_time() - begun) < _LEAST_SECONDS:
        work()
        rounds += 1
    return rounds, seconds


READERS: dict[str, Callable[[Path], dict[str, Any]]] = {
    "texts": texts,
    "known": lambda path: texts(path, KNOWN),
    "names": named,
    "cells": cells,
    "list": whole,
}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(READERS[sys.argv[1]](Path(sys.argv[2]))))
