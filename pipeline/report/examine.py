"""What to examine next, ranked by what would move the numbers or the decision most; every number in it stands in the document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.report.book_words import named
from pipeline.report.document import GRADES, Document
from pipeline.report.reasons import changes
from pipeline.report.words import GRADE, KIND, OPEN, REPORTABLE

NEXT = 5
# No more than so many of one kind, so that one kind does not hide the others.
_OF_A_KIND = 2
# Facts that nobody can find out but by what keeps the counts open.
_COUNTED = ("persons_lower", "persons_upper")


@dataclass(frozen=True, slots=True, kw_only=True)
class Examine:
    """A thing to examine: its kind, where it ranks, what to do, in English, why, and the row it rests on."""

    kind: str
    rank: tuple[int, int, str]
    what: str
    en: str
    why: str
    reference: str


def next_things(document: Document) -> list[Examine]:
    """The next five, of any kind at most two; fewer where nothing more is left."""
    chosen: list[Examine] = []
    waiting: list[Examine] = []
    for one in sorted(_all(document), key=lambda one: one.rank):
        of_kind = sum(other.kind == one.kind for other in chosen)
        (chosen if of_kind < _OF_A_KIND else waiting).append(one)
    return sorted([*chosen, *waiting[: max(0, NEXT - len(chosen))]], key=lambda one: one.rank)[:NEXT]


def _all(document: Document) -> Iterator[Examine]:
    yield from _facts(document)
    yield from _estimated(document)
    yield from _open(document)
    yield from _locked(document)
    yield from _not_found(document)
    yield from _unsure(document)
    yield from _identity(document)


def _facts(document: Document) -> Iterator[Examine]:
    """Facts nobody gave: first where the decision hangs on them."""
    for decision in document.decisions:
        pack = str(decision.get("law_pack", ""))
        now = str(decision.get("reportable")).lower()
        found: dict[str, list[str]] = {}
        for change in changes(decision.get("missing") or ()):
            if change.fact in _COUNTED:
                continue
            told = found.setdefault(change.fact, [])
            if change.reportable:
                words = REPORTABLE.get(change.reportable, (change.reportable, ""))[0]
                days = f"、確報 {change.final_days} 日" if change.final_days else ""
                told.append(f"{', '.join(change.answers)} → {words}{days}")
        for place, (fact, outcomes) in enumerate(found.items()):
            yield Examine(
                kind="fact",
                rank=(0 if now == "undetermined" else 3, place, fact),
                what=f"事実「{fact}」を確かめ、case.toml 又は判断(ruling)に記す",
                en=f"find out the fact {fact}",
                why="、".join(outcomes) or "評価が未確定になっている",
                reference=f"decision[law_pack={pack}].missing[{fact}]",
            )


def _estimated(document: Document) -> Iterator[Examine]:
    for place, one in enumerate(document.estimated):
        yield Examine(
            kind="estimated",
            rank=(1, place, one.what),
            what=f"読めなかった「{one.what}」を読む(目視又はパスワード・別の写し)",
            en=f"read {one.what}",
            why=f"推定 {one.likely:,} 人({one.low:,}〜{one.high:,} 人)が含まれ得る。人数には含めていない",
            reference=f"open_item[what={one.what}]",
        )


def _open(document: Document) -> Iterator[Examine]:
    estimated = {one.what for one in document.estimated}
    for place, (reason, grades) in enumerate(document.open_reasons()):
        words = OPEN.get(reason.split(":")[0], reason.split(":")[0])
        if any(what and what in reason for what in estimated):
            continue
        yield Examine(
            kind="open",
            # Nothing found of a grade is less to look at than what was found and could not be read.
            rank=(2 if any(document.headline(grade).high for grade in grades) else 6, place, reason),
            what=f"人数を閉じさせない要因を調べる: {words}",
            en=f"look at what keeps the count open: {reason}",
            why=f"{'、'.join(named(one, GRADE) for one in grades)}の人数が「少なくとも」のままになっている",
            reference=document.headline(grades[0]).reference,
        )


def _locked(document: Document) -> Iterator[Examine]:
    for place, one in enumerate(document.unread):
        if one.kind not in ("locked", "damaged", "truncated"):
            continue
        yield Examine(
            kind="locked",
            rank=(4 if one.kind == "locked" else 6, place, one.evidence_id),
            what=f"{KIND[one.kind][0]}で読めない {one.count:,} 件({one.evidence_id})を開く手段を探す。例: {one.example}",
            en=f"find a way into {one.count:,} {one.kind} entries of {one.evidence_id}",
            why=one.message,
            reference=f"problem[evidence_id={one.evidence_id},kind={one.kind}]",
        )


def _not_found(document: Document) -> Iterator[Examine]:
    """Traces that should be there and are not, and logs that end what could be looked for."""
    for place, one in enumerate(one for one in document.coverage if one.outcome in ("missing", "failed")):
        yield Examine(
            kind="log",
            rank=(5, place, one.parser),
            what=f"{one.evidence_id} にあるはずの記録({one.parser})が読めない。消去・設定・別の保管先を調べる",
            en=f"{one.parser} was expected on {one.evidence_id} and gave nothing",
            why="この記録が示し得る漏えい等は「無い」とは言えない",
            reference=f"coverage[evidence_id={one.evidence_id},parser={one.parser}]",
        )


def _unsure(document: Document) -> Iterator[Examine]:
    for one in document.unsure:
        is_doubt = one.kind == "doubt"
        yield Examine(
            kind="unsure",
            rank=(7, -one.mentions, f"{one.subject} {one.what}"),
            what=f"「{one.path}」の {one.mentions:,} 件の記載を目視し判断(ruling)を記す: {named(one.what)}"
            + ("(本人か疑わしい)" if is_doubt else "(該当する可能性がある区分)"),
            en=f"look at {one.mentions:,} mentions in {one.path} and rule: {one.what}",
            why="上限だけに数えている" if is_doubt else "区分が確かめられていないため評価が変わり得る",
            reference=f"mention[evidence_id={one.subject.partition('/')[0]},entry_id={one.subject.partition('/')[2]}]",
        )


def _identity(document: Document) -> Iterator[Examine]:
    one = document.headline(GRADES[-1])
    if one.low != one.high:
        yield Examine(
            kind="identity",
            rank=(8, 0, ""),
            what="名寄せの確認(kanshiki review)で、同一人か決められない組に答える",
            en="answer pairs of records with kanshiki review",
            why=f"最大の人数が {one.low:,}〜{one.high:,} 人と幅を持つ",
            reference=one.reference,
        )
