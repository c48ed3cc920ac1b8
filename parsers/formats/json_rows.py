"""Values of JSON, and of XML in the same shape, as rows of sheets and as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from parsers.contract import Artefact, Problem, ProblemKind, Yield
from parsers.formats.segments import Segments
from parsers.formats.spool import Kept, Spool, clean

_MOST_PLACES = 8
_MOST_PROBLEMS = 100
_PATH_SIGNS = 200


class JsonRows:
    """Takes values by their path; text comes as it is full, sheets at the end."""

    most_depth = 60

    def __init__(self, artefact: Artefact, codec: str) -> None:
        """Sheets are named by the path, the outermost like the file."""
        self._name = artefact.path.rsplit("/", 1)[-1]
        self._codec = codec
        self._spool = Spool(artefact)
        self._texts = Segments("values", codec)
        self._problems: list[Problem] = []
        self._lists: set[str] = set()
        self._is_too_deep = False
        # By path: the first member of an object, kept until the next shows whether the members are rows.
        self._held: dict[str, tuple[str, dict[str, Any]]] = {}
        self._maps: set[str] = set()
        # Of the array that is read element by element.
        self.array_path = ""

    def tell(self, kind: ProblemKind, locator: str, message: str) -> None:
        """Note a problem."""
        if len(self._problems) < _MOST_PROBLEMS:
            self._problems.append(Problem(kind=kind, locator=locator, message=message))

    def text(self, locator: str, line: str) -> Iterator[Yield]:
        """A line of text."""
        yield from self._texts.add(locator, line)

    def end(self) -> Iterator[Yield]:
        """What is left of the text, the sheets, the problems."""
        for path in list(self._held):
            yield from self.end_of_members(path, 0)
        yield from self._texts.end()
        for key, kept in self._spool.tables.items():
            if key in self._lists:
                yield from self._spool.headless(kept, self._codec, is_searched=True)
            else:
                yield self._spool.sheet(kept, self._codec)
        yield from self._problems
        yield from self._spool.problems()
        self._spool.close()

    def value(self, path: str, value: Any, depth: int) -> Iterator[Yield]:
        """Any value that is no row."""
        if depth > self.most_depth:
            yield from self._too_deep(path)
        elif isinstance(value, dict):
            if _is_map(value):
                for number, (key, one) in enumerate(value.items(), 1):
                    yield from self._row(path, number, {"key": key, **one}, depth)
                return
            for key, one in value.items():
                yield from self.value(f"{path}.{key}" if path else key, one, depth + 1)
        elif isinstance(value, list):
            for number, one in enumerate(value, 1):
                yield from self.element(path, number, one, "", depth)
        elif value is not None:
            yield from self.text(
                f"path:{clean(path[:_PATH_SIGNS])}", f"{path}: {_told(value)}" if path else _told(value)
            )

    def member(self, path: str, key: str, value: Any, depth: int) -> Iterator[Yield]:
        """A member of an object that is read member by member: a row where the one before it is alike."""
        if path in self._maps and isinstance(value, dict):
            yield from self._row(path, 0, {"key": key, **value}, depth)
            return
        held = self._held.pop(path, None)
        if isinstance(value, dict) and held is not None and _is_map({held[0]: held[1], key: value}, least=2):
            self._maps.add(path)
            yield from self._row(path, 0, {"key": held[0], **held[1]}, depth)
            yield from self._row(path, 0, {"key": key, **value}, depth)
            return
        if held is not None:
            yield from self.value(f"{path}.{held[0]}" if path else held[0], held[1], depth + 1)
        if isinstance(value, dict):
            self._held[path] = key, value
        else:
            yield from self.value(f"{path}.{key}" if path else key, value, depth + 1)

    def end_of_members(self, path: str, depth: int) -> Iterator[Yield]:
        """The object of this path is read to its end."""
        if held := self._held.pop(path, None):
            yield from self.value(f"{path}.{held[0]}" if path else held[0], held[1], depth + 1)

    def element(self, path: str, number: int, value: Any, locator: str, depth: int = 0) -> Iterator[Yield]:
        """An element of an array or of a sequence: an object or a list of plain values is a row."""
        if isinstance(value, dict):
            yield from self._row(path, number, value, depth, locator)
        elif isinstance(value, list) and value and not any(isinstance(one, dict | list) for one in value):
            kept = self._table(f"{path}[]", path, locator)
            if kept is not None:
                self._lists.add(f"{path}[]")
                cells = {str(at): _cell(one) for at, one in enumerate(value)}
                self._spool.add(kept, cells, locator or f"path:{path[:_PATH_SIGNS]}", number)
        elif depth > self.most_depth:
            yield from self._too_deep(path)
        else:
            yield from self.value(f"{path}[{number}]", value, depth + 1)

    def _table(self, key: str, path: str, locator: str) -> Kept | None:
        name = path or self._name
        return self._spool.table(key, name, locator or f"path:{clean(path[:_PATH_SIGNS])}")

    def _row(
        self,
        path: str,
        number: int,
        value: Mapping[str, Any],
        depth: int,
        locator: str = "",
        parent: int | None = None,
    ) -> Iterator[Yield]:
        """A row, and the arrays of objects within it as rows of their own."""
        kept = self._table(path, path, locator)
        if kept is None:
            return
        if depth > self.most_depth:
            yield from self._too_deep(path)
            return
        cells: dict[str, str | None] = {} if parent is None else {"parent_row": str(parent)}
        inner: list[tuple[str, list[Any]]] = []
        self._flatten("", value, cells, inner, depth)
        number = number or kept.row_count + 1
        self._spool.add(kept, cells, locator or f"path:{clean(path[:_PATH_SIGNS])}", number)
        for name, listed in inner:
            below = f"{path}.{name}" if path else name
            for at, one in enumerate(listed, 1):
                if isinstance(one, dict):
                    yield from self._row(below, 0, one, depth + 1, locator, parent=number)
                else:
                    yield from self.value(f"{path}[{number}].{name}[{at}]", one, depth + 1)

    def _flatten(
        self,
        path: str,
        value: Mapping[str, Any],
        cells: dict[str, str | None],
        inner: list[tuple[str, list[Any]]],
        depth: int,
    ) -> None:
        for key, one in value.items():
            name = f"{path}.{key}" if path else key
            if isinstance(one, dict) and depth < self.most_depth:
                self._flatten(name, one, cells, inner, depth + 1)
            elif isinstance(one, list) and any(isinstance(each, dict | list) for each in one):
                inner.append((name, one))
            elif isinstance(one, list):
                for at, each in enumerate(one[:_MOST_PLACES]):
                    cells[f"{name}.{at}" if at else name] = _cell(each)
                if len(one) > _MOST_PLACES:
                    cells[f"{name}.{_MOST_PLACES}"] = ", ".join(_told(each) for each in one[_MOST_PLACES:])
            elif isinstance(one, dict):
                self._is_too_deep = True
            else:
                cells[name] = _cell(one)
        if self._is_too_deep:
            self._tell_too_deep(path)

    def _too_deep(self, path: str) -> Iterator[Yield]:
        self._tell_too_deep(path)
        yield from ()

    def _tell_too_deep(self, path: str) -> None:
        message = f"nested deeper than {self.most_depth} levels; what is below is not read"
        if not any(one.message == message for one in self._problems):
            self.tell(ProblemKind.LIMIT, f"path:{clean(path[:_PATH_SIGNS])}", message)


def _is_map(value: Mapping[str, Any], least: int = 3) -> bool:
    """Whether the members are objects alike, as rows by key are."""
    listed = list(value.values())
    if len(listed) < least or not all(isinstance(one, dict) and one for one in listed):
        return False
    first = set(listed[0])
    alike = sum(2 * len(first & set(one)) >= len(first | set(one)) for one in listed)
    return alike >= 0.8 * len(listed)


def _told(value: Any) -> str:
    """A plain value as text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _cell(value: Any) -> str | None:
    return None if value is None else _told(value)
