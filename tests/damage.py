"""Damages bytes in the ways that tests of parsers ask for, the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Iterator


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
