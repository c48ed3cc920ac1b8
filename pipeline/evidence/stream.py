"""The bytes behind a dfVFS path spec as an ordinary read-only stream."""

from __future__ import annotations

import io
import os
from typing import Any

from dfvfs.lib import errors as dfvfs_errors
from dfvfs.resolver import context, resolver


class SpecStream(io.RawIOBase):
    """A dfVFS file object with the protocol of a Python stream: context manager, `readinto`, `seek`."""

    def __init__(self, spec: Any) -> None:
        """Open a path spec.

        Raises:
            OSError: nothing can be opened there.
        """
        super().__init__()
        try:
            opened = resolver.Resolver.OpenFileObject(spec, resolver_context=context.Context())
        except (dfvfs_errors.Error, RuntimeError, ValueError, TypeError) as error:
            raise OSError(str(error)) from error
        if opened is None:
            raise OSError("nothing lies at the path spec")
        self._file = opened

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer from where the stream stands."""
        block = self._file.read(len(buffer))
        buffer[: len(block)] = block
        return len(block)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move to a place in the stream."""
        self._file.seek(offset, whence)
        return int(self._file.get_offset())

    def tell(self) -> int:
        """Where the stream stands."""
        return int(self._file.get_offset())
