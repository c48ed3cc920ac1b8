"""Texts and presentations of OpenDocument: ODT, OTT, ODM, ODP, OTP, ODG and the flat forms FODT and FODP.

Shows: all text, in segments by what it is: body, slide, notes, header, footer, footnote, annotation (comment), text_box,
deleted (what tracked changes took out, which the file keeps), hidden (of sections and paragraphs set to be hidden), ruby (a
base and its reading), field (values a field keeps), hyperlink, alternative (text for pictures). Tables are sheets; forms and
tables without a header are told as `label: value` too. Who commented and changed what is a row. Embedded files and pictures
become entries of their own; tables and charts of embedded objects are read with the document.
Does not show: which page a text stands on; that a change was made by the person named (the name is set by hand). Text put in by
tracked changes stands in the body and is not set apart.
Not read: spreadsheets (another parser reads them), macros, formulas, numbers and marks of lists.

References:
    - OASIS OpenDocument 1.3 part 3: 5 and 6 (text), 9 (tables), 5.5 (tracked changes), 14.1 (annotations); part 2: 3.4 (encryption)
    - OpenOffice.org XML file format 1.0 (the older namespaces)
"""

from __future__ import annotations

from parsers.contract import Artefact, Problem, ProblemKind, Want, Yields, parser
from parsers.formats import open_text, package
from parsers.formats.compound import locked
from parsers.formats.office_crypt import unless_opened
from parsers.formats.office_text import REMARKS, few_problems
from parsers.formats.open_crypt import encryption
from parsers.formats.package import ZIP, Package
from parsers.formats.xml_stream import BLOCK_BYTES, BadPart, events

_ENDINGS = ("odt", "ott", "odm", "odp", "otp", "odg", "otg", "sxw", "sxi")
_FLAT = ("fodt", "fodp", "fodg")
_KINDS = (b"text", b"presentation", b"graphics")
_MIME = tuple(b"mimetypeapplication/vnd.oasis.opendocument." + kind for kind in _KINDS)


def _is_zip(head: bytes) -> bool:
    return head.startswith(ZIP)


def _is_open(head: bytes) -> bool:
    return head.startswith(ZIP) and head[30:90].startswith(_MIME)


def _is_flat(head: bytes) -> bool:
    return b"<office:document" in head and b"opendocument" in head


@parser(
    version=2,
    wants=(
        *(Want(f"**/*.{ending}", sniff=_is_zip) for ending in _ENDINGS),
        *(Want(f"**/*.{ending}", sniff=_is_flat) for ending in _FLAT),
        Want(sniff=_is_open),
    ),
    tables=(REMARKS,),
)
@unless_opened
@few_problems
def opendocument_text(artefact: Artefact) -> Yields:
    """Content first, then the styles with headers and footers, then embedded objects; files within last."""
    if artefact.head(len(ZIP)) != ZIP:
        yield from _flat(artefact)
        return
    try:
        opened = Package(artefact)
    except BadPart as error:
        yield Problem(kind=error.kind, locator="package", message=str(error))
        return
    with opened as parts:
        method = encryption(parts)
        if method is not None:
            yield locked("document", method)
            return
        yield from parts.problems
        named = package.in_order([one for one in parts.parts if one.endswith("content.xml")])
        named.sort(key=lambda one: one != "content.xml")
        if not named:
            message = "no content.xml: no document of OpenDocument"
            yield Problem(kind=ProblemKind.UNRECOGNISED, locator="package", message=message)
        for name in (*named, *(one for one in parts.parts if one.endswith("styles.xml"))):
            yield from open_text.texts(f"part:{name}", parts.events(name))
        yield from parts.members(("mimetype", "layout-cache"))


def _flat(artefact: Artefact) -> Yields:
    """A document in one XML file."""
    with artefact.open() as stream:
        yield from open_text.texts("part:document", events(iter(lambda: stream.read(BLOCK_BYTES), b"")))
