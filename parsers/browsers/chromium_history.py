r"""History of Chrome, Edge and other browsers built on Chromium (History, Archived History).

Shows: each visit of a page kept, when, how it came about and from which page; each download with where from, where to,
how much of it came and how it ended. An address of a file (file:///E:/...) is a file that was opened in the browser.
Does not show: visits in private windows, those removed by the user or after 90 days, or who sat at the machine. Titles
and counts are of the address as it is now, not of the visit. Visits synchronised from other devices of the account
stand among them (`visit_source`). A download may have been moved or deleted since; what began by itself looks the same.
Not read: deleted rows in free pages and earlier states in the write-ahead log, search terms, clusters and segments,
cookies, cache, form data and sign-ins, which lie in other files.

References:
    - Chromium, components/history/core/browser: url_database.cc, visit_database.cc, download_database.cc
    - Chromium, ui/base/page_transition_types.h; base/time (microseconds since 1601 UTC)
    - SQLite, "Database File Format"
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from parsers.contract import Artefact, ProblemKind, Want, Yields, parser
from parsers.formats.browser import DOWNLOAD, VISIT, opened_path, origin
from parsers.formats.sqlite import COMPANION_SUFFIXES, SIGNATURE, Database, Stored, open_database
from parsers.formats.sqlite_values import Cells, unix_seconds, webkit_microseconds

_TRANSITIONS = (
    "link", "typed", "auto_bookmark", "auto_subframe", "manual_subframe", "generated", "auto_toplevel", "form_submit",
    "reload", "keyword", "keyword_generated",
)  # fmt: skip
_FLAGS = {
    0x00800000: "blocked", 0x01000000: "forward_back", 0x02000000: "from_address_bar", 0x04000000: "home_page",
    0x08000000: "from_api", 0x10000000: "chain_start", 0x20000000: "chain_end", 0x40000000: "client_redirect",
    0x80000000: "server_redirect",
}  # fmt: skip
_SOURCES = {0: "synced", 1: "browsed", 2: "extension", 3: "imported", 4: "imported", 5: "imported"}
_STATES = {0: "in_progress", 1: "complete", 2: "cancelled", 3: "interrupted", 4: "interrupted"}
_URLS = ("id", "url", "title", "visit_count", "typed_count", "hidden")
_VISITS = ("id", "url", "visit_time", "from_visit", "transition", "visit_duration", "originator_cache_guid")
_DOWNLOADS = (
    "id", "full_path", "current_path", "target_path", "url", "start_time", "end_time", "received_bytes", "total_bytes", "state",
    "danger_type", "interrupt_reason", "opened", "referrer", "tab_url", "by_ext_name", "mime_type",
)  # fmt: skip


@parser(
    version=1,
    wants=(
        # Other programs keep files of this name.
        Want("**/History", signature=SIGNATURE, is_strict=False, is_shared=True),
        Want("**/Archived History", signature=SIGNATURE, is_strict=False, is_shared=True),
    ),
    tables=(VISIT, DOWNLOAD),
    companions=COMPANION_SUFFIXES,
)
def chromium_history(artefact: Artefact) -> Yields:
    """One row for each visit in stored order, then one for each download."""
    with open_database(artefact) as database:
        if database.is_open and not (database.has("urls") and database.has("visits")):
            database.tell(
                ProblemKind.UNRECOGNISED, "urls", "the database has no tables urls and visits of Chromium"
            )
        yield from database.problems()
        common = {**origin(artefact.path, "chromium"), "is_wal_applied": database.is_wal_applied}
        yield from _visits(database, common)
        yield from _downloads(database, common)
        yield from database.problems()


def _visits(database: Database, common: Mapping[str, Any]) -> Yields:
    urls = {stored.values.get("id"): stored for stored in database.rows("urls", _URLS)}
    sources = {
        stored.values.get("id"): stored.values.get("source")
        for stored in database.rows("visit_source", ("id", "source"))
    }
    pages: dict[Any, Any] = {}
    told: set[str] = set()
    for stored in database.rows("visits", _VISITS):
        page = urls.get(stored.values.get("url"))
        address = None if page is None else page.values.get("url")
        pages[stored.values.get("id")] = address
        if page is None:
            message = "the address of this visit is not in the table urls"
            database.tell(ProblemKind.DAMAGED, stored.locator, message, "url")
        yield from _visit(stored, page, pages.get(stored.values.get("from_visit")), sources, common, told)
        yield from database.problems()


def _visit(
    stored: Stored,
    page: Stored | None,
    from_url: Any,
    sources: Mapping[Any, Any],
    common: Mapping[str, Any],
    told: set[str],
) -> Yields:
    cells, of_page = Cells(stored), None if page is None else Cells(page)
    duration = cells.integer("visit_duration", "visit_seconds")
    transition = cells.integer("transition", "transition")
    url = None if of_page is None else of_page.text("url", "url")
    is_synced = bool(stored.values.get("originator_cache_guid"))
    source = sources.get(stored.values.get("id"), 1)
    values = {
        **common,
        "visited_at": cells.instant("visit_time", "visited_at", webkit_microseconds),
        "url": url,
        "opened_path": opened_path(url),
        "from_url": from_url if isinstance(from_url, str) else None,
        "visit_seconds": None if duration is None else duration / 1_000_000,
        "visit_source": "synced" if is_synced else _SOURCES.get(source, str(source)[:20]),
        **_transition(transition),
    }
    if of_page is not None:
        values["page_title"] = of_page.text("title", "page_title")
        values["visit_count"] = of_page.integer("visit_count", "visit_count")
        values["typed_count"] = of_page.integer("typed_count", "typed_count")
        values["is_hidden"] = of_page.flag("hidden", "is_hidden")
    yield VISIT.row(stored.locator, cells.status, **values)
    yield from cells.problems()
    if page is not None and of_page is not None and page.locator not in told:
        # A page is told once, however often it was visited.
        told.add(page.locator)
        yield from of_page.problems()


def _transition(stored: int | None) -> dict[str, Any]:
    """Core type and qualifiers; the number is of 32 bits without sign and may be stored with one."""
    if stored is None:
        return {}
    core = stored & 0xFF
    return {
        "transition": _TRANSITIONS[core] if core < len(_TRANSITIONS) else str(core),
        "transition_flags": [name for flag, name in _FLAGS.items() if stored & flag],
    }


def _downloads(database: Database, common: Mapping[str, Any]) -> Yields:
    chains: dict[Any, list[Any]] = {}
    for stored in database.rows(
        "downloads_url_chains", ("id", "chain_index", "url"), order=("id", "chain_index")
    ):
        chains.setdefault(stored.values.get("id"), []).append(stored.values.get("url"))
    # Until 2012 the table held one address, one path, and times in seconds since 1970.
    is_old = "full_path" in database.tables.get("downloads", ())
    for stored in database.rows("downloads", _DOWNLOADS):
        cells = Cells(stored)
        read = unix_seconds if is_old else webkit_microseconds
        listed = [one for one in chains.get(stored.values.get("id"), ()) if isinstance(one, str)]
        state = cells.integer("state", "download_state")
        total = cells.integer("total_bytes", "total_bytes")
        yield DOWNLOAD.row(
            stored.locator,
            cells.status,
            **common,
            started_at=cells.instant("start_time", "started_at", read),
            ended_at=cells.instant("end_time", "ended_at", read),
            url=listed[-1] if listed else cells.text("url", "url"),
            first_url=listed[0] if len(listed) > 1 else None,
            referrer_url=cells.text("referrer", "referrer_url") or cells.text("tab_url", "referrer_url"),
            target_path=cells.text("target_path", "target_path")
            or cells.text("current_path", "target_path")
            or cells.text("full_path", "target_path"),
            received_bytes=cells.integer("received_bytes", "received_bytes"),
            total_bytes=None if total is not None and total <= 0 else total,
            download_state=None if state is None else _STATES.get(state, str(state)),
            danger_kind=cells.integer("danger_type", "danger_kind"),
            interrupt_reason=cells.integer("interrupt_reason", "interrupt_reason"),
            is_opened=cells.flag("opened", "is_opened"),
            extension_name=cells.text("by_ext_name", "extension_name"),
            media_type=cells.text("mime_type", "media_type"),
        )
        yield from cells.problems()
        yield from database.problems()
