"""Boxes of ISO media files and QuickTime movies (atoms): a size, a kind of four bytes, content or further boxes.

References:
    - ISO/IEC 14496-12, 4.2 (object structure)
    - Apple, "QuickTime File Format Specification", Overview: atom layout
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

_SIZE_AND_KIND, _LARGE = struct.Struct(">I4s"), struct.Struct(">Q")


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A box: its kind, where its content begins and ends, where it should have ended by its size."""

    kind: bytes
    start: int
    end: int
    wanted_end: int

    @property
    def is_cut(self) -> bool:
        """Whether it says it is longer than what it stands in."""
        return self.wanted_end > self.end


@dataclass(slots=True)
class Walk:
    """Reads boxes of one stream; no more of them than `most`, and no more than so many bytes of one."""

    stream: BinaryIO
    most: int = 50_000
    most_bytes: int = 1 << 20
    is_spent: bool = False
    cut: list[Box] = field(default_factory=list)

    def boxes(self, start: int, end: int) -> Iterator[Box]:
        """Boxes one behind the other, up to the end or what is no box."""
        place = start
        while end - place >= _SIZE_AND_KIND.size:
            if self.most <= 0:
                self.is_spent = True
                return
            self.most -= 1
            head = self._at(place, 16)
            if len(head) < _SIZE_AND_KIND.size:
                return
            size, kind = _SIZE_AND_KIND.unpack_from(head)
            front = _SIZE_AND_KIND.size
            if size == 1 and len(head) == 16:
                (size,), front = _LARGE.unpack_from(head, 8), 16
            elif size == 0:  # up to the end of what it stands in
                size = end - place
            if size < front:
                # QuickTime closes a list of boxes with 32 bits of zero; other sizes are damage.
                if size:
                    self.cut.append(Box(kind=kind, start=place, end=place, wanted_end=place + front))
                return
            box = Box(kind=kind, start=place + front, end=min(place + size, end), wanted_end=place + size)
            if box.is_cut:
                self.cut.append(box)
            yield box
            place += size

    def content(self, box: Box) -> bytes:
        """The content of a box, as far as it is read."""
        return self._at(box.start, min(box.end - box.start, self.most_bytes))

    def size(self) -> int:
        """Bytes of the stream."""
        return self.stream.seek(0, os.SEEK_END)

    def _at(self, place: int, size: int) -> bytes:
        self.stream.seek(place)
        return self.stream.read(max(size, 0))
