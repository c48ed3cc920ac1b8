r"""The hosts file of Windows (drivers\etc\hosts): names the machine resolves by itself.

Shows: which names were turned to which addresses, or away from their own, before any server was asked.
Does not show: who wrote a line, when, or whether a name was ever looked up; the file's times stand in `file_entry`.
Not read: lmhosts, services, networks; hosts files of other systems.

References:
    - Microsoft, "TCP/IP and NBT configuration parameters" (DataBasePath); RFC 952 (host tables); hosts(5)
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from parsers.contract import (
    Artefact,
    Column,
    Problem,
    ProblemKind,
    Row,
    Table,
    Want,
    Yields,
    boolean,
    parser,
    text,
)
from parsers.formats import codecs
from parsers.formats.lines import MOST_SIGNS, lines

HOSTS = Table(
    "windows_hosts",
    Column("host_name", text, "Name as written."),
    Column("host_address", text, "Address the name is given, as written."),
    Column("is_turned_away", boolean, "Whether a name other than localhost is given the machine's own address or none, so that it is not reached."),
    Column("line_comment", text, "Comment on the line."),
)  # fmt: skip

_MOST_ROWS = 1_000_000
_MOST_PROBLEMS = 100


@parser(
    version=1,
    wants=(
        Want("**/drivers/etc/hosts", sniff=codecs.is_text),
        Want("**/drivers/etc/hosts.*", sniff=codecs.is_text, is_strict=False),
    ),
    tables=(HOSTS,),
)
def hosts_file(artefact: Artefact) -> Yields:
    """One row for each name of each line that is no comment; the locator is the line's number."""
    with artefact.open() as stream:
        codec = codecs.decide(codecs.sample(stream))
    decoder = codecs.Decoder(codec)
    problems = rows = 0
    with artefact.open() as stream:
        for number, line in enumerate(lines(stream, decoder), 1):
            for one in _line(f"line:{number}", line):
                rows += isinstance(one, Row)
                problems += isinstance(one, Problem)
                if isinstance(one, Row) or problems <= _MOST_PROBLEMS:
                    yield one
            if rows >= _MOST_ROWS:
                message = f"{rows} names; the lines after this one are not read"
                yield Problem(kind=ProblemKind.LIMIT, locator=f"line:{number}", message=message)
                return
    if decoder.replaced:
        message = f"{decoder.replaced} bytes are not {codec}; they stand in the values as \\xNN"
        yield Problem(kind=ProblemKind.DAMAGED, locator=f"offset:{decoder.first_offset}", message=message)
    if problems > _MOST_PROBLEMS:
        message = f"{problems - _MOST_PROBLEMS} more problems are not listed"
        yield Problem(kind=ProblemKind.LIMIT, locator="", message=message)


def _line(locator: str, line: str) -> Iterator[Row | Problem]:
    """The rows of a line, or what is wrong with it; Windows passes over a line it cannot read."""
    if len(line) >= MOST_SIGNS:
        message = f"the line is longer than {MOST_SIGNS} signs; only those are read"
        yield Problem(kind=ProblemKind.LIMIT, locator=locator, message=message)
    content, _, comment = line.strip("\ufeff").partition("#")
    address, *names = content.split() or [""]
    if not address:
        return
    try:
        # A zone may follow an address of IPv6 behind a percent sign.
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        message = f"no address and name: {content.strip()[:60]!r}"
        yield Problem(kind=ProblemKind.DAMAGED, locator=locator, message=message)
        return
    if not names:
        message = f"an address without a name: {address[:60]!r}"
        yield Problem(kind=ProblemKind.DAMAGED, locator=locator, message=message)
    for name in names:
        yield HOSTS.row(
            locator,
            host_name=name,
            host_address=address,
            is_turned_away=(found.is_loopback or found.is_unspecified) and name.casefold() != "localhost",
            line_comment=comment.strip() or None,
        )
