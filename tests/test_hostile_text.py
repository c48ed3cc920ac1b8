"""The recognisers of personal data over what nobody writes: any signs, any sizes, without an exception and in time linear in size.

KANSHIKI_FUZZ is how many examples each property is tried on: KANSHIKI_FUZZ=20000 for a night of it.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.match.personal_data.columns import judge
from pipeline.match.personal_data.items import read_items
from pipeline.match.personal_data.judgement import Judgement
from pipeline.match.personal_data.names.finder import NameFinder, read_name_rules
from pipeline.match.personal_data.rows import groups, locators, mentions_of_rows, subject_kind
from pipeline.match.personal_data.texts import Find, find_items, read_text_rules

RULES, ITEMS = read_text_rules(), read_items()
NAMES = NameFinder(read_name_rules())
TRIED = settings(
    max_examples=int(os.environ.get("KANSHIKI_FUZZ", "60")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
# What rules are made of, and what breaks those who fold, cut or count: marks of direction, half a pair that became U+FFFD, NUL.
WRITTEN = sorted({one for find in RULES.finds for one in (*find.examples, *find.near_misses)})
ODD = (
    "\x00",
    "\u202e",
    "\u200f",
    "\ufeff",
    "\ufffd",
    "\ufdd0",
    "𠮷",
    "邉\U000e0101",
    "か\u3099",
    "㈱",
    "\r",
    "\u2028",
    "\x85",
)
SIGNS = st.one_of(st.text(), st.sampled_from(WRITTEN), st.sampled_from(ODD), st.text("0123456789-/.: @　,、（()年月日番号様"))  # fmt: skip
TEXTS = st.lists(SIGNS, max_size=8).map("".join)
WORDS = sorted({word for item in ITEMS.items for word in item.examples})
HEADERS = st.one_of(st.none(), st.sampled_from(WORDS), st.text(max_size=12))
CELLS = st.one_of(
    st.none(), TEXTS, st.sampled_from(sorted({one for item in ITEMS.items for one in item.value_examples}))
)
# Small enough for one that takes a time squared to end, large enough for it to be seen.
LONG, SECONDS = 24_000, 1.0


@given(st.lists(TEXTS, max_size=6))
@TRIED
def test_any_text_is_looked_through(texts: list[str]) -> None:
    for content, found in zip(texts, find_items(texts, RULES), strict=True):
        assert [one.start for one in found] == sorted(one.start for one in found)
        for hit in found:
            assert content[hit.start : hit.end] == hit.text
            assert hit.text
        for name in NAMES.find(content):
            assert 0 <= name.start < name.end <= len(content)
            assert 0 < name.score <= 1


@given(st.data())
@TRIED
def test_any_sheet_is_judged(data: st.DataObject) -> None:
    width = data.draw(st.integers(1, 6))
    header = data.draw(st.none() | st.lists(HEADERS, max_size=width).map(tuple))
    some = data.draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=6))
    judged, found = judged_and_found(header, width, some * data.draw(st.sampled_from([1, 1, 30])))
    assert all(0 <= one.passed <= one.filled for one in judged)
    assert found.column("mention_id").null_count == 0
    assert len(set(found.column("mention_id").to_pylist())) == found.num_rows
    assert len(locators(found)) == found.num_rows
    assert found.num_rows == 0 or groups(judged)


def judged_and_found(
    header: tuple[str | None, ...] | None, width: int, sheet: list[list[str | None]]
) -> tuple[list[Judgement], pa.Table]:
    cells = {f"c{index:03d}": pa.array([one[index] for one in sheet], pa.string()) for index in range(width)}
    rows = pa.table({"row_number": pa.array(range(2, len(sheet) + 2), pa.int64()), **cells})
    batches = rows.to_batches() or [pa.RecordBatch.from_pylist([], schema=rows.schema)]
    judged = judge(header, width, lambda: batches, ITEMS)
    kind = subject_kind(judged, header, ITEMS)
    return judged, mentions_of_rows("s", judged, kind, batches[0], ITEMS)


def labels(find: Find) -> Iterator[str]:
    """What a match begins with: words of the examples, and none."""
    yield ""
    yield from {word for one in find.examples for word in re.findall(r"[^\W\d]+", one)}


@pytest.mark.parametrize("find", RULES.finds, ids=lambda one: one.item)
def test_no_pattern_takes_more_than_a_time_in_proportion(find: Find) -> None:
    """A label and then the same again and again is what backtracking dies of: `年齢` and a page of spaces."""
    for label in labels(find):
        for unit in (" ", "　", "1", "a", "ア", "一", "-", "1-", "a.", "1,"):
            text = label + unit * (LONG // len(unit))
            taken = seconds(lambda text=text: [one.span() for one in find.pattern.finditer(text)])
            assert taken < SECONDS, (label, unit, taken)


@pytest.mark.parametrize(
    "unit",
    ["1", "a", "ア", " ", "　", "-", "1-", "a.", "番号", "東京都千代田区", "\x00", "\u202e", "@", "a@a.jp ",
     "090-1234-5678 ", "山田太郎様 ", "氏名:　", "錠1", "癌 ", "𠮷"],
)  # fmt: skip
def test_a_megabyte_without_a_line_break_is_read_in_seconds(unit: str) -> None:
    content = (unit * 1_000_000)[:1_000_000]
    assert seconds(lambda: find_items([content], RULES)) < 15
    assert seconds(lambda: NAMES.find(content[:100_000])) < 15
    header = ("氏名", "生年月日", "住所", "電話番号", "メールアドレス", "備考", "傷病名", None)
    sheet: list[list[str | None]] = [[content[:200_000]] * 8, [content[:100_000]] * 8]
    assert seconds(lambda: judged_and_found(header, 8, sheet)) < 15


def seconds(work: Callable[[], object]) -> float:
    """Seconds of the processor: what else the machine does counts for nothing."""
    begun = time.process_time()
    work()
    return time.process_time() - begun
