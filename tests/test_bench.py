"""The measuring of `make bench`: its arithmetic, its page, its inputs. How fast anything is, no test says."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from fixtures import populations
from parsers import all_parsers
from pipeline.extract.select import select
from tests.artefacts import artefact, run
from tests.bench import (
    inputs,
    measure,
    peers,
    personal_data,
    personal_inputs,
    personal_readers,
    persons,
    persons_reader,
    sections,
)
from tests.bench.__main__ import GROUPS, OURS, PARTS, THEIRS
from tests.bench.measure import Sample
from tests.bench.page import ALONE, DIFFERENCES, INGEST, PLASO, Circumstances, Line, Measured, page, table
from tests.bench.peers import Counted
from tests.bench.stats import Spread, ratios, reading, spread, told

ROOT = Path(__file__).resolve().parents[1]


def sample(wall: float) -> Sample:
    return Sample(wall=wall, cpu=wall / 2, peak_bytes=3 << 20, printed="")


def line(name: str, *walls: float, rows: int = 100) -> Line:
    return Line(name=name, samples=tuple(map(sample, walls)), counted=Counted(rows=rows))


def test_a_spread_is_least_middle_greatest() -> None:
    assert spread([3.0, 1.0, 2.0]) == Spread(low=1.0, middle=2.0, high=3.0)
    assert spread([4.0, 1.0]).middle == 2.5
    assert told(spread([0.5])) == "0.50 / 0.50 / 0.50"
    with pytest.raises(ValueError, match="no figures"):
        spread([])


def test_ratios_are_those_of_each_round() -> None:
    assert ratios([1.0, 9.0], [2.0, 3.0]) == [0.5, 3.0]
    with pytest.raises(ValueError, match="2 rounds of ours, but 1"):
        ratios([1.0, 2.0], [1.0])
    with pytest.raises(ValueError, match="no time"):
        ratios([1.0], [0.0])


@pytest.mark.parametrize(
    ("low", "middle", "high", "said"),
    [
        (0.9, 1.0, 1.1, "tie"),
        (1.0, 1.5, 2.0, "tie"),
        (0.5, 0.8, 1.0, "tie"),
        (0.05, 0.1, 0.2, "10x faster (5.0x to 20x)"),
        (1.5, 2.0, 4.0, "2.0x slower (1.5x to 4.0x)"),
    ],
)
def test_a_range_that_touches_one_is_a_tie(low: float, middle: float, high: float, said: str) -> None:
    assert reading(Spread(low=low, middle=middle, high=high)) == said


def test_a_run_that_fails_is_no_figure(tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    good = measure.run(
        [sys.executable, "-c", "print('done')"], folder=tmp_path, log=log, environment={}, good=(0,)
    )
    assert good.printed == "done\n"
    assert good.wall > 0
    assert good.peak_bytes > 0
    command = [sys.executable, "-c", "import sys; sys.exit('no such file')"]
    with pytest.raises(RuntimeError, match="ended with 1: no such file"):
        measure.run(command, folder=tmp_path, log=log, environment={}, good=(0,))


def test_processor_time_of_children_counts(tmp_path: Path) -> None:
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'sum(range(10**7))'])"
    got = measure.run(
        [sys.executable, "-c", code], folder=tmp_path, log=tmp_path / "l.log", environment={}, good=(0,)
    )
    alone = measure.run(
        [sys.executable, "-c", "0"], folder=tmp_path, log=tmp_path / "l.log", environment={}, good=(0,)
    )
    assert got.cpu > alone.cpu


def test_the_page_tells_ranges_and_what_the_machine_bore() -> None:
    lines = (line(INGEST, 2.0, 4.0), line(ALONE, 1.0, 1.0), line(PLASO, 8.0, 8.0), line("libevtx", 0.5, 2.0))
    one = Measured(title="Event log", note="a log.", lines=lines)
    assert [(ours.name, theirs.name) for ours, theirs in one.pairs()] == [
        (INGEST, PLASO), (ALONE, PLASO), (ALONE, "libevtx"),
    ]  # fmt: skip
    rows = "\n".join(table([one]))
    assert (
        "| Event log | kanshiki ingest / log2timeline | 0.250 / 0.375 / 0.500 | 0.250 / 0.375 / 0.500 | 2.7x faster"
        in rows
    )
    assert "| 0.500 / 1.250 / 2.000 | 0.500 / 1.250 / 2.000 | tie |" in rows
    around = Circumstances(
        date="2026-11-25 00:00 UTC", command="x", machine={"Machine": "m"}, versions={"plaso": "1"}, load_before=0.1,
        load_after=0.2, others=0.1, processors=2, kept_rounds=2, is_quick=False, left_out=["E01 image"],
    )  # fmt: skip
    quiet = page([one], around)
    assert "loaded machine" not in quiet
    assert "- Left out: E01 image" in quiet
    assert "- Versions: plaso 1" in quiet


@pytest.mark.parametrize("name", sorted(set(inputs.BUILDERS) - {"registry"}))
def test_each_input_is_read_without_a_problem(tmp_path: Path, name: str) -> None:
    inputs.main(name, 110, tmp_path / "made")
    group = next(one for one in GROUPS if one.name == name)
    chosen = [one for one in all_parsers() if one.full_name in group.parsers]
    read: dict[str, int] = {}
    folder = tmp_path / "made" / group.loose
    for file in sorted(one for one in folder.rglob("*") if one.is_file()):
        given = artefact(file)
        for parser in select(chosen, given.path, given.head()).chosen:
            got = run(parser, given)
            assert not got.problems, (file, got.problems[:2])
            read[parser.full_name] = read.get(parser.full_name, 0) + len(got.rows)
    assert set(group.parsers) <= {name for name, rows in read.items() if rows}


def test_the_hives_hold_what_is_asked_about(tmp_path: Path) -> None:
    inputs.main("registry", 110, tmp_path / "made")
    given = artefact(tmp_path / "made" / "NTUSER.DAT")
    chosen = {
        one.name: one for one in all_parsers() if one.name in ("recent_docs", "mount_points2", "user_assist")
    }
    assert {name: len(run(one, given).rows) for name, one in chosen.items()} == {
        "mount_points2": 10,
        "recent_docs": 200,
        "user_assist": 10,
    }
    given = artefact(tmp_path / "made" / "SYSTEM")
    [usbstor] = [one for one in all_parsers() if one.name == "usbstor"]
    assert len(run(usbstor, given).rows) == 20  # one of the disk and one of its bus each


def test_both_sides_are_pinned_and_told() -> None:
    assert {name for name in THEIRS if name not in peers.pinned()} == set()
    assert "kanshiki" in OURS


def test_the_target_stands_in_the_makefile_and_nothing_of_it_is_collected() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^bench: .*## .+$", makefile, re.MULTILINE)
    assert not list((ROOT / "tests" / "bench").rglob("test_*.py"))
    assert ".bench/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_the_page_says_when_with_what_and_with_which_versions_it_was_taken() -> None:
    text = (ROOT / "docs" / "bench.md").read_text(encoding="utf-8")
    told_versions = re.search(r"^- Versions: (.+)$", text, re.MULTILINE)
    assert told_versions is not None
    assert all(
        re.search(rf"\b{re.escape(name)} [0-9]", told_versions[1]) for name in ("kanshiki", "plaso", "evtx")
    )
    assert re.search(r"^- Taken: \d{4}-\d\d-\d\d \d\d:\d\d UTC, with `.+`$", text, re.MULTILINE)
    assert re.search(r"^- Machine: .+$", text, re.MULTILINE)
    assert "\n".join(DIFFERENCES) + "\n" in text


def test_what_a_tree_of_processes_has_together_is_told_by_stage(tmp_path: Path) -> None:
    stage = tmp_path / "stage"
    child = "import time; kept = b'x' * (40 << 20); time.sleep(1.5)"
    code = (
        f"import pathlib, subprocess, sys, time; stage = pathlib.Path({str(stage)!r}); kept = b'x' * (40 << 20);"
        "stage.write_text('alone'); time.sleep(1.5); stage.write_text('both');"
        f"subprocess.run([sys.executable, '-c', {child!r}])"
    )
    got = measure.run(
        [sys.executable, "-c", code],
        folder=tmp_path,
        log=tmp_path / "l",
        environment={},
        good=(0,),
        stage=stage,
    )
    assert 40 << 20 < got.tree_bytes["alone"] < 80 << 20 < got.tree_bytes["both"]


def test_what_a_process_leaves_behind_counts_too(tmp_path: Path) -> None:
    orphan = "import time; time.sleep(0.3); sum(range(3 * 10**7))"
    code = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {orphan!r}])"
    got, alone = (
        measure.run(
            [sys.executable, "-c", what], folder=tmp_path, log=tmp_path / "l", environment={}, good=(0,)
        )
        for what in (code, "0")
    )
    assert got.cpu > alone.cpu + 0.1


def test_the_parts_of_the_page_are_kept_where_another_is_taken_again() -> None:
    headings = [one.HEADING for one in PARTS]
    parts = {one.HEADING: [one.HEADING, "", "- Taken: today", "", *one.NOTES] for one in PARTS}
    whole = sections.joined("# Speed\n\nas it was\n", parts, headings)
    assert whole.startswith("# Speed\n\nas it was\n\n## Personal data\n")
    assert whole.index("\n## Persons\n") > whole.index("\n## Personal data\n")
    assert sections.kept(whole, headings) == parts
    assert sections.joined(whole, parts, headings) == whole
    again = {**sections.kept(whole, headings), persons.HEADING: [persons.HEADING, "", "new"]}
    assert sections.kept(sections.joined(whole, again, headings), headings) == again
    assert sections.kept("# Speed\n", headings) == {}


def test_a_population_is_scoped_as_a_case_with_every_table(tmp_path: Path) -> None:
    mentions = populations.write(tmp_path, seed=4, persons=200, sources=2)
    said = persons_reader.scoped(tmp_path)
    assert said["mentions"] == mentions
    assert said["low"] <= said["likely"] <= said["high"] <= said["persons"] * 1.1
    for name in ("person_mention", "per_person", "affected_count", "fact"):
        assert (tmp_path / f"{name}.parquet").is_file()


def test_the_persons_of_the_list_are_as_many_as_are_said(tmp_path: Path) -> None:
    personal_inputs.customers(3000, tmp_path)
    header, *rows = (tmp_path / "customers.csv").read_text(encoding="cp932").splitlines()
    assert header.count(",") + 1 == personal_inputs.COLUMNS
    assert all(row.count(",") + 1 == personal_inputs.COLUMNS for row in rows)
    told_apart = [(row.split(",")[1], row.split(",")[3]) for row in rows]
    assert len(rows) == len(set(told_apart)) == 3000
    assert all(len({row.split(",")[index] for row in rows}) == 3000 for index in (0, 7, 8, 9))


@pytest.mark.parametrize("kind", ["texts", "prose"])
def test_our_readers_find_what_stands_in_the_texts(tmp_path: Path, monkeypatch, kind: str) -> None:
    getattr(personal_inputs, kind)(40, tmp_path)
    monkeypatch.setattr(personal_readers, "_LEAST_SECONDS", 0.0001)
    monkeypatch.setattr(personal_readers, "_CHUNK_SIGNS", 1)
    found = personal_readers.READERS["known"](tmp_path / "texts.txt")
    assert set(found["found"]) <= set(personal_readers.KNOWN)
    assert found["found"]["phone"] > 0
    assert found["size"] == (tmp_path / "texts.txt").stat().st_size
    assert personal_readers.READERS["names"](tmp_path / "texts.txt")["found"]["names"] > 0


def test_the_features_of_bulk_extractor_are_counted(tmp_path: Path, monkeypatch) -> None:
    program = tmp_path / "bulk"
    program.write_text(
        '#!/bin/sh\nwhile [ $# -gt 1 ]; do [ "$1" = -o ] && out=$2; shift; done\nmkdir -p "$out"\n'
        "printf '# BANNER\\n12\\ta@b.example\\tx\\n40\\tc@b.example\\tx\\n' > \"$out/email.txt\"\n"
    )
    program.chmod(0o755)
    (tmp_path / "work").mkdir()
    (tmp_path / "texts.txt").write_text("x" * 100)
    monkeypatch.setattr(personal_data, "CACHE", tmp_path)
    got = personal_data.bulk_extractor(tmp_path / "texts.txt", str(program))
    assert got.said["found"] == {"email": 2, "telephone": 0, "ccn": 0}
    assert got.rate > 0


def test_presidio_is_pinned() -> None:
    assert {"presidio-analyzer", "spacy"} <= set(peers.pinned(personal_data.PRESIDIO))
