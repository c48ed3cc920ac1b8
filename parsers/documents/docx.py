"""Documents of Word since 2007: DOCX, DOCM, DOTX, DOTM, transitional and strict.

Shows: all text, in segments by what it is: body, header, footer, footnote, endnote, comment, text_box, hidden (set to be
hidden in its own run), ruby (a base and its reading), deleted (a paragraph as it read before tracked changes), inserted
(what tracked changes put in, which stands in the body as well), field, hyperlink, diagram, chart, alternative (text for
pictures), custom_xml and setting. Tables are sheets; forms and tables without a header are told as `label: value` too.
Who commented and changed what is a row. Embedded files and pictures become entries of their own.
Parts of a package whose directory is gone are read by their own heads, as far as they go.
Does not show: which page a text stands on; that a tracked change was made by the person named (the name is set by hand), nor
when (Word writes the wall clock of the machine); text that a style hides as hidden.
Not read: numbers and marks of lists, styles, macros (they become an entry), fonts, text inside pictures and formulas' layout.

References:
    - ISO/IEC 29500-1 part 17 (WordprocessingML), 29500-3 (AlternateContent)
    - [MS-OFFCRYPTO]; [MS-DOCX] 2.6.1 (dateUtc)
"""

from __future__ import annotations

from parsers.contract import Artefact, Problem, ProblemKind, Want, Yields, parser
from parsers.documents.doc import doc
from parsers.formats import drawing_text, package, wordprocessing
from parsers.formats.office_crypt import unless_opened
from parsers.formats.office_package import read_package
from parsers.formats.office_text import REMARKS, few_problems
from parsers.formats.package import Package
from parsers.formats.xml_stream import BadPart

_ENDINGS = ("docx", "docm", "dotx", "dotm")
_ROOTS = {
    "w:document": "body", "w:hdr": "header", "w:ftr": "footer", "w:footnotes": "footnote", "w:endnotes": "endnote",
    "w:comments": "comment", "w:glossaryDocument": "glossary", "w:settings": "setting",
    "w15:people": "setting",
}  # fmt: skip


def _is_word(head: bytes) -> bool:
    return any(name.startswith(b"word/") for name in package.names_in_head(head))


@parser(
    version=1,
    wants=(
        *(Want(f"**/*.{ending}", sniff=package.is_container) for ending in _ENDINGS),
        Want(sniff=_is_word),
    ),
    tables=(REMARKS,),
)
@unless_opened
@few_problems
def docx(artefact: Artefact) -> Yields:
    """The main part first, then the other parts by name; files within last. Paragraphs and tables are numbered in each part from 1."""
    yield from read_package(artefact, "document", doc, _parts)


def _parts(parts: Package) -> Yields:
    """Text of every part, known by its root element wherever it lies."""
    main = [one.target for one in _relations(parts, "") if one.kind == "officeDocument"]
    named = [one for one in parts.parts if one.lower().endswith(".xml") and not one.startswith("[Content")]
    order = [*(one for one in main if one in parts.parts), *package.in_order(named)]
    is_found = False
    for name in dict.fromkeys(order):
        root = parts.root(name)
        if root in _ROOTS:
            is_found = is_found or root == "w:document"
            yield from wordprocessing.texts(parts, name, _ROOTS[root])
        elif root in drawing_text.ROOTS:
            yield from drawing_text.texts(parts, name, drawing_text.ROOTS[root])
        elif name.lower().startswith("customxml/item") and "props" not in name.lower():
            yield from drawing_text.every_text(parts, name, "custom_xml")
        elif not root:
            is_found = is_found or name in main
            yield from drawing_text.rootless(parts, name)
        yield from drawing_text.links(parts, name)
    if not is_found:
        message = "no part of the package is a document of Word"
        yield Problem(kind=ProblemKind.UNRECOGNISED, locator="package", message=message)


def _relations(parts: Package, name: str) -> list[package.Relation]:
    try:
        return parts.relations(name)
    except BadPart:
        return []  # told where the links of the part are
