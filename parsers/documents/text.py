"""Plain text files.

Shows: the text with the encoding it was read in, in segments that end at a line.
Does not show: structure; labels and addresses in it are found by the recognisers, not here.
Not read: markup (HTML, XML) as such.

References:
    - The Unicode Standard, chapter 23.8 (byte order mark)
"""

from __future__ import annotations

from parsers.contract import Artefact, Problem, ProblemKind, Text, Want, Yields, parser
from parsers.formats import codecs

_SEGMENT_SIGNS = 1 << 16
_LINE_SIGNS = 1 << 20
_ENDINGS = ("txt", "text", "md", "log", "ini", "cfg", "conf", "inf", "bat", "cmd", "ps1", "vbs", "sh", "reg")


@parser(
    version=1,
    wants=tuple(
        Want(f"**/*.{ending}", sniff=codecs.is_text, is_strict=ending == "txt") for ending in _ENDINGS
    ),
)
def text(artefact: Artefact) -> Yields:
    """Segments of at most 64 Ki signs, each beginning at a line; the locator is that line's number."""
    with artefact.open() as stream:
        codec = codecs.decide(codecs.sample(stream))
    pending: list[str] = []
    size, start, number = 0, 1, 0
    with artefact.open() as stream:
        reader = codecs.TextReader(stream, codec)
        for number, line in enumerate(reader.lines(_LINE_SIGNS), 1):
            if pending and size + len(line) > _SEGMENT_SIGNS:
                yield Text(locator=f"line:{start}", segment="lines", content="".join(pending), codec=codec)
                pending, size, start = [], 0, number
            pending.append(line)
            size += len(line)
        replaced = reader.replaced
    if pending:
        yield Text(locator=f"line:{start}", segment="lines", content="".join(pending), codec=codec)
    if replaced:
        message = f"{replaced} bytes are not {codec}; they stand in the text as \\xNN"
        yield Problem(kind=ProblemKind.DAMAGED, locator=f"line:1-{number}", message=message)
