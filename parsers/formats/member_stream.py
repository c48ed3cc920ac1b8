"""Blocks a library gives one after another, as a stream whose errors are OSError: the content of a member."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

BLOCK_BYTES = 1 << 18


class _Reader(io.RawIOBase):
    def __init__(self, blocks: Iterator[bytes], errors: tuple[type[BaseException], ...]) -> None:
        super().__init__()
        self._blocks = blocks
        self._errors = errors
        self._held = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._held:
            try:
                block = next(self._blocks, None)
            except OSError:
                raise
            except self._errors as error:
                raise OSError(f"{type(error).__name__}: {error}") from error
            if block is None:
                return 0
            self._held = memoryview(block)
        size = min(len(buffer), len(self._held))
        buffer[:size] = self._held[:size]
        self._held = self._held[size:]
        return size


def from_blocks(blocks: Iterator[bytes], errors: tuple[type[BaseException], ...]) -> BinaryIO:
    """A stream of these blocks, read once; what the library raises (`errors`) becomes an OSError.

    A read gives what one block holds, so that all that came before an error is given.
    """
    return cast(BinaryIO, _Reader(blocks, errors))


def blocks_of(stream: Any) -> Iterator[bytes]:
    """The content of a stream, block by block; it is closed at the end.

    By `read1` where there is one: where the stream breaks off, `read` would lose what it had begun to gather.
    """
    with stream as opened:
        read = getattr(opened, "read1", opened.read)
        while block := read(BLOCK_BYTES):
            yield block
