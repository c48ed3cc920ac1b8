"""Opens a package of Office Open XML, whatever stands under its name: an encrypted one, an older format, bytes that are none."""

from __future__ import annotations

from collections.abc import Callable

from parsers.contract import Artefact, Parser, Problem, ProblemKind, Yields
from parsers.formats.compound import SIGNATURE, locked, refusal
from parsers.formats.package import Package
from parsers.formats.xml_stream import BadPart


def read_package(artefact: Artefact, what: str, older: Parser, read: Callable[[Package], Yields]) -> Yields:
    """What `read` gives of the package and the files within it; `older` reads the older format under the name of the newer."""
    if artefact.head(len(SIGNATURE)) == SIGNATURE:
        told = refusal(artefact, what)
        yield told
        if told.kind is ProblemKind.UNRECOGNISED:
            yield from older.parse(artefact)
        return
    try:
        opened = Package(artefact)
    except BadPart as error:
        yield Problem(kind=error.kind, locator="package", message=str(error))
        return
    with opened as parts:
        if parts.is_encrypted:
            yield locked(what, "encryption of the zip")
            return
        yield from parts.problems
        yield from read(parts)
        yield from parts.members()
