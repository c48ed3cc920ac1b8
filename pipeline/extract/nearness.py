"""How near a text stands to a file: in the same mail or container, the same thread, the same folder, on the same day.

Only the order in which words are tried hangs on this.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import duckdb

# The password of an attachment follows in a mail of the same day; its mailbox holds all the others, too.
_OF_FILE = ("same_file", "thread", "folder", "day")
_OF_ATTACHMENT = ("same_file", "thread", "day", "folder")
# An entry of an item.
Entry: TypeAlias = tuple[str, str]
# What two things that stand near each other share.
Key: TypeAlias = tuple[str, ...]
# A mail: the entry it is stored in, and where in a mailbox.
_Mail: TypeAlias = tuple[str, str, str]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ANSWER = re.compile(r"^(?:\s*(?:re|fwd?|fw)\s*[:：])+", re.IGNORECASE)
_IN_MAILBOX = ("node:", "offset:")
_MOST_DEPTH = 32
_ENTRIES = (
    "WITH RECURSIVE wanted AS (SELECT unnest($items) AS evidence_id, unnest($entries) AS entry_id), "
    "up AS (SELECT evidence_id, entry_id, container_entry_id FROM file_entry JOIN wanted USING (evidence_id, entry_id) "
    "UNION SELECT f.evidence_id, f.entry_id, f.container_entry_id FROM file_entry f JOIN up ON f.evidence_id = up.evidence_id "
    "AND f.entry_id = up.container_entry_id) "
    "SELECT f.evidence_id, f.entry_id, f.container_entry_id, member_locator, path, epoch_us(modified_at), epoch_us(modified_local) "
    "FROM file_entry f SEMI JOIN up USING (evidence_id, entry_id)"
)
_MAILS = (
    "SELECT evidence_id, entry_id, locator, message_id, in_reply_to, reference_ids, subject, folder_path, "
    "epoch_us(coalesce(sent_at, delivered_at)), epoch_us(sent_local) FROM mail_message"
)


@dataclass(frozen=True, slots=True)
class _Place:
    """What the row of an entry says of it."""

    container: str | None
    locator: str
    path: str
    day: str | None


@dataclass(frozen=True, slots=True)
class _Letter:
    """What the row of a mail says of it."""

    threads: tuple[Key, ...]
    folder: str | None
    day: str | None


class Neighbourhood:
    """Where entries lie and what is known of the mails they came in."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, entries: Iterable[Entry], zone: ZoneInfo
    ) -> None:
        """Read the rows of these entries, of all that hold them, and of mails; days are those of the zone."""
        listed = sorted(set(entries))
        given = {"items": [one for one, _ in listed], "entries": [one for _, one in listed]}
        self._places = {
            (row[0], row[1]): _Place(row[2], row[3] or "", row[4] or "", _day(row[5], row[6], zone))
            for row in connection.execute(_ENTRIES, given).fetchall()
        }
        self._letters: dict[_Mail, _Letter] = {}
        rows = connection.execute(_MAILS)
        while row := rows.fetchone():
            if (row[0], row[1]) in self._places:
                self._letters.setdefault((row[0], row[1], _in_mailbox(row[2] or "")), _letter(row, zone))

    def path(self, entry: Entry) -> str:
        """Path of an entry."""
        return self._places[entry].path if entry in self._places else ""

    def root(self, entry: Entry) -> str:
        """The entry of the walk through which an entry is reached."""
        return [one for (_, one), _ in self._upwards(entry, "")][-1]

    def of_text(self, entry: Entry, locator: str) -> Iterator[tuple[str, Key]]:
        """What is near a text, each with how near."""
        yield "same_file", ("self", *entry)
        if (place := self._places.get(entry)) is not None and place.container is not None:
            yield "same_file", ("under", entry[0], place.container)
        yield from self._shared(entry, locator)

    def of_file(self, entry: Entry) -> list[tuple[str, Key]]:
        """What is near a file, each with how near, the nearest first."""
        is_attached = self._mail(entry, "") is not None
        keys: list[tuple[str, Key]] = [("same_file", ("under", *entry))]
        place = self._places.get(entry)
        # Of a mailbox, that the file is attached in it says little: the mail in it does.
        if not is_attached and place is not None and place.container is not None:
            keys.append(("same_file", ("self", entry[0], place.container)))
        keys += self._shared(entry, "")
        order = _OF_ATTACHMENT if is_attached else _OF_FILE
        return sorted(keys, key=lambda one: order.index(one[0]))

    def _shared(self, entry: Entry, locator: str) -> Iterator[tuple[str, Key]]:
        found = self._mail(entry, locator)
        letter = self._letters[found] if found is not None else None
        if found is not None and letter is not None:
            yield "same_file", ("mail", *found)
            for thread in letter.threads:
                yield "thread", thread
            if letter.folder is not None:
                yield "folder", ("mailbox", found[0], found[1], letter.folder)
        places = [self._places[one] for one, _ in self._upwards(entry, locator) if one in self._places]
        for place in places:
            yield "folder", ("folder", entry[0], place.path.rpartition("/")[0])
        days = [letter.day if letter is not None else None, *(place.day for place in places)]
        if day := next((one for one in days if one is not None), None):
            yield "day", ("day", day)

    def _mail(self, entry: Entry, locator: str) -> _Mail | None:
        """The mail something stands in or is attached to; the nearest."""
        for (item, one), at in self._upwards(entry, locator):
            if (found := (item, one, _in_mailbox(at))) in self._letters:
                return found
        return None

    def _upwards(self, entry: Entry, locator: str) -> Iterator[tuple[Entry, str]]:
        """An entry and all that hold it, each with the place in it."""
        for _ in range(_MOST_DEPTH):
            yield entry, locator
            place = self._places.get(entry)
            if place is None or place.container is None:
                return
            entry, locator = (entry[0], place.container), place.locator


def _in_mailbox(locator: str) -> str:
    """Which mail of a mailbox a locator lies in; nothing where a file is one mail."""
    head = locator.partition("/")[0]
    return head if head.startswith(_IN_MAILBOX) else ""


def _letter(row: tuple[Any, ...], zone: ZoneInfo) -> _Letter:
    _, _, _, own, answered, before, subject, folder, instant, wall = row
    threads: list[Key] = [("message", one) for one in (own, answered, *(before or ())) if one]
    if plain := _ANSWER.sub("", subject or "").strip().casefold():
        threads.append(("subject", plain))
    return _Letter(tuple(threads), folder, _day(instant, wall, zone))


def _day(instant: int | None, wall: int | None, zone: ZoneInfo) -> str | None:
    """The day of an instant in the zone, or of a wall clock, both in microseconds."""
    told = instant if instant is not None else wall
    if told is None:
        return None
    try:
        at = _EPOCH + timedelta(microseconds=told)
        return (at.astimezone(zone) if instant is not None else at).date().isoformat()
    except OverflowError:
        return None
