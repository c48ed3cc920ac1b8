r"""Shell links (.lnk): shortcuts a person or an installer made, and those Windows writes into Recent.

Shows: path, size, attributes, times and volume of a target as they stood when the link was last written; the
machine the target lay on, and its object identifiers.
Does not show: that the target still exists, nor when it was opened. The times are the target's own: its access
time is copied from its file system, which may be switched off, delayed or set by a copy. When a link in Recent
was written (the last opening) stands in `file_entry.modified_at` of the link itself, so the table answers
`opened` without a time. Nor does it show that a person opened anything: installers write links too.
Not read: facts of single shell items (their path is read), property stores, known folder, console and shim blocks.
`target_bytes` holds the low 32 bits of the size, which is all the format keeps.

A path stored in UTF-16 is preferred. A path stored in ANSI alone names no code page: where another part of the
link repeats a name of it in UTF-16, the code page that agrees is taken, otherwise cp932 before cp1252; `codec` says which.
Decoded here and not by a library, since those refuse a link cut short; liblnk is the second reader of the tests.

References:
    - [MS-SHLLINK] Shell Link (.LNK) Binary File Format, 2.1 to 2.5
    - [MS-DTYP] 2.3.3 FILETIME
"""

from __future__ import annotations

from parsers.contract import Artefact, Column, Status, Table, Want, Yields, integer, parser
from parsers.formats.shell_link import LINK_COLUMNS, SIGNATURE, read_link
from parsers.questions import OPENED

LNK = Table(
    "windows_lnk",
    *LINK_COLUMNS,
    Column("trailing_bytes", integer, "Bytes that follow the end of the link."),
    answers=OPENED(what="target_path", volume_serial="volume_serial", target_bytes="target_bytes"),
)

# A link is a few kilobytes; what padding hides behind one is counted, not read.
_READ_BYTES = 4 << 20


@parser(
    version=2,
    wants=(Want("**/*.lnk", signature=SIGNATURE[:8]),),
    tables=(LNK,),
    is_expected_on=("host",),
)
def lnk(artefact: Artefact) -> Yields:
    """One row per link."""
    with artefact.open() as stream:
        content = stream.read(_READ_BYTES)
    link = read_link(content)
    if link.is_link:
        if link.end is not None:
            link.values["trailing_bytes"] = artefact.size - link.end
        yield LNK.row("0", Status.OK if link.is_whole else Status.PARTIAL, **link.values)
    yield from link.problems
