"""Runs a whole process and says what it took; nothing large is imported here.

The highest memory of a process is told by the system for the largest single process of its tree, and a child
begins with that of its parent: so the one who measures stays small, and inputs are built in another process.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One run: seconds by the clock and of processors, the largest process in bytes, and what it printed."""

    wall: float
    cpu: float
    peak_bytes: int
    printed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The state of the machine at a moment: processor seconds used by anyone, and the load average."""

    at: float
    busy: float
    average: float


def run(
    command: Sequence[str], *, folder: Path, log: Path, environment: Mapping[str, str], good: Sequence[int]
) -> Sample:
    """Run a command to its end with all of its children counted.

    Raises:
        RuntimeError: it did not end with a status that means it did its work; a failure is fast and counts for nothing.
    """
    output = log.with_suffix(".out")
    with output.open("wb") as out, log.open("wb") as errors:
        begun = time.perf_counter()
        with subprocess.Popen(
            command, cwd=folder, env=dict(environment), stdout=out, stderr=errors
        ) as process:
            _, status, used = os.wait4(process.pid, 0)
            wall = time.perf_counter() - begun
            process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in good:
        said = log.read_text(encoding="utf-8", errors="replace")[-2000:]
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {said}")
    return Sample(
        wall=wall,
        cpu=used.ru_utime + used.ru_stime,
        peak_bytes=used.ru_maxrss * 1024,
        printed=output.read_text(encoding="utf-8", errors="replace"),
    )


def load() -> Load:
    """How busy the machine has been since it started (proc(5), /proc/stat: user, nice, system, irq, softirq, steal)."""
    first = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:]
    ticks = [int(one) for one in first]
    busy = sum(ticks[index] for index in (0, 1, 2, 5, 6, 7) if index < len(ticks))
    return Load(at=time.monotonic(), busy=busy / os.sysconf("SC_CLK_TCK"), average=os.getloadavg()[0])
