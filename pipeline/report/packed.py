"""Office files whose bytes are the same for the same content: the times and the order of their parts are fixed."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

_TIME = (1980, 1, 1, 0, 0, 0)


def packed(content: bytes, change: Callable[[bytes], bytes] = bytes) -> bytes:
    """A zip file of the same parts in the same order, changed as asked, each with one fixed time."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for name in source.namelist():
            info = zipfile.ZipInfo(name, _TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            made.writestr(info, change(source.read(name)))
    return target.getvalue()
