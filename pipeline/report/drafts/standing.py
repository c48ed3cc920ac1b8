"""Around the items of a report: what the decision says and by when, what it lacks, how the number moved, and what all of it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pipeline.custody.history import Moment
from pipeline.report.document import GRADES
from pipeline.report.drafts.form import MARKS
from pipeline.report.drafts.values import Filled, Known, Line, day_text, said
from pipeline.report.drafts.word import Word
from pipeline.report.fact_words import FACT, answer
from pipeline.report.reasons import Change, changes
from pipeline.report.words import GRADE, MOVED, REPORTABLE, TRIGGER

# Where no decision was made, the words of the law packs all the same.
NOTICE = "法的助言ではない。決定は人(個人情報保護責任者、弁護士)が行う。 Not legal advice; a person decides."
_MOST_MOVED = 6
_MOST_CHANGES = 30


def write(word: Word, known: Known) -> None:
    """What the decision says by the law of the report, the days, and plainly what follows where there is no duty or none is settled."""
    table = word.table(("判定 decision", "内容 content"), (56, 110))
    ja, en = said(REPORTABLE, known.state)
    table.field(("報告義務", "duty to report"), (Line(ja=ja, en=en, source=known.of_law("reportable")),))
    table.field(("知った日(起算日)", "day of knowing"), _counted_from(known), asks="いずれかの部署が知った日")
    asks = "知った日が決まれば定まる"
    table.field(("速報の期限", "preliminary due"), _preliminary_due(known), asks=asks)
    table.field(("確報の期限", "final due"), _final_due(known), asks=asks)
    if not known.by_law:
        word.paragraph(f"{known.law.act}による判定はない。 No decision was made by this law.", is_marked=True)
    elif known.state == "false":
        word.paragraph(
            "この事実関係では報告義務は見つかっていない。この下書きは任意の報告のためのものである。"
            " On these facts no duty was found; this draft is for a voluntary report.",
            is_marked=True,
        )
    elif known.state == "undetermined":
        word.paragraph(
            "報告義務の有無は未確定である。次の事実が分かれば決まり得る。未確定の間も、速報の目安となる日は知った日から進む。"
            " Undetermined: these facts may settle it; the days run meanwhile.",
            is_marked=True,
        )
        _missing(word, known)


def _counted_from(known: Known) -> Filled:
    day = known.decision.get("counted_from")
    if day:
        return (Line(ja=day_text(day), source="decision.counted_from; fact[known_date]"),)
    value, source = known.fact("known_date")
    return (Line(ja=day_text(value), source=source),) if value else ()


def _preliminary_due(known: Known) -> Filled:
    due = known.decision.get("preliminary_due")
    if known.state == "false":
        return (Line(ja="なし", en="none", source="decision.preliminary_due"),)
    if not due:
        return ()
    return (
        Line(
            ja=f"{_if_owed(known)}速やかに。目安 {day_text(due['earliest'])}〜{day_text(due['latest'])}(知った日を1日目として3〜5日)",
            en="promptly; the Guideline's 3 to 5 days are a target",
            source="decision.preliminary_due [v: GL 3-5-3-3; d]",
        ),
    )


def _if_owed(known: Known) -> str:
    return "報告対象である場合、" if known.state == "undetermined" else ""


def _final_due(known: Known) -> Filled:
    due, days = known.decision.get("final_due"), known.decision.get("final_days")
    if known.state == "false":
        return (Line(ja="なし", en="none", source="decision.final_due"),)
    if not due:
        return ()
    text = f"{_if_owed(known)}{day_text(due)}(知った日を1日目として {days} 日以内)"
    before = known.decision.get("final_day_before_rollover")
    lines = [Line(ja=text, source="decision.final_due, decision.final_days")]
    if before and before != due:
        lines.append(
            Line(
                ja=f"{days} 日目の {day_text(before)}は行政機関の休日に当たり、その翌開庁日となる",
                en="moved on from a closed day",
                source="decision.final_day_before_rollover",
            )
        )
    return tuple(lines)


def _missing(word: Word, known: Known) -> None:
    """For each fact nobody knows, its answers, the items of this law each would settle, and what all laws together would say then."""
    found = _of_law(known, changes(known.decision.get("missing", ())))
    if not found:
        return
    table = word.table(
        ("事実 fact", "答え answer", f"{known.law.rule}各号のうち該当するもの items met then"), (50, 46, 70)
    )
    for one in found[:_MOST_CHANGES]:
        ja, en = said(FACT, one.fact)
        answers = "、".join(dict.fromkeys(answer(one.fact, each) for each in one.answers))
        then, then_en = said(REPORTABLE, one.reportable) if one.reportable else ("", "")
        days = f"、確報 {one.final_days} 日以内" if one.final_days is not None else ""
        items = "、".join(_trigger(each) for each in _own(known, one))
        table.figures(
            (Line(ja=ja, en=en, source=f"decision.missing[fact={one.fact}]"),),
            (Line(ja=answers, source=""),),
            (
                Line(ja=items or "確定するものはない", source=""),
                Line(ja=f"(全法の結果: {then}{days})", en=f"all laws: {then_en}", source=""),
            ),
        )
    if len(found) > _MOST_CHANGES:
        word.paragraph(
            "ほかは figures.json の decisions による。 The others stand in figures.json.", is_small=True
        )


def _of_law(known: Known, found: tuple[Change, ...]) -> tuple[Change, ...]:
    """The facts whose answers settle other items of this law; all of them where none does."""
    settled: dict[str, set[tuple[str, ...]]] = {}
    for one in found:
        sure = tuple(each for each in _own(known, one) if not each.endswith("?"))
        settled.setdefault(one.fact, set()).add(sure)
    return tuple(one for one in found if len(settled[one.fact]) > 1) or found


def _own(known: Known, one: Change) -> list[str]:
    """The items of this law among those a change names."""
    return [each for each in one.triggers if each.startswith(known.law.items)]


def _trigger(name: str) -> str:
    """An item in words; one that is only possible is marked as the decision marks it."""
    ja = said(TRIGGER, name.removesuffix("?"))[0]
    return f"{ja}(未確定)" if name.endswith("?") else ja


def moved(word: Word, known: Known) -> None:
    """How the number of persons came to be what it is: every count of the case, and what moved it."""
    word.heading("別紙 本人の数の経緯(速報から確報まで)", level=2, en="How the number moved")
    moments = known.document.history
    if not moments:
        word.paragraph("まだ数えていない。 Not counted yet.")
        return
    word.paragraph(
        "本人の数が変わった時点ごとの数(上段は蓋然、下段は下限〜上限)と、それまでに変わったもの。速報に記した数は、その提出の時点の行にある。"
        " Each time the numbers changed, and what had changed since the time before.",
        is_small=True,
    )
    if known.is_my_number:
        word.paragraph(
            "個人番号の有無を問わない本人全体の数である。 Of all persons, with or without My Number.",
            is_small=True,
        )
    table = word.table(
        ("時点 from", *(GRADE[grade][0] for grade in GRADES), "動かしたもの what moved it"),
        (32, 26, 26, 26, 56),
    )
    for moment in moments:
        at = known.moment(datetime.fromisoformat(moment.at))
        cells = [_figures(moment, grade) for grade in GRADES]
        table.figures((Line(ja=at, source=f"history[record={moment.seq}]"),), *cells, _what(moment))


def _figures(moment: Moment, grade: str) -> Filled:
    one: Mapping[str, Any] = moment.figures.get(grade, {})
    source = f"history[record={moment.seq}].figures.{grade}"
    if not one or (one.get("is_open") and not one["high"]):
        return (Line(ja="—", en="見つかっていない none found", source=source),)
    least = "少なくとも " if one.get("is_open") else ""
    return (
        Line(ja=f"{least}{one['likely']:,} 人", source=source),
        Line(ja=f"{one['low']:,}〜{one['high']:,}", source=""),
    )


def _what(moment: Moment) -> Filled:
    if not moment.moved:
        return (Line(ja="最初の集計", en="first count", source=""),)
    lines = []
    for one in moment.moved[:_MOST_MOVED]:
        ja, en = said(MOVED, one.kind)
        lines.append(Line(ja=f"{ja}: {one.what}" if one.what else ja, en=en, source=""))
    if len(moment.moved) > _MOST_MOVED:
        lines.append(Line(ja="ほかは figures.json の history による", en="the others", source=""))
    return tuple(lines)


def rests_on(word: Word, known: Known) -> None:
    """Where the sources stand, what the marks mean, the version of the law, and the evidence with its digests."""
    document = known.document
    word.heading("根拠", level=2, en="What this rests on")
    word.paragraph(
        "各欄の出典はコメントにある。数はすべて figures.json にあり、`kanshiki why` で証拠のバイトまでたどれる。調査の報告書は九つの事項の記載に代わらない。"
        " Sources stand in the comments; every figure is in figures.json and walks back by `kanshiki why`."
        " A forensic report does not replace the nine items."
    )
    word.paragraph("、".join(f"[{mark}] {ja}" for mark, ja in MARKS.items()), is_small=True)
    version = known.by_law.get("version") or {}
    if version.get("since"):
        word.paragraph(
            f"{known.by_law.get('title_ja', known.law.act)}: {day_text(version['since'])}からの規定による({version.get('because_ja', '')})。",
            is_small=True,
        )
    table = word.table(("証拠 evidence", "形式 format", "SHA-256"), (40, 26, 100))
    for item in document.items:
        table.row(item.evidence_id, item.format, item.sha256)
    word.paragraph(f"保全記録 custody {document.head.size}:{document.head.sha256}", is_small=True)
