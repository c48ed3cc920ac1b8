"""Runs jobs on this machine: as many isolated workers as asked for, results in order of completion."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, Self

from pipeline.work.job import Death, Job, Limits
from pipeline.work.worker import Task, Worker


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A job with what its task returned and the places where a worker died on the way."""

    job: Job
    result: Any
    deaths: dict[str, Death]


class Pool:
    """A fixed number of workers, each driven by a thread of its own, so a death breaks one job's place only."""

    def __init__(self, limits: Limits, workers: int | None = None) -> None:
        """As many workers as processors unless told otherwise."""
        self._limits = limits
        self._size = workers or os.cpu_count() or 1
        self._threads = ThreadPoolExecutor(max_workers=self._size, thread_name_prefix="worker")
        self._own = threading.local()
        self._all: list[Worker] = []
        self._guard = threading.Lock()

    def __enter__(self) -> Self:
        """The pool itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End every worker, at once."""
        with self._guard:
            for worker in self._all:
                worker.close()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def run(self, task: Task, jobs: Iterable[Job]) -> Iterator[Finished]:
        """Each job's result as it is finished; at most two jobs a worker are waiting at a time."""
        waiting: set[Future[Finished]] = set()
        for job in jobs:
            waiting.add(self._threads.submit(self._one, task, job))
            if len(waiting) >= 2 * self._size:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        while waiting:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in done)

    def _one(self, task: Task, job: Job) -> Finished:
        worker: Worker | None = getattr(self._own, "worker", None)
        if worker is None:
            worker = self._own.worker = Worker(self._limits)
            with self._guard:
                self._all.append(worker)
        deaths: dict[str, Death] = {}
        result = worker.run(task, job.subject, deaths)
        return Finished(job=job, result=result, deaths=deaths)
