"""Outlook stores: what cannot be opened is told; the heap of an item in an attachment. Whole stores stand in the corpus alone."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from fixtures.builders.outlook import heap, store_head
from parsers.contract import ProblemKind
from parsers.formats.pff_heap import properties
from parsers.mail.pst import pst
from tests.artefacts import from_bytes, run
from tests.damaged import cuts, mutants

SUBJECT = (0x0037, 0x1F, "元のメール".encode("utf-16-le"))
FLAGS = (0x0E07, 0x03, struct.pack("<I", 0x11))


@pytest.mark.parametrize("content", [store_head(), b"!BDN", store_head()[:100] + bytes(5000)])
def test_a_store_that_cannot_be_opened_is_told(content: bytes, tmp_path: Path) -> None:
    found = run(pst, from_bytes(content, tmp_path, "a.pst"))
    assert [one.kind for one in found.problems] == [ProblemKind.DAMAGED]
    assert found.rows == []


def test_properties_of_an_item_within_an_item_are_read_out_of_its_heap() -> None:
    assert properties(heap([SUBJECT, FLAGS])) == ([SUBJECT, FLAGS], 0)
    assert properties(heap([SUBJECT], outside=[(0x1000, 0x1F)])) == ([SUBJECT], 1)


@pytest.mark.parametrize(
    "content", [b"", bytes(64), b"\x0c\0\xec\x7c" + bytes(20), b"\x0c\0\xec\xbc" + bytes(20)]
)
def test_what_is_no_heap_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="begins with"):
        properties(content)


def test_a_damaged_heap_ends() -> None:
    content = heap([SUBJECT, FLAGS], outside=[(0x1000, 0x1F)])
    for one in [*cuts(content), *mutants(content, 20260928, 500)]:
        try:
            assert len(properties(one)[0]) < 100
        except ValueError:
            continue
