r"""SQL dumps: mysqldump, pg_dump (COPY and INSERT), scripts of SQL Server (`N''`, GO) and of Oracle (to_date).

Shows: every row that INSERT, REPLACE or COPY puts into a table, as one sheet for each table, cell for cell; `row_number` is the
number of the row among those of its table in the dump, since one line may hold them all. Headers are the column names of the
statement, else of CREATE TABLE; where a column has a comment and its name is no word that usually heads columns, the
comment is the header. All other statements and comments come as text.
Does not show: that the dump was ever loaded, what rows UPDATE or DELETE statements behind it change, or triggers would
do. Values of functions are the text they are given (`to_date('2026-04-01', 'YYYY-MM-DD')` is 2026-04-01).
Not read: what binary and hexadecimal literals hold (they stand as written); rows of INSERT ... SELECT and of COPY in CSV
format other than as text; what a cell holds beyond 1 Mi signs.

References:
    - MySQL 8.4 Reference Manual, 11.1 (literals), 6.5.4 mysqldump
    - PostgreSQL 17 documentation, 4.1.2 (constants), COPY (text format); SQL Server and Oracle SQL references (literals)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from parsers.contract import Artefact, Problem, ProblemKind, Text, Want, Yields, parser
from parsers.formats import codecs, tabular
from parsers.formats.segments import Segments
from parsers.formats.spool import Kept, Spool
from parsers.formats.sql_text import Fault, SqlText, Token, Unclosed

_START = re.compile(
    r"(?:INSERT|REPLACE)\s+(?:(?:LOW_PRIORITY|DELAYED|HIGH_PRIORITY|IGNORE|ALL|OR\s+\w+)\s+)*(?:INTO\s+)?(?=[\w`\"\[#])"
    r"|INTO\s+(?=[\w`\"\[#])|(?P<create>CREATE\s+(?:GLOBAL\s+|TEMPORARY\s+|TEMP\s+|UNLOGGED\s+)*TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?)"
    r"|(?P<copy>COPY\s+(?=[\w`\"\[]))|(?P<comment>COMMENT\s+ON\s+COLUMN\s+)|(?P<delimiter>DELIMITER[ \t]+(?!;[ \t]*\n)\S+)",
    re.IGNORECASE,
)
_MYSQL = re.compile(rb"MySQL|MariaDB|phpMyAdmin|/\*!\d{5}|ENGINE\s*=|`", re.IGNORECASE)
_OTHERS = re.compile(
    rb"(?i:PostgreSQL database dump|standard_conforming_strings|\n\s*GO\s*\r?\n|SET DEFINE OFF)|[(, ]N'"
)
_NO_COLUMN = {"constraint", "primary", "unique", "key", "index", "foreign", "check", "fulltext", "spatial", "exclude", "like", "period"}  # fmt: skip
_IDLE = re.compile(r"\s*(GO|--|/|;)?\s*", re.IGNORECASE)
_DOLLAR = re.compile(r"\$(?:[^\W\d]\w*)?\$")
_MOST_AGAIN = 16
_MOST_PROBLEMS = 100


def _is_sql(head: bytes) -> bool:
    return codecs.is_text(head)


@dataclass(slots=True)
class _State:
    """What was read so far: rows, columns of tables by key, problems."""

    spool: Spool
    texts: Segments
    columns: dict[str, list[str]] = field(default_factory=dict)
    comments: dict[tuple[str, str], str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    is_named: set[str] = field(default_factory=set)

    def tell(self, kind: ProblemKind, line: int, message: str) -> None:
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(Problem(kind=kind, locator=f"line:{line}", message=message))

    def key(self, name: str) -> str:
        """The key of a table; one without its schema is that of a table known with it."""
        key = name.lower()
        if key in self.columns:
            return key
        last = key.rpartition(".")[2]
        return next((one for one in self.columns if one.rpartition(".")[2] == last and "." in one + key), key)


@parser(version=1, wants=(Want("**/*.sql", sniff=_is_sql),))
def sql_dump(artefact: Artefact) -> Yields:
    """Other statements as text, then one sheet for each table in order of first sight; the locator is the line."""
    with artefact.open() as stream:
        sample = codecs.sample(stream)
    codec = codecs.decide(sample)
    told = sample[:65536].replace(b"\0", b"")
    is_mysql = bool(_MYSQL.search(told)) and not _OTHERS.search(told)
    state = _State(spool=Spool(artefact), texts=Segments("statements", codec))
    decoder = codecs.Decoder(codec)
    start = 1
    for again in range(_MOST_AGAIN + 1):
        # The bytes that are not of the encoding are those of the first reading.
        own = decoder if not again else codecs.Decoder(codec)
        with artefact.open() as stream:
            reader = SqlText(codecs.texts(stream, own), is_mysql=is_mysql, start=start)
            try:
                yield from _statements(reader, state)
                break
            except Unclosed as open_quote:
                message = "a quote opened in this line is never closed; reading goes on at the next line"
                state.tell(ProblemKind.TRUNCATED, open_quote.line, message)
                start = max(open_quote.line, start) + 1
    else:
        state.tell(
            ProblemKind.LIMIT, start, f"more than {_MOST_AGAIN} quotes are never closed; reading ends here"
        )
    yield from state.texts.end()
    for key, kept in state.spool.tables.items():
        if key in state.is_named:
            header = tuple(_header(key, name, state) for name in kept.columns)
            yield state.spool.sheet(kept, codec, header)
        else:
            yield from state.spool.headless(kept, codec)
    yield from state.problems
    yield from state.spool.problems()
    state.spool.close()
    if decoder.replaced:
        message = f"{decoder.replaced} bytes are not {codec}, the first at offset {decoder.first_offset}; they stand as \\xNN"
        yield Problem(kind=ProblemKind.DAMAGED, locator=f"offset:{decoder.first_offset}", message=message)


def _header(key: str, name: str, state: _State) -> str:
    """The word above a column: its name, or its comment where the name says little."""
    comment = " ".join(state.comments.get((key, name.lower()), "").split())
    return " ".join(name.split()) if not comment or tabular.is_usual(name) else comment


def _statements(reader: SqlText, state: _State) -> Iterator[Text]:
    """Statement by statement; what puts no rows into a table is text, line by line."""
    while reader.skip_blank():
        line = reader.line
        found = reader.match(_START)
        try:
            if found is None:
                yield from _other(reader, state)
            elif found["create"]:
                _create(reader, state)
            elif found["copy"]:
                yield from _copy(reader, state, line)
            elif found["comment"]:
                _comment(reader, state)
            elif found["delimiter"]:
                # Bodies of triggers and the like: INSERT in them puts no row.
                yield from _until(reader, state, re.compile(r"DELIMITER[ \t]+;", re.IGNORECASE))
            else:
                yield from _insert(reader, state, line)
        except Fault as fault:
            state.tell(ProblemKind.DAMAGED, fault.line, f"{fault}; the rest of the line is read as text")
            yield from state.texts.add(f"line:{reader.line}", reader.rest_of_line())


def _other(reader: SqlText, state: _State) -> Iterator[Text]:
    line, content = reader.line, reader.piece_of_line(_START)
    if not _IDLE.fullmatch(content):
        yield from state.texts.add(f"line:{line}", content)
    marks = _DOLLAR.findall(content)
    # A body of a function in dollar quotes goes on to the same mark.
    if marks and marks.count(marks[-1]) % 2:
        yield from _until(reader, state, re.compile(f".*{re.escape(marks[-1])}"))


def _until(reader: SqlText, state: _State, end: re.Pattern[str]) -> Iterator[Text]:
    """Lines as text up to one that ends them."""
    while (line := reader.line) and (content := reader.whole_line()) is not None:
        yield from state.texts.add(f"line:{line}", content)
        if end.match(content):
            return


def _create(reader: SqlText, state: _State) -> None:
    """The columns of a table with their comments."""
    name = reader.name()
    key = name.lower()
    if reader.token().value != "(":
        return
    columns: list[str] = []
    is_first, depth = True, 1
    while depth:
        token = reader.token()
        if token.kind == "end":
            raise Fault("a table's definition is not ended", reader.line)
        if token.kind == "mark":
            depth += (token.value == "(") - (token.value == ")")
            is_first = depth == 1 and token.value == ","
        elif is_first:
            # A table begins with a column, whatever its name.
            if token.kind != "word" or token.value.lower() not in _NO_COLUMN or not columns:
                columns.append(token.value)
            is_first = False
        elif token.kind == "word" and token.value.upper() == "COMMENT" and columns and depth == 1:
            told = reader.token()
            if told.kind == "string":
                state.comments.setdefault((key, columns[-1].lower()), told.value)
        if len(columns) > 10_000:
            raise Fault("a table has more than 10000 columns", reader.line)
    state.columns.setdefault(key, columns)


def _comment(reader: SqlText, state: _State) -> None:
    """COMMENT ON COLUMN schema.table.column IS '...' of PostgreSQL and Oracle."""
    table, _, column = reader.name().rpartition(".")
    if reader.token().value.upper() == "IS" and (told := reader.token()).kind == "string":
        state.comments[state.key(table), column.lower()] = told.value


def _columns(reader: SqlText) -> list[str]:
    """A list of names in brackets whose opening one is read."""
    names: list[str] = []
    while True:
        names.append(reader.name())
        token = reader.token()
        if token.value == ")" and token.kind == "mark":
            return names
        if token.value != "," or len(names) > 10_000:
            raise Fault("a list of columns is not read", reader.line)


def _insert(reader: SqlText, state: _State, line: int) -> Iterator[Text]:
    name = reader.name()
    key = state.key(name)
    token = reader.token()
    listed: Sequence[str] = ()
    if token.value == "(" and token.kind == "mark":
        listed = _columns(reader)
        token = reader.token()
    while token.kind == "word" and token.value.upper() in ("OVERRIDING", "SYSTEM", "USER", "VALUE"):
        token = reader.token()
    if token.kind != "word" or token.value.upper() != "VALUES":
        # INSERT ... SELECT, SET, EXEC.
        yield from state.texts.add(f"line:{line}", f"{name} {token.value}{reader.rest_of_line()}")
        return
    names = list(listed) or state.columns.get(key, [])
    kept = state.spool.table(key, name, f"line:{line}")
    if names:
        state.is_named.add(key)
    _keep(state.spool, kept, names, _tuples(reader, state), f"line:{line}")
    skipped = reader.take_skipped()
    if skipped:
        yield from state.texts.add(f"line:{line}", skipped)


def _keep(
    spool: Spool, kept: Kept | None, names: list[str], rows: Iterator[Sequence[str | None]], locator: str
) -> None:
    """Keep rows of one statement; those that have the columns of the table in their order need no names."""
    for cells in rows:
        if kept is None:
            continue
        if len(cells) == len(names) == len(kept.columns) and list(kept.columns) == names:
            spool.append(kept, cells, locator)
        else:
            spool.add(kept, _by_name(names, cells), locator)


def _by_name(names: list[str], cells: Sequence[str | None]) -> dict[str, str | None]:
    """Cells by column; one without a name has its place."""
    if len(names) == len(cells):
        return dict(zip(names, cells, strict=True))
    return {names[at] if at < len(names) else f"({at + 1})": cell for at, cell in enumerate(cells)}


def _tuples(reader: SqlText, state: _State) -> Iterator[Sequence[str | None]]:
    """The rows behind VALUES."""
    while True:
        cells: list[str | None] = []
        try:
            fast = reader.row()
            if fast is not None:
                yield fast
            else:
                yield from _slow(reader, cells)
        except Unclosed as open_quote:
            if cells or open_quote.value:
                yield [*cells, open_quote.value]
            raise
        except Fault as fault:
            cells += [] if fault.value is None else [fault.value]
            if cells:
                yield cells
            state.tell(
                ProblemKind.TRUNCATED if fault.is_end else ProblemKind.DAMAGED,
                fault.line,
                f"{fault}; the row is read up to there",
            )
            if not reader.skip_to_row():
                return
            continue
        if not reader.comma():
            return


def _slow(reader: SqlText, cells: list[str | None]) -> Iterator[Sequence[str | None]]:
    """A row value by value; `cells` has those read when something is amiss."""
    if reader.token().value != "(":
        raise Fault("no row begins behind VALUES", reader.line)
    while True:
        value, end = reader.value()
        cells.append(value)
        if end == ")":
            yield list(cells)
            return
        if len(cells) > 10_000:
            raise Fault("a row has more than 10000 values", reader.line)


_COPY_ESCAPE = re.compile(r"\\(?:([0-7]{1,3})|x([0-9A-Fa-f]{1,2})|(.))", re.DOTALL)
_COPY_SIGNS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_NEXT = re.compile(r"(--|COPY |INSERT |SET |CREATE |ALTER |SELECT )")


def _copy(reader: SqlText, state: _State, line: int) -> Iterator[Text]:
    """The rows of COPY ... FROM stdin in text format, up to the line of a backslash and a point."""
    name = reader.name()
    key = state.key(name)
    token: Token = reader.token()
    listed: Sequence[str] = ()
    if token.value == "(":
        listed = _columns(reader)
        token = reader.token()
    options = reader.rest_of_line()
    if token.value.upper() != "FROM" or "stdin" not in options.lower():
        yield from state.texts.add(f"line:{line}", f"COPY {name} {token.value}{options}")
        return
    is_csv = "csv" in options.lower()
    names = list(listed) or state.columns.get(key, [])
    if names:
        state.is_named.add(key)
    kept = None if is_csv else state.spool.table(key, name, f"line:{line}")
    while (content := reader.whole_line()) is not None:
        if content == "\\.":
            return
        fields = content.split("\t")
        if len(fields) != len(names) and names and _NEXT.match(content) and len(names) > 1:
            message = "the rows of a COPY that begins here are not ended; another statement follows"
            state.tell(ProblemKind.TRUNCATED, line, message)
            reader.put_back(content)
            return
        if kept is None:
            yield from state.texts.add(f"line:{reader.line - 1}", content)
        else:
            state.spool.add(
                kept, _by_name(names, [_copied(one) for one in fields]), f"line:{reader.line - 1}"
            )
    state.tell(ProblemKind.TRUNCATED, line, "the rows of a COPY that begins here are not ended")


def _copied(stored: str) -> str | None:
    """A field of COPY without its escapes."""
    if stored == "\\N":
        return None
    if "\\" not in stored:
        return stored

    def plain(one: re.Match[str]) -> str:
        if one[1] or one[2]:
            return chr(int(one[1], 8) if one[1] else int(one[2], 16))
        return _COPY_SIGNS.get(one[3], one[3])

    return _COPY_ESCAPE.sub(plain, stored)
