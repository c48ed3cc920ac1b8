"""Answers to questions that are rules and not declarations: SQL over tables, one answer a file in rules/answers/<question>/.

A parser's table answers a question with its columns as they stand. Where the meaning stands in values (an event log holds
a hundred kinds of event), a rule says which rows answer, and with what.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from parsers.questions import QUESTIONS
from pipeline.errors import RuleError
from pipeline.rulebook import RULES, SqlRule, rule_files, sql_rule

FOLDER = RULES / "answers"
KEYS = ("name", "shows", "does_not_show", "reads", "example", "near_miss")


@cache
def answers(folder: Path = FOLDER) -> Mapping[str, tuple[SqlRule, ...]]:
    """The rules of each question by its name, in the order of their files.

    Raises:
        RuleError: a file lies under no question's name, or its header is not as it must be.
    """
    found: dict[str, list[SqlRule]] = {question.name: [] for question in QUESTIONS}
    for file in rule_files(folder, (".sql",)):
        question, _, rest = file.name.partition("/")
        if not rest or question not in found:
            raise RuleError(
                f"rule file {file.name} does not lie under a question: {', '.join(sorted(found))}"
            )
        found[question].append(sql_rule(file, KEYS))
    return {name: tuple(rules) for name, rules in found.items()}
