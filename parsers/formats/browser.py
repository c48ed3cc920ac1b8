"""What browsers keep, in the tables every browser's parser shares: visits, downloads, cached content.

References:
    - RFC 8089, The "file" URI Scheme, appendix E (drive letters, UNC)
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from parsers.contract import Column, Table, boolean, integer, local, real, text, texts, utc
from parsers.formats.profile import profile_name
from parsers.questions import DOWNLOADED, OPENED, VISITED

_WHERE = (
    Column("browser", text, "Browser the history is of: chrome, edge, firefox, ..., by its folder."),
    Column("browser_profile", text, "Folder of the browser's own profile.", is_personal=True),
    Column("profile_name", text, "Folder name of the user profile the artefact lies in.", is_personal=True),
)
_ACCOUNT = Column("account", text, "Account name as recorded.", is_personal=True)
VISIT = Table(
    "browser_visit",
    *_WHERE,
    _ACCOUNT,
    Column("history_store", text, "Which of its histories the browser keeps it in, where there are several: history, daily, weekly."),
    Column("visited_at", utc, "When the page was visited."),
    Column("visited_local", local, "When the page was visited by the clock of the machine, where the browser keeps that.", is_machine_clock=True),
    Column("url", text, "Address visited.", is_personal=True),
    Column("page_title", text, "Title of the page, as it was last.", is_personal=True),
    Column("opened_path", text, "Path of a file or folder on the machine or its network, where the address is one.", is_personal=True),
    Column("transition", text, "How the visit came about: link, typed, bookmark, form_submit, reload, ..."),
    Column("transition_flags", texts, "What else is said of that: from_address_bar, forward_back, redirects."),
    Column("from_url", text, "Page the visit came from.", is_personal=True),
    Column("visit_seconds", real, "How long the page was shown, in seconds, as the browser counted."),
    Column("visit_count", integer, "Visits of the address the browser counts, over all time."),
    Column("typed_count", integer, "How often the address was typed, over all time."),
    Column("is_hidden", boolean, "Whether the browser keeps the address out of its own lists."),
    Column("visit_source", text, "browsed, synced (made on another device of the account), extension or imported."),
    Column("is_wal_applied", boolean, "Whether a write-ahead log was applied to the database before it was read."),
    answers=(
        # `:Host:` names a group of a day's visits in the histories of Internet Explorer, no address.
        VISITED(
            where="opened_path is null and visit_source is distinct from 'synced' and coalesce(url, '') not like ':Host:%'",
            at="visited_at", url="url", account="profile_name",
        ),
        OPENED(
            where="opened_path is not null and visit_source is distinct from 'synced'",
            at="visited_at", what="opened_path", account="profile_name",
        ),
    ),
)  # fmt: skip
DOWNLOAD = Table(
    "browser_download",
    *_WHERE,
    Column("started_at", utc, "When the download began."),
    Column("ended_at", utc, "When it ended."),
    Column("url", text, "Address visited.", is_personal=True),
    Column("first_url", text, "Address asked for first, where redirects followed.", is_personal=True),
    Column("referrer_url", text, "Page the download came from.", is_personal=True),
    Column("target_path", text, "Path of the file written.", is_personal=True),
    Column("received_bytes", integer, "Bytes that came in."),
    Column("total_bytes", integer, "Bytes there were to come; null where that was not known."),
    Column("download_state", text, "complete, in_progress, cancelled, interrupted, or the number of another."),
    Column("danger_kind", integer, "How the browser rated the danger, as it numbers it; 0 is none."),
    Column("interrupt_reason", integer, "Why it broke off, as the browser numbers it; 0 is none."),
    Column("is_opened", boolean, "Whether the file was opened from the browser."),
    Column("media_type", text, "Media type its container states."),
    Column("extension_name", text, "Extension of the browser that began it."),
    Column("is_wal_applied", boolean, "Whether a write-ahead log was applied to the database before it was read."),
    answers=DOWNLOADED(at="started_at", url="url", what="target_path"),
)  # fmt: skip
CACHE = Table(
    "browser_cache",
    *_WHERE,
    _ACCOUNT,
    Column("cache_store", text, "What the entry is of: content, cookies, or another store of the browser by its name."),
    Column("cache_record", text, "Kind of entry: url, redirect (its address led to another), leak (its file was to be removed)."),
    Column("url", text, "Address visited.", is_personal=True),
    Column("cache_file_name", text, "Name of the file the content is kept in.", is_personal=True),
    Column("cache_folder", text, "Folder of that file, as stored."),
    Column("cached_bytes", integer, "Size of the content."),
    Column("hit_count", integer, "How often the entry was used, as counted."),
    Column("cache_created_at", utc, "When the entry was made."),
    Column("cache_accessed_at", utc, "Last use of the entry."),
    Column("content_modified_at", utc, "Last change of the content, as the server stated it; of a cookie, of the cookie."),
    Column("cache_expires_at", utc, "When the entry was to be fetched anew or removed."),
    Column("cache_checked_at", utc, "When the entry was last compared with the server's."),
    Column("response_headers", text, "What the server answered with, as kept.", is_personal=True),
)  # fmt: skip
# Part of the path, folded, and the browser it is of.
_BROWSERS = (
    ("/google/chrome", "chrome"),
    ("/microsoft/edge", "edge"),
    ("/bravesoftware/", "brave"),
    ("/vivaldi/", "vivaldi"),
    ("/opera software/", "opera"),
    ("/yandex/", "yandex"),
    ("/chromium/", "chromium"),
    ("/mozilla/firefox/", "firefox"),
    ("/thunderbird/", "thunderbird"),
    ("/waterfox/", "waterfox"),
    ("/tor browser/", "tor"),
)
_DRIVE = re.compile(r"([A-Za-z])[:|](/.*)?", re.DOTALL)
_HOST_FORM, _LEAST_UNC_SLASHES = 2, 4


def origin(path: str, otherwise: str) -> dict[str, str | None]:
    """The columns that say whose history a path is: the browser by its folders, its own profile, the user's profile."""
    return {
        "browser": browser_of(path, otherwise),
        "browser_profile": browser_profile(path),
        "profile_name": profile_name(path),
    }


def browser_of(path: str, otherwise: str) -> str:
    """Which browser a path lies in the folders of."""
    folded = path.casefold()
    return next((name for part, name in _BROWSERS if part in folded), otherwise)


def browser_profile(path: str) -> str | None:
    """Name of the folder an artefact lies in, which is the browser's own profile."""
    folders = path.strip("/").split("/")
    return folders[-2] if len(folders) > 1 else None


def opened_path(url: str | None) -> str | None:
    r"""The path a `file:` address names: `file:///E:/%E5%90%8D.xlsx` is `E:\名.xlsx`, `file://srv/share` is `\\srv\share`."""
    if url is None or url[:5].casefold() != "file:":
        return None
    # RFC 3986 3.3: a query or fragment ends the path; within it both signs are escaped.
    path = re.split(r"[?#]", url[5:], maxsplit=1)[0]
    path = unquote(path, errors="replace").replace(chr(92), "/")
    below = path.lstrip("/")
    slashes = len(path) - len(below)
    host, _, behind = below.partition("/")
    if slashes == _HOST_FORM and host.casefold() == "localhost":
        slashes, below = _HOST_FORM + 1, behind
    if drive := _DRIVE.fullmatch(below):
        return f"{drive[1].upper()}:{(drive[2] or '/').replace('/', chr(92))}"
    # RFC 8089 E.3.2: Firefox puts the host of a share into the path, file://///srv/share.
    if slashes == _HOST_FORM and host.startswith("["):
        return None
    if below and (slashes == _HOST_FORM or slashes >= _LEAST_UNC_SLASHES):
        return f"{chr(92) * 2}{below.replace('/', chr(92))}"
    return None if path in ("", "//") else "/" * min(slashes, 1) + below
