"""A page of a PDF as a picture, for what reads pictures.

References:
    - Netpbm, pgm(5): the plain grey picture
"""

from __future__ import annotations

from pathlib import Path

import pypdfium2

_DOTS_PER_INCH = 200
_POINTS_PER_INCH = 72
# A page may say it is as large as a field: it is drawn smaller then.
_MOST_PIXELS = 25_000_000
_LEAST_POINTS = 1.0


class PageError(ValueError):
    """A page that cannot be drawn; the message says why."""


def grey_page(file: Path, number: int, passwords: tuple[str, ...] = ()) -> bytes:
    """Page `number`, from 1, as a grey picture (PGM) of 200 dots an inch, or as many as 25 million allow.

    Raises:
        PageError: the document cannot be opened, or has no such page, or it cannot be drawn.
    """
    wrong: BaseException | None = None
    for word in (None, *passwords):
        try:
            document = pypdfium2.PdfDocument(str(file), password=word)
        except pypdfium2.PdfiumError as error:
            wrong = error
            continue
        try:
            return _drawn(document, number)
        except (pypdfium2.PdfiumError, ValueError, IndexError, MemoryError, OSError) as error:
            raise PageError(f"page {number} cannot be drawn: {str(error)[:200]}") from error
        finally:
            document.close()
    raise PageError(f"the document cannot be opened: {str(wrong)[:200]}") from wrong


def _drawn(document: pypdfium2.PdfDocument, number: int) -> bytes:
    page = document[number - 1]
    try:
        width, height = (max(float(one), _LEAST_POINTS) for one in page.get_size())
        scale = min(_DOTS_PER_INCH / _POINTS_PER_INCH, (_MOST_PIXELS / (width * height)) ** 0.5)
        bitmap = page.render(scale=scale, grayscale=True)
        try:
            stored = bytes(bitmap.buffer)
            rows = (
                [stored[at * bitmap.stride :][: bitmap.width] for at in range(bitmap.height)]
                if bitmap.stride != bitmap.width
                else [stored]
            )
            return b"P5\n%d %d\n255\n" % (bitmap.width, bitmap.height) + b"".join(rows)
        finally:
            bitmap.close()
    finally:
        page.close()
