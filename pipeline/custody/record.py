"""What one custody record states, and its one line of canonical JSON.

A line is RFC 8785 JSON without floats. Sizes, counts and rows are decimal strings, so that no reader
rounds them; digests are lower-case hex. The schema is closed: an unknown key is refused, a value that
is not known is written `unknown`, an empty one is left out.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pipeline import digest

VERSION = 1
LINE_BYTES = 16 << 20
PRODUCT_FOLDERS = ("tables", "sheets", "report", "review")
ACTIONS = frozenset(
    {
        "genesis",
        "evidence_register",
        "acquisition_verify",
        "password_found",
        "step_begin",
        "step_end",
        "step_failed",
        "recovery",
        "rule_ruling",
        "seal",
        "superseded",
        "values_shown",
        "worker_killed",
    }
)
# What an action must state beside what every record states.
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "genesis": ("public_key",),
    "evidence_register": ("materials",),
    "step_begin": ("step", "step_id"),
    "step_end": ("step", "step_id", "result"),
    "step_failed": ("step", "step_id", "result"),
    "password_found": ("step", "params"),
    "recovery": ("note",),
    "seal": ("public_key",),
    "superseded": ("superseded",),
    "values_shown": ("materials", "params"),
}
_PARAMS_DEPTH = 16
_INTEGER = 2**53 - 1  # RFC 8785 3.2.2.3: numbers are IEEE 754 doubles


class RecordError(ValueError):
    """Bytes are not a custody record; the message says where and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who is responsible for a record."""

    name: str
    role: str = "examiner"


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """The machine a record was made on."""

    hostname: str
    system: str
    release: str
    python: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A program with the versions of the libraries it used."""

    name: str
    version: str
    libraries: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceFile:
    """One file an evidence item consists of; the path is relative to the case folder, or absolute."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """An input: an evidence item, an earlier product, or a folder of products by its listing."""

    id: str
    sha256: str
    size: int | None = None
    md5: str | None = None
    sha1: str | None = None
    files: tuple[EvidenceFile, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """An output: a file under `tables/`, `sheets/`, `report/` or `review/`, and the digest of a table's rows."""

    path: str
    sha256: str
    size: int
    rows: int | None = None
    rows_sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleUse:
    """A rule file or parser module a step's rows depend on."""

    file: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How a step ended."""

    status: str
    counts: Mapping[str, int] = field(default_factory=dict)
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One line of the custody log."""

    v: int
    seq: int
    case: str
    prev: str
    id: str
    at: str
    at_local: str
    boot_id: str
    action: str
    actor: Actor
    host: Host
    step: str | None = None
    step_id: str | None = None
    tool: Tool | None = None
    command: tuple[str, ...] = ()
    materials: tuple[Material, ...] = ()
    products: tuple[Product, ...] = ()
    superseded: tuple[str, ...] = ()
    rules: tuple[RuleUse, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    result: Result | None = None
    public_key: str | None = None
    clock: str | None = None
    note: str | None = None


def record_id(case: str, seq: int, prev: str, at: str) -> str:
    """The identifier of the record that stands at this place of this chain."""
    return digest.short(case, str(seq), prev, at)


def listing_sha256(files: Iterable[tuple[str, str]]) -> str:
    """The digest of a folder: SHA-256 over the canonical list of [path, SHA-256], sorted by path."""
    return digest.of_json(sorted([path, sha256] for path, sha256 in files))


def line_of(record: Record) -> bytes:
    """The line of a record, without its newline.

    Raises:
        RecordError: a field holds what the schema does not allow.
    """
    stated = {one.name: getattr(record, one.name) for one in dataclasses.fields(record)}
    as_json = {"v", "seq", "params"}  # these go into the line as they are
    plain = {
        name: value if name in as_json else _plain(value)
        for name, value in stated.items()
        if not _is_empty(value)
    }
    try:
        line = digest.canonical(plain)
    except ValueError as error:
        raise RecordError(f"a {record.action} record cannot be written as canonical JSON: {error}") from error
    parse(line)
    return line


def parse(line: bytes) -> Record:
    """The record a line holds.

    Raises:
        RecordError: it is no JSON, not canonical, too long, or not of the schema.
    """
    if len(line) > LINE_BYTES:
        raise RecordError(f"the line has {len(line)} bytes, more than {LINE_BYTES}")
    try:
        stated = json.loads(line.decode("utf-8"), parse_float=_no_float, parse_constant=_no_float)
    except (ValueError, RecursionError) as error:
        raise RecordError(f"the line is no JSON of the profile: {error}") from error
    record: Record = _RECORD(stated, "record")
    missing = [name for name in _NEEDED.get(record.action, ()) if _is_empty(getattr(record, name))]
    if missing:
        raise RecordError(f"record.{missing[0]}: missing, a {record.action} record states it")
    if record.products and record.action != "step_end":
        raise RecordError(f"record.products: only a step_end record has products, this is {record.action}")
    # RFC 8785 has one form for a value; a repeated key, a space or another order gives other bytes.
    try:
        form = digest.canonical(stated)
    except ValueError as error:
        raise RecordError(f"the line has no canonical form: {error}") from error
    if form != line:
        raise RecordError(_why_not_canonical(line))
    return record


def _why_not_canonical(line: bytes) -> str:
    repeated: list[str] = []

    def seen(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        repeated.extend(name for name in set(names) if names.count(name) > 1)
        return dict(pairs)

    json.loads(line, object_pairs_hook=seen)
    if repeated:
        return f"the key {sorted(repeated)[0]!r} stands twice in one object"
    return "the line is not in the canonical form of RFC 8785"


def _no_float(literal: str) -> Any:
    raise ValueError(f"the number {literal[:40]} is no integer")


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, tuple | Mapping) and not value)


def _plain(value: Any) -> Any:
    """A value of a dataclass field as JSON: integers as decimal strings, empty fields left out."""
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if not dataclasses.is_dataclass(value):
        raise RecordError(f"a value of type {type(value).__name__} has no place in a record")
    stated = {one.name: getattr(value, one.name) for one in dataclasses.fields(value)}
    plain = {name: _plain(one) for name, one in stated.items() if not _is_empty(one)}
    if isinstance(value, EvidenceFile):
        plain["path"] = _escaped(value.path)
    return plain


_SURROGATE_ESCAPES = {code: f"\\x{code - 0xDC00:02x}" for code in range(0xDC80, 0xDD00)} | {0x5C: "\\\\"}
_ESCAPE = re.compile(r"\\(?:x([89a-f][0-9a-f])|(\\)|.|$)", re.DOTALL)


def _escaped(path: str) -> str:
    """A path with the bytes that are no UTF-8 (PEP 383 surrogates) written out, so that JSON can hold it."""
    return path.translate(_SURROGATE_ESCAPES)


# Shapes: from a JSON value and where it stands to the value of a field, or RecordError.
Shape = Callable[[Any, str], Any]


def _shape_error(where: str, expected: str, found: Any) -> RecordError:
    return RecordError(f"{where}: {expected} expected, found {str(found)[:80]!r}")


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise _shape_error(where, "text", value)
    return value


_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def _name(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value or _CONTROL.search(value):
        raise _shape_error(where, "text without control characters", value)
    return value


def _evidence_path(value: Any, where: str) -> str:
    path = _text(value, where)
    if not path or "\0" in path:
        raise _shape_error(where, "a path", value)

    def unescaped(found: re.Match[str]) -> str:
        if found[1]:
            return chr(0xDC00 + int(found[1], 16))
        if found[2]:
            return "\\"
        raise _shape_error(where, "a path escaped as \\xNN or \\\\", value)

    return _ESCAPE.sub(unescaped, path)


def _product_path(value: Any, where: str) -> str:
    parts = _name(value, where).split("/")
    if len(parts) < 2 or parts[0] not in PRODUCT_FOLDERS or any(one in {"", ".", ".."} for one in parts):
        raise _shape_error(where, f"a path under {', '.join(PRODUCT_FOLDERS)}", value)
    return "/".join(parts)


def _matching(pattern: str, expected: str) -> Shape:
    compiled = re.compile(pattern, re.ASCII)

    def shape(value: Any, where: str) -> str:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            raise _shape_error(where, expected, value)
        return value

    return shape


def _decimal(value: Any, where: str) -> int:
    if not isinstance(value, str) or not re.fullmatch(r"0|[1-9][0-9]{0,18}", value, re.ASCII):
        raise _shape_error(where, "a whole number as text", value)
    return int(value)


def _integer(value: Any, where: str) -> int:
    if type(value) is not int or not 0 <= value <= _INTEGER:
        raise _shape_error(where, "a whole number", value)
    return value


def _json(value: Any, where: str, depth: int = 0) -> Any:
    if depth > _PARAMS_DEPTH:
        raise RecordError(f"{where}: more than {_PARAMS_DEPTH} levels")
    if isinstance(value, dict):
        for one in value.values():
            _json(one, where, depth + 1)
    elif isinstance(value, list):
        for one in value:
            _json(one, where, depth + 1)
    elif value is not None and not isinstance(value, str | bool | int):
        raise _shape_error(where, "JSON without fractions", value)
    return value


def _json_object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _shape_error(where, "an object", value)
    _json(value, where)
    return value


def _instant(value: Any, where: str) -> str:
    text: str = _UTC(value, where)
    try:
        datetime.fromisoformat(text)
    except ValueError as error:
        raise _shape_error(where, "an instant", value) from error
    return text


def _many(shape: Shape) -> Shape:
    def shapes(value: Any, where: str) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise _shape_error(where, "a list", value)
        return tuple(shape(one, f"{where}[{at}]") for at, one in enumerate(value))

    return shapes


def _mapping(shape: Shape) -> Shape:
    def shapes(value: Any, where: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _shape_error(where, "an object", value)
        return {name: shape(one, f"{where}.{name}") for name, one in value.items()}

    return shapes


def _object(of: Callable[..., Any], shapes: Mapping[str, Shape], needed: Iterable[str]) -> Shape:
    required = tuple(needed)

    def shape(value: Any, where: str) -> Any:
        if not isinstance(value, dict):
            raise _shape_error(where, "an object", value)
        unknown = value.keys() - shapes.keys()
        if unknown:
            raise RecordError(f"{where}: unknown key {min(unknown)!r}")
        for name in required:
            if name not in value:
                raise RecordError(f"{where}.{name}: missing")
        return of(**{name: shapes[name](one, f"{where}.{name}") for name, one in value.items()})

    return shape


def _version(value: Any, where: str) -> int:
    if type(value) is not int or value != VERSION:
        raise _shape_error(where, f"version {VERSION}", value)
    return value


def _action(value: Any, where: str) -> str:
    if not isinstance(value, str) or value not in ACTIONS:
        raise _shape_error(where, "a known action", value)
    return value


def _hex(digits: int) -> Shape:
    return _matching(rf"[0-9a-f]{{{digits}}}", f"{digits} hex digits")


_UTC = _matching(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", "an instant in UTC")
_LOCAL = _matching(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}[+-]\d\d:\d\d(:\d\d)?", "a wall clock with its offset"
)
_SHA256 = _hex(64)
_FILE = _object(
    EvidenceFile, {"path": _evidence_path, "size": _decimal, "sha256": _SHA256}, ("path", "size", "sha256")
)
_MATERIAL = _object(
    Material,
    {
        "id": _name,
        "sha256": _SHA256,
        "size": _decimal,
        "md5": _hex(32),
        "sha1": _hex(40),
        "files": _many(_FILE),
    },
    ("id", "sha256"),
)
_PRODUCT = _object(
    Product,
    {"path": _product_path, "sha256": _SHA256, "size": _decimal, "rows": _decimal, "rows_sha256": _SHA256},
    ("path", "sha256", "size"),
)
_RECORD = _object(
    Record,
    {
        "v": _version,
        "seq": _integer,
        "case": _name,
        "prev": _SHA256,
        "id": _hex(24),
        "at": _instant,
        "at_local": _LOCAL,
        "boot_id": _name,
        "action": _action,
        "actor": _object(Actor, {"name": _text, "role": _text}, ("name", "role")),
        "host": _object(
            Host,
            {"hostname": _text, "system": _text, "release": _text, "python": _text},
            ("hostname", "system", "release", "python"),
        ),
        "step": _name,
        "step_id": _name,
        "tool": _object(
            Tool, {"name": _text, "version": _text, "libraries": _mapping(_text)}, ("name", "version")
        ),
        "command": _many(_text),
        "materials": _many(_MATERIAL),
        "products": _many(_PRODUCT),
        "superseded": _many(_name),
        "rules": _many(_object(RuleUse, {"file": _name, "sha256": _SHA256}, ("file", "sha256"))),
        "params": _json_object,
        "result": _object(
            Result, {"status": _text, "counts": _mapping(_decimal), "errors": _many(_text)}, ("status",)
        ),
        "public_key": _hex(64),
        "clock": _text,
        "note": _text,
    },
    ("v", "seq", "case", "prev", "id", "at", "at_local", "boot_id", "action", "actor", "host"),
)
