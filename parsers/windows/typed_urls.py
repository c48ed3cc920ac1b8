r"""Addresses typed into Internet Explorer and the first Edge (NTUSER.DAT, TypedURLs and TypedURLsTime).

Shows: addresses this user typed, pasted or chose from the list of typed ones, the last first, and from Internet Explorer
10 on when each was typed last. Paths and shares can be typed there too.
Does not show: that the page was reached, or visits that came from links. Without TypedURLsTime no entry has a time of its
own: the key's time is that of the last change of any entry. The list keeps 25 or 50 entries; Windows fills it with a few.
Not read: UrlHistory, the history itself (index.dat, WebCacheV01.dat), entries of Explorer (TypedPaths), deleted values.

References:
    - J. Metz, Windows registry knowledge base, "Internet Explorer: typed URLs" (url1, url2, ...; FILETIME)
    - H. Carvey, RegRipper, plugin typedurlstime
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from parsers.contract import Artefact, Column, Row, Table, Yields, integer, parser, text, utc
from parsers.formats.browser import opened_path
from parsers.formats.regf import LOG_SUFFIXES, hive_wants
from parsers.formats.regf_tree import Key
from parsers.formats.user_hive import HIVE_COLUMNS, UserHive, by_name, read_hive
from parsers.questions import OPENED, VISITED

TYPED_URLS = Table(
    "windows_typed_urls",
    Column("url", text, "Address visited.", is_personal=True),
    Column("opened_path", text, "Path of a file or folder on the machine or its network, where the address is one.", is_personal=True),
    Column("typed_at", utc, "When the address was typed last; null where Windows kept no time."),
    Column("list_number", integer, "Number of the entry in the list, 1 the most recent."),
    *HIVE_COLUMNS,
    answers=(
        VISITED(where="opened_path is null", at="typed_at", url="url", account="profile_name"),
        OPENED(where="opened_path is not null", at="typed_at", what="opened_path", account="profile_name"),
    ),
)  # fmt: skip

_EXPLORER = r"Software\Microsoft\Internet Explorer"
_TIMES = "TypedURLsTime"
_ENTRY = re.compile(r"url(\d{1,5})", re.IGNORECASE)
_PATH = re.compile(r"[A-Za-z]:(?:[\\/]|$)|\\\\[^\\]")


@parser(
    version=1,
    wants=hive_wants("NTUSER"),
    tables=(TYPED_URLS,),
    companions=LOG_SUFFIXES,
)
def typed_urls(artefact: Artefact) -> Yields:
    """One row for each entry, in stored order."""
    yield from read_hive(artefact, ("NTUSER",), (rf"{_EXPLORER}\TypedURLs",), _rows)


def _rows(user: UserHive, key: Key) -> Iterator[Row]:
    beside = user.hive.key(rf"{_EXPLORER}\{_TIMES}")
    times = {} if beside is None else by_name(user.values(beside))
    for value in user.values(key):
        number = _ENTRY.fullmatch(value.name)
        if number is None:
            continue
        url = user.hive.as_text(value, "url")
        yield user.row(
            TYPED_URLS,
            value.locator,
            key,
            url=url,
            opened_path=url if url and _PATH.match(url) else opened_path(url),
            typed_at=user.hive.as_instant(times.get(value.name.casefold()), "typed_at"),
            list_number=int(number[1]),
        )
