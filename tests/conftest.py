"""What every test has: an examiner's key of its own, outside every case."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True, scope="session")
def examiner_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key that is not the one of whoever runs the tests."""
    path = tmp_path_factory.mktemp("key") / "examiner.key"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KANSHIKI_KEY", str(path))
        yield path
