"""JSON text as it streams in: values at once where they are small, member by member where they are not.

References:
    - RFC 8259, sections 2 to 7
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from parsers.contract import ProblemKind
from parsers.formats.delimited import CELL_SIGNS

WHOLE_SIGNS = 1 << 22
_BLANK = re.compile(r"[\s\ufeff]+")
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_INNER = re.compile(r'(?:[^"\\]++|\\.)*+', re.DOTALL)
_SCALAR = re.compile(r"[-+.\w]+")
_OBJECT = re.compile(r'\{\s*"')
_MOST_SKIPPED = 1 << 20
# Attempts at whole values that did not end: each reads to the end of what is held.
_MOST_LOOKS = 200


class Damage(ValueError):
    """Text that is no JSON, and where."""

    def __init__(self, message: str, line: int, kind: ProblemKind = ProblemKind.DAMAGED) -> None:
        """What was found in a line."""
        super().__init__(message)
        self.message = message
        self.line = line
        self.kind = kind


def _members(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Members by name; of a name that comes again the later ones have a number."""
    out = dict(pairs)
    if len(out) == len(pairs):
        return out
    out = {}
    for name, value in pairs:
        unique, count = name, 1
        while unique in out and count < 1000:
            count += 1
            unique = f"{name} ({count})"
        out[unique] = value
    return out


# Numbers stay as written.
DECODER = json.JSONDecoder(
    object_pairs_hook=_members, parse_int=str, parse_float=str, parse_constant=str, strict=False
)


class JsonText:
    """Reads along a text that comes in pieces; what is behind is let go."""

    def __init__(self, pieces: Iterator[str]) -> None:
        """Begin at the first line."""
        self._pieces = pieces
        self._text = ""
        self._at = 0
        self._line = 1
        self._counted = 0
        self._is_over = False
        self._looks = 0
        self._is_deep = False
        self._is_cut = False

    @property
    def line(self) -> int:
        """Number of the line reading stands in."""
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def _more(self, signs: int = 1) -> bool:
        """Take pieces until so many signs are ahead; whether any came."""
        if self._is_over:
            return False
        _ = self.line
        held = [self._text[self._at :]]
        self._at = self._counted = 0
        size = len(held[0])
        has_more = False
        while size < signs or not has_more:
            piece = next(self._pieces, None)
            if piece is None:
                self._is_over = True
                break
            held.append(piece)
            size += len(piece)
            has_more = has_more or bool(piece)
        self._text = "".join(held)
        return has_more

    def sign(self) -> str:
        """The next sign that is not blank; nothing at the end."""
        while True:
            if found := _BLANK.match(self._text, self._at):
                self._at = found.end()
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def take(self) -> None:
        """Go over one sign."""
        self._at += 1

    def try_whole(self) -> tuple[bool, Any]:
        """The value here, if it is whole within a few million signs; else nothing is read."""
        if not self.sign():
            raise Damage("the text ends where a value should stand", self.line, ProblemKind.TRUNCATED)
        size = 1 << 16
        while True:
            if len(self._text) - self._at < size:
                self._more(size)
            try:
                value, end = DECODER.raw_decode(self._text, self._at)
            except (ValueError, RecursionError) as error:
                self._is_cut = isinstance(error, json.JSONDecodeError) and (
                    error.msg.startswith("Unterminated") or error.pos >= len(self._text.rstrip())
                )
                self._is_deep = isinstance(error, RecursionError)
                if self._is_deep or self._is_over or size >= WHOLE_SIGNS:
                    return False, None
                size *= 4
                continue
            # A number may go on in the next piece.
            if end == len(self._text) and self._more(size):
                continue
            self._at = end
            return True, value

    def whole(self) -> Any:
        """The value here; it has to be whole.

        Raises:
            Damage: it is not.
        """
        is_whole, value = self.try_whole()
        if is_whole:
            return value
        if self._is_cut:
            raise Damage("the text ends within a value that begins here", self.line, ProblemKind.TRUNCATED)
        raise self._damage("a value that is no JSON")

    def goes_on(self, closing: str) -> bool:
        """Whether another member follows; commas are gone over."""
        while self.sign() == ",":
            self._at += 1
        sign = self.sign()
        if not sign:
            raise Damage("the text ends before what is open is closed", self.line, ProblemKind.TRUNCATED)
        if sign == closing:
            self._at += 1
            return False
        return True

    def key(self) -> str:
        """The name of a member and its colon."""
        if self.sign() != '"':
            raise self._damage("no name of a member stands where one should")
        key = str(self.scalar())
        if self.sign() != ":":
            raise self._damage("no colon stands behind the name of a member")
        self._at += 1
        return key

    def scalar(self) -> Any:
        """A string, of a very long one its first signs, or a bare word."""
        if self.sign() != '"':
            found = _SCALAR.match(self._text, self._at)
            if found is None:
                raise self._damage("a value that is no JSON")
            word = found[0]
            if word not in ("true", "false", "null") and not word[0].isdigit() and word[0] != "-":
                raise self._damage("a value that is no JSON")
            self._at = found.end()
            return {"true": True, "false": False, "null": None}.get(word, word)
        opened = self.line
        self._at += 1
        parts: list[str] = []
        signs = 0
        while True:
            found = _INNER.match(self._text, self._at)
            end = found.end() if found else self._at
            if signs <= CELL_SIGNS:
                parts.append(self._text[self._at : end])
                signs += end - self._at
            self._at = end
            if self._at + 1 >= len(self._text) and not self._text.startswith('"', self._at) and self._more(2):
                continue
            if not self._text.startswith('"', self._at):
                raise Damage("a string opened in this line is never closed", opened, ProblemKind.TRUNCATED)
            self._at += 1
            content = "".join(parts)
            try:
                return str(DECODER.decode(f'"{content}"'))
            except ValueError:
                return content

    def _damage(self, message: str) -> Damage:
        self._looks += 1
        if self._is_deep:
            self._looks = _MOST_LOOKS + 1
            return Damage("nested too deep to be read; the rest stands as text", self.line, ProblemKind.LIMIT)
        kind = ProblemKind.DAMAGED if self.sign() else ProblemKind.TRUNCATED
        return Damage(f"{message}: {self._text[self._at : self._at + 20]!r}", self.line, kind)

    def skip_closings(self) -> None:
        """Go over commas and brackets that close what damage left open."""
        while (sign := self.sign()) and sign in ",]}":
            self._at += 1

    def skip_to_object(self) -> str:
        """Go to where the next object seems to begin; what is left out, of much its first signs."""
        parts: list[str] = []
        signs = 0
        start = self._at + 1
        while True:
            found = _OBJECT.search(self._text, start) if self._looks <= _MOST_LOOKS else None
            end = found.start() if found else max(len(self._text) - 64, self._at)
            if self._looks > _MOST_LOOKS or self._is_over and found is None:
                end = len(self._text)
            if signs < _MOST_SKIPPED:
                parts.append(self._text[self._at : end])
                signs += end - self._at
            self._at = end
            if found is not None:
                return "".join(parts)
            start = self._at
            if not self._more() and self._at >= len(self._text):
                return "".join(parts)
