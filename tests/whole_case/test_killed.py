"""A run killed at ten moments of extract, each time run again: the same tables as an undisturbed run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from pipeline import verify
from tests.whole_case import copied, rows, run_case

_MOMENTS = 10


def test_killed_anywhere_the_next_run_ends_with_the_same_tables(tmp_path: Path) -> None:
    calm = copied("usb-takeout", tmp_path)
    began = time.monotonic()
    run_case(calm)
    whole = time.monotonic() - began
    folder = tmp_path / "killed"
    folder.mkdir()
    case = copied("usb-takeout", folder)
    for moment in range(_MOMENTS):
        # Each kill comes a little later than the last: over walk, parse, scan and the moves between.
        _run_and_kill(case, 0.8 + whole * 0.09 * moment)
    run_case(case)
    ours, theirs = rows(calm), rows(case)
    assert ours.pop("volume")
    assert theirs.pop("volume")
    assert ours == theirs
    found = verify.verify(case)
    assert [one.name for one in found.checks if one.passed is False] == []


def _run_and_kill(case: Path, seconds: float) -> None:
    command = [sys.executable, "-c", "from pipeline.cli import main; main()", "run", "--quiet", str(case)]
    root = Path(__file__).resolve().parents[2]
    process = subprocess.Popen(
        command, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGKILL)
        process.wait(30)
