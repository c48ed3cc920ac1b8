"""Real histories of browsers: as many visits and downloads as expected, between the times expected."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime

import pymsiecf
import pytest

from parsers.browsers.chromium_history import chromium_history
from parsers.browsers.firefox_places import firefox_places
from parsers.browsers.internet_history import internet_history
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


ARTIFACTS = CORPUS / "expected" / "windows_artifacts.json"
INDEX = json.loads(ARTIFACTS.read_text(encoding="utf-8"))["ie-index.dat"] if ARTIFACTS.is_file() else {}


@pytest.mark.parametrize("name", sorted(INDEX))
def test_records_of_internet_explorer_are_those_expected(name: str) -> None:
    said = INDEX[name]
    found = run(internet_history, artefact(CORPUS / name))
    assert found.problems == []
    counted = Counter(status for _, _, status, _ in found.rows)
    assert (counted["ok"], counted["recovered"]) == (said["items"], said["recovered"])
    redirects = [row for _, _, _, row in found.rows if row.get("cache_record") == "redirect"]
    assert len(redirects) == said["item_types"].get("redirected", 0)
    first = [one for _, _, _, one in found.rows if one.get("cache_record") != "redirect"][:5]
    told = [f"Visited: {one['account']}@{one['url']}" if "History" in name else one["url"] for one in first]
    assert told == said["first_locations"]


@pytest.mark.parametrize("name", sorted(INDEX))
def test_times_of_internet_explorer_are_the_librarys(name: str) -> None:
    file = pymsiecf.file()
    file.open(str(CORPUS / name))
    theirs = [
        one.primary_time.replace(tzinfo=UTC)
        for one in (file.get_item(number) for number in range(file.number_of_items))
        if isinstance(one, pymsiecf.url)
    ]
    ours = [
        row.get("visited_at") or row["cache_accessed_at"]
        for _, _, status, row in run(internet_history, artefact(CORPUS / name)).rows
        if status == "ok" and row.get("cache_record") != "redirect"
    ]
    # The library's own conversion cuts to milliseconds.
    assert [one.replace(microsecond=one.microsecond // 1000 * 1000) for one in ours] == theirs


def test_plaso_finds_as_many_times() -> None:
    file = CORPUS / "expected" / "plaso_event_counts.json"
    text = file.read_text(encoding="utf-8")
    for name in INDEX:
        found = run(internet_history, artefact(CORPUS / name))
        told = json.loads(text)["files"][name]["msiecf"]["data_types"]
        redirects = sum(row.get("cache_record") == "redirect" for _, _, _, row in found.rows)
        assert told.get("msiecf:redirected", 0) == redirects
        # plaso gives each of four times an event, of the cache those alone that are set.
        times = ("cache_accessed_at", "content_modified_at", "cache_expires_at", "cache_checked_at")
        own = sum(row.get(one) is not None for row in found.table("browser_cache") for one in times)
        assert told["msiecf:url"] in (own, 4 * len(found.table("browser_visit")))
