"""Headers of nested values: the last part proposes, and a name is a person's only below a word for persons."""

from __future__ import annotations

import pytest

from pipeline.match.personal_data.items import read_items

ITEMS = read_items()


@pytest.mark.parametrize(
    ("header", "item"),
    [
        ("customer.email", "email"),
        ("customer.tel.1", "phone"),
        ("customer.name", "name"),
        ("会員.氏名", "name"),
        ("user.profile.氏名", "name"),
        ("住所.郵便番号", "postal_code"),
        ("device.name", None),
        ("product.name", None),
        ("os.version", None),
        ("tel.1", "phone"),
        (".", None),
        ("1.2", None),
    ],
)
def test_what_a_nested_header_proposes(header: str, item: str | None) -> None:
    found = ITEMS.proposed(header)
    assert (found[0].name if found else None) == item
