"""Golden rows: every parser over every fixture. `python -m tests.golden_rows` writes them again.

A fixture is fixtures/<family>/<parser>/<scenario>/ with about.toml and the artefact; its rows stand in
tests/golden/<family>/<parser>/<scenario>.jsonl: a header line, then rows, sheets, texts, members and
problems in the order the parser yields them.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from parsers import all_parsers
from parsers.contract import Batch, Member, Parser, Problem, Row, Sheet, Status, Text, Yield
from tests.artefacts import FileArtefact, artefact, member_bytes

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures"
GOLDEN = ROOT / "tests" / "golden"
ABOUT_KEYS = {"artefact", "path", "companions", "origin", "licence", "sha256", "shows"}


def scenarios() -> list[Path]:
    """Every fixture folder of a parser, in order."""
    known = {one.full_name for one in all_parsers()}
    return sorted(
        about.parent
        for about in FIXTURES.glob("*/*/*/about.toml")
        if about.parent.parent.relative_to(FIXTURES).as_posix() in known
    )


def parser_of(scenario: Path) -> Parser:
    """The parser a fixture belongs to."""
    name = scenario.parent.relative_to(FIXTURES).as_posix()
    return next(one for one in all_parsers() if one.full_name == name)


def about(scenario: Path) -> dict[str, Any]:
    """The description of a fixture."""
    return tomllib.loads((scenario / "about.toml").read_text(encoding="utf-8"))


def fixture(scenario: Path) -> FileArtefact:
    """The artefact of a fixture with its companions."""
    told = about(scenario)
    companions = {}
    for name in told.get("companions", []):
        suffix = (
            name.removeprefix(told["artefact"]) if name.startswith(told["artefact"]) else Path(name).suffix
        )
        companions[suffix.lstrip(".")] = scenario / name
    return artefact(scenario / told["artefact"], told["path"], **companions)


def golden_file(scenario: Path) -> Path:
    """Where the golden rows of a fixture stand."""
    return GOLDEN / f"{scenario.relative_to(FIXTURES).as_posix()}.jsonl"


def golden_lines(scenario: Path) -> list[str]:
    """What the parser gives for a fixture now, as lines."""
    parser, given = parser_of(scenario), fixture(scenario)
    digest = hashlib.sha256(given.local().read_bytes()).hexdigest()
    header = {"parser": parser.full_name, "version": parser.version, "input_sha256": digest}
    return [
        json.dumps(one, ensure_ascii=False, sort_keys=True) for one in (header, *_told(parser.parse(given)))
    ]


def _told(yields: Iterator[Yield]) -> Iterator[dict[str, Any]]:
    for one in yields:
        match one:
            case Row():
                yield {
                    "table": one.table.name,
                    "locator": one.locator,
                    "status": str(one.status),
                    **_values(dict(one.values)),
                }
            case Batch():
                for locator, values in zip(one.locators.to_pylist(), one.rows.to_pylist(), strict=True):
                    yield {
                        "table": one.table.name,
                        "locator": locator,
                        "status": str(one.status),
                        **_values(values),
                    }
            case Sheet():
                head = {
                    "sheet": one.name,
                    "locator": one.locator,
                    "header": one.header,
                    "header_row": one.header_row,
                }
                if one.status is not Status.OK:
                    head["status"] = str(one.status)
                yield {**head, "codec": one.codec, "is_hidden": one.is_hidden, "width": one.width}
                for batch in one.batches:
                    for values in pa.Table.from_batches([batch]).to_pylist():
                        yield {"row": list(values.values())}
            case Text():
                yield {
                    "text": one.segment,
                    "locator": one.locator,
                    "codec": one.codec,
                    "content": one.content,
                }
            case Member():
                content, broken = member_bytes(one)
                digest = hashlib.sha256(content).hexdigest()
                yield {
                    "member": one.name,
                    "locator": one.locator,
                    "media_type": one.media_type,
                    "sha256": digest,
                    **_values(
                        {
                            "broken": broken,
                            "refusal": one.refusal and one.refusal.message,
                            "modified_at": one.modified_at,
                            "modified_local": one.modified_local,
                        }
                    ),
                }
            case Problem():
                yield {
                    "problem": str(one.kind),
                    "locator": one.locator,
                    "column": one.column,
                    "message": one.message,
                }


def _values(values: dict[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in values.items() if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value


def main() -> None:
    """Write every golden file again."""
    for scenario in scenarios():
        path = golden_file(scenario)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(golden_lines(scenario)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
