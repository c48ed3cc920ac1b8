"""The bytes of an entry or member as an artefact: in memory, or in a scratch file when large."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from parsers.contract import Artefact
from pipeline import digest
from pipeline.extract.select import HEAD_BYTES

_MEMORY_BYTES = 32 << 20


@dataclass(slots=True, kw_only=True)
class Content:
    """An artefact whose bytes are on this machine."""

    path: str
    size: int
    folder: Path
    memory: bytes | None = None
    spool: Path | None = None
    companions: Mapping[str, Artefact] = field(default_factory=dict)
    passwords: tuple[str, ...] = field(default=(), repr=False)
    made: dict[str, Any] = field(default_factory=dict)
    opened: list[str] = field(default_factory=list, repr=False)

    def opened_by(self, password: str) -> None:
        """Keep which password opened it."""
        self.opened.append(password)

    def open(self) -> BinaryIO:
        """A new read-only stream at the first byte."""
        return io.BytesIO(self.memory) if self.memory is not None else self._file().open("rb")

    def local(self) -> Path:
        """A read-only copy on this machine."""
        return self._file()

    def head(self, size: int = HEAD_BYTES) -> bytes:
        """The first bytes."""
        if self.memory is not None:
            return self.memory[:size]
        with self._file().open("rb") as stream:
            return stream.read(size)

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """What `make` gives, made once and kept for every parser of this content."""
        if name not in self.made:
            self.made[name] = make()
        return self.made[name]

    def close(self) -> None:
        """End what was made once."""
        for one in self.made.values():
            if hasattr(one, "close"):
                one.close()
        self.made.clear()

    def discard(self) -> None:
        """Let the scratch file go, so that a container of many members does not fill the disk."""
        self.close()
        if self.spool is not None:
            self.spool.unlink(missing_ok=True)
            self.spool = None

    def _file(self) -> Path:
        if self.spool is None:
            with tempfile.NamedTemporaryFile(dir=self.folder, delete=False) as copy:
                copy.write(self.memory or b"")
            self.spool = Path(copy.name)
            self.spool.chmod(0o400)
        return self.spool


class Taking:
    """Bytes on their way from a stream into a content, hashed as they go by; large ones go to a scratch file."""

    def __init__(self, folder: Path) -> None:
        """Nothing is taken yet."""
        self._folder = folder
        self._hasher = digest.Hasher()
        self._blocks: list[bytes] = []
        self._held = 0
        self._spool: Path | None = None
        self.size = 0

    def add(self, block: bytes) -> None:
        """Take the next bytes.

        Raises:
            OSError: the scratch folder cannot be written.
        """
        self._hasher.update(block)
        self._blocks.append(block)
        self._held += len(block)
        self.size += len(block)
        if self._held > _MEMORY_BYTES:
            self._write()

    def end(self, path: str) -> tuple[Content, digest.Digests]:
        """What was taken, as the content of this path, with its digests."""
        digests = self._hasher.digests()
        if self._spool is None:
            memory = b"".join(self._blocks)
            return Content(path=path, size=self.size, folder=self._folder, memory=memory), digests
        self._write()
        return Content(path=path, size=self.size, folder=self._folder, spool=self._spool), digests

    def _write(self) -> None:
        if self._spool is None:
            with tempfile.NamedTemporaryFile(dir=self._folder, delete=False) as fresh:
                self._spool = Path(fresh.name)
        with self._spool.open("r+b") as stream:
            stream.seek(0, io.SEEK_END)
            for block in self._blocks:
                if block.count(0) < len(block):
                    stream.write(block)
                else:  # a journal can begin with gigabytes of nothing: it takes none of our disk
                    stream.truncate(stream.seek(len(block), io.SEEK_CUR))
        self._blocks, self._held = [], 0
