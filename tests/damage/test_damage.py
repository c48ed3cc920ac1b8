"""Every fixture cut short and with bytes changed: a parser may tell problems, it may not raise, hang, or grow without limit.

Formats are read in this process, so a decoder that crashes ends the test run: that is meant to be seen.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from parsers.contract import Batch, Sheet
from tests.artefacts import FileArtefact, from_bytes
from tests.golden_rows import FIXTURES, fixture, parser_of, scenarios

# A damaged artefact gives at most so many times the rows of the whole one, and a few more: damage makes no rows.
_GROWTH = 3
_SPARE = 200


@dataclass(slots=True)
class Given:
    """What a parser gave: rows of tables and sheets, and problems."""

    rows: int = 0
    problems: list[str] = field(default_factory=list)


def given(scenario: Path, artefact: FileArtefact) -> Given:
    """Everything a parser yields, read to its end."""
    found = Given()
    for one in parser_of(scenario).parse(artefact):
        match one:
            case Batch():
                found.rows += one.rows.num_rows
            case Sheet():
                found.rows += sum(batch.num_rows for batch in one.batches)
            case _ if hasattr(one, "kind"):
                found.problems.append(str(one.kind))
            case _:
                found.rows += 1
    return found


def damaged(content: bytes, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    """Cuts at many places, single bytes changed, runs zeroed and runs of noise."""
    size = len(content)
    for share in (0.01, 0.1, 0.3, 0.5, 0.75, 0.95):
        yield f"cut at {int(size * share)}", content[: int(size * share)]
    yield "the last byte gone", content[:-1]
    for _ in range(10):
        changed = bytearray(content)
        at = chance.randrange(size)
        changed[at] ^= 1 << chance.randrange(8)
        yield f"bit flipped at {at}", bytes(changed)
    for _ in range(4):
        changed = bytearray(content)
        at, length = chance.randrange(size), chance.randint(1, 64)
        changed[at : at + length] = bytes(length)
        yield f"{length} bytes zeroed at {at}", bytes(changed)
    for _ in range(4):
        changed = bytearray(content)
        at = chance.randrange(size)
        noise = chance.randbytes(chance.randint(1, 64))
        changed[at : at + len(noise)] = noise
        yield f"{len(noise)} bytes of noise at {at}", bytes(changed)


@pytest.mark.parametrize("scenario", scenarios(), ids=lambda one: one.relative_to(FIXTURES).as_posix())
def test_a_damaged_artefact_gives_problems_and_never_more(scenario: Path, tmp_path: Path) -> None:
    whole = fixture(scenario)
    content = whole.local().read_bytes()
    if not content:
        return
    most = given(scenario, whole).rows * _GROWTH + _SPARE
    chance = random.Random(zlib.crc32(scenario.name.encode()))
    for what, bytes_now in damaged(content, chance):
        hurt = replace(
            from_bytes(bytes_now, tmp_path, whole.file.name), path=whole.path, companions=whole.companions
        )
        try:
            found = given(scenario, hurt)
        except Exception as error:
            raise AssertionError(f"{what}: the parser raised {type(error).__name__}: {error}") from error
        assert found.rows <= most, f"{what}: {found.rows} rows"
        assert len(found.problems) <= most, f"{what}: {len(found.problems)} problems"
