"""A real Thumbs.db: its three pictures under their identifiers."""

from __future__ import annotations

import pytest

from parsers.windows.thumbs_db import thumbs_db
from tests.artefacts import artefact, run
from tests.corpus import CORPUS, needs_corpus

pytestmark = [needs_corpus, pytest.mark.corpus]


def test_each_small_picture_is_told_by_its_identifier() -> None:
    found = run(thumbs_db, artefact(CORPUS / "bulk_extractor/tests/Data/ExifPhotos/Thumbs.db"))
    assert found.problems == []
    # Sizes stated at offset 8 of each stream, which the parser does not use.
    assert [
        (one["cache_kind"], one["thumbnail_cache_id"], one["image_format"], one["image_bytes"])
        for one in found.table("windows_thumbs_db")
    ] == [
        ("256", "0267ac1efabfe4df", "jpeg", 0x38F8),
        ("256", "2e7a5b4073e97666", "jpeg", 0x246E),
        ("256", "75c25b506427b131", "jpeg", 0x2870),
    ]
