r"""Tables drawn with bars, as Markdown and the clients of databases print them: `| a | b |` over `|---|---|` or `+---+---+`.

References:
    - GitHub Flavored Markdown, 4.10 (tables); PostgreSQL psql, format aligned; MySQL client, table output
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

# A ruler has dashes in every column, and nothing else but bars, crosses and the colons of Markdown.
_RULER = re.compile(r"[ \t]*[|+]?[ \t]*:?[-=─━]{2,}:?[ \t]*(?:[|+┼╋][ \t]*:?[-=─━]{2,}:?[ \t]*)*[|+]?[ \t]*")
_FRAME = re.compile(r"[ \t]*\|[ \t\u3000]*(.*?)[ \t\u3000]*\|[ \t]*")
_BAR = re.compile(r"[ \t\u3000]*\|[ \t\u3000]*")
_LOOK_LINES = 40


def is_framed(lines: Sequence[str]) -> bool:
    """Whether the first lines are a table with bars: a ruler between lines that have bars, or bars at both ends throughout."""
    filled = [line.strip() for line in lines[:_LOOK_LINES] if line.strip()]
    barred = [line for line in filled if "|" in line]
    rulers = [line for line in filled if _is_ruler(line)]
    if len(barred) < 2 or 4 * len(barred) < len(filled):
        return False
    return bool(rulers) or all(line.startswith("|") and line.endswith("|") for line in barred)


def unframed(line: str) -> str:
    """A line without its frame, nothing of a ruler."""
    if _is_ruler(line):
        return ""
    if "|" not in line:
        return line
    framed = _FRAME.fullmatch(line)
    return _BAR.sub("|", line.strip(" \t") if framed is None else framed[1])


def texts(given: Iterator[str]) -> Iterator[str]:
    """A text without frames and rulers, as many lines as before; cells without blanks around."""
    held = ""
    for piece in given:
        held += piece
        cut = held.rfind("\n") + 1
        if cut:
            whole, held = held[:cut], held[cut:]
            yield "\n".join(map(unframed, whole.split("\n")))
    if held:
        yield unframed(held)


def _is_ruler(line: str) -> bool:
    found = _RULER.fullmatch(line)
    return found is not None and any(sign in line for sign in "|+┼╋")
