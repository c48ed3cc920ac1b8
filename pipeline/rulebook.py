"""Reads rules/, refuses a bad rule with its file and key, gives each rule its digest."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline import digest
from pipeline.errors import RuleError

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
