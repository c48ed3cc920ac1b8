"""memo.md: for the investigator, what is known, what would move the numbers most, and what to examine next."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.report.document import GRADES, Document
from pipeline.report.drafts.filled import decision
from pipeline.report.reasons import changes
from pipeline.report.texts import safe
from pipeline.report.words import DOUBT, GRADE, KIND, OPEN, REPORTABLE

_NEXT = 5
_LISTED = 10
# What CommonMark reads as more than itself within a line, and at the beginning of one.
_SPECIAL = re.compile(r"([\\`*\[\]<>#|~&$]|(?<![^\W_])_|_(?![^\W_]))")
_LEADING = re.compile(r"^([-+=]|\d+(?=[.)]))")


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something to examine: what, why it matters, and how many persons it may stand for (0 where nobody can say)."""

    what: str
    why: str
    persons: int


def render(document: Document) -> bytes:
    """The memo's bytes: Markdown, Japanese first; every text from evidence is escaped."""
    return ("\n".join(_lines(document)) + "\n").encode("utf-8")


def next_tasks(document: Document) -> tuple[Task, ...]:
    """The things to examine, those that may move the numbers most first.

    What has an estimate of persons goes by it; then what keeps a decision undetermined, candidates and doubts by their mentions, and
    what could not be read by how often.
    """
    found = [
        Task(what=one.what, why=f"推定 {one.low:,}~{one.high:,} 人 ({one.method})", persons=one.high)
        for one in document.estimated
    ]
    decided = decision(document)
    if decided.get("reportable") == "undetermined" or decided.get("possible_triggers"):
        missing = [one if isinstance(one, str) else one["fact"] for one in decided.get("missing", ())]
        found += [
            Task(what=f"事実 {one} を確かめる", why="判定が変わり得る may change the decision", persons=0)
            for one in missing
        ]
    found += [
        Task(
            what=f"{one.path}: {DOUBT.get(one.what, (one.what,))[0]}",
            why=f"記載 {one.mentions:,} 件の判断 to be ruled on",
            persons=one.mentions,
        )
        for one in document.unsure
    ]
    found += [
        Task(
            what=_reason(reason),
            why=f"{', '.join(GRADE[grade][0] for grade in grades)}の数が確定しない",
            persons=0,
        )
        for reason, grades in document.open_reasons()
    ]
    found += [
        Task(
            what=f"{one.evidence_id}: {KIND.get(one.kind, (one.kind,))[0]} {one.count:,} 件 ({one.message})",
            why="読めていない not read",
            persons=0,
        )
        for one in document.unread
    ]
    ranked = sorted(enumerate(found), key=lambda pair: (-pair[1].persons, pair[0]))
    return tuple(one for _, one in ranked)


def _lines(document: Document) -> Iterator[str]:
    case, decided = document.case, decision(document)
    yield f"# {_text(case.number)} 調査メモ / scoping memo"
    yield ""
    yield f"{_text(str(decided.get('notice', '')))}"
    yield ""
    yield "## 分かっていること / What is known"
    yield ""
    for grade in GRADES:
        one = document.headline(grade)
        told = f"{one.likely:,} 人 ({one.low:,}~{one.high:,})" if one.high else "見つかっていない"
        yield f"- {GRADE[grade][0]}: {told}{' — 未確定 open' if one.is_open else ''} `{one.reference}`"
    state = str(decided.get("reportable", "undetermined")).lower()
    yield f"- 報告義務: {' '.join(REPORTABLE.get(state, (state,)))} ({_text(', '.join(decided.get('triggers', ())) or 'なし')})"
    due = decided.get("preliminary_due") or {}
    yield f"- 速報 {due.get('earliest', 'なし')} ~ {due.get('latest', '')}、確報 {decided.get('final_due') or 'なし'}"
    yield f"- 露出した文書 {document.exposed_total:,} 件、読めなかったもの {sum(one.count for one in document.unread):,} 件"
    yield ""
    yield "## 数を最も動かすもの / What would move the numbers most"
    yield ""
    tasks = next_tasks(document)
    for task in tasks[:_LISTED]:
        yield f"- {_text(task.what)} — {_text(task.why)}"
    if not tasks:
        yield "- なし / none"
    missing = changes(decided.get("missing", ()))
    if missing:
        yield ""
        yield "判定を変え得る答え / answers that would change the decision:"
        yield ""
        for change in missing[:_LISTED]:
            outcome = " ".join(REPORTABLE.get(change.reportable, (change.reportable,)))
            yield f"- {_text(change.fact)} = {_text(', '.join(change.answers)) or '?'}: {outcome} {_text(', '.join(change.triggers))}".rstrip()
    yield ""
    yield "## 次に調べること / Next five"
    yield ""
    for number, task in enumerate(tasks[:_NEXT], start=1):
        yield f"{number}. {_text(task.what)} ({_text(task.why)})"
    yield ""
    yield f"custody {document.head.size}:{document.head.sha256}"


def _reason(reason: str) -> str:
    """Why a count is open, with what it names."""
    what, _, which = reason.partition(":")
    return f"{OPEN.get(what, what)}: {which.strip()}" if which else OPEN.get(what, what)


def _text(text: str) -> str:
    """A text as Markdown that says nothing but itself, on one line."""
    return _LEADING.sub(r"\\\1", _SPECIAL.sub(r"\\\1", safe(" ".join(text.split()))))
