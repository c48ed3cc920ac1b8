"""Real histories of browsers: as many visits and downloads as expected, between the times expected."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from parsers.browsers.chromium_history import chromium_history
from parsers.browsers.firefox_places import firefox_places
from tests.artefacts import artefact, run
from tests.corpus import CORPUS, needs_corpus

pytestmark = [needs_corpus, pytest.mark.corpus]

FILE = CORPUS / "expected" / "databases.json"
EXPECTED = json.loads(FILE.read_text(encoding="utf-8"))["files"] if FILE.is_file() else {}
CHROMIUM = sorted(
    name for name, said in EXPECTED.items() if said["kind"] == "chrome" and "visits" in said["tables"]
)
FIREFOX = "plaso/test_data/firefox/places.sqlite"


@pytest.mark.parametrize("name", CHROMIUM)
def test_visits_and_downloads_are_those_expected(name: str) -> None:
    said = EXPECTED[name]
    found = run(chromium_history, artefact(CORPUS / name))
    assert found.problems == []
    visits, downloads = found.table("browser_visit"), found.table("browser_download")
    assert (len(visits), len(downloads)) == (said["tables"]["visits"], said["tables"]["downloads"])
    times = [one["visited_at"] for one in visits]
    assert (min(times), max(times)) == tuple(
        datetime.fromisoformat(said[one]) for one in ("first_visit", "last_visit")
    )
    assert all(one.get("url") for one in visits)
    assert all(one.get("url") and one["target_path"] and one["started_at"] for one in downloads)
    # A download began while the browser was in use, whichever unit its time is in.
    assert all(abs((one["started_at"] - min(times)).days) < 60 for one in downloads)


def test_the_one_visit_of_firefox_is_there() -> None:
    found = run(firefox_places, artefact(CORPUS / FIREFOX))
    assert (len(found.rows), found.problems) == (EXPECTED[FIREFOX]["places_with_visits"], [])
