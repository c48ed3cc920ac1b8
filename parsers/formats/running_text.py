r"""Running text of an artefact in segments of a bounded size, in whatever encoding."""

from __future__ import annotations

from parsers.contract import Artefact, Problem, ProblemKind, Text, Yields
from parsers.formats import codecs

_SEGMENT_BYTES = 1 << 16


def segments(artefact: Artefact) -> Yields:
    """Segments of at most 64 KiB in UTF-8 that end at a line's end where they can; the locator is the number of the first line."""
    with artefact.open() as stream:
        codec = codecs.decide(codecs.sample(stream))
    decoder = codecs.Decoder(codec)
    held, number = "", 1
    with artefact.open() as stream:
        for piece in codecs.texts(stream, decoder):
            held += piece
            while len(held) > _SEGMENT_BYTES or len(held.encode("utf-8")) > _SEGMENT_BYTES:
                segment = _segment(held)
                yield Text(locator=f"line:{number}", segment="lines", content=segment, codec=codec)
                number += segment.count("\n")
                held = held[len(segment) :]
    if held:
        yield Text(locator=f"line:{number}", segment="lines", content=held, codec=codec)
    if decoder.replaced:
        yield Problem(
            kind=ProblemKind.DAMAGED,
            locator=f"offset:{decoder.first_offset}",
            message=f"{decoder.replaced} bytes are not {codec}, the first at offset {decoder.first_offset}; they stand in the text as \\xNN",
        )


def _segment(held: str) -> str:
    """The most of the text that fits into a segment, up to a line's end unless one line alone is longer."""
    fitting = held[:_SEGMENT_BYTES].encode("utf-8")[:_SEGMENT_BYTES].decode("utf-8", "ignore")
    cut = fitting.rfind("\n") + 1
    return fitting[:cut] if cut else fitting
