"""Runs over real evidence files that are kept outside the project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CORPUS = Path(os.environ.get("KANSHIKI_CORPUS", ROOT.parent / "shared" / "corpus"))

needs_corpus = pytest.mark.skipif(
    not (CORPUS / "MANIFEST.tsv").is_file(),
    reason=f"no corpus of real evidence at {CORPUS}; set KANSHIKI_CORPUS to a folder with MANIFEST.tsv",
)
