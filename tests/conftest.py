"""What every test has: an examiner's key of its own, outside every case, and no network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.offline import network_guard


@pytest.fixture(autouse=True, scope="session")
def examiner_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key that is not the one of whoever runs the tests."""
    path = tmp_path_factory.mktemp("key") / "examiner.key"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KANSHIKI_KEY", str(path))
        yield path


@pytest.fixture(autouse=True, scope="session")
def network_told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where attempts to reach a network are told, by this process and by those it starts."""
    told = tmp_path_factory.mktemp("network") / "told"
    network_guard.install(told)
    return told


@pytest.fixture(autouse=True)
def no_network(network_told: Path) -> Iterator[None]:
    """A test in which anything tried to reach a network fails, whatever became of the attempt."""
    yield
    if tried := network_guard.attempts(network_told):
        pytest.fail("tried to reach a network:\n" + "\n".join(tried), pytrace=False)
