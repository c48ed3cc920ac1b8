"""The page docs/accuracy.md: nothing in it but what the layouts, the rules and the engine decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from fixtures.accuracy.all_layouts import layouts
from fixtures.accuracy.layout import ITEMS
from tests.accuracy.corpus_sets import CorpusResult
from tests.accuracy.counts import HEADED, PLAIN, TEXT, Count
from tests.accuracy.run import HALVES, Result
from tests.accuracy.texts_score import NOT_ALL_LABELLED

CHECKED = ("my_number", "credit_card_number", "insurer_number", "driving_licence")
NAMED = ("name", "surname", "given_name", "name_kana", "address")
# Place and item: the aim, and whether it is for precision and recall or for F1.
AIMS: dict[tuple[str, str], tuple[float, str]] = (
    {(HEADED, item): (0.99, "P, R") for item in NAMED}
    | {(PLAIN, item): (0.95, "P, R") for item in NAMED}
    | {(place, item): (0.99, "P, R") for place in (HEADED, PLAIN) for item in CHECKED}
    | {(TEXT, "name"): (0.85, "F1")}
)
_HEAD = """\
# Accuracy

`make accuracy` writes this page (docs/accuracy.md): it makes {layouts} labelled layouts of Japanese business documents, runs them through
the whole ingest and compares what the case holds with the labels. {dev} of them are for development; {held_out} are held out:
other header words, other templates, other towns and rare surnames. Persons, numbers and texts are made with a fixed seed.
What is missed in the held-out layouts is not looked at when rules are made; their figures are, between one change and the next, and
layouts and recognisers are of the same project: read the figures as what is reached on such documents, not as a promise for others.

- **Columns** are counted in cells: a cell counts as right where its column was taken for its item and its value passed the item's check.
  Slips of the key, blanks and words for nothing (3 % of numbers with a check digit have one digit wrong) count as wrong where they pass.
  `columns` gives right of labelled columns.
- **Running text** is counted in distinct values of a file. Exact: the same value, widths and spaces folded. Overlap: any sign shared.
  Any name of a person is `name`, whole or a surname alone. For {partly} only recall is counted:
  not every one is labelled.
- **Held and candidates** both count as said: a candidate is shown to the examiner.
- Items no layout has labels for (age, nationality, education, occupation, location ...) are not scored.
- P precision, R recall, n labelled; a dash where nothing was said or nothing is labelled.
"""


def page(result: Result, corpus: CorpusResult | None) -> str:
    """The whole page."""
    lines = [
        _HEAD.format(
            layouts=len(layouts()),
            dev=sum(not one.is_held_out for one in layouts()),
            held_out=sum(one.is_held_out for one in layouts()),
            partly=", ".join(f"`{one}`" for one in ITEMS if one in NOT_ALL_LABELLED),
        )
    ]
    lines += ["## Aims", "", *aims_table(result), ""]
    for place in (HEADED, PLAIN):
        lines += [f"## {place.capitalize()}", "", *_columns(place, result), ""]
    lines += ["## Running text", "", *_texts(result), ""]
    lines += ["## Persons", "", *_persons(result), ""]
    lines += ["## False friends", "", *_nobody(result), ""]
    lines += ["## Scans", "", *_scans(), ""]
    lines += ["## Labelled files of the corpus", "", *_corpus(corpus), ""]
    lines += ["## Layouts", "", *_layouts()]
    return "\n".join(lines) + "\n"


def aims_table(result: Result) -> list[str]:
    """Aim against figure, half by half."""
    lines = ["| Place | Item | Aim | " + " | ".join(f"{half} |" for half in HALVES) + " |"]
    lines.append("| --- | --- | --- |" + " --- | --- |" * len(HALVES))
    for (place, item), (aim, kind) in AIMS.items():
        cells = []
        for half in HALVES:
            count = result.halves[half].cells.get((place, item), Count())
            shown = _told(count.f1) if kind == "F1" else f"{_told(count.precision)}, {_told(count.recall)}"
            cells += [f"{shown} (n {count.labelled})", verdict(place, item, count)]
        lines.append(f"| {place} | `{item}` | {kind} >= {aim:.2f} | " + " | ".join(cells) + " |")
    return lines


def verdict(place: str, item: str, count: Count) -> str:
    """`met` or `missed` where there is an aim and something is labelled; else a dash."""
    if (place, item) not in AIMS or not count.labelled:
        return "-"
    aim, kind = AIMS[place, item]
    figures = (count.f1,) if kind == "F1" else (count.precision, count.recall)
    return "met" if all(one is not None and one >= aim for one in figures) else "missed"


def _aim(place: str, item: str, scores: list[Count]) -> str:
    if (place, item) not in AIMS:
        return " | "
    told = {verdict(place, item, one) for one in scores} - {"-"}
    shown = "missed" if "missed" in told else "met" if told else "-"
    aim, kind = AIMS[place, item]
    return f"{kind} >= {aim:.2f} | {shown}"


def _told(figure: float | None) -> str:
    # Never rounded up to what was not reached.
    return "-" if figure is None else f"{int(figure * 1000 + 1e-9) / 1000:.3f}"


def _figures(count: Count) -> str:
    return f"{count.labelled} | {_told(count.precision)} | {_told(count.recall)} | {_told(count.f1)}"


def _items(place: str, result: Result) -> Iterator[str]:
    known = {item for scores in result.halves.values() for own, item in scores.cells if own == place}
    yield from (one for one in ITEMS if one in known)
    yield from sorted(known - set(ITEMS))


def _columns(place: str, result: Result) -> list[str]:
    lines = [
        "| Item | " + " | ".join(f"{half}: n | P | R | F1 | columns" for half in HALVES) + " | Aim | |",
        "| --- |" + " ---: | ---: | ---: | ---: | ---: |" * len(HALVES) + " --- | --- |",
    ]
    for item in _items(place, result):
        counts = [result.halves[half].cells.get((place, item), Count()) for half in HALVES]
        whole = [result.halves[half].columns.get((place, item), Count()) for half in HALVES]
        cells = [f"{_figures(one)} | {w.right}/{w.labelled}" for one, w in zip(counts, whole, strict=True)]
        lines.append(f"| `{item}` | " + " | ".join(cells) + f" | {_aim(place, item, counts)} |")
    counts = [result.halves[half].of_place(place) for half in HALVES]
    whole = [result.halves[half].of_place(place, is_column=True) for half in HALVES]
    cells = [f"{_figures(one)} | {w.right}/{w.labelled}" for one, w in zip(counts, whole, strict=True)]
    return [*lines, "| all | " + " | ".join(cells) + " | | |"]


def _texts(result: Result) -> list[str]:
    lines = [
        "| Item | " + " | ".join(f"{half}: n | P | R | F1 | overlap F1" for half in HALVES) + " | Aim | |",
        "| --- |" + " ---: | ---: | ---: | ---: | ---: |" * len(HALVES) + " --- | --- |",
    ]
    for item in _items(TEXT, result):
        counts = [result.halves[half].cells.get((TEXT, item), Count()) for half in HALVES]
        overlap = [result.halves[half].columns.get((TEXT, item), Count()) for half in HALVES]
        cells = [
            f"{_text_figures(item, one)} | {_told(_f1(item, o))}"
            for one, o in zip(counts, overlap, strict=True)
        ]
        lines.append(f"| `{item}` | " + " | ".join(cells) + f" | {_aim(TEXT, item, counts)} |")
    counts = [result.halves[half].of_place(TEXT) for half in HALVES]
    overlap = [result.halves[half].of_place(TEXT, is_column=True) for half in HALVES]
    cells = [f"{_figures(one)} | {_told(o.f1)}" for one, o in zip(counts, overlap, strict=True)]
    return [*lines, "| all | " + " | ".join(cells) + " | | |"]


def _f1(item: str, count: Count) -> float | None:
    return None if item in NOT_ALL_LABELLED else count.f1


def _text_figures(item: str, count: Count) -> str:
    if item in NOT_ALL_LABELLED:
        return f"{count.labelled} | - | {_told(count.recall)} | -"
    return _figures(count)


def _persons(result: Result) -> list[str]:
    """Mentions of rows, by family, and of nobody."""
    families = sorted({one.family for one in layouts() if one.tables and one.family != "negative"})
    lines = [
        "Rows of tables speak of a person for each role in them (who orders, to whom it is sent); each should be a mention.",
        "",
        "| Family | " + " | ".join(f"{half}: n | P | R" for half in HALVES) + " |",
        "| --- |" + " ---: | ---: | ---: |" * len(HALVES),
    ]
    total = {half: Count() for half in HALVES}
    for family in families:
        cells = []
        for half in HALVES:
            count = result.halves[half].rows.get(family, Count())
            total[half].add(count.right, count.wrong, count.missed)
            cells.append(f"{count.labelled} | {_told(count.precision)} | {_told(count.recall)}")
        lines.append(f"| {family} | " + " | ".join(cells) + " |")
    cells = [f"{one.labelled} | {_told(one.precision)} | {_told(one.recall)}" for one in total.values()]
    lines.append("| all | " + " | ".join(cells) + " |")
    return lines


def _nobody(result: Result) -> list[str]:
    lines = [
        "Layouts without a person: codes like telephones, order numbers that hold by Luhn, places and firms like surnames, version numbers, samples",
        "(記入例, 山田太郎). Every figure should be 0.",
        "",
        "| Layout | Half | Columns taken for an item | Values of text taken | Mentions |",
        "| --- | --- | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {one.name} | {one.half} | {one.columns} | {one.values} | {one.mentions} |"
        for one in result.of_nobody
    ]
    columns, values, mentions = (
        sum(getattr(one, name) for one in result.of_nobody) for name in ("columns", "values", "mentions")
    )
    return [*lines, f"| all | | {columns} | {values} | {mentions} |"]


def _scans() -> list[str]:
    told = [one for one in layouts() if one.needs == "ocr"]
    values = sum(len(one.occurrences) for one in told)
    return [
        f"{len(told)} layouts are pictures of text, with {values} labelled values. They are read only where optical character recognition is",
        "installed, so they count in no figure of this page.",
    ]


def _corpus(corpus: CorpusResult | None) -> list[str]:
    if corpus is None:
        return ["Not run: no corpus was there."]
    lines = ["| Set | n | R |", "| --- | ---: | ---: |"]
    lines.append(
        f"| addresses in From and To of {corpus.messages} messages | {corpus.emails.labelled} | {_told(corpus.emails.recall)} |"
    )
    lines.append(f"| names of two words there | {corpus.names.labelled} | {_told(corpus.names.recall)} |")
    lines += [
        "",
        f"Columns of {corpus.event_lists} Japanese event lists, which hold no person: {corpus.columns}, of which {corpus.claimed} were taken for an item.",
        "The corpus has no other file with labels of personal data.",
    ]
    return lines


def _layouts() -> list[str]:
    lines = ["| Family | dev | held-out |", "| --- | ---: | ---: |"]
    counted = Counter((one.family, one.is_held_out) for one in layouts())
    lines += [
        f"| {family} | {counted[family, False]} | {counted[family, True]} |"
        for family in sorted({one.family for one in layouts()})
    ]
    return lines
