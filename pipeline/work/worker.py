"""One isolated process: it may crash, hang or eat memory, and only the place it was at is lost.

The parent keeps the clock: a process of native code that hangs cannot be stopped from within.

Workers are forked from a server that has loaded what they need and done nothing else, so a worker that died is made again
in milliseconds. The server is a process of its own: a fork of this one would keep the case's lock.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import resource
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from typing import Any, Protocol

from pipeline import clock
from pipeline.work.job import Death, Limits

_PR_SET_PDEATHSIG = 1  # prctl(2)
_CONTEXT = multiprocessing.get_context("forkserver")
# By name: this room knows no stage. What cannot be loaded there is loaded by each worker, as it needs it.
_CONTEXT.set_forkserver_preload(["pipeline.extract.loaded"])


class Begin(Protocol):
    """Tells the parent which place the worker is at now, and how long it may stay there."""

    def __call__(self, place: str, seconds: float) -> None:
        """Name the place and its deadline in seconds from now."""


Task = Callable[[Any, Mapping[str, Death], Limits, Begin], Any]


@dataclass(frozen=True, slots=True)
class _Ended:
    result: Any


@dataclass(frozen=True, slots=True)
class _Raised:
    error: BaseException


class Worker:
    """A handle on one process; it is started when first needed and again after each death."""

    def __init__(self, limits: Limits) -> None:
        """Nothing is started yet."""
        self._limits = limits
        self._process: ForkServerProcess | None = None
        self._pipe: Connection | None = None

    def run(self, task: Task, subject: Any, skipped: dict[str, Death]) -> Any:
        """What the task returns; every place at which the process died is added to `skipped`.

        Raises:
            MemoryError, OSError, PipelineError: what the task itself raised.
            RuntimeError: the process died twice before it came to any place.
        """
        deaths_at_start = 0
        while True:
            outcome = self._attempt(task, subject, skipped)
            if isinstance(outcome, _Ended):
                return outcome.result
            if isinstance(outcome, _Raised):
                raise outcome.error
            place, death = outcome
            if place and place not in skipped:
                skipped[place] = death
                continue
            deaths_at_start += 1
            if deaths_at_start > 1:
                raise RuntimeError(f"worker process ended twice at {place or 'its start'}: {death.message}")

    def close(self) -> None:
        """End the process and everything it started."""
        if self._process is not None:
            _kill(self._process)
            self._process = None
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None

    def _attempt(
        self, task: Task, subject: Any, skipped: Mapping[str, Death]
    ) -> _Ended | _Raised | tuple[str, Death]:
        pipe = self._start()
        place, until = "", clock.monotonic() + self._limits.most_seconds
        try:
            pipe.send((task, subject, dict(skipped), self._limits))
            while True:
                left = until - clock.monotonic()
                if left <= 0 or not pipe.poll(left):
                    self.close()
                    return place, Death(
                        kind="limit", message="took longer than its deadline; the process was ended"
                    )
                message = pipe.recv()
                if isinstance(message, _Ended | _Raised):
                    return message
                place, seconds = message
                until = clock.monotonic() + seconds
        except (EOFError, ConnectionError):
            return place, self._death()

    def _start(self) -> Connection:
        if self._process is None or not self._process.is_alive() or self._pipe is None:
            self.close()
            self._pipe, theirs = _CONTEXT.Pipe()
            self._process = _CONTEXT.Process(
                # The server has the environment of the time it was started; a worker has this one.
                target=_serve,
                args=(theirs, self._limits, dict(os.environ)),
                daemon=True,
            )
            self._process.start()
            theirs.close()
        return self._pipe

    def _death(self) -> Death:
        process = self._process
        code = None
        if process is not None:
            process.join(10)
            code = process.exitcode
        self.close()
        if code is not None and code < 0:
            name = signal.Signals(-code).name
            return Death(kind="crashed", message=f"the process reading it was ended by {name}")
        return Death(kind="crashed", message=f"the process reading it ended with exit code {code}")


def _kill(process: ForkServerProcess) -> None:
    if process.pid is None:
        return
    if process.is_alive():
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            process.kill()
    process.join(10)
    process.close()


def _serve(pipe: Connection, limits: Limits, environment: Mapping[str, str]) -> None:
    os.setpgid(0, 0)  # so that the parent ends our children with us
    # The server ends when the coordinator does, however that ends, and we end with the server.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    coordinator = multiprocessing.parent_process()
    if coordinator is None or not coordinator.is_alive():
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the coordinator's to handle
    os.umask(0o077)
    os.environ.clear()
    os.environ.update(environment)
    os.environ["TZ"] = "UTC"  # libraries that turn wall clocks into instants must not use this machine's zone
    time.tzset()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.file_bytes, limits.file_bytes))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a file too large is EFBIG, not a death

    def begin(place: str, seconds: float) -> None:
        pipe.send((place, seconds))

    while True:
        try:
            task, subject, skipped, with_limits = pipe.recv()
        except EOFError:
            return
        try:
            answer: _Ended | _Raised = _Ended(task(subject, skipped, with_limits, begin))
        except (OSError, MemoryError, ValueError, RuntimeError) as error:
            answer = _Raised(error)
        pipe.send(answer)
