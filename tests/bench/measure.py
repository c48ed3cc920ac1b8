"""Runs a whole process and says what it took; nothing large is imported here.

The highest memory of a process is told by the system for the largest single process of its tree, and a child
begins with that of its parent: so the one who measures stays small, and inputs are built in another process.

What a process leaves behind (the server from which workers are forked ends a moment after it) comes to us and counts as well.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_LOOK_SECONDS = 0.2
_PR_SET_CHILD_SUBREAPER = 36  # prctl(2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One run: seconds by the clock and of processors, the largest process in bytes, what it printed, and, where asked for, the most
    that all of its processes had together, in each of its stages.
    """

    wall: float
    cpu: float
    peak_bytes: int
    printed: str
    tree_bytes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The state of the machine at a moment: processor seconds used by anyone, and the load average."""

    at: float
    busy: float
    average: float


def run(
    command: Sequence[str],
    *,
    folder: Path,
    log: Path,
    environment: Mapping[str, str],
    good: Sequence[int],
    stage: Path | None = None,
) -> Sample:
    """Run a command to its end with all of its children counted; `stage` is a file in which it says what it does now.

    Raises:
        RuntimeError: it did not end with a status that means it did its work; a failure is fast and counts for nothing.
    """
    output = log.with_suffix(".out")
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    ours = set(_children(os.getpid()))
    with output.open("wb") as out, log.open("wb") as errors:
        begun = time.perf_counter()
        with subprocess.Popen(
            command, cwd=folder, env=dict(environment), stdout=out, stderr=errors
        ) as process:
            tree = None if stage is None else _Tree(process.pid, stage)
            _, status, used = os.wait4(process.pid, 0)
            wall = time.perf_counter() - begun
            tree_bytes = {} if tree is None else tree.end()
            process.returncode = os.waitstatus_to_exitcode(status)
            cpu, peak = used.ru_utime + used.ru_stime, used.ru_maxrss
            while left := set(_children(os.getpid())) - ours:
                for pid in left:
                    _, _, used = os.wait4(pid, 0)
                    cpu, peak = cpu + used.ru_utime + used.ru_stime, max(peak, used.ru_maxrss)
    if process.returncode not in good:
        said = log.read_text(encoding="utf-8", errors="replace")[-2000:]
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {said}")
    return Sample(
        wall=wall,
        cpu=cpu,
        peak_bytes=peak * 1024,
        printed=output.read_text(encoding="utf-8", errors="replace"),
        tree_bytes=tree_bytes,
    )


class _Tree:
    """Looks again and again at what a process and all below it have of memory, and keeps the most of each stage."""

    def __init__(self, pid: int, stage: Path) -> None:
        self._pid, self._stage, self._most = pid, stage, dict[str, int]()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def end(self) -> dict[str, int]:
        """Stop looking; gives the most there was, by stage."""
        self._ended.set()
        self._thread.join()
        return self._most

    def _look(self) -> None:
        while not self._ended.wait(_LOOK_SECONDS):
            name = self._stage.read_text(encoding="utf-8") if self._stage.is_file() else ""
            held = sum(map(_proportional_bytes, _descendants(self._pid)))
            self._most[name] = max(self._most.get(name, 0), held)


def _descendants(pid: int) -> list[int]:
    """A process and all below it."""
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += _children(one)
    return found


def _children(pid: int) -> list[int]:
    """The processes a process has started and not yet waited for (proc(5), /proc/pid/task/tid/children)."""
    found: list[int] = []
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += map(int, file.read_text(encoding="ascii").split())
        except OSError:  # it has just ended
            continue
    return found


def _proportional_bytes(pid: int) -> int:
    """What a process has of memory, of shared pages its part (proc(5), Pss of /proc/pid/smaps_rollup)."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:  # it has just ended
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def load() -> Load:
    """How busy the machine has been since it started (proc(5), /proc/stat: user, nice, system, irq, softirq, steal)."""
    first = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:]
    ticks = [int(one) for one in first]
    busy = sum(ticks[index] for index in (0, 1, 2, 5, 6, 7) if index < len(ticks))
    return Load(at=time.monotonic(), busy=busy / os.sysconf("SC_CLK_TCK"), average=os.getloadavg()[0])
