"""Damaged copies of kept bytes, and a child process with bounded memory and time to read them in."""

from __future__ import annotations

import random
import resource
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

WORDS = (b"\xff" * 4, b"\0" * 4, b"\xff\xff\xff\x7f", b"\4\0\0\0", b"\2\0\0\0")


def mutants(kept: Sequence[bytes], seed: int, count: int) -> Iterator[bytes]:
    """Copies that are cut, flipped, overwritten and spliced at places drawn from the seed."""
    chance = random.Random(seed)
    for number in range(count):
        content = bytearray(chance.choice(kept))
        if number % 5 == 0:
            yield bytes(content[: chance.randrange(len(content))])
            continue
        for _ in range(chance.randint(1, 12)):
            index = chance.randrange(len(content))
            match chance.randrange(4):
                case 0 | 1:
                    content[index] ^= 1 << chance.randrange(8)
                case 2:
                    content[index : index + 4] = chance.choice(WORDS)
                case _:
                    del content[index : index + chance.randint(1, 8)]
            content = content or bytearray(b"\0")
        yield bytes(content)


def in_child(module: str, call: str) -> None:
    """Run a function of a test module in a child: it must end well within 2 GiB and two minutes."""
    done = subprocess.run(
        [sys.executable, "-c", f"from {module} import *; {call}"],
        cwd=Path(__file__).resolve().parent.parent,
        timeout=120,
        check=False,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30)),
    )
    assert done.returncode == 0, f"{call}: {done.stderr[-2000:]}"
