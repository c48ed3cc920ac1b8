"""What is written otherwise and means the same is folded to one form, and what means something else is not."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.match.personal_data import fold
from pipeline.match.personal_data.columns import is_filled


def address(text: str) -> str:
    folded: str = fold.address(fold.width(pa.array([text])))[0].as_py()
    return folded


@pytest.mark.parametrize(
    "text",
    [
        "見本県例市中町3丁目39番24号 1007号室",
        "見本県例市中町３－３９－２４　１００７号室",
        "見本県例市中町 3-39-24-1007",
        "見本県例市中町三丁目39番地24 1007室",
        "見本県例市中町3 39 24 1007",
    ],
)
def test_a_room_behind_the_block_is_a_number_of_its_own(text: str) -> None:
    assert address(text) == "見本県例市中町3-39-24-1007"


def test_two_rooms_are_two_addresses() -> None:
    assert address("見本県例市中町3-39-2 41007号室") != address("見本県例市中町3-39-24 1007号室")
    assert address("見本県例市中町1 2 3") == "見本県例市中町1-2-3"


WHOLE = (
    fold.hyphens,
    fold.without_spaces,
    fold.address,
    fold.number,
    lambda values: fold.name(values, {"髙": "高"}),
)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    st.lists(
        st.none() | st.text(st.sampled_from("a1 \t\u3000-‐−－室様番の丁目--\x85\xa0\u200b"), max_size=6)
    ),
    st.integers(0, 3),
)
def test_a_look_at_the_whole_column_changes_nothing(values: list[str | None], cut: int) -> None:
    column = pa.array(["x室\u3000", None, *values], pa.string())[cut:]
    with pytest.MonkeyPatch.context() as patch:
        found = [folded(column).to_pylist() for folded in WHOLE]
        patch.setattr(fold, "has_any", lambda *_: True)
        assert [folded(column).to_pylist() for folded in WHOLE] == found


def test_no_sign_stands_in_a_column_of_nothing() -> None:
    for column in (pa.nulls(3, pa.string()), pa.array([], pa.string()), pa.array([None, "a"])[:1]):
        assert not fold.has_any(column, (b"a",))
    assert fold.has_any(pa.array(["b", "a"])[1:], (b"a",))


def test_spaces_of_every_kind_fill_nothing() -> None:
    column = pa.array([None, "", " ", "\t\u3000", "\xa0", "\u200b", " a ", "０"])
    assert is_filled(column).to_pylist() == [False, False, False, False, False, True, True, True]
