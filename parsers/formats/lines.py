"""Lines of a text log, whatever its length and that of its lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from parsers.formats import codecs

MOST_SIGNS = 1 << 16


def lines(stream: BinaryIO, decoder: codecs.Decoder) -> Iterator[str]:
    """The lines of a stream without their ends; of one longer than MOST_SIGNS its first so many signs."""
    held = ""
    for piece in codecs.texts(stream, decoder):
        first, *others = piece.split("\n")
        held = (held + first)[:MOST_SIGNS]
        for one in others:
            yield held
            held = one[:MOST_SIGNS]
    if held:
        yield held
