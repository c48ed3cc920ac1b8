"""What is written otherwise and means the same is folded to one form, and what means something else is not."""

from __future__ import annotations

import pyarrow as pa
import pytest

from pipeline.match.personal_data import fold


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
