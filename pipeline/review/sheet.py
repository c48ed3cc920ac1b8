"""The sheet to fill in: one self-contained page, on screen or on paper, Japanese first with English beside.

Without script it can be read, printed and filled in by hand; with script a button saves the answers as the JSON file that
`kanshiki review CASE --answers` takes in. Nothing is loaded and nothing is sent: the page says so to the browser (CSP).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path

from pipeline.case import Case
from pipeline.report.pages import environment
from pipeline.review.draw import Draw
from pipeline.review.shown import Shown
from pipeline.review.taking import FORM

_FOLDER = Path(__file__).resolve().parent
_SCRIPT = _FOLDER / "sheet.js"


def render(case: Case, made: Draw, pairs: Sequence[Shown], by: str, *, is_unmasked: bool) -> bytes:
    """The page's bytes; every text from evidence is escaped by the template."""
    script = _SCRIPT.read_text(encoding="utf-8")
    # The one script that may run is this one, byte for byte.
    allowed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
    page = (
        environment(_FOLDER)
        .get_template("sheet.html.j2")
        .render(
            case=case,
            draw=made,
            pairs=pairs,
            by=by,
            is_unmasked=is_unmasked,
            script=script,
            allowed=f"sha256-{allowed}",
            form=FORM,
        )
    )
    return page.encode("utf-8")
