"""What the recognisers reached may not fall: floors.toml. The page is whole, and one run gives one page."""

from __future__ import annotations

import tomllib
from pathlib import Path

from fixtures.accuracy.layout import ITEMS
from tests.accuracy.counts import PLACES, Count
from tests.accuracy.found import FoundFile
from tests.accuracy.page import page
from tests.accuracy.run import HALVES, scored

FLOORS = tomllib.loads(Path(__file__).with_name("floors.toml").read_text(encoding="utf-8"))["floor"]


def test_floors_name_what_is_scored() -> None:
    assert {(one["half"] in HALVES, one["place"] in PLACES, one["item"] in ITEMS) for one in FLOORS} == {
        (True, True, True)
    }
    assert all(set(one) - {"half", "place", "item"} <= {"precision", "recall", "f1"} for one in FLOORS)


def test_nothing_falls_below_its_floor(files: dict[str, FoundFile]) -> None:
    result = scored(files)
    fallen = []
    for one in FLOORS:
        count = result.halves[one["half"]].cells.get((one["place"], one["item"]), Count())
        for figure in ("precision", "recall", "f1"):
            reached = getattr(count, figure)
            if figure in one and (reached is None or reached < one[figure]):
                fallen.append(
                    f"{one['half']}, {one['place']}, {one['item']}: {figure} {reached} < {one[figure]}"
                )
    assert not fallen


def test_the_page_names_every_item_and_place(files: dict[str, FoundFile]) -> None:
    told = page(scored(files), None)
    assert told == page(scored(files), None)
    assert all(f"`{item}`" in told for item in ITEMS)
    assert "Not run: no corpus was there." in told
    assert "/tmp" not in told
