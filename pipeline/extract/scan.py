"""Rules over bytes: YARA, compiled from rule files that are each told by their digest."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yara

from pipeline import digest
from pipeline.errors import RuleError
from pipeline.rulebook import RuleFile, rule_files

SUFFIXES = (".yar", ".yara")
_MATCHED_BYTES = 256
_HITS_PER_RULE = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One string of a rule at one offset, or a scan that did not end (`timed_out`, `failed`)."""

    rule: str | None
    rule_file: str | None
    rule_sha256: str | None
    outcome: str
    string_name: str | None
    offset_bytes: int | None
    matched: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanner:
    """Compiled rules with the files they come from."""

    digest: str
    rules: Any
    files: Mapping[str, RuleFile]

    def scan(self, content: bytes | Path, seconds: int) -> tuple[Hit, ...]:
        """Every hit in content, sorted by file, rule, offset and string; at most 64 a rule, of each string the first before others.

        The engine looks at its clock only now and then (yara#1299, yara-python#109), so the worker's
        own deadline stands behind `seconds`. A scan that did not end gives one hit that says so.
        """
        given = {"data": content} if isinstance(content, bytes) else {"filepath": str(content)}
        try:
            matches = self.rules.match(timeout=seconds, warnings_callback=_go_on, **given)
        except yara.TimeoutError:
            return (_unfinished("timed_out"),)
        except yara.Error:
            return (_unfinished("failed"),)
        hits = (hit for match in matches for hit in self._hits(match))
        return tuple(sorted(hits, key=lambda one: (one.rule_file or "", one.rule or "", *_place(one))))

    def _hits(self, match: Any) -> list[Hit]:
        """The first hits of one rule; a rule that holds without a string of its own gives one without a place."""
        file = self.files[match.namespace]
        # What a string means is told by its first hit; a string that hits everywhere pushes no other out.
        found = heapq.nsmallest(
            _HITS_PER_RULE,
            (
                (number > 0, one.offset, string.identifier, one)
                for string in match.strings
                for number, one in enumerate(string.instances)
            ),
            key=lambda one: one[:3],
        )
        places: list[tuple[str | None, int | None, bytes | None]] = [
            (name, int(offset), bytes(one.matched_data[:_MATCHED_BYTES])) for _, offset, name, one in found
        ]
        return [
            Hit(
                rule=match.rule,
                rule_file=file.name,
                rule_sha256=file.sha256,
                outcome="matched",
                string_name=name,
                offset_bytes=offset,
                matched=matched,
            )
            for name, offset, matched in places or [(None, None, None)]
        ]


def compile_rules(folders: Sequence[Path]) -> Scanner:
    """The rules of every folder, compiled; rules of different files may share a name.

    An `include` is refused: the digest of the file it names would not be recorded.

    Raises:
        RuleError: a folder is missing, or a rule cannot be compiled; the message names file and line.
    """
    files: dict[str, RuleFile] = {}
    for position, folder in enumerate(folders):
        for one in rule_files(folder, SUFFIXES):
            files[f"{position:02d}/{one.name}"] = one
    for one in files.values():
        _refuse_bad(one)
    # Without any rule nothing is looked for: a rule that never holds keeps the engine's interface.
    sources = {name: one.content for name, one in files.items()} or {
        "nothing": "rule nothing { condition: false }"
    }
    return Scanner(
        digest=digest.of_json([[name, one.sha256] for name, one in sorted(files.items())]),
        rules=yara.compile(sources=sources, includes=False),
        files=files,
    )


def _refuse_bad(file: RuleFile) -> None:
    try:
        yara.compile(source=file.content, includes=False)
    except yara.Error as error:
        # What is missing at the end of a file the engine puts on line 0.
        what = str(error).replace("line 0:", f"line {file.content.count(chr(10)) + 1}:", 1)
        hint = "; put the rules it names into a file of the folder" if "includes are disabled" in what else ""
        raise RuleError(f"rule file {file.name}, {what}{hint}") from error


def _place(hit: Hit) -> tuple[int, str]:
    return -1 if hit.offset_bytes is None else hit.offset_bytes, hit.string_name or ""


def _go_on(kind: int, subject: Any) -> int:
    """Go on when a string matches more often than the engine keeps: only the first hits are kept anyway."""
    return int(yara.CALLBACK_CONTINUE)


def _unfinished(outcome: str) -> Hit:
    return Hit(
        rule=None,
        rule_file=None,
        rule_sha256=None,
        outcome=outcome,
        string_name=None,
        offset_bytes=None,
        matched=None,
    )
