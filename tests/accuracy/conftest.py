"""The layouts as a case holds them, run once for all tests of the folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.accuracy.found import FoundFile
from tests.accuracy.run import ingest


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory, examiner_key: Path) -> dict[str, FoundFile]:
    return ingest(tmp_path_factory.mktemp("accuracy"))
