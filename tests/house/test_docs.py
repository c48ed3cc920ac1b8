"""Generated pages are current, and what the pages link to is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs_pages import DOCS, PAGES


@pytest.mark.parametrize("page", sorted(PAGES))
def test_generated_page_is_current(page: str) -> None:
    assert (DOCS / page).read_text(encoding="utf-8") == PAGES[page](), "run `make docs` and read what changed"


def test_links_between_pages_hold() -> None:
    root = DOCS.parent
    pages = [root / "README.md", *sorted(DOCS.glob("*.md"))]
    broken = [
        f"{page.name}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#\s]+)\)", page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert not broken


def test_every_page_is_named_in_the_readme_or_in_another_page() -> None:
    root = DOCS.parent
    text = "".join(page.read_text(encoding="utf-8") for page in [root / "README.md", *DOCS.glob("*.md")])
    assert not [page.name for page in DOCS.glob("*.md") if page.name not in text]


def test_changelog_has_the_four_words() -> None:
    text = (DOCS.parent / "CHANGELOG.md").read_text(encoding="utf-8")
    assert all(f"### {word}" in text for word in ("Added", "Results")), Path("CHANGELOG.md")
