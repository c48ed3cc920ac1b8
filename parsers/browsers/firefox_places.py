r"""History of Firefox (places.sqlite).

Shows: each visit of a page kept, when, how it came about and from which page; of older versions, and as notes of
newer ones, where downloads came from and went. An address of a file is a file that was opened in the browser.
Does not show: visits in private windows, those removed by the user or by age, or who sat at the machine. Titles and
counts are of the address as it is now. Visits synchronised from other devices cannot be told apart.
Not read: bookmarks, deleted rows in free pages and earlier states in the write-ahead log, form data, cookies, cache.

References:
    - Mozilla, toolkit/components/places: nsINavHistoryService.idl (TRANSITION_*), Database.cpp (moz_places, moz_historyvisits)
    - Mozilla, toolkit/components/downloads: DownloadHistory.sys.mjs (downloads/destinationFileURI, downloads/metaData)
    - SQLite, "Database File Format"
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from parsers.contract import Artefact, ProblemKind, Want, Yields, parser
from parsers.formats.browser import DOWNLOAD, VISIT, opened_path, origin
from parsers.formats.sqlite import COMPANION_SUFFIXES, SIGNATURE, Database, Stored, open_database
from parsers.formats.sqlite_values import Cells, unix_microseconds, unix_milliseconds

_TRANSITIONS = {
    1: "link", 2: "typed", 3: "bookmark", 4: "embed", 5: "redirect_permanent", 6: "redirect_temporary", 7: "download",
    8: "framed_link", 9: "reload",
}  # fmt: skip
_PLACES = ("id", "url", "title", "visit_count", "typed", "hidden")
_VISITS = ("id", "place_id", "from_visit", "visit_date", "visit_type")
_ANNOTATIONS = ("place_id", "anno_attribute_id", "content", "dateAdded")
_DESTINATION, _META = "downloads/destinationFileURI", "downloads/metaData"
# DownloadHistory: METADATA_STATE_*.
_STATES = {1: "complete", 2: "interrupted", 3: "cancelled", 4: "in_progress", 6: "blocked", 8: "blocked"}


@parser(
    version=1,
    wants=(Want("**/places.sqlite", signature=SIGNATURE, is_shared=True),),
    tables=(VISIT, DOWNLOAD),
    companions=COMPANION_SUFFIXES,
)
def firefox_places(artefact: Artefact) -> Yields:
    """One row for each visit in stored order, then one for each download noted."""
    with open_database(artefact) as database:
        if database.is_open and not (database.has("moz_places") and database.has("moz_historyvisits")):
            message = "the database has no tables moz_places and moz_historyvisits"
            database.tell(ProblemKind.UNRECOGNISED, "moz_places", message)
        yield from database.problems()
        common = {**origin(artefact.path, "firefox"), "is_wal_applied": database.is_wal_applied}
        places = {stored.values.get("id"): stored for stored in database.rows("moz_places", _PLACES)}
        yield from _visits(database, places, common)
        yield from _downloads(database, places, common)
        yield from database.problems()


def _visits(database: Database, places: Mapping[Any, Stored], common: Mapping[str, Any]) -> Yields:
    pages: dict[Any, Any] = {}
    for stored in database.rows("moz_historyvisits", _VISITS):
        cells = Cells(stored)
        page = places.get(stored.values.get("place_id"))
        of_page = None if page is None else Cells(page)
        url = None if of_page is None else of_page.text("url", "url")
        pages[stored.values.get("id")] = url
        kind = cells.integer("visit_type", "transition")
        values = {
            **common,
            "visited_at": cells.instant("visit_date", "visited_at", unix_microseconds),
            "url": url,
            "opened_path": opened_path(url),
            "from_url": pages.get(stored.values.get("from_visit")),
            "transition": None if kind is None else _TRANSITIONS.get(kind, str(kind)),
        }
        if of_page is not None:
            values["page_title"] = of_page.text("title", "page_title")
            values["visit_count"] = of_page.integer("visit_count", "visit_count")
            values["is_hidden"] = of_page.flag("hidden", "is_hidden")
        yield VISIT.row(stored.locator, cells.status, **values)
        yield from cells.problems()
        if of_page is not None:
            yield from of_page.problems()
        yield from database.problems()


def _downloads(database: Database, places: Mapping[Any, Stored], common: Mapping[str, Any]) -> Yields:
    names = {
        stored.values.get("id"): stored.values.get("name")
        for stored in database.rows("moz_anno_attributes", ("id", "name"))
    }
    found: dict[Any, dict[str, Stored]] = {}
    for stored in database.rows("moz_annos", _ANNOTATIONS):
        name = names.get(stored.values.get("anno_attribute_id"))
        if name in (_DESTINATION, _META):
            found.setdefault(stored.values.get("place_id"), {})[name] = stored
    for place_id, notes in found.items():
        yield from _download(places.get(place_id), notes, common)


def _download(page: Stored | None, notes: Mapping[str, Stored], common: Mapping[str, Any]) -> Yields:
    first = next(iter(notes.values()))
    cells = Cells(notes.get(_DESTINATION, first))
    target = opened_path(cells.text("content", "target_path")) if _DESTINATION in notes else None
    meta = _meta(notes[_META].values.get("content")) if _META in notes else {}
    state, ended, size = (meta.get(name) for name in ("state", "endTime", "fileSize"))
    told = Cells(
        Stored(
            locator=first.locator,
            values={"endTime": ended, "fileSize": size, "state": state},
            status=first.status,
        )
    )
    number = told.integer("state", "download_state")
    url = None if page is None else page.values.get("url")
    yield DOWNLOAD.row(
        first.locator,
        cells.status,
        **common,
        started_at=cells.instant("dateAdded", "started_at", unix_microseconds),
        ended_at=told.instant("endTime", "ended_at", unix_milliseconds),
        url=url if isinstance(url, str) else None,
        target_path=target,
        received_bytes=told.integer("fileSize", "received_bytes"),
        download_state=None if number is None else _STATES.get(number, str(number)),
    )
    yield from cells.problems()
    yield from told.problems()


def _meta(content: Any) -> dict[str, Any]:
    """What a note about a download says; nothing where it is no JSON object."""
    try:
        found = json.loads(content) if isinstance(content, str) else None
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
