"""Pages of docs/ that are made from the declarations: `python -m tests.docs_pages` writes them."""

from __future__ import annotations

from pathlib import Path

from parsers import all_parsers
from parsers.questions import QUESTIONS
from pipeline.outcome import parser_lines
from pipeline.tables.answers import answers
from pipeline.tables.catalogue import SPINE
from pipeline.tables.schema import PROVENANCE_COLUMNS, all_tables, view_columns

DOCS = Path(__file__).resolve().parent.parent / "docs"


def tables_page() -> str:
    """docs/tables.md: every table with its columns, and the questions with what answers them."""
    owners = {table.name: parser.full_name for parser in all_parsers() for table in parser.tables}
    own = {table.name for table in SPINE}
    lines = ["# Tables", "", "Made by `make docs` from the declarations; a test holds this page to them.", ""]
    lines += ["In front of every row stand:", "", "| Column | Type | Meaning |", "| --- | --- | --- |"]
    lines += [f"| `{one.name}` | {one.type} | {one.meaning} |" for one in PROVENANCE_COLUMNS]
    for name, table in all_tables().items():
        lines += [
            "",
            f"## {name}",
            "",
            f"Written by {'the pipeline' if name in own else f'`{owners[name]}`'}.",
        ]
        named = sorted({one.question.name for one in table.answers})
        if named:
            lines += ["", f"Answers: {', '.join(named)}."]
        lines += ["", "| Column | Type | Meaning |", "| --- | --- | --- |"]
        lines += [
            f"| `{one.name}` | {one.type}{', personal' if one.is_personal else ''} | {one.meaning} |"
            for one in table.columns
        ]
    lines += ["", "# Questions", ""]
    for question in QUESTIONS:
        told = sorted(
            name
            for name, table in all_tables().items()
            for one in table.answers
            if one.question.name == question.name
        )
        lines += [
            f"## {question.name}",
            "",
            question.asks,
            "",
            f"Answered by: {', '.join(f'`{one}`' for one in told) or 'no table as it stands'}.",
        ]
        if rules := [Path(rule.file.name).stem for rule in answers()[question.name]]:
            lines += ["", f"Answered by rules: {', '.join(f'`{one}`' for one in rules)}."]
        lines += ["", "| Column | Type | Meaning |", "| --- | --- | --- |"]
        lines += [f"| `{one.name}` | {one.type} | {one.meaning} |" for one in view_columns(question)]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def parsers_page() -> str:
    """docs/parsers.md: every parser with what it shows, does not show and does not read, in its own words."""
    lines = [
        "# Parsers",
        "",
        "Made by `make docs` from the modules' own docstrings; `kanshiki parsers` prints the same.",
        "",
        "| Parser | Tables | Answers |",
        "| --- | --- | --- |",
    ]
    told = [parser_lines(one) for one in all_parsers()]
    for one in told:
        tables = ", ".join(f"`{name}`" for name in one["tables"]) or "sheets, texts, members"
        lines.append(
            f"| [{one['parser']}](#{_anchor(one['parser'])}) | {tables} | {', '.join(one['answers'])} |"
        )
    for one in told:
        wants = ", ".join(f"`{want}`" for want in dict.fromkeys(one["wants"]))
        lines += ["", f"## {one['parser']}", "", f"Version {one['version']}. Wants: {wants}.", "", "```text"]
        lines += [one["about"], "```"]
    return "\n".join(lines) + "\n"


def _anchor(name: str) -> str:
    return name.replace("/", "")


PAGES = {"tables.md": tables_page, "parsers.md": parsers_page}


if __name__ == "__main__":
    for page, write in PAGES.items():
        (DOCS / page).write_text(write(), encoding="utf-8")
