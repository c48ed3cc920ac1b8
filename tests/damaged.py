"""Damages bytes in the ways media and transfers do, from a seed: cut, flipped, overwritten, shifted."""

from __future__ import annotations

import random
import resource
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

_STAMPS = (b"\xff" * 4, bytes(4), b"\xff\xff\xff\x7f", b"\4\0\0\0")


def cuts(content: bytes, count: int = 24) -> Iterator[bytes]:
    """The content cut at evenly spread places, and close to both ends."""
    places = {len(content) * one // count for one in range(count)} | {1, 7, 23, len(content) - 1}
    for place in sorted(places):
        if 0 < place < len(content):
            yield content[:place]


def mutants(content: bytes | Sequence[bytes], seed: int, count: int) -> Iterator[bytes]:
    """The content, or one of several drawn each time, damaged in up to twelve places, `count` times."""
    chance = random.Random(seed)
    for _ in range(count):
        damaged = bytearray(content if isinstance(content, bytes) else chance.choice(content))
        for _ in range(chance.randint(1, 12)):
            index = chance.randrange(len(damaged))
            match chance.randrange(4):
                case 0:
                    damaged[index] ^= 1 << chance.randrange(8)
                case 1:
                    damaged[index : index + 4] = chance.choice(_STAMPS)
                case 2:
                    del damaged[index : index + chance.randint(1, 64)]
                case _:
                    damaged[index:index] = chance.randbytes(chance.randint(1, 16))
            damaged = damaged or bytearray(b"\0")
        yield bytes(damaged)


def cut(content: bytes, count: int = 24) -> Iterator[bytes]:
    """The content without its end, cut at places spread over it."""
    for part in range(count):
        yield content[: len(content) * part // count]


def flipped(content: bytes, count: int = 200, seed: int = 20260928, spare: int = 0) -> Iterator[bytes]:
    """The content with one to eight bytes changed, or a run of them overwritten; the first `spare` are left alone."""
    chosen = random.Random(seed)
    for number in range(count):
        damaged = bytearray(content)
        for _ in range(chosen.randrange(1, 9)):
            damaged[chosen.randrange(spare, len(damaged))] = chosen.randrange(256)
        if number % 4 == 0:
            start = chosen.randrange(spare, len(damaged))
            size = min(chosen.choice((4, 8, 64)), len(damaged) - start)
            damaged[start : start + size] = chosen.choice((b"\xff", b"\0", b"\x80")) * size
        yield bytes(damaged)


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
