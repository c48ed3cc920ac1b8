"""Isolated workers: a crash, a hang, a memory eater lose one place, and the rest goes on."""

from __future__ import annotations

import pytest

from pipeline.work.job import Job, Limits
from pipeline.work.pool import Pool
from pipeline.work.worker import Worker
from tests.bad_tasks import one_after_another

LIMITS = Limits(memory_bytes=2 << 30, seconds=1.0, most_seconds=20.0)


def outcome(*words: tuple[str, str]) -> tuple[list[str], dict[str, str]]:
    worker = Worker(LIMITS)
    deaths = {}
    try:
        done = worker.run(one_after_another, words, deaths)
    finally:
        worker.close()
    return done, {place: death.message for place, death in deaths.items()}


def test_a_segfault_loses_one_place() -> None:
    done, deaths = outcome(("a", "good"), ("b", "segfault"), ("c", "good"))
    assert done == ["a", "b skipped: crashed", "c"]
    assert "SIGSEGV" in deaths["b"]


def test_an_endless_loop_is_ended_at_its_deadline() -> None:
    done, deaths = outcome(("a", "loop"), ("b", "good"))
    assert done == ["a skipped: limit", "b"]
    assert "deadline" in deaths["a"]


def test_several_deaths_are_all_told() -> None:
    done, deaths = outcome(("a", "segfault"), ("b", "loop"), ("c", "segfault"), ("d", "good"))
    assert done == ["a skipped: crashed", "b skipped: limit", "c skipped: crashed", "d"]
    assert set(deaths) == {"a", "b", "c"}


def test_memory_beyond_the_limit_is_refused_to_the_worker() -> None:
    with pytest.raises(MemoryError):
        outcome(("a", "memory"))


def test_what_the_task_itself_raises_reaches_the_caller() -> None:
    with pytest.raises(ValueError, match="the task itself is wrong"):
        outcome(("a", "raise"))


def test_a_pool_gives_every_job_its_result_though_workers_die() -> None:
    words = ("good", "segfault", "good", "good", "segfault", "good")
    jobs = [
        Job(stage="test", item="x", basis={"n": n}, subject=((f"p{n}", word),))
        for n, word in enumerate(words)
    ]
    with Pool(LIMITS, workers=2) as pool:
        results = {one.job.basis["n"]: one.result for one in pool.run(one_after_another, jobs)}
    assert results == {
        n: [f"p{n}"] if word == "good" else [f"p{n} skipped: crashed"] for n, word in enumerate(words)
    }


def test_identity_of_a_job_is_what_its_rows_depend_on() -> None:
    def job(**basis: int) -> str:
        return Job(stage="extract", item="pc01", basis=basis, subject=object()).identity

    assert job(version=1) == job(version=1)
    assert job(version=1) != job(version=2)
