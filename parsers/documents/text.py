r"""Plain text files.

Shows: the text with the encoding it was read in, in segments that begin at a line.
Does not show: structure; labels and addresses in it are found by the recognisers, not here.
Not read: markup (HTML, XML) as such; tables with delimiters or in fixed columns, which other parsers read; files whose name does not end like one of a
text, but for logs of requests and statements, which are known by their lines.

References:
    - The Unicode Standard, section 23.8 (byte order mark)
"""

from __future__ import annotations

from parsers.contract import Artefact, Want, Yields, parser
from parsers.formats import codecs, running_text, server_logs, text_shape

# Names of text that may be a table as well: what the bytes show decides who reads it.
_OPEN = ("txt", "text")
_ENDINGS = (
    "md", "log", "ini", "cfg", "conf", "inf", "bat", "cmd", "ps1", "vbs", "sh", "reg", "readme",
)  # fmt: skip


@parser(
    version=1,
    wants=(
        *(Want(f"**/*.{ending}", sniff=text_shape.is_prose, is_strict=ending == "txt") for ending in _OPEN),
        *(Want(f"**/*.{ending}", sniff=codecs.is_text, is_strict=False) for ending in _ENDINGS),
        # Of a log by any other name (access_log.1) where no parser of tables has it: once, never twice.
        Want(sniff=server_logs.holds_requests_or_statements, is_fallback=True),
    ),
)
def text(artefact: Artefact) -> Yields:
    """Segments of at most 64 KiB in UTF-8 that end at a line's end where they can; the locator is the number of the first line."""
    yield from running_text.segments(artefact)
