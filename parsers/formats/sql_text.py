r"""SQL text as it streams in: names, literals and rows of values, with the number of the line.

Strings are those of the standard (`''` for a quote), of MySQL (backslash escapes, where the dump is one), `E''` and dollar
quotes of PostgreSQL, `N''` of SQL Server, `q'[...]'` of Oracle.

References:
    - MySQL 8.4 Reference Manual, 11.1.1 String Literals; PostgreSQL 17, 4.1.2.1 to 4.1.2.4; Oracle SQL Reference, Text Literals
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from parsers.formats.delimited import CELL_SIGNS

_SIGNS = re.compile(r"\|\||[|+]|[^\s'\"`(),;\[\]$|+]+(?:(?<=[eE])\+\d+)?")
_BLANK = re.compile(r"\s+")
_COMMENT = re.compile(r"--[^\n]*|/\*")
_DOLLAR = re.compile(r"\$(?:[^\W\d]\w*)?\$")
_CHR = re.compile(r"chr|char|nchar", re.IGNORECASE)
_PREFIXES = {"n", "e", "u&", "national", "date", "timestamp", "time", "interval"}
_BEHIND = {"as", "collate", "at", "day", "year", "month", "using"}
_NEXT_ROW = re.compile(
    r"\)\s*,\s*(?=\()|;[ \t]*\n|\n(?=\s*(?:INSERT|REPLACE|CREATE|COPY|UNLOCK|GO)\b)", re.IGNORECASE
)
_ESCAPES = {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a", "f": "\f"}
_BARE = r"[^\s'\"`(),;\[\]$\\]++"
_VALUE_STANDARD = rf"(?:[Nn]?'(?:[^']|'')*+'|{_BARE})"
_VALUE_MYSQL = rf"(?:'(?:[^'\\]|''|\\.)*+'|{_BARE})"
_MOST_TOKENS = 5000
_MOST_SKIPPED = 1 << 20
_CLOSERS = {"[": "]", "(": ")", "{": "}", "<": ">"}


class Fault(ValueError):
    """Something that is no SQL as it is read here, and where."""

    def __init__(self, message: str, line: int, value: str | None = None, *, is_end: bool = False) -> None:
        """What was found in a line, what was read of a value before it, and whether it is the end."""
        super().__init__(message)
        self.line = line
        self.value = value
        self.is_end = is_end


class Unclosed(Exception):  # noqa: N818  an end of input, not an error of the program
    """A quote that is open at the end of the text: where it was opened, and the rest of that line."""

    def __init__(self, line: int, value: str) -> None:
        """The line of the quote and what stands behind it there."""
        super().__init__(line)
        self.line = line
        self.value = value


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a quoted name, a string, a mark (one sign), or the end."""

    kind: str
    value: str


class SqlText:
    """Reads along a text that comes in pieces; what is behind is let go."""

    def __init__(self, pieces: Iterator[str], *, is_mysql: bool, start: int = 1) -> None:
        """Begin at line `start`."""
        self._pieces = pieces
        self._is_mysql = is_mysql
        self._text = ""
        self._at = 0
        self._counted = 0
        self._line = 1
        self._is_over = False
        self._skipped: list[str] = []
        value = _VALUE_MYSQL if is_mysql else _VALUE_STANDARD
        # Behind a value stands a comma or the bracket: whatever else is an expression and read value by value.
        self._row = re.compile(rf"\s*\((\s*+{value}\s*+(?:,\s*+{value}\s*+)*+)\)", re.DOTALL)
        self._value = re.compile(value, re.DOTALL)
        while self._line < start and self.whole_line() is not None:
            _ = self.line

    @property
    def line(self) -> int:
        """Number of the line reading stands in."""
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def _more(self) -> bool:
        """Take the next piece behind what is not read yet."""
        if self._is_over:
            return False
        _ = self.line
        self._text = self._text[self._at :]
        self._at = self._counted = 0
        piece = next(self._pieces, None)
        if piece is None:
            self._is_over = True
            return False
        self._text += piece
        return True

    def _ahead(self, signs: int) -> None:
        while len(self._text) - self._at < signs and self._more():
            pass

    def skip_blank(self) -> bool:
        """Go to the next sign that is not blank or a mark of byte order; whether there is one."""
        while True:
            if found := re.compile(r"[\s;\ufeff]+").match(self._text, self._at):
                self._at = found.end()
            if self._at < len(self._text):
                return True
            if not self._more():
                return False

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """What stands here, if it is of the pattern; then reading goes on behind it."""
        self._ahead(4096)
        found = pattern.match(self._text, self._at)
        if found is not None:
            self._at = found.end()
        return found

    def whole_line(self) -> str | None:
        """The rest of the line, of a very long one its first signs; None at the end."""
        self._ahead(1)
        if self._at >= len(self._text):
            return None
        return self.rest_of_line()

    def put_back(self, content: str) -> None:
        """Read a line again that was just read."""
        self._line = self.line - 1
        self._text = f"{content}\n{self._text[self._at :]}"
        self._at = self._counted = 0

    def rest_of_line(self) -> str:
        """What stands up to the line's end, which is read as well."""
        parts: list[str] = []
        signs = 0
        while True:
            cut = self._text.find("\n", self._at)
            end = len(self._text) if cut < 0 else cut
            part = self._text[self._at : end]
            if signs < 16 * CELL_SIGNS:
                parts.append(part)
                signs += len(part)
            self._at = end + (cut >= 0)
            if cut >= 0 or not self._more():
                return "".join(parts)

    def piece_of_line(self, start: re.Pattern[str]) -> str:
        """The rest of the line, or what stands before a statement of interest behind a semicolon in it."""
        self._ahead(1 << 16)
        cut = self._text.find("\n", self._at)
        end = len(self._text) if cut < 0 else cut
        if end - self._at < 1 << 16:
            place = self._text.find(";", self._at, end)
            while place >= 0:
                behind = re.compile(r"[\s;]*").match(self._text, place + 1, end)
                if behind and behind.end() < end and start.match(self._text, behind.end()):
                    content = self._text[self._at : place]
                    self._at = place + 1
                    return content
                place = self._text.find(";", place + 1, end)
        return self.rest_of_line()

    def token(self) -> Token:
        """The next token; comments and blanks before it are left out."""
        self._blank_and_comments()
        if self._at >= len(self._text):
            return Token("end", "")
        sign = self._text[self._at]
        if sign == "'":
            self._at += 1
            return Token("string", self._string("'", is_escaped=self._is_mysql))
        if sign in '"`[':
            self._at += 1
            return Token(
                "name", self._string({"[": "]"}.get(sign, sign), is_escaped=sign == '"' and self._is_mysql)
            )
        if sign == "$" and (found := _DOLLAR.match(self._text, self._at)):
            self._at = found.end()
            return Token("string", self._until(found[0]))
        found = _SIGNS.match(self._text, self._at)
        if found is None:
            self._at += 1
            return Token("mark", sign)
        self._at = found.end()
        return self._word(found[0])

    def _word(self, word: str) -> Token:
        is_quoted = self._text.startswith("'", self._at)
        if is_quoted and word in ("E", "e"):
            self._at += 1
            return Token("string", self._string("'", is_escaped=True, is_extended=True))
        if is_quoted and word.lower() in ("q", "nq"):
            opening = self._text[self._at + 1 : self._at + 2]
            self._at += 2
            return Token("string", self._until(_CLOSERS.get(opening, opening) + "'"))
        if is_quoted and word.lower() in ("b", "x"):
            self._at += 1
            return Token("word", f"{word}'{self._string(chr(39), is_escaped=False)}'")
        if "." in word and self._text.startswith(("[", '"', "`"), self._at):
            return Token("name", word)
        return Token("word", word)

    def _blank_and_comments(self) -> None:
        while True:
            self._ahead(256)
            if found := _BLANK.match(self._text, self._at):
                self._at = found.end()
            elif found := _COMMENT.match(self._text, self._at):
                if found[0] == "/*":
                    self._at = found.end()
                    self._until("*/", is_ended=False)
                else:
                    self.rest_of_line()
            else:
                return

    def name(self) -> str:
        """A name of one or several parts, without quotes, set off by points."""
        parts: list[str] = []
        while True:
            token = self.token()
            if token.kind not in ("word", "name") or not token.value:
                raise Fault(f"no name stands where one should: {token.value[:20]!r}", self.line)
            parts.append(token.value)
            self._ahead(1)
            if self._text.startswith(".", self._at):
                self._at += 1
            elif not token.value.endswith("."):
                return ".".join(part.strip(".") for part in parts)

    def _string(self, quote: str, *, is_escaped: bool, is_extended: bool = False) -> str:
        """What stands up to the closing quote, without escapes; of a very long one its first signs."""
        opened = self.line
        body = _body(quote, is_escaped)
        escape = _escape(quote, is_escaped, is_extended)
        parts: list[str] = []
        signs = 0
        while True:
            found = body.match(self._text, self._at)
            # One sign more than a cell has, so that the cut is seen.
            if found and signs <= CELL_SIGNS:
                part = found[0][: 2 * CELL_SIGNS]
                parts.append(escape.sub(_plain, part) if quote in part or "\\" in part else part)
                signs += len(part)
            self._at = found.end() if found else self._at
            self._ahead(12)
            if self._at >= len(self._text):
                raise Unclosed(opened, "".join(parts).split("\n", 1)[0][:CELL_SIGNS])
            if not self._text.startswith(quote, self._at):
                # A backslash is the last sign of the text.
                self._at += self._is_over and len(self._text) - self._at == 1
            elif self._text.startswith(quote * 2, self._at):
                continue
            else:
                self._at += 1
                return "".join(parts)

    def _until(self, mark: str, *, is_ended: bool = True) -> str:
        """What stands up to a mark, of much its first signs."""
        opened = self.line
        parts: list[str] = []
        signs = 0
        while True:
            cut = self._text.find(mark, self._at)
            end = cut if cut >= 0 else max(len(self._text) - len(mark) + 1, self._at)
            if signs <= CELL_SIGNS:
                parts.append(self._text[self._at : end][: CELL_SIGNS + 1])
                signs += end - self._at
            self._at = end
            if cut >= 0:
                self._at += len(mark)
                return "".join(parts)
            if not self._more():
                self._at = len(self._text)
                if is_ended:
                    raise Unclosed(opened, "".join(parts).split("\n", 1)[0][:CELL_SIGNS])
                return "".join(parts)

    def row(self) -> Sequence[str | None] | None:
        """A row of plain literals, if one stands here whole; else None and nothing is read."""
        self._ahead(1 << 12)
        found = self._row.match(self._text, self._at)
        if found is None or "--" in found[1] or "/*" in found[1]:
            return None
        self._at = found.end()
        return [
            one[1:-1] if one[0] == "'" and "'" not in one[1:-1] and "\\" not in one else self._literal(one)
            for one in self._value.findall(found[1])
        ]

    def _literal(self, written: str) -> str | None:
        """A string without its quotes and escapes, a bare word as it is."""
        start = written.find("'")
        if start < 0:
            return None if written.upper() in ("NULL", "DEFAULT") else written
        value = written[start + 1 : -1]
        return _escape("'", self._is_mysql, False).sub(_plain, value)

    def comma(self) -> bool:
        """Whether another row follows."""
        self._blank_and_comments()
        if self._text.startswith(",", self._at):
            self._at += 1
            return True
        return False

    def value(self) -> tuple[str | None, str]:
        """A value that may be an expression, and the mark behind it: a comma or the row's bracket."""
        tokens: list[Token] = []
        depth = 0
        while True:
            self._blank_and_comments()
            begin = len(self._text) - self._at
            token = self.token()
            if token.kind == "mark" and depth == 0 and token.value in (",", ")"):
                return _evaluated(tokens), token.value
            if token.kind == "end" or (token.kind == "mark" and token.value == ";" and depth == 0):
                value = _evaluated(tokens) if tokens else None
                raise Fault("a row is not ended", self.line, value, is_end=token.kind == "end")
            if token.kind == "mark":
                depth += (token.value == "(") - (token.value == ")")
            before = tokens[-1] if tokens else None
            if depth == 0 and before is not None and before.kind == "string" and not _may_follow(token):
                fault = Fault("a quote closes within a value", self.line, _evaluated(tokens))
                # What stands behind the quote is read as text.
                self._at = max(len(self._text) - begin, 0) if token.kind == "word" else self._at
                raise fault
            tokens.append(token)
            if len(tokens) > _MOST_TOKENS:
                raise Fault(f"a value has more than {_MOST_TOKENS} parts", self.line)

    def skip_to_row(self) -> bool:
        """Go to where the next row or statement begins; whether it is a row. What is left out is kept as text."""
        while True:
            found = _NEXT_ROW.search(self._text, self._at)
            end = found.end() if found else max(self._at, len(self._text) - 64)
            if sum(map(len, self._skipped)) < _MOST_SKIPPED:
                self._skipped.append(self._text[self._at : end][:_MOST_SKIPPED])
            self._at = end
            if found is not None:
                return found[0].startswith(")")
            if not self._more():
                self._skipped.append(self._text[self._at :])
                self._at = len(self._text)
                return False

    def take_skipped(self) -> str:
        """What was left out of rows since this was asked last."""
        told, self._skipped = "".join(self._skipped), []
        return told


def _may_follow(token: Token) -> bool:
    """What may stand behind a string: another string, an operator, a cast, a word of SQL."""
    if token.kind in ("string", "mark"):
        return True
    return token.kind == "word" and (token.value.lower() in _BEHIND or not token.value[0].isalnum())


def _evaluated(tokens: Sequence[Token]) -> str | None:
    """What an expression gives, as far as it stands there: its string, its joined strings, or its words as written."""
    if len(tokens) == 1 and tokens[0].kind == "word":
        return None if tokens[0].value.upper() in ("NULL", "DEFAULT") else tokens[0].value
    strings = [one.value for one in tokens if one.kind in ("string", "name")]
    if not strings:
        return _written(tokens)
    head = tokens[0].value.lower()
    is_joined = head == "concat" or any(one.kind == "word" and one.value in ("||", "+") for one in tokens)
    if len(strings) == 1 or not is_joined:
        # The second text of to_date and its like is the format of the first.
        return strings[0]
    joined: list[str] = []
    for at, token in enumerate(tokens):
        if token.kind == "string":
            joined.append(token.value)
        elif _CHR.fullmatch(token.value) and at + 2 < len(tokens) and tokens[at + 2].value.isdecimal():
            number = tokens[at + 2].value
            joined.append(chr(int(number)) if len(number) < 4 else "")
    return "".join(joined)


def _written(tokens: Sequence[Token]) -> str:
    """An expression as it stands, with one blank between words."""
    out = ""
    for at, token in enumerate(tokens):
        is_apart = at > 0 and token.kind == "word" == tokens[at - 1].kind
        out += f" {token.value}" if is_apart else token.value
    return out


@cache
def _body(quote: str, is_escaped: bool) -> re.Pattern[str]:
    """What stands in a string before its closing quote."""
    sign = re.escape(quote)
    return re.compile(
        rf"(?:[^{sign}\\]++|{sign * 2}|\\.)*+" if is_escaped else rf"(?:[^{sign}]++|{sign * 2})*+", re.DOTALL
    )


@cache
def _escape(quote: str, is_escaped: bool, is_extended: bool) -> re.Pattern[str]:
    """What stands for another sign in a string."""
    sign = re.escape(quote)
    numbers = "u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{1,2}|" if is_extended else ""
    return re.compile(rf"{sign * 2}|\\(?:{numbers}.)" if is_escaped else sign * 2, re.DOTALL)


def _plain(escape: re.Match[str]) -> str:
    """The sign of an escape."""
    told = escape[0]
    if told[0] != "\\":
        return told[1:]
    if len(told) > 2:
        return chr(int(told[2:], 16))
    sign = told[1:]
    return told if sign in ("%", "_") else _ESCAPES.get(sign, sign)
