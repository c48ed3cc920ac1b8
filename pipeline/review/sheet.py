"""The sheet to fill in: one self-contained page, on screen or on paper, Japanese first with English beside.

Without script it can be read, printed and filled in by hand; with script a button saves the answers as the JSON file that
`kanshiki review CASE --answers` takes in. Nothing is loaded and nothing is sent: the page says so to the browser (CSP).
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from pipeline.case import Case
from pipeline.errors import CaseError
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


def refuse_place(case: Case, file: Path) -> None:
    """Refuse a place for a sheet before anything is recorded of it.

    Raises:
        CaseError: the file exists, its folder does not, or it lies among what the case keeps.
    """
    own = (case.evidence_folder, case.custody, case.tables, case.sheets, case.report, case.review, case.work)
    if any(file.absolute().resolve().is_relative_to(one.absolute().resolve()) for one in own):
        raise CaseError(f"{file} lies among what the case keeps: name a place outside of it")
    if file.is_symlink() or file.exists():
        raise CaseError(f"{file} exists already: name a new file")
    if not file.absolute().parent.is_dir():
        raise CaseError(f"{file} cannot be written: its folder does not exist")


def write(file: Path, content: bytes) -> None:
    """Write a sheet to a new file that its owner alone can read.

    Raises:
        CaseError: it cannot be written.
    """
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
    except OSError as error:
        raise CaseError(f"{file} cannot be written: {error}") from error
