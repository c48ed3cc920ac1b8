"""The page of a PDF: its text and whether that is all it shows, its comments, its form fields.

References:
    - ISO 32000-2, 9.10.2 (mapping to Unicode), 12.5.6 (annotations), 12.7 (forms); PDFium, fpdf_text.h, fpdf_annot.h
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pypdfium2
from pypdfium2 import raw as pdfium

from parsers.contract import ProblemKind

# A stamp or a page number beside a scan is no text of the page.
_FEW_SIGNS = 40
_SOME_SIGNS = 200
# So many shapes on a page without text can be letters drawn as shapes; a frame or a table has fewer.
_MANY_SHAPES = 50
_MOST_OBJECTS = 20_000
_MOST_SIGNS = 5_000_000
_MOST_ANNOTATIONS = 10_000
_MOST_TEXT_BYTES = 1 << 20
# Signs that stand for none: replaced, of private use, not of Unicode. PDFium writes U+FFFE for a hyphen at a line's end.
_NO_SIGN = re.compile("[\ufffd\ue000-\uf8ff\uffff\U000f0000-\U0010ffff\0]")
_PICTURE, _SHAPE = pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_PATH


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a page shows: its text, how many of its signs are none, its pictures and shapes."""

    text: str
    sign_count: int
    unmapped_count: int
    is_cut: bool
    picture_count: int
    picture_share: float
    shape_count: int

    def wrong(self) -> Iterator[tuple[ProblemKind, str]]:
        """Why persons may stand on the page that its text does not give."""
        tail = "persons in it are not counted"
        if self.is_cut:
            yield ProblemKind.LIMIT, f"more than {_MOST_SIGNS} signs; the rest is not read"
        if self.unmapped_count:
            what = f"{self.unmapped_count} of {self.sign_count} signs have no Unicode (a font without such a table)"
            yield ProblemKind.UNSUPPORTED, f"{what}: what they show is not known, {tail}"
        few = self.sign_count <= _FEW_SIGNS
        if self.picture_count and (few or (self.picture_share > 0.5 and self.sign_count < _SOME_SIGNS)):
            what = f"{self.picture_count} pictures and {self.sign_count} signs of text: a scan"
            yield ProblemKind.UNSUPPORTED, f"{what}; the pictures are not read, {tail}"
        elif not self.sign_count and self.shape_count >= _MANY_SHAPES:
            what = f"{self.shape_count} drawn shapes and no text: letters may be among them"
            yield ProblemKind.UNSUPPORTED, f"{what}; they are not read, {tail}"


def page_text(page: Any) -> Page:
    """The text of a page and what else is on it."""
    holder = page.get_textpage()
    try:
        count = holder.count_chars()
        text = holder.get_text_range(0, min(count, _MOST_SIGNS), errors="replace") if count else ""
        unmapped = sum(
            pdfium.FPDFText_HasUnicodeMapError(holder, index) == 1 for index in range(min(count, _MOST_SIGNS))
        )
    finally:
        holder.close()
    text = text.replace("\r\n", "\n").replace("\ufffe", "-")
    unmapped = max(unmapped, len(_NO_SIGN.findall(text)))
    pictures, shapes, share = _objects(page)
    return Page(
        text=text.replace("\0", "\ufffd"),
        sign_count=sum(not sign.isspace() for sign in text),
        unmapped_count=unmapped,
        is_cut=count > _MOST_SIGNS,
        picture_count=pictures,
        picture_share=share,
        shape_count=shapes,
    )


def _objects(page: Any) -> tuple[int, int, float]:
    """Pictures, shapes, and how much of the page the largest picture covers."""
    width, height = page.get_size()
    pictures = shapes = 0
    share = 0.0
    for index, one in enumerate(page.get_objects(filter=[_PICTURE, _SHAPE], max_depth=10)):
        if index >= _MOST_OBJECTS:
            break
        if one.type == _SHAPE:
            shapes += 1
            continue
        pictures += 1
        if one.level == 0:
            left, bottom, right, top = one.get_bounds()
            share = max(share, (right - left) * (top - bottom) / max(width * height, 1.0))
    return pictures, shapes, share


def comments(page: Any) -> Iterator[tuple[int, str]]:
    """Number and text of each comment, with the author in front where it names one."""
    for index, annotation in _annotations(page):
        if pdfium.FPDFAnnot_GetSubtype(annotation) in (pdfium.FPDF_ANNOT_WIDGET, pdfium.FPDF_ANNOT_POPUP):
            continue
        content = _value(annotation, b"Contents")
        author = _value(annotation, b"T")
        if content:
            yield index, f"{author}: {content}" if author else content


def fields(page: Any, forms: Any) -> Iterator[tuple[int, str]]:
    """Number, name and value of each form field that has a value."""
    if forms is None:
        return
    for index, annotation in _annotations(page):
        if pdfium.FPDFAnnot_GetSubtype(annotation) != pdfium.FPDF_ANNOT_WIDGET:
            continue
        value = wide(partial(pdfium.FPDFAnnot_GetFormFieldValue, forms, annotation))
        name = wide(partial(pdfium.FPDFAnnot_GetFormFieldName, forms, annotation))
        if value:
            yield index, f"{name}: {value}" if name else value


def attached(page: Any, document: Any) -> Iterator[tuple[int, Any]]:
    """Number and file of each annotation that is one; it is to be read before the next is asked for."""
    for index, annotation in _annotations(page):
        if pdfium.FPDFAnnot_GetSubtype(annotation) == pdfium.FPDF_ANNOT_FILEATTACHMENT:
            found = pdfium.FPDFAnnot_GetFileAttachment(annotation)
            if found:
                yield index, pypdfium2.PdfAttachment(found, document)


def _annotations(page: Any) -> Iterator[tuple[int, Any]]:
    for index in range(min(pdfium.FPDFPage_GetAnnotCount(page), _MOST_ANNOTATIONS)):
        annotation = pdfium.FPDFPage_GetAnnot(page, index)
        if annotation:
            try:
                yield index, annotation
            finally:
                pdfium.FPDFPage_CloseAnnot(annotation)


def _value(annotation: Any, key: bytes) -> str:
    return wide(lambda buffer, size: pdfium.FPDFAnnot_GetStringValue(annotation, key, buffer, size))


def wide(ask: Callable[[Any, int], int]) -> str:
    """A text the library writes as UTF-16 into a buffer of the size it states."""
    size = min(ask(None, 0), _MOST_TEXT_BYTES)
    if size <= 2:
        return ""
    buffer = ctypes.create_string_buffer(size)
    ask(ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), size)
    return buffer.raw[: size - 2].decode("utf-16-le", "replace").replace("\0", "").replace("\r", "\n").strip()
