"""Damages hives in many places and gives them to a parser: it may tell problems, it may not raise nor pass over a cut."""

from __future__ import annotations

import random
from pathlib import Path

from parsers.contract import Parser, ProblemKind
from tests.artefacts import from_bytes, run

CUTS, FLIPS = 24, 60
LOST = {ProblemKind.TRUNCATED, ProblemKind.UNRECOGNISED}


def survives(parser: Parser, content: bytes, folder: Path, name: str = "NTUSER.DAT", seed: int = 1) -> None:
    """Cut a hive at many places and flip bytes at places drawn from the seed; a cut is always told, and its rows are partial."""
    sizes = {0, 3, 512, 4095, *(len(content) * part // CUTS for part in range(CUTS)), len(content) - 1}
    for size in sorted(sizes):
        found = run(parser, from_bytes(content[:size], folder, name))
        assert {one.kind for one in found.problems} & LOST, f"cut at {size}: nothing is told"
        assert all(status == "partial" for _, _, status, _ in found.rows), f"cut at {size}"
    chance = random.Random(seed)
    for _ in range(FLIPS):
        damaged = bytearray(content)
        for _ in range(chance.choice((1, 3, 30))):
            at = chance.randrange(4096 if chance.random() < 0.9 else 0, len(damaged))
            damaged[at] ^= 1 << chance.randrange(8)
        found = run(parser, from_bytes(bytes(damaged), folder, name))
        assert ProblemKind.CRASHED not in {one.kind for one in found.problems}, seed
