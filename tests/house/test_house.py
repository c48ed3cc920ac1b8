"""The rules of the house as code: floors, stages, names, parsers, commands."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from parsers import all_parsers
from parsers.contract import PROVENANCE
from pipeline import cli, errors, run
from pipeline.tables.schema import all_tables
from tests.golden_rows import FIXTURES, GOLDEN, golden_file, scenarios

ROOT = Path(__file__).resolve().parents[2]
FLOORS = (
    {"__main__"},
    {"cli"},
    {"run", "verify", "again", "outcome", "why", "what_if", "review", "analyst"},
    {"intake", "extract", "match", "scope", "decide", "report"},
    {"work", "evidence", "tables", "rulebook"},
    {"custody"},
    {"secrets"},
    {"case", "errors", "clock", "digest", "progress", "law_days"},
)
STAGES = FLOORS[3]
# verify works on the custody log alone and is printed by what stands beside it.
BESIDE = {("outcome", "verify"), ("run", "outcome"), ("again", "verify"), ("again", "run")}
TOP = {
    "pyproject.toml", "pipeline", "parsers", "rules", "tests", "fixtures", "Makefile", "README.md", "CHANGELOG.md",
    "LICENSE", "uv.lock", "docs", "notebooks", ".ci", ".git", ".gitignore", ".gitattributes",
}  # fmt: skip


def modules(package: str) -> Iterator[tuple[str, Path]]:
    for path in sorted((ROOT / package).rglob("*.py")):
        yield ".".join(path.relative_to(ROOT).with_suffix("").parts), path


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
    return found


def room(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if parts[0] == "pipeline" and len(parts) > 1 else None


def floor(name: str) -> int:
    return next(index for index, rooms in enumerate(FLOORS) if name in rooms)


def test_imports_go_only_downwards() -> None:
    wrong = []
    for module, path in modules("pipeline"):
        own = room(module)
        if own in (None, "__init__"):
            continue
        for other in {room(one) for one in imports(path)} - {None, own}:
            if not any(other in rooms for rooms in FLOORS):
                continue
            is_down = floor(own) < floor(other)
            is_same = (
                floor(own) == floor(other)
                and own not in STAGES
                and (floor(own) > 2 or (own, other) in BESIDE)
            )
            if not is_down and not is_same:
                wrong.append(f"{module} imports {other}")
    assert not wrong


def test_every_module_has_its_floor() -> None:
    rooms = {room(module) for module, _ in modules("pipeline")} - {None, "__init__"}
    assert rooms <= set().union(*FLOORS)


def test_parsers_import_nothing_of_the_pipeline() -> None:
    assert not [
        module
        for module, path in modules("parsers")
        if any(one.split(".")[0] == "pipeline" for one in imports(path))
    ]


def test_no_import_cycle() -> None:
    graph = {module: set() for package in ("pipeline", "parsers") for module, _ in modules(package)}
    for package in ("pipeline", "parsers"):
        for module, path in modules(package):
            graph[module] = {one for one in imports(path) if one in graph and one != module}
    done: set[str] = set()

    def visit(module: str, above: tuple[str, ...]) -> None:
        assert module not in above, f"import cycle: {' > '.join((*above, module))}"
        if module not in done:
            for one in graph[module]:
                visit(one, (*above, module))
            done.add(module)

    for module in graph:
        visit(module, ())


def test_only_the_clock_reads_the_time_of_day() -> None:
    pattern = re.compile(r"datetime\.now|datetime\.utcnow|time\.time\(|date\.today")
    wrong = [
        m
        for package in ("pipeline", "parsers")
        for m, path in modules(package)
        if pattern.search(path.read_text(encoding="utf-8"))
    ]
    assert wrong == ["pipeline.clock"]


def test_one_broad_except() -> None:
    pattern = re.compile(r"except (Base)?Exception\b|except:")
    wrong = [
        m
        for package in ("pipeline", "parsers")
        for m, path in modules(package)
        if pattern.search(path.read_text(encoding="utf-8"))
    ]
    assert wrong == ["pipeline.extract.parse"]


def test_only_the_doors_open_their_formats() -> None:
    doors = {
        "dfvfs": "pipeline.evidence",
        "pytsk3": "pipeline.evidence",
        "pyfsntfs": "pipeline.evidence",
        # Our own tables, and those found on evidence.
        "pyarrow.parquet": ("pipeline.tables", "parsers.documents.parquet_table"),
    }
    wrong = [
        f"{module} imports {name}"
        for package in ("pipeline", "parsers")
        for module, path in modules(package)
        for name, door in doors.items()
        if any(one == name or one.startswith(f"{name}.") for one in imports(path))
        and not module.startswith(door)
    ]
    assert not wrong


def test_pandas_is_imported_only_at_the_analysts_door() -> None:
    assert not [
        m
        for p in ("pipeline", "parsers")
        for m, path in modules(p)
        if "pandas" in imports(path) and m != "pipeline.analyst"
    ]


def test_every_table_is_written_before_it_is_read_and_by_one_stage() -> None:
    from_parsers = {table.name for parser in all_parsers() for table in parser.tables}
    written: dict[str, str] = {}
    for name, stage in run.STAGES:
        for table in stage.READS:
            known = table in written or (table in from_parsers and "extract" in written.values())
            assert known, f"stage {name} reads {table} before any stage wrote it"
        for table in stage.WRITES:
            assert table in all_tables(), f"stage {name} writes {table}, which the catalogue does not have"
            assert table == "problem" or table not in written, (
                f"{table} is written by {written.get(table)} and {name}"
            )
            written[table] = name


def test_one_column_name_has_one_type_and_one_meaning_of_time() -> None:
    for table in all_tables().values():
        for column in table.columns:
            assert column.name not in PROVENANCE
            assert column.meaning.endswith("."), f"{table.name}.{column.name}: the meaning is a sentence"
            if str(column.type).startswith("timestamp"):
                wanted = "_at" if "UTC" in str(column.type) else "_local"
                assert column.name.endswith(wanted), f"{table.name}.{column.name} must end in {wanted}"


@pytest.mark.parametrize("parser", all_parsers(), ids=lambda one: one.full_name)
def test_each_parser_says_what_it_shows_and_has_fixture_and_golden(parser) -> None:
    path = ROOT / "parsers" / f"{parser.full_name}.py"
    told = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    for word in ("Shows:", "Does not show:", "Not read:"):
        assert word in told, f"{parser.full_name}: its docstring lacks `{word}`"
    assert parser.summary, f"{parser.full_name}: the parser function has no docstring"
    own = [one for one in scenarios() if one.parent == FIXTURES / parser.full_name]
    assert own, f"{parser.full_name} has no fixture"
    assert all(golden_file(one).is_file() for one in own)


def test_no_orphan_golden_file() -> None:
    assert {golden_file(one) for one in scenarios()} == set(GOLDEN.rglob("*.jsonl"))


def test_exit_codes_are_unique() -> None:
    classes = [
        one
        for one in vars(errors).values()
        if isinstance(one, type) and issubclass(one, errors.PipelineError)
    ]
    codes = [one.exit_code for one in classes]
    assert len(set(codes)) == len(codes)
    assert not {errors.COMPLETE, errors.WITH_PROBLEMS, errors.WRONG_USAGE} & set(codes)
    listed = errors.__doc__ or ""
    assert all(one.__name__ in listed for one in classes)


@pytest.mark.parametrize("name", sorted(cli.main.commands))
def test_each_command_has_help_with_an_example_and_stands_in_the_readme(name: str) -> None:
    command = cli.main.commands[name]
    assert command.help and "Example: kanshiki" in command.help
    assert f"`kanshiki {name}" in (ROOT / "README.md").read_text(encoding="utf-8")
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{name} {parameter.opts}: no help"


def test_nothing_else_stands_at_the_top() -> None:
    ignored = {
        ".venv",
        ".uv",
        ".bench",
        ".pytest_cache",
        ".mypy_cache",
        ".ruff_cache",
        ".hypothesis",
        "__pycache__",
        "cases",
    }
    assert {one.name for one in ROOT.iterdir()} - ignored <= TOP
