"""Damages hives in many places and gives them to a parser: it may tell problems, it may not raise nor pass over a cut."""

from __future__ import annotations

import random
from pathlib import Path

from parsers.contract import Parser
from tests.artefacts import from_bytes, run


def survives(parser: Parser, content: bytes, folder: Path, name: str) -> None:
    """Cut a hive at many places and flip bytes at places drawn with a fixed seed; a cut is always told."""
    for size in (0, 3, 512, 4095, *range(4096, len(content), 1021), len(content) - 1):
        cut = run(parser, from_bytes(content[:size], folder, name))
        assert cut.problems, f"cut at {size}: nothing is told"
    draw = random.Random(len(content))
    for _ in range(60):
        damaged = bytearray(content)
        for _ in range(draw.choice((1, 4, 40))):
            damaged[draw.randrange(4096 if draw.random() < 0.9 else 0, len(damaged))] ^= 1 << draw.randrange(
                8
            )
        run(parser, from_bytes(bytes(damaged), folder, name))
