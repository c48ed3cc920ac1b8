"""Reads rules/, refuses a bad rule with its file and key, gives each rule its digest."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline import digest
from pipeline.errors import RuleError

_HEADER = re.compile(r"^--\s*([a-z_]+):\s*(.+)$")
RULES = Path(__file__).resolve().parent.parent / "rules"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFile:
    """One file of rules: its path under its folder (with `/`), its text, and the SHA-256 of its bytes."""

    name: str
    content: str
    sha256: str


def rule_files(folder: Path, suffixes: Iterable[str]) -> tuple[RuleFile, ...]:
    """Every rule file under a folder with one of the suffixes (`.toml`, `.yar`), sorted by name.

    Raises:
        RuleError: the folder is missing, or a file cannot be read as UTF-8.
    """
    if not folder.is_dir():
        raise RuleError(f"rules folder {folder} is missing: name an existing folder")
    wanted = tuple(suffixes)
    found = []
    for path in sorted(one for one in folder.rglob("*") if one.suffix in wanted and one.is_file()):
        name = path.relative_to(folder).as_posix()
        content = path.read_bytes()
        try:
            decoded = content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise RuleError(
                f"rule file {name} is not UTF-8 at byte {error.start}: save it as UTF-8"
            ) from error
        found.append(RuleFile(name=name, content=decoded, sha256=digest.of_bytes(content)))
    return tuple(found)


def of_toml(rule_file: RuleFile) -> dict[str, Any]:
    """The content of a TOML rule file.

    Raises:
        RuleError: it is not TOML; the message names file and line.
    """
    try:
        return tomllib.loads(rule_file.content)
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"rule file {rule_file.name}: {error}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlRule:
    """A rule that is one SQL query: what its header states, and the query."""

    stated: Mapping[str, str]
    sql: str
    file: RuleFile


def sql_rule(file: RuleFile, keys: Sequence[str]) -> SqlRule:
    """A rule file as a header of `-- key: value` lines, each of `keys` once, and a query behind it.

    Raises:
        RuleError: the header lacks a key or has an unknown one.
    """
    stated: dict[str, str] = {}
    for line in file.content.splitlines():
        found = _HEADER.match(line)
        if not found:
            break
        if found.group(1) not in keys:
            raise RuleError(
                f"rule file {file.name}: unknown key {found.group(1)!r} in its header; known: {', '.join(keys)}"
            )
        stated[found.group(1)] = found.group(2).strip()
    for key in keys:
        if key not in stated:
            raise RuleError(f"rule file {file.name}: its header lacks {key!r}")
    return SqlRule(stated=stated, sql=file.content.strip().removesuffix(";"), file=file)


def refuse_unknown(rule_file: RuleFile, given: Iterable[str], known: Iterable[str], where: str) -> None:
    """Refuse a key no rule of this kind has.

    Raises:
        RuleError: names the file, the line and the key.
    """
    for key in sorted(set(given) - set(known)):
        line = line_of_key(rule_file.content, key)
        raise RuleError(
            f"rule file {rule_file.name}, line {line}: {where} has no key {key!r}; known: {', '.join(sorted(known))}"
        )


def line_of_key(content: str, key: str) -> int:
    """Line, from 1, on which a TOML key first stands as a key; 0 where it does not."""
    found = re.search(rf'^[ \t]*(?:\[+[^\]]*?)?"?{re.escape(key)}"?[ \t]*[=\].]', content, flags=re.MULTILINE)
    return content.count("\n", 0, found.start()) + 1 if found else 0
