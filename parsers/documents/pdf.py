"""PDF documents: text page by page, forms, comments, attachments, and what a document says of itself.

Shows: the text of each page in the order it is stored, values of form fields, comments with their author, attached files, who
made the document with which program and when, as it says itself.
Does not show: that a page looks like its text (text can be white or covered), nor that author and times are true: any
program writes what it likes. Text under a black bar is text like other text.
Not read: pictures; a page of which the text is a few signs beside pictures or drawn shapes is told as one that was not read.
Earlier versions of the document within the file, scripts, forms in XFA (told), signatures; documents with a password (told with
the method).

References:
    - ISO 32000-2 (PDF 2.0), 7.6 (encryption), 7.9.4 (dates), 7.11.4 (attached files), 9.10 (text), 12.5 (annotations), 12.7 (forms)
    - ISO 16684-1 (XMP)
"""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Any

import pypdfium2
from pypdfium2 import raw as pdfium

from parsers.contract import Artefact, Member, Problem, ProblemKind, Status, Text, Want, Yields, parser
from parsers.formats.document_properties import PROPERTIES
from parsers.formats.pdf_head import NAMES, encryption, properties
from parsers.formats.pdf_page import Page, attached, comments, fields, page_text, wide

_MOST_PAGES = 50_000
_MOST_FAILED = 100
_MOST_ATTACHMENTS = 10_000
_MOST_BYTES = 256 << 20
_HEAD_BYTES = (
    1024  # ISO 32000-2 C.4 (PDF 1.7 implementation note 13): the mark may stand within the first 1024 bytes
)
_TAIL_BYTES = 2048
_WRONG = (pypdfium2.PdfiumError, ValueError, OSError, UnicodeError, MemoryError)
_PASSWORD = 4
# ISO 32000-2 7.7.2: the object all of a document hangs on.
_CATALOG = re.compile(rb"(\d{1,9} \d{1,5}) obj\s{0,10}<<[^>]{0,200}?/Type\s{0,10}/Catalog\b")


def looks_like_pdf(head: bytes) -> bool:
    """Whether the mark of a PDF stands at the beginning, or close to it."""
    return b"%PDF-" in head[:_HEAD_BYTES] and not head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0"))


@parser(
    version=1,
    wants=(Want(signature=b"%PDF-"), Want("**/*.pdf", sniff=looks_like_pdf)),
    tables=(PROPERTIES,),
)
def pdf(artefact: Artefact) -> Yields:
    """One row, then each page's text, comments and form fields, last attachments; the locator of a page is `page:` and its number."""
    file = artefact.local()
    try:
        document = _opened(file, artefact)
        count = len(document)
    except _WRONG as error:
        document = None if getattr(error, "err_code", None) == _PASSWORD else _without_trailer(file)
        if document is None:
            yield from _refused(file, error)
            return
        count = len(document)
    try:
        is_ended = _is_ended(file)
        yield from _row(file, document, count, is_ended=is_ended)
        if document.get_formtype() in (pdfium.FORMTYPE_XFA_FULL, pdfium.FORMTYPE_XFA_FOREGROUND):
            message = "a form in XFA is not read; only what its pages show without it is"
            yield Problem(kind=ProblemKind.UNSUPPORTED, locator="0", message=message)
        yield from _pages(document, count)
        yield from _attachments(document)
        if not is_ended:
            message = "the end of the file is missing: pages may be as well"
            yield Problem(kind=ProblemKind.TRUNCATED, locator="0", message=message)
    finally:
        document.close()


def _opened(file: Path, artefact: Artefact) -> Any:
    """The document, opened by one of the passwords of the case where it does not open without one."""
    try:
        return pypdfium2.PdfDocument(str(file))
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) != _PASSWORD:
            raise
        wrong = error
    for word in artefact.passwords:
        try:
            document = pypdfium2.PdfDocument(str(file), password=word)
        except pypdfium2.PdfiumError:
            continue
        artefact.opened_by(word)
        return document
    raise wrong


def _refused(file: Path, error: BaseException) -> Yields:
    """Why a document cannot be opened: a password, or bytes that are none."""
    if getattr(error, "err_code", None) == _PASSWORD:
        method = encryption(file) or "of a method that is not told"
        yield PROPERTIES.row("0", Status.PARTIAL, document_format="pdf", is_encrypted=True)
        message = f"encrypted ({method}): it opens with a password alone, and persons in it are not counted"
        yield Problem(kind=ProblemKind.LOCKED, locator="0", message=message)
        return
    message = f"the document cannot be opened: {str(error)[:200]}"
    yield Problem(kind=ProblemKind.DAMAGED, locator="0", message=message)


def _without_trailer(file: Path) -> Any:
    """A document that lost its end, opened by the catalog found in it; None where that does not open either."""
    if file.stat().st_size > _MOST_BYTES:
        return None
    content = file.read_bytes()
    found = _CATALOG.findall(content)
    if not found:
        return None
    try:
        document = pypdfium2.PdfDocument(content + b"\ntrailer\n<</Root %s R>>\n%%%%EOF\n" % found[-1])
        if len(document):
            return document
        document.close()
    except _WRONG:
        return None
    return None


def _is_ended(file: Path) -> bool:
    with file.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(size - _TAIL_BYTES, 0))
        return b"%%EOF" in stream.read()


def _row(file: Path, document: Any, count: int, *, is_ended: bool) -> Yields:
    revision = pdfium.FPDF_GetSecurityHandlerRevision(document)
    values, wrong = properties(_information(document), file)
    values |= {"document_format": "pdf", "page_count": count, "is_encrypted": revision >= 0}
    if revision >= 0:
        method = encryption(file) or f"revision {revision}"
        values["custom_properties"] = [*values.get("custom_properties", []), f"Encryption={method}"]
    yield PROPERTIES.row("0", Status.OK if is_ended and not wrong else Status.PARTIAL, **values)
    for column, message in wrong:
        yield Problem(kind=ProblemKind.DAMAGED, locator="0", message=message, column=column)


def _information(document: Any) -> dict[str, str]:
    return {name: wide(partial(pdfium.FPDF_GetMetaText, document, name.encode())) for name in NAMES}


def _pages(document: Any, count: int) -> Yields:
    try:
        document.init_forms()
        forms = None if document.formenv is None else document.formenv.raw
    except _WRONG as error:
        forms = None
        message = f"form fields cannot be read: {str(error)[:150]}"
        yield Problem(kind=ProblemKind.DAMAGED, locator="0", message=message)
    failed = 0
    for number in range(min(count, _MOST_PAGES)):
        at = f"page:{number + 1}"
        try:
            page = document.get_page(number)
        except _WRONG as error:
            failed += 1
            if failed > _MOST_FAILED:
                message = f"{failed} pages cannot be read; the rest is not tried"
                yield Problem(kind=ProblemKind.LIMIT, locator=at, message=message)
                return
            message = f"the page cannot be read: {str(error)[:150]}"
            yield Problem(kind=ProblemKind.DAMAGED, locator=at, message=message)
            continue
        try:
            yield from _page(page, at, document, forms)
        except _WRONG as error:
            message = f"the rest of the page cannot be read: {str(error)[:150]}"
            yield Problem(kind=ProblemKind.DAMAGED, locator=at, message=message)
        finally:
            page.close()
    if count > _MOST_PAGES:
        message = f"{count} pages; those beyond {_MOST_PAGES} are not read"
        yield Problem(kind=ProblemKind.LIMIT, locator=f"page:{_MOST_PAGES + 1}", message=message)


def _page(page: Any, at: str, document: Any, forms: Any) -> Yields:
    told: Page = page_text(page)
    if told.text.strip():
        yield Text(locator=at, segment="page", content=told.text)
    for kind, message in told.wrong():
        yield Problem(kind=kind, locator=at, message=message)
    for index, content in comments(page):
        yield Text(locator=f"{at}/annotation:{index}", segment="comment", content=content)
    for index, content in fields(page, forms):
        yield Text(locator=f"{at}/annotation:{index}", segment="form_field", content=content)
    for index, one in attached(page, document):
        yield _member(one, f"{at}/annotation:{index}")


def _attachments(document: Any) -> Yields:
    """Files attached to the document as a whole."""
    for index in range(min(document.count_attachments(), _MOST_ATTACHMENTS)):
        at = f"attachment:{index}"
        try:
            yield _member(document.get_attachment(index), at)
        except _WRONG as error:
            message = f"the attached file cannot be read: {str(error)[:150]}"
            yield Problem(kind=ProblemKind.DAMAGED, locator=at, message=message)


def _member(one: Any, at: str) -> Member | Problem:
    name = wide(lambda buffer, size: pdfium.FPDFAttachment_GetName(one, buffer, size)) or at.replace(
        ":", "-"
    ).replace("/", "-")
    content = bytes(one.get_data())
    if len(content) > _MOST_BYTES:
        message = f"{name}: an attached file of {len(content)} bytes is not read"
        return Problem(kind=ProblemKind.LIMIT, locator=at, message=message)
    return Member(locator=at, name=name, content=content)
