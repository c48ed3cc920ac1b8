"""A real move table: the machine and the volume it names."""

from __future__ import annotations

import pytest

from parsers.windows.tracking_log import tracking_log
from tests.artefacts import artefact, run
from tests.corpus import CORPUS, needs_corpus

pytestmark = [needs_corpus, pytest.mark.corpus]

NAME = "dfir_ntfs/test_data/tracking_3_move_to.bin"


def test_the_header_names_machine_and_volume() -> None:
    found = run(tracking_log, artefact(CORPUS / NAME))
    assert found.problems == []
    # Every entry of this table is unused.
    assert [(table, values) for table, _, _, values in found.rows] == [
        (
            "windows_tracking_volume",
            {
                "volume_machine_id": "desktop-rd341ha",
                "volume_object_id": "e6984ab8-17ef-4919-b259-c7bea2cd381b",
                "is_flushed": True,
            },
        )
    ]
