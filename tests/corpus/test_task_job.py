"""A real .job file."""

from __future__ import annotations

import pytest

from parsers.windows.task_job import task_job
from tests.artefacts import artefact, run
from tests.corpus import CORPUS, needs_corpus

pytestmark = [needs_corpus, pytest.mark.corpus]


def test_what_the_bytes_say() -> None:
    found = run(task_job, artefact(CORPUS / "plaso/test_data/wintask.job"))
    (row,) = found.table("windows_task_job")
    assert found.problems == []
    assert row["program_path"] == r"C:\Program Files (x86)\Google\Update\GoogleUpdate.exe"
    assert (row["arguments"], row["task_author"]) == ("/ua /installsource scheduler", "Brian")
    assert row["last_run_local"].isoformat() == "2013-08-24T12:42:00.112000"
    assert (row["trigger_kinds"], row["trigger_begin_days"]) == (["daily"], ["2013-07-12"])
    assert row["windows_version"] == "6.1"
