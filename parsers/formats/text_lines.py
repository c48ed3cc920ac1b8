"""The numbered lines of a small text file in whatever encoding, with what could not be read of them."""

from __future__ import annotations

from collections.abc import Iterator

from parsers.contract import Artefact, Problem, ProblemKind
from parsers.formats import codecs
from parsers.formats.lines import MOST_SIGNS, lines

_MOST_LONG = 100


class TextLines:
    """Lines of an artefact, and once they are read the problems met."""

    def __init__(self, artefact: Artefact, codec: str | None = None) -> None:
        """Lines of `artefact`, in `codec` where the format says so, else in what the bytes show."""
        self._artefact = artefact
        if codec is None:
            with artefact.open() as stream:
                codec = codecs.decide(codecs.sample(stream))
        self._decoder = codecs.Decoder(codec)
        self._long: list[int] = []
        self.codec = codec
        self.last = 0

    def __iter__(self) -> Iterator[tuple[int, str]]:
        """Each line without its end and without a mark of byte order, by its number from 1."""
        with self._artefact.open() as stream:
            for number, line in enumerate(lines(stream, self._decoder), 1):
                self.last = number
                if len(line) >= MOST_SIGNS and len(self._long) < _MOST_LONG:
                    self._long.append(number)
                yield number, line.lstrip("\ufeff") if number == 1 else line

    def problems(self) -> Iterator[Problem]:
        """Lines that were cut, and bytes that are not of the encoding."""
        for number in self._long:
            message = f"the line is longer than {MOST_SIGNS} signs; only those are read"
            yield Problem(kind=ProblemKind.LIMIT, locator=f"line:{number}", message=message)
        if self._decoder.replaced:
            codec, offset = self._decoder.codec, self._decoder.first_offset
            message = f"{self._decoder.replaced} bytes are not {codec}, the first at offset {offset}; they stand as \\xNN"
            yield Problem(kind=ProblemKind.DAMAGED, locator=f"offset:{offset}", message=message)
