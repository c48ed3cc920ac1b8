r"""Documents and folders a user opened lately (NTUSER.DAT, Explorer\RecentDocs).

Shows: names of the files and folders Windows put into the user's list of recent items, in the order of last use,
once for all and once more for each extension (`Folder` for folders); and the shortcut in Recent that belongs to each.
Does not show: a path or volume (the shortcut does), nor when each was opened. The key has one time, that of the last
change of any of its values; it is given as `opened_at` to the first in the order alone, since putting it there
is what mostly changes the key. Removing an entry from the list changes the key as well, and a program may put a
document there (SHAddToRecentDocs) that it saved rather than opened; then `opened_at` is not an opening. The
lists are short (about 150 names, 20 or so of each extension), and names fall out of them.
Not read: other members of the shell item (its times and size are zero here), deleted values.

References:
    - J. Metz, Windows registry knowledge base, "Most Recently Used (MRU) keys" (MRUListEx, string and shell item)
    - J. Metz, Windows Shell Item format specification (libfwsi), file entry shell item, extension block 0xbeef0004
    - Microsoft, SHAddToRecentDocs
"""

from __future__ import annotations

from collections.abc import Iterator

import pyfwsi

from parsers.contract import Artefact, Column, ProblemKind, Row, Table, Yields, parser, text, utc
from parsers.formats.regf import LOG_SUFFIXES, hive_wants
from parsers.formats.regf_tree import Key, Value, decode_text
from parsers.formats.user_hive import EXPLORER, HIVE_COLUMNS, MRU_POSITION, UserHive, read_hive
from parsers.questions import OPENED

RECENT_DOCS = Table(
    "windows_recent_docs",
    Column("document_name", text, "Name of the document or folder, without a path."),
    Column(
        "extension", text, "Extension the list is kept for, `Folder` for folders, null for the list of all."
    ),
    MRU_POSITION,
    Column(
        "opened_at", utc, "When it was opened, of the first in the order alone: the last change of the key."
    ),
    Column("link_name", text, "Name of the shortcut in the user's folder Recent."),
    *HIVE_COLUMNS,
    answers=OPENED(at="opened_at", what="document_name", account="profile_name"),
)

_FILE_ENTRY_EXTENSION = 0xBEEF0004


@parser(
    version=1,
    wants=hive_wants("NTUSER"),
    tables=(RECENT_DOCS,),
    companions=LOG_SUFFIXES,
    is_expected_on=("host",),
)
def recent_docs(artefact: Artefact) -> Yields:
    """One row for each name of each list, in stored order: the list of all, then those of the extensions."""
    yield from read_hive(artefact, ("NTUSER",), (rf"{EXPLORER}\RecentDocs",), _rows)


def _rows(user: UserHive, key: Key) -> Iterator[Row]:
    yield from _list(user, key, None)
    for one in user.subkeys(key):
        yield from _list(user, one, one.name)


def _list(user: UserHive, key: Key, extension: str | None) -> Iterator[Row]:
    values = user.values(key)
    positions = user.mru_positions(values)
    for value in values:
        if not value.name.isdecimal():
            continue
        position = positions.get(value.name)
        name, link = _names(user, value)
        yield user.row(
            RECENT_DOCS,
            value.locator,
            key,
            document_name=name,
            extension=extension,
            mru_position=position,
            opened_at=key.written_at if position == 1 else None,
            link_name=link,
        )


def _names(user: UserHive, value: Value) -> tuple[str | None, str | None]:
    """Name of the document, up to its NUL, and of the shortcut, from the list of one shell item behind it."""
    content = value.content
    end = next((at for at in range(0, len(content) - 1, 2) if content[at : at + 2] == b"\0\0"), None)
    if end is None:
        message = f"no name ended by NUL in {len(content)} bytes"
        user.hive.tell(ProblemKind.DAMAGED, value.locator, message, "document_name")
        return None, None
    name = decode_text(content[:end])
    if not name:
        user.hive.tell(ProblemKind.DAMAGED, value.locator, "the name is empty", "document_name")
    return name or None, _link_name(user, value, content[end + 2 :])


def _link_name(user: UserHive, value: Value, items: bytes) -> str | None:
    """Long name of the file entry; the short one beside it is in an unnamed code page."""
    if not items:
        return None
    listed = pyfwsi.item_list()
    try:
        listed.copy_from_byte_stream(items, ascii_codepage="cp932")
        for number in range(min(listed.number_of_items, 1)):
            for block in listed.get_item(number).extension_blocks:
                if block.signature == _FILE_ENTRY_EXTENSION and block.long_name:
                    return str(block.long_name)
    except (OSError, ValueError) as error:
        reason = str(error).partition(": ")[2][:200] or type(error).__name__
        message = f"the shell item cannot be read: {reason}"
        user.hive.tell(ProblemKind.DAMAGED, value.locator, message, "link_name")
        return None
    user.hive.tell(ProblemKind.DAMAGED, value.locator, "the shell item holds no long name", "link_name")
    return None
