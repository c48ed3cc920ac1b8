"""The scoring itself, on tables and texts small enough to count by hand."""

from __future__ import annotations

from fixtures.accuracy.layout import OPEN, Col, Layout, marked, sheets, table
from fixtures.accuracy.people import Wrong, humans
from tests.accuracy import folding, sheets_score, texts_score
from tests.accuracy.counts import HEADED, PLAIN, TEXT, Count, Scores
from tests.accuracy.found import Claim, FoundColumn, FoundFile, FoundSheet
from tests.accuracy.page import verdict

FOUR = humans(4, "scoring")


def layout(*columns: Col, has_header: bool = True) -> Layout:
    return sheets("made", "made.csv", "made", lambda: b"", table(FOUR, columns, has_header=has_header))


def read_as(
    one: Layout, items: list[str | None], passed: list[int], *, mentions: int = 0, shift: int = 0
) -> FoundFile:
    """The layout's rows as a sheet whose columns were taken for these items; `shift` empty columns stand in front."""
    (label,) = one.tables
    columns = [FoundColumn(name="empty", item=None, passed=0, values=("",) * len(label.rows))] * shift
    columns += [
        FoundColumn(
            name=f"c{at}", item=item, passed=count, values=tuple(folding.cell(row[at]) for row in label.rows)
        )
        for at, (item, count) in enumerate(zip(items, passed, strict=True))
    ]
    sheet = FoundSheet(
        sheet_id="s", has_header=label.header is not None, columns=tuple(columns), mentions=mentions
    )
    return FoundFile(sheets=[sheet])


NAME = Col("氏名", "name", lambda h: h.full())
PHONE = Col("電話", "phone", lambda h: Wrong("-") if h.index == 1 else h.mobile)
CODE = Col("コード", None, lambda h: f"X{h.index}")


def scored(one: Layout, file: FoundFile) -> Scores:
    scores = Scores()
    sheets_score.score(one, file, scores)
    return scores


def test_right_columns_count_their_valid_cells() -> None:
    one = layout(NAME, PHONE, CODE)
    scores = scored(one, read_as(one, ["name", "phone", None], [4, 3, 0], mentions=4))
    assert scores.cells == {(HEADED, "name"): Count(4, 0, 0), (HEADED, "phone"): Count(3, 0, 0)}
    assert scores.columns == {(HEADED, "name"): Count(1, 0, 0), (HEADED, "phone"): Count(1, 0, 0)}
    assert scores.rows == {"made": Count(4, 0, 0)}
    assert scores.misses == []


def test_values_that_should_not_pass_are_wrong_and_those_that_should_are_missed() -> None:
    one = layout(NAME, PHONE)
    scores = scored(one, read_as(one, ["name", "phone"], [2, 4]))
    assert scores.cells == {(HEADED, "name"): Count(2, 0, 2), (HEADED, "phone"): Count(3, 1, 0)}


def test_a_column_taken_for_another_item_is_missed_and_wrong() -> None:
    one = layout(NAME, CODE, has_header=False)
    scores = scored(one, read_as(one, ["surname", "phone"], [4, 2]))
    assert scores.cells == {
        (PLAIN, "name"): Count(0, 0, 4),
        (PLAIN, "surname"): Count(0, 4, 0),
        (PLAIN, "phone"): Count(0, 2, 0),
    }
    assert scores.columns[PLAIN, "phone"] == Count(0, 1, 0)
    assert len(scores.misses) == 3


def test_columns_are_matched_by_what_stands_in_them() -> None:
    one = layout(NAME, PHONE)
    scores = scored(one, read_as(one, ["name", "phone"], [4, 3], shift=2))
    assert scores.of_place(HEADED) == Count(7, 0, 0)


def test_a_table_nobody_read_is_missed_whole() -> None:
    one = layout(NAME, PHONE)
    scores = scored(one, FoundFile())
    assert scores.of_place(HEADED) == Count(0, 0, 7)
    assert scores.rows == {"made": Count(0, 0, 4)}


def test_a_column_that_is_open_counts_neither_way() -> None:
    one = layout(NAME, Col("何か", OPEN, lambda h: h.home))
    scores = scored(one, read_as(one, ["name", "phone"], [4, 4]))
    assert scores.of_place(HEADED) == Count(4, 0, 0)


def test_rows_of_two_roles_are_two_persons_and_more_mentions_are_wrong() -> None:
    one = layout(NAME, Col("送付先", "name", lambda h: h.kana(), role=1))
    assert scored(one, read_as(one, ["name", "name"], [4, 4], mentions=4)).rows == {"made": Count(4, 0, 4)}
    assert scored(one, read_as(one, ["name", "name"], [4, 4], mentions=9)).rows == {"made": Count(8, 1, 0)}


TOLD = "[[name|佐藤 一郎]]様の電話は[[phone|090-1234-5678]]です。\n佐藤商店の[[name|佐藤]]さん。代表[[?|03-5550-0100]]"


def text_scores(*claims: Claim, content: str | None = None) -> Scores:
    told, found = marked(TOLD)
    one = Layout(
        name="made",
        file_name="made.txt",
        family="made",
        is_held_out=False,
        writer=lambda: b"",
        occurrences=found,
    )
    scores = Scores()
    file = FoundFile(segments=[("page:1", told if content is None else content)], claims=list(claims))
    texts_score.score(one, file, scores)
    return scores


def at(value: str, item: str = "name", turn: int = 0) -> Claim:
    told = marked(TOLD)[0]
    start = -1
    for _ in range(turn + 1):
        start = told.index(value, start + 1)
    return Claim(item=item, value=value, segment="page:1", start=start)


def test_values_of_text_are_exact_by_their_folded_form() -> None:
    scores = text_scores(at("佐藤 一郎"), at("090-1234-5678", "phone"), at("佐藤", turn=2))
    assert scores.cells == {(TEXT, "name"): Count(2, 0, 0), (TEXT, "phone"): Count(1, 0, 0)}


def test_a_surname_within_a_firm_is_wrong_where_it_stands() -> None:
    scores = text_scores(at("佐藤", turn=1))
    assert scores.cells[TEXT, "name"] == Count(0, 1, 2)


def test_part_of_a_name_overlaps_and_is_not_exact() -> None:
    scores = text_scores(at("佐藤"))
    assert scores.cells[TEXT, "name"] == Count(0, 1, 2)
    assert scores.columns[TEXT, "name"] == Count(1, 0, 1)


def test_what_is_open_is_not_wrong_and_another_item_is() -> None:
    scores = text_scores(at("03-5550-0100", "phone"), at("090-1234-5678", "postal_code"))
    assert scores.cells[TEXT, "phone"] == Count(0, 0, 1)
    assert scores.cells[TEXT, "postal_code"] == Count(0, 1, 0)


def test_labels_are_found_where_lines_were_broken_and_widths_changed() -> None:
    told = marked(TOLD)[0].replace("です。\n", "です。").replace("090-", "０９０－").replace(" ", "\u3000\n")
    start = told.index("０９０")
    scores = text_scores(
        Claim(item="phone", value="０９０－1234-5678", segment="page:1", start=start), content=told
    )
    assert scores.cells[TEXT, "phone"] == Count(1, 0, 0)


def test_figures_and_verdicts_follow_from_the_counts() -> None:
    count = Count(99, 1, 1)
    assert (count.precision, count.recall, count.labelled) == (0.99, 0.99, 100)
    assert Count().precision is None
    assert verdict(HEADED, "name", count) == "met"
    assert verdict(HEADED, "name", Count(99, 2, 1)) == "missed"
    assert verdict(HEADED, "name", Count(0, 3, 0)) == "-"
    assert verdict(TEXT, "name", Count(85, 15, 15)) == "met"
    assert verdict(HEADED, "sex", count) == "-"
