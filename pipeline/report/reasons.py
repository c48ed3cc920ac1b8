"""The reasons of a decision as a person reads them: of a whole tree, the conditions of the law that decided, with their facts.

Nothing is left out for good: the whole tree stands in figures.json and, folded, in the page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A condition of the law that decided: its words, its source, the facts it rested on, and the grounds below it."""

    text_ja: str
    text_en: str
    article: str
    value: str
    facts: tuple[str, ...]
    below: tuple[Ground, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What an answer that is missing would change: the answers that lead to one outcome, and that outcome."""

    fact: str
    answers: tuple[str, ...]
    reportable: str
    triggers: tuple[str, ...]
    final_days: int | None


def grounds(node: Mapping[str, Any]) -> tuple[Ground, ...]:
    """The grounds below a node of the tree: children that share its value, steps without words of the law passed through."""
    own = tuple(dict.fromkeys(_facts({**node, "facts": {}})))
    return tuple(_below(node)) + (
        (Ground(text_ja="", text_en="", article="", value="", facts=own, below=()),) if own else ()
    )


def changes(missing: Sequence[Any]) -> tuple[Change, ...]:
    """For each fact that nobody knows, its possible answers by the outcome they lead to."""
    found: dict[tuple[Any, ...], list[str]] = {}
    for gap in missing:
        if isinstance(gap, str):
            found.setdefault((gap, "", (), None), [])
            continue
        for answer in gap.get("answers", ()):
            outcome = (
                gap["fact"],
                str(answer.get("reportable")).lower(),
                tuple(answer.get("triggers", ())),
                answer.get("final_days"),
            )
            found.setdefault(outcome, []).append(_plain(answer.get("value")))
        if not gap.get("answers"):
            found.setdefault((gap["fact"], "", (), None), [])
    return tuple(
        Change(fact=fact, answers=tuple(answers), reportable=reportable, triggers=triggers, final_days=days)
        for (fact, reportable, triggers, days), answers in found.items()
    )


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_plain, value)) or "none"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _below(node: Mapping[str, Any]) -> Iterator[Ground]:
    for child in node.get("children") or ():
        if child.get("value") != node.get("value"):
            continue
        if child.get("text_ja"):
            yield Ground(
                text_ja=child["text_ja"],
                text_en=child.get("text_en") or "",
                article=child.get("article") or "",
                value=str(child.get("value")).lower(),
                facts=tuple(dict.fromkeys(_facts(child))),
                below=tuple(_below(child)),
            )
        else:
            yield from _below(child)


def _facts(node: Mapping[str, Any]) -> Iterator[str]:
    """Facts of a condition and of the steps below it up to the next condition of the law; what is not known is said."""
    for name, value in (node.get("facts") or {}).items():
        yield f"{name} = {'?' if value is None else _plain(value)}"
    for child in node.get("children") or ():
        if not child.get("text_ja") and child.get("value") == node.get("value"):
            yield from _facts(child)
