"""Fields of Word files: what the program that opens them fills in (ECMA-376 Part 1, 17.16)."""

from __future__ import annotations

from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph
from docx.text.run import Run


def field(paragraph: Paragraph, instruction: str, shown: str | None = None) -> list[Run]:
    """Put a field behind what a paragraph has, with what is shown until it is filled, if anything; its runs."""
    runs = [_marked(paragraph, "begin"), paragraph.add_run()]
    element: Any = OxmlElement("w:instrText")
    element.set(qn("xml:space"), "preserve")
    element.text = instruction
    runs[1]._r.append(element)
    if shown is not None:
        runs += [_marked(paragraph, "separate"), paragraph.add_run(shown)]
    return [*runs, _marked(paragraph, "end")]


def _marked(paragraph: Paragraph, kind: str) -> Run:
    run = paragraph.add_run()
    mark: Any = OxmlElement("w:fldChar")
    mark.set(qn("w:fldCharType"), kind)
    run._r.append(mark)
    return run
