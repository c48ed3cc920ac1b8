"""Presentations of PowerPoint since 2007: PPTX, PPTM, PPSX, PPSM, POTX, POTM, transitional and strict.

Shows: all text, in segments by what it is: slide (in the order they are shown), hidden_slide, notes, comment, diagram, chart
(words and figures it keeps of its workbook), alternative (text for pictures), layout and master (what stands behind slides),
hyperlink and setting. Tables are sheets; forms and tables without a header are told as `label: value` too. Who commented is a
row. Embedded files and pictures become entries of their own. Slides that the presentation no longer lists come last.
Does not show: that a slide was shown, or to whom; that a comment was made by the person named (the name is set by hand).
Not read: text inside pictures, sounds and films (they become entries), animations, layouts as they look.

References:
    - ISO/IEC 29500-1 part 19 (PresentationML), 21.1 (DrawingML); [MS-PPTX] 2.16 (modern comments); [MS-OFFCRYPTO]
"""

from __future__ import annotations

from parsers.contract import Artefact, Problem, ProblemKind, Want, Yields, parser
from parsers.documents.ppt import ppt
from parsers.formats import drawing_text, package, presentation
from parsers.formats.office_crypt import unless_opened
from parsers.formats.office_package import read_package
from parsers.formats.office_text import REMARKS, few_problems
from parsers.formats.package import Package
from parsers.formats.xml_stream import START, BadPart

_ENDINGS = ("pptx", "pptm", "ppsx", "ppsm", "potx", "potm")
_ROOTS = {
    "p:sld": "slide", "p:notes": "notes", "p:sldLayout": "layout", "p:sldMaster": "master", "p:notesMaster": "master",
    "p:handoutMaster": "master", "p:cmLst": "comment", "p188:cmLst": "comment", "p:tagLst": "setting",
}  # fmt: skip


def _is_presentation(head: bytes) -> bool:
    return any(name.startswith(b"ppt/") for name in package.names_in_head(head))


@parser(
    version=1,
    wants=(
        *(Want(f"**/*.{ending}", sniff=package.is_container) for ending in _ENDINGS),
        Want(sniff=_is_presentation),
    ),
    tables=(REMARKS,),
)
@unless_opened
@few_problems
def pptx(artefact: Artefact) -> Yields:
    """Each slide with its notes in the order of the presentation, then other parts by name; files within last."""
    yield from read_package(artefact, "presentation", ppt, _parts)


def _parts(parts: Package) -> Yields:
    authors = presentation.Authors()
    order: list[str] = []
    try:
        for slide in _listed(parts):
            order += [slide, *drawing_text.targets(parts, slide, "notesSlide")]
    except BadPart as error:
        yield package.problem("ppt/presentation.xml", error)
    named = package.in_order([one for one in parts.parts if one.lower().endswith(".xml")])
    # Slides that are not listed come before the parts that stand behind all of them.
    named.sort(key=lambda one: "/slides/" not in one)
    roots = {name: parts.root(name) for name in named if not name.startswith("[Content")}
    for name, root in roots.items():
        if root in ("p:cmAuthorLst", "p188:authorLst"):
            yield from authors.read(parts, name)
    for name in dict.fromkeys((*(one for one in order if one in roots), *roots)):
        root = roots[name]
        if root in _ROOTS:
            yield from presentation.texts(parts, name, _ROOTS[root], authors)
        elif root in drawing_text.ROOTS:
            yield from drawing_text.texts(parts, name, drawing_text.ROOTS[root])
        elif name.lower().startswith("customxml/item") and "props" not in name.lower():
            yield from drawing_text.every_text(parts, name, "custom_xml")
        elif not root:
            yield from drawing_text.rootless(parts, name)
        yield from drawing_text.links(parts, name)
    if "p:presentation" not in roots.values() and "p:sld" not in roots.values():
        message = "no part of the package is a presentation"
        yield Problem(kind=ProblemKind.UNRECOGNISED, locator="package", message=message)


def _listed(parts: Package) -> list[str]:
    """Names of the slides in the order of the presentation.

    Raises:
        BadPart: the list cannot be read.
    """
    main = next(drawing_text.targets(parts, "", "officeDocument"), "ppt/presentation.xml")
    if main not in parts.parts:
        return []
    slides = {one.id: one.target for one in parts.relations(main) if one.kind == "slide"}
    order = [
        given.get("r:id", "")
        for kind, name, given in parts.events(main)
        if kind == START and name == "p:sldId"
    ]
    return [slides[one] for one in order if slides.get(one) in parts.parts]
