"""What a run, a status, a decision and a verification come to, as JSON and as lines for a person."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parsers.contract import Parser
from pipeline.case import Case
from pipeline.custody import log as custody
from pipeline.custody.history import Moment
from pipeline.errors import COMPLETE, WITH_PROBLEMS, EvidenceError
from pipeline.progress import printable
from pipeline.tables import read
from pipeline.verify import Verification
from pipeline.work.session import Session

_GRADES = (("confirmed", "確認 confirmed"), ("likely", "蓋然 likely"), ("possible", "最大 possible"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Where a run ended."""

    case: str
    root: Path
    steps_done: int
    steps_kept: int
    stopped: tuple[str, ...]
    entries: dict[str, int]
    problems: dict[str, int]
    counts: dict[str, dict[str, Any]]
    decisions: list[dict[str, Any]]
    head: str
    report_files: tuple[Path, ...]

    @property
    def exit_code(self) -> int:
        """0 complete, 1 complete with problems, the evidence code where an item was stopped."""
        if self.stopped:
            return EvidenceError.exit_code
        return WITH_PROBLEMS if self.problems else COMPLETE

    def as_json(self) -> dict[str, Any]:
        """The outcome as JSON values."""
        return {
            "case": self.case,
            "steps": {"done": self.steps_done, "kept": self.steps_kept},
            "stopped": list(self.stopped),
            "entries": self.entries,
            "problems": self.problems,
            "affected": self.counts,
            "decisions": self.decisions,
            "custody_head": self.head,
            "report": [str(one) for one in self.report_files],
        }

    def as_text(self) -> str:
        """The outcome as lines."""
        lines = [f"case      {printable(self.case)}"]
        lines.append(f"steps     {self.steps_done:,} done, {self.steps_kept:,} kept from before")
        lines += [f"stopped   {printable(one)}" for one in self.stopped]
        if self.entries:
            lines.append(
                "entries   "
                + ", ".join(f"{count:,} {state}" for state, count in sorted(self.entries.items()))
            )
        if self.problems:
            lines.append(
                "problems  " + ", ".join(f"{count:,} {kind}" for kind, count in sorted(self.problems.items()))
            )
        for grade, label in _GRADES:
            if grade in self.counts:
                lines.append(f"affected  {label}: {_count_text(self.counts[grade])}")
        reasons = [reason for one in self.counts.values() for reason in one["open_reasons"]]
        lines += [f"open      {printable(one)}" for one in dict.fromkeys(reasons)]
        lines += [f"decision  {line}" for one in self.decisions for line in _decision_lines(one)]
        lines += [f"report    {one}" for one in self.report_files]
        lines.append(f"custody   head {self.head}  (note it outside the case)")
        return "\n".join(lines)


def _count_text(one: Mapping[str, Any]) -> str:
    if one["is_open"] and not one["high"]:
        return "nobody counted, which is not zero persons"
    told = f"{one['likely']:,} ({one['low']:,} to {one['high']:,})"
    return f"{told}  at least" if one["is_open"] else told


def outcome_of(session: Session) -> Outcome:
    """The outcome of a session, read from the tables it leaves."""
    told = status(session.case)
    return Outcome(
        case=session.case.number,
        root=session.case.root,
        steps_done=session.done_count,
        steps_kept=session.kept_count,
        stopped=tuple(session.stopped),
        entries=told["entries"],
        problems=told["problems"],
        counts=told["affected"],
        decisions=told["decisions"],
        head=session.log.head,
        report_files=tuple(sorted(one for one in session.case.report.rglob("*") if one.is_file())),
    )


def status(case: Case) -> dict[str, Any]:
    """What a case holds now: rows by table, entries by state, problems by kind, counts, decisions, custody head."""
    connection = read.connect(case.tables)
    entries = dict(
        connection.execute("SELECT state, count(*) FROM entry_content GROUP BY 1 ORDER BY 1").fetchall()
    )
    problems = dict(connection.execute("SELECT kind, count(*) FROM problem GROUP BY 1 ORDER BY 1").fetchall())
    counts = connection.execute(
        "SELECT grade, low, likely, high, is_open, open_reasons FROM affected_count WHERE dimension = 'all'"
    ).fetchall()
    decisions = connection.execute("SELECT law_pack, outcome FROM decision ORDER BY law_pack").fetchall()
    items = connection.execute(
        "SELECT evidence_id, role, format, acquisition FROM evidence_item ORDER BY 1"
    ).fetchall()
    connection.close()
    return {
        "case": case.number,
        "items": [dict(zip(("id", "role", "format", "acquisition"), one, strict=True)) for one in items],
        "rows": read.row_counts(case.tables),
        "entries": entries,
        "problems": problems,
        "affected": {
            grade: {"low": low, "likely": likely, "high": high, "is_open": is_open, "open_reasons": reasons}
            for grade, low, likely, high, is_open, reasons in counts
        },
        "decisions": [{"law_pack": pack, **json.loads(outcome)} for pack, outcome in decisions],
        "custody_head": custody.read(case.root).head,
    }


def status_text(told: Mapping[str, Any]) -> str:
    """A status as lines."""
    lines = [f"case      {printable(told['case'])}"]
    lines += [
        f"item      {one['id']}: {one['format']}, role {one['role']}, acquisition {one['acquisition']}"
        for one in told["items"]
    ]
    lines += [f"rows      {name}: {count:,}" for name, count in told["rows"].items()]
    lines += [f"problems  {kind}: {count:,}" for kind, count in told["problems"].items()]
    lines.append(f"custody   head {told['custody_head']}")
    return "\n".join(lines)


def decision_text(decisions: Any) -> str:
    """One decision, or many, as lines."""
    many = decisions if isinstance(decisions, list) else [decisions]
    return "\n".join(line for one in many for line in _decision_lines(one))


def _decision_lines(one: Mapping[str, Any]) -> list[str]:
    words = {"true": "報告対象 reportable", "false": "報告対象ではない not reportable"}
    state = str(one.get("reportable")).lower()
    lines = [f"{one.get('law_pack', '')} {words.get(state, '未確定 undetermined')}".strip()]
    if one.get("triggers"):
        lines[0] += f" ({', '.join(one['triggers'])})"
    if one.get("preliminary_due"):
        due = one["preliminary_due"]
        lines.append(
            f"速報 preliminary {due['earliest']} to {due['latest']}; 確報 final {one.get('final_due')}"
        )
    for law in one.get("abroad", ()):
        lines += _abroad_lines(law)
    lines.append("決定するのは人である (責任者・弁護士): an evaluation, a person decides")
    return lines


def _abroad_lines(law: Mapping[str, Any]) -> list[str]:
    """The duties a law of another jurisdiction asks, those that are owed or may be."""
    words = {"true": "義務あり owed", "false": "義務なし not owed"}
    lines = [f"{law['law_pack']} {words.get(str(law['owed']).lower(), '未確定 undetermined')}"]
    for duty in law["duties"]:
        if duty["owed"] is False:
            continue
        due = duty["due"] or {}
        by = due.get("at") or due.get("on")
        lines.append(
            f"  {duty['id']} {words.get(str(duty['owed']).lower(), '未確定 undetermined')}: {duty['to_ja']} {duty['to_en']}"
            + (f", {by}" if by else "")
        )
    return lines


def verification_json(found: Verification) -> dict[str, Any]:
    """A verification as JSON values."""
    return {
        "is_intact": found.is_intact,
        "is_complete": found.is_complete,
        "incomplete": list(found.incomplete),
        "tail_pinned": found.tail_pinned,
        "head": found.head,
        "checks": [
            {
                "number": one.number,
                "name": one.name,
                "passed": one.passed,
                "expected": one.expected,
                "found": one.found,
                "details": list(one.details),
            }
            for one in found.checks
        ],
    }


def verification_text(found: Verification) -> str:
    """A verification as lines: every check with its number, then the verdicts."""
    words = {True: "ok     ", False: "FAILED ", None: "not run"}
    lines = []
    for one in found.checks:
        lines.append(f"{one.number:>2}  {words[one.passed]}  {one.name}: {one.found}")
        if one.passed is False:
            lines.append(f"             expected: {one.expected}")
            lines += [f"             {detail}" for detail in one.details[:20]]
            if len(one.details) > 20:
                lines.append(f"             and {len(one.details) - 20} more")
    lines.append(
        f"intact: {'yes' if found.is_intact else 'NO'}   complete: {'yes' if found.is_complete else 'no'}"
    )
    lines += [f"    {one}" for one in found.incomplete]
    lines.append(f"tail_pinned: {found.tail_pinned}")
    lines.append(f"head: {found.head}")
    return "\n".join(lines)


def parser_lines(parser: Parser) -> dict[str, Any]:
    """What a parser is, as JSON values."""
    module = __import__(parser.parse.__module__, fromlist=["__doc__"])
    return {
        "parser": parser.full_name,
        "version": parser.version,
        "about": (module.__doc__ or "").strip(),
        "tables": [one.name for one in parser.tables],
        "answers": sorted({answer.question.name for table in parser.tables for answer in table.answers}),
        "wants": [one.pattern or "by its bytes" for one in parser.wants],
        "expected_on": list(parser.is_expected_on),
    }


def parser_text(listed: Sequence[Mapping[str, Any]]) -> str:
    """Parsers as blocks of lines."""
    blocks = []
    for one in listed:
        lines = [f"{one['parser']} (version {one['version']})"]
        lines += [f"    {line}" for line in one["about"].splitlines()]
        lines.append(f"    reads: {', '.join(dict.fromkeys(one['wants']))}")
        given = one["tables"] or (
            ["members"] if one["parser"].startswith("archives/") else ["sheets", "texts"]
        )
        lines.append(f"    tables: {', '.join(given)}; answers: {', '.join(one['answers']) or 'none'}")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def history_text(moments: Sequence[Moment]) -> str:
    """How the counts moved, as lines: when, each grade, and what changed since the line before."""
    lines = []
    for one in moments:
        lines.append(f"{one.at}  record {one.seq}")
        for grade, words in _GRADES:
            lines.append(f"  {words}: {_count_text(one.figures[grade])}")
        lines += [f"  {moved.kind}  {printable(moved.what)}" for moved in one.moved]
    return "\n".join(lines) or "no counts were made yet: `kanshiki run` first"
