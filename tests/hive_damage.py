"""Damages the bytes of a hive in many ways and gives each to a parser."""

from __future__ import annotations

import random
from pathlib import Path

from parsers.contract import Parser, ProblemKind
from tests.artefacts import from_bytes, run

CUTS, FLIPS = 12, 120
LOST = {ProblemKind.TRUNCATED, ProblemKind.UNRECOGNISED}


def survives(parser: Parser, content: bytes, folder: Path, name: str = "NTUSER.DAT", seed: int = 1) -> None:
    """Assert that the parser ends for every damage, and tells of a problem where the end is cut off."""
    for part in range(CUTS):
        found = run(parser, from_bytes(content[: len(content) * part // CUTS], folder, name))
        assert {one.kind for one in found.problems} & LOST, part
        assert all(status == "partial" for _, _, status, _ in found.rows)
    chance = random.Random(seed)
    for _ in range(FLIPS):
        bad = bytearray(content)
        for _ in range(chance.choice((1, 3, 30))):
            bad[chance.randrange(4096, len(bad))] = chance.randrange(256)
        found = run(parser, from_bytes(bytes(bad), folder, name))
        assert ProblemKind.CRASHED not in {one.kind for one in found.problems}, seed
