"""Running text in segments, whatever its encoding."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from fixtures.builders.sheets import fixtures as built
from parsers.contract import ProblemKind
from parsers.documents.text import text
from tests.artefacts import Yielded, from_bytes, run
from tests.test_csv import mutant


def read(content: bytes, folder: Path) -> Yielded:
    return run(text, from_bytes(content, folder, "memo.txt"))


@pytest.mark.parametrize("codec", ["cp932", "euc_jp", "utf-8", "utf-16", "iso-2022-jp"])
def test_text_in_every_encoding(tmp_path, codec) -> None:
    out = read("担当は山田太郎です。\n".encode(codec), tmp_path)
    assert [(one.content, one.codec, one.locator) for one in out.texts] == [
        ("担当は山田太郎です。\n", codec, "line:1")
    ]


def test_segments_end_at_a_line_and_lose_nothing(tmp_path) -> None:
    content = "".join(f"{number} 山田太郎 東京都港区\n" for number in range(40_000))
    out = read(content.encode(), tmp_path)
    assert "".join(one.content for one in out.texts) == content
    assert all(len(one.content.encode()) <= 1 << 16 and one.content.endswith("\n") for one in out.texts)
    assert out.texts[1].locator == f"line:{out.texts[0].content.count(chr(10)) + 1}"


def test_one_endless_line_comes_in_pieces(tmp_path) -> None:
    out = read("山".encode() * 100_000, tmp_path)
    assert "".join(one.content for one in out.texts) == "山" * 100_000
    assert {one.locator for one in out.texts} == {"line:1"}


def test_damage_is_told_with_its_first_place(tmp_path) -> None:
    out = read(built()["text/damaged-bytes"][1], tmp_path)
    assert [(one.kind, one.locator) for one in out.problems] == [(ProblemKind.DAMAGED, "offset:3")]
    assert out.texts[0].content == "abc\\x00\n山田\\xff\n山田太郎\n"


def test_nothing_gives_nothing(tmp_path) -> None:
    out = read(b"", tmp_path)
    assert not out.texts and not out.problems


def test_mutants_never_raise(tmp_path) -> None:
    rng = random.Random(3)
    for scenario, (_, content, _) in built().items():
        if scenario.startswith("text/"):
            for _ in range(60):
                read(mutant(content, rng), tmp_path)
