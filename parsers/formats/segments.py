"""Lines of running text gathered into segments of a bounded size."""

from __future__ import annotations

from collections.abc import Iterator

from parsers.contract import Text
from parsers.formats.spool import clean

_SEGMENT_SIGNS = 1 << 15


class Segments:
    """Takes lines and gives segments of at most 32 Ki signs, each with the locator of its first line."""

    def __init__(self, segment: str, codec: str | None) -> None:
        """Segments of this kind, from text read in `codec`."""
        self._segment = segment
        self._codec = codec
        self._lines: list[str] = []
        self._signs = 0
        self._locator = ""

    def add(self, locator: str, line: str) -> Iterator[Text]:
        """Take a line; gives the segments that are full with it."""
        line = clean(line)
        for start in range(0, max(len(line), 1), _SEGMENT_SIGNS):
            piece = line[start : start + _SEGMENT_SIGNS]
            if self._signs + len(piece) > _SEGMENT_SIGNS:
                yield from self.end()
            if not self._lines:
                self._locator = locator
            self._lines.append(piece)
            self._signs += len(piece) + 1

    def end(self) -> Iterator[Text]:
        """The segment that is not full yet."""
        content = "\n".join(self._lines)
        if content.strip():
            yield Text(locator=self._locator, segment=self._segment, content=content, codec=self._codec)
        self._lines, self._signs = [], 0
