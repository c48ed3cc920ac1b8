"""The parts of the page that come after the first: each under its own heading, and kept as it was taken where it is not run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def front(page: str, headings: Sequence[str]) -> str:
    """What stands before the first of these headings."""
    lines = page.split("\n")
    places = [number for number, line in enumerate(lines) if line in headings]
    return "\n".join(lines[: min(places, default=len(lines))]).rstrip("\n")


def kept(page: str, headings: Sequence[str]) -> dict[str, list[str]]:
    """The lines of each part a page has, by heading."""
    found: dict[str, list[str]] = {}
    own: list[str] | None = None
    for line in page.rstrip("\n").split("\n"):
        if line in headings:
            own = found.setdefault(line, [])
        if own is not None:
            own.append(line)
    return {heading: _without_blank_end(lines) for heading, lines in found.items()}


def joined(page: str, parts: Mapping[str, Sequence[str]], headings: Sequence[str]) -> str:
    """A page with these parts in the order of the headings instead of those it has."""
    texts = [front(page, headings), *("\n".join(parts[one]) for one in headings if one in parts)]
    return "\n\n".join(one for one in texts if one) + "\n"


def _without_blank_end(lines: Sequence[str]) -> list[str]:
    end = len(lines)
    while end and not lines[end - 1]:
        end -= 1
    return list(lines[:end])
