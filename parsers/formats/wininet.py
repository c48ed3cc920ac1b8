r"""What WinINet notes of visits and downloads, alike in its cache files (index.dat) and in its database (WebCacheV01.dat).

References:
    - J. Metz, "MSIE Cache File (index.dat) format" (libmsiecf), cited as [MSIECF]: URL record types, visited and
      download URL record data, FAT date time
    - J. Metz, "Microsoft Internet Explorer web cache (WebCache) database" (esedb-kb)
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from parsers.formats import filetime

# [MSIECF] URL record types: what an address begins with, and the store that is.
_STORES = {
    "cookie": "cookies", "userdata": "user_data", "privacie": "in_private_filter", "iecompat": "compatibility",
    "ietld": "top_level_domains", "feedplat": "feeds", "domstore": "dom_store", "iedownload": "downloads",
}  # fmt: skip
_WITH_ACCOUNT = {"cookies", "user_data"}
_PERIOD = re.compile(r":(\d{8})(\d{8}): ?(.*)", re.DOTALL)
_VISITED = re.compile(r"Visited: ?(.*)", re.DOTALL | re.IGNORECASE)
_PREFIX = re.compile(r"([A-Za-z]+):(.*)", re.DOTALL)
# [MSIECF] Visited URL record data: size, entry type, value type, value; a page title is UTF-16.
_ENTRY = struct.Struct("<HBB")
_TITLE = (0x10, 0x1F)
# [MSIECF] Download URL record data: status at 4, start at 36, size at 72, from 312 on texts in UTF-16.
_STATUS, _START, _SIZE, _TEXTS = 4, 36, 72, 312
_STATES = {1: "in_progress", 3: "paused", 6: "interrupted", 11: "complete"}
_LOCAL_PATH = re.compile(r"[A-Za-z]:\\|\\\\[^\\]")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
# [MSIECF] URL record: values seen where no time is set.
_NO_FILETIME = {0, 0x7FFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF}
_NO_FAT_TIME = {0, 0xFFFFFFFF}


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """What an entry's address says: store, account, address without both; a period of days of periodic histories."""

    store: str
    account: str | None
    url: str
    is_visit: bool = False


def location(stored: str) -> Location:
    """Take the address of an entry apart."""
    if visited := _VISITED.fullmatch(stored):
        account, url = _account(visited[1])
        return Location(store="history", account=account, url=url, is_visit=True)
    if period := _PERIOD.fullmatch(stored):
        account, url = _account(period[3])
        return Location(store=_length(period[1], period[2]), account=account, url=url, is_visit=True)
    prefix = _PREFIX.fullmatch(stored)
    store = None if prefix is None else _STORES.get(prefix[1].casefold())
    if prefix is None or store is None:
        return Location(store="content", account=None, url=stored)
    account, url = _account(prefix[2]) if store in _WITH_ACCOUNT else (None, prefix[2])
    return Location(store=store, account=account, url=url)


def _account(stored: str) -> tuple[str | None, str]:
    """`account@address`; no name of a Windows account has an @."""
    account, sign, url = stored.partition("@")
    return (account or None, url) if sign else (None, stored)


def _length(first: str, last: str) -> str:
    """Name a periodic history daily or weekly by the days a period spans; periodic where they are no days."""
    try:
        begin, end = (date(int(one[:4]), int(one[4:6]), int(one[6:])) for one in (first, last))
    except ValueError:
        return "periodic"
    return "daily" if (end - begin).days == 1 else "weekly"


def page_title(data: bytes) -> str | None:
    """The title in the data of a visit; None where there is none."""
    place = 0
    while place + _ENTRY.size <= len(data):
        size, kind, value_type = _ENTRY.unpack_from(data, place)
        if size < _ENTRY.size:
            return None
        if (kind, value_type) == _TITLE:
            return next(_texts(data[place + _ENTRY.size : place + size]), None) or None
        place += size
    return None


def download(data: bytes) -> dict[str, Any]:
    """What the data of a download says, by the columns of a download.

    Raises:
        ValueError: it is too short, or its time is none.
    """
    if len(data) < _TEXTS:
        raise ValueError(f"{len(data)} bytes hold no download, which has {_TEXTS} and texts")
    (status,) = struct.unpack_from("<I", data, _STATUS)
    (begun,) = struct.unpack_from("<Q", data, _START)
    (size,) = struct.unpack_from("<q", data, _SIZE)
    found = list(_texts(data[_TEXTS:]))
    # A company, the page it came from, the address, the path: the last two are always there.
    paths = [one for one in found if _LOCAL_PATH.match(one)]
    addresses = [one for one in found if _ADDRESS.match(one) and not _LOCAL_PATH.match(one)]
    return {
        "download_state": _STATES.get(status, str(status)),
        "started_at": instant(begun),
        "total_bytes": size if size > 0 else None,
        "url": addresses[-1] if addresses else None,
        "referrer_url": addresses[-2] if len(addresses) > 1 else None,
        "target_path": paths[-1] if paths else None,
    }


def _texts(data: bytes) -> Iterator[str]:
    """Texts in UTF-16 that each end with NUL; empty ones are left out."""
    whole = data[: len(data) & ~1].decode("utf-16-le", "backslashreplace")
    yield from (one for one in whole.split("\0") if one)


def instant(ticks: int) -> datetime | None:
    """The instant of a FILETIME; None for the values that stand for none.

    Raises:
        ValueError: it lies after the year 9999.
    """
    return None if ticks in _NO_FILETIME else filetime.instant(ticks)


def fat_instant(stored: int) -> datetime | None:
    """The instant of a FAT date (lower half) and time, which WinINet keeps in UTC; None for the values that stand for none.

    Raises:
        ValueError: it is none.
    """
    if stored in _NO_FAT_TIME:
        return None
    day, time = stored & 0xFFFF, stored >> 16
    try:
        return datetime(
            1980 + (day >> 9), day >> 5 & 0xF, day & 0x1F, time >> 11, time >> 5 & 0x3F, (time & 0x1F) * 2, tzinfo=UTC
        )  # fmt: skip
    except ValueError as error:
        raise ValueError(f"FAT date and time {stored:#010x}: {error}") from error
