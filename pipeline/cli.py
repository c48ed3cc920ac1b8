"""One click command per stage: read arguments, call, print; no logic."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from parsers import all_parsers
from pipeline import again, outcome
from pipeline import case as cases
from pipeline import run as runs
from pipeline import verify as verification
from pipeline import what_if as supposing
from pipeline import why as back
from pipeline.custody import history as counted_before
from pipeline.custody import log as custody
from pipeline.decide import stage as deciding
from pipeline.errors import COMPLETE, WITH_PROBLEMS, PipelineError
from pipeline.progress import Progress, printable
from pipeline.report.workbooks import unmasked as with_values
from pipeline.review import steps as reviewing
from pipeline.review import taking
from pipeline.review.summary import summary
from pipeline.scope.people import BOUNDS
from pipeline.tables import read, schema

CASE = click.argument("case", metavar="CASE")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
QUIET = click.option("--quiet", is_flag=True, help="Show no progress.")
RULES = click.option(
    "--rules",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of further rules: YARA (*.yar), Sigma (*.yml), lists of digests (bad/*.sha256, good/*.md5 ...); may be given again.",
)
WORKERS = click.option(
    "--workers", type=click.IntRange(1, 256), help="Worker processes; as many as processors unless given."
)


class _Commands(click.Group):
    """The group of commands; an error of the pipeline becomes its message and its exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except PipelineError as error:
            click.echo(f"kanshiki: {printable(str(error))}", err=True)
            ctx.exit(error.exit_code)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kanshiki")
def main() -> None:
    """Forensic evidence intake and scoping: from preserved bytes to affected persons and the decision.

    Example: kanshiki run fixtures/cases/usb-takeout
    """


@main.command()
@CASE
@click.option("--number", help="Number of the case; the name of its folder unless given.")
@click.option("--client", default="", help="Who asked for the investigation.")
@click.option("--examiner", default="", help="Who is responsible for the steps.")
def init(case: str, number: str | None, client: str, examiner: str) -> None:
    """Make a new case folder with a commented case.toml and evidence/.

    CASE is a path, or a name that becomes a folder under cases/.

    Example: kanshiki init KS-2026-001
    """
    given = Path(case)
    root = given if given.is_absolute() or len(given.parts) > 1 else Path("cases") / case
    click.echo(str(cases.scaffold(root, number=number, client=client, examiner=examiner)))


def _stage(name: str, help_text: str) -> None:
    """Add the command of one stage; it runs the stages before it as far as they are not done."""

    @main.command(name=name, help=f"{help_text}\n\nExample: kanshiki {name} fixtures/cases/usb-takeout")
    @CASE
    @AS_JSON
    @QUIET
    @RULES
    @WORKERS
    def command(case: str, as_json: bool, quiet: bool, rules: tuple[Path, ...], workers: int | None) -> None:
        options = runs.Options(rule_folders=rules, workers=workers, command=tuple(sys.argv[1:]))
        ended = runs.run(
            cases.find(case), "report" if name == "run" else name, Progress(is_quiet=quiet), options
        )
        _show(ended.as_json(), ended.as_text(), as_json=as_json)
        click.get_current_context().exit(ended.exit_code)


_stage("ingest", "Take in the evidence and extract its artefacts into tables: intake, walk, parse.")
_stage("scope", "Match rules and scope whom it concerns: mentions, exposures, persons, counts, facts.")
_stage("run", "Run the whole case: intake, extract, match, scope, decide, report.")


@main.command()
@click.argument("case", metavar="[CASE]", required=False)
@click.option(
    "--facts",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Decide on facts in a JSON file instead.",
)
@click.option(
    "--law-pack",
    "law_packs",
    multiple=True,
    help="With --facts: a law to ask (gdpr, korea-pipa ...), once for each; without, every law of Japan in force.",
)
@AS_JSON
@QUIET
def decide(
    case: str | None, facts: Path | None, law_packs: tuple[str, ...], as_json: bool, quiet: bool
) -> None:
    """Decide whether to report, with reasons and dates; a person decides in the end.

    With --facts FILE the facts of a JSON object (or list of objects) with `entity_kind` and `facts`
    are decided; otherwise those of CASE, by the law packs its case.toml names.

    Example: kanshiki decide fixtures/cases/usb-takeout --json
    """
    if (case is None) == (facts is None):
        raise click.UsageError("name a CASE, or give --facts FILE")
    if law_packs and facts is None:
        raise click.UsageError("--law-pack goes with --facts; a case names its law packs in case.toml")
    if facts is not None:
        answers = deciding.decide_file(facts, law_packs or None)
        _show(answers, outcome.decision_text(answers), as_json=as_json)
        return
    ended = runs.run(
        cases.find(case or ""), "decide", Progress(is_quiet=quiet), runs.Options(command=tuple(sys.argv[1:]))
    )
    _show(ended.decisions, outcome.decision_text(ended.decisions), as_json=as_json)
    click.get_current_context().exit(ended.exit_code)


@main.command()
@CASE
@AS_JSON
@QUIET
def report(case: str, as_json: bool, quiet: bool) -> None:
    """Write the report, its figures, workbooks and drafts from the tables, running what is not done before.

    Example: kanshiki report fixtures/cases/usb-takeout
    """
    ended = runs.run(
        cases.find(case), "report", Progress(is_quiet=quiet), runs.Options(command=tuple(sys.argv[1:]))
    )
    files = [str(path) for path in ended.report_files]
    _show(files, "\n".join(files), as_json=as_json)
    click.get_current_context().exit(ended.exit_code)


@main.command()
@CASE
@click.option(
    "--unmasked",
    is_flag=True,
    help="Write the workbook with names and contacts; the custody log keeps who did, why, and its digest.",
)
@click.option("--reason", default="", metavar="TEXT", help="With --unmasked: what the values are needed for.")
@click.option(
    "--by", metavar="NAME", help="With --unmasked: who writes it; the examiner of case.toml unless given."
)
@click.option(
    "--to",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="With --unmasked: a new file outside of what the case keeps; unmasked/notification.xlsx of the case unless given.",
)
@AS_JSON
@QUIET
def notification(
    case: str, unmasked: bool, reason: str, by: str | None, file: Path | None, as_json: bool, quiet: bool
) -> None:
    """Write whom to notify (notification.xlsx) and the letters, running what is not done before; no name, unless --unmasked.

    Example: kanshiki notification fixtures/cases/usb-takeout
    """
    if not unmasked and (reason or by or file):
        raise click.UsageError("--reason, --by and --to go with --unmasked")
    if unmasked and not reason:
        raise click.UsageError("--unmasked needs --reason TEXT: the custody log keeps why values were shown")
    root, command = cases.find(case), tuple(sys.argv[1:])
    ended = runs.run(root, "report", Progress(is_quiet=quiet), runs.Options(command=command))
    files = [one for one in ended.report_files if one.suffix == ".docx" or one.name == "notification.xlsx"]
    if unmasked:
        loaded = cases.load(root)
        target, count = with_values.write(loaded, by or loaded.examiner, reason, file, command)
        click.echo(f"{count} persons written with their values; told in the custody log", err=True)
        files = [target]
    listed = [str(one) for one in files]
    _show(listed, "\n".join(listed), as_json=as_json)
    click.get_current_context().exit(ended.exit_code)


@main.command()
@CASE
@click.option("--expect-head", metavar="SIZE:HASH", help="Head of the custody log as noted outside.")
@click.option(
    "--public-key",
    metavar="HEX",
    help="Key that must have signed the seals; that of the first record unless given.",
)
@AS_JSON
def verify(case: str, expect_head: str | None, public_key: str | None, as_json: bool) -> None:
    """Run the numbered checks over a case, all of them, and say which failed.

    Example: kanshiki verify fixtures/cases/usb-takeout
    """
    root = cases.find(case)
    found = verification.verify(root, expect_head=expect_head, public_key=public_key, again=again.CHECKS)
    _show(outcome.verification_json(found), outcome.verification_text(found), as_json=as_json)
    click.get_current_context().exit(COMPLETE if found.is_intact and found.is_complete else WITH_PROBLEMS)


@main.command()
@CASE
@AS_JSON
def status(case: str, as_json: bool) -> None:
    """Say what is done in a case: items, tables with rows, problems, counts, head of the custody log.

    Example: kanshiki status fixtures/cases/usb-takeout
    """
    told = outcome.status(cases.load(cases.find(case)))
    _show(told, outcome.status_text(told), as_json=as_json)


@main.command()
@CASE
@click.argument("sql", metavar="SQL", required=False)
@click.option("--tables", "list_tables", is_flag=True, help="List tables and question views instead.")
@AS_JSON
def query(case: str, sql: str | None, list_tables: bool, as_json: bool) -> None:
    """Ask the tables of a case in SQL; there is a view for every table and every question.

    Example: kanshiki query fixtures/cases/usb-takeout "SELECT what, volume_serial FROM opened"
    """
    loaded = cases.load(cases.find(case))
    if list_tables or sql is None:
        names = [*dict.fromkeys((*schema.all_tables(), *schema.question_names())), "route", "timeline"]
        _show(names, "\n".join(names), as_json=as_json)
        return
    columns, rows = read.ask(loaded.tables, sql)
    listed = [dict(zip(columns, row, strict=True)) for row in rows]
    lines = ["\t".join("" if value is None else printable(str(value)) for value in row) for row in rows]
    _show(listed, "\n".join(["\t".join(columns), *lines]), as_json=as_json)


@main.command()
@CASE
@click.argument("subject", metavar="SUBJECT")
@click.option("--bound", type=click.Choice(BOUNDS), default="likely", help="Whose numbers persons have.")
@click.option("--limit", type=click.IntRange(1, 1000), default=10, help="How many of each kind are listed.")
@AS_JSON
def why(case: str, subject: str, bound: str, limit: int, as_json: bool) -> None:
    """Walk back from a figure, a person or a document to rows, files and digests, without personal values.

    SUBJECT is a grade (confirmed), a figure (likely/category=health), person:NUMBER, mention:ID or document:ITEM/ENTRY.

    Example: kanshiki why fixtures/cases/usb-takeout confirmed
    """
    found = back.why(cases.load(cases.find(case)), subject, bound, limit)
    _show(found.as_json(), found.as_text(), as_json=as_json)


@main.command()
@CASE
@AS_JSON
def history(case: str, as_json: bool) -> None:
    """Show how the counts moved: what stood when, as the custody log has it, and what changed between.

    Example: kanshiki history fixtures/cases/usb-takeout
    """
    moments = counted_before.history(custody.read(cases.load(cases.find(case)).root).records)
    _show([one.as_json() for one in moments], outcome.history_text(moments), as_json=as_json)


@main.command(name="what-if")
@CASE
@click.option(
    "--ruling",
    "rulings",
    multiple=True,
    metavar="ON=DECISION",
    help="A ruling to suppose; may be given again.",
)
@click.option(
    "--join-from",
    "joins",
    multiple=True,
    metavar="BOUND=PROBABILITY",
    help="Join mentions from another probability on.",
)
@AS_JSON
def what_if(case: str, rulings: tuple[str, ...], joins: tuple[str, ...], as_json: bool) -> None:
    """Show how figures and decision would change under other rulings or thresholds; nothing is written.

    Example: kanshiki what-if fixtures/cases/usb-takeout --ruling fact:improper_purpose=no
    """
    found = supposing.what_if(cases.load(cases.find(case)), rulings, joins)
    _show(found.as_json(), found.as_text(), as_json=as_json)


@main.command()
@CASE
@click.option("--by", metavar="NAME", help="Who answers; needed for all but the summary.")
@click.option(
    "--pairs", type=click.IntRange(10, 5000), help="How many pairs a new draw asks for; 120 unless given."
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**31),
    help="Seed of the draw: a seed not used before draws anew; the newest draw unless given.",
)
@click.option(
    "--unmasked", is_flag=True, help="Show names and numbers; the custody log keeps that they were shown."
)
@click.option(
    "--sheet",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write an HTML sheet to fill in, to a new file.",
)
@click.option(
    "--answers",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Take in the answers a sheet saved.",
)
@click.option("--withdraw", is_flag=True, help="Withdraw every answer --by gave.")
@click.option("--summary", "only_summary", is_flag=True, help="Show what was answered and what it came to.")
@AS_JSON
def review(
    case: str,
    by: str | None,
    pairs: int | None,
    seed: int | None,
    unmasked: bool,
    sheet: Path | None,
    answers: Path | None,
    withdraw: bool,
    only_summary: bool,
    as_json: bool,
) -> None:
    """Draw pairs of records near the thresholds and ask whether each speaks of one human; the answers set the case's thresholds.

    With --by NAME the pairs are asked one after another at the terminal; stop with q and go on with the same command.
    --sheet FILE writes them to a page to fill in instead, --answers FILE takes it back. `kanshiki run` then counts by the answers.

    Example: kanshiki review fixtures/cases/usb-takeout --summary
    """
    loaded = cases.load(cases.find(case))
    if sum((only_summary, withdraw, sheet is not None, answers is not None)) > 1:
        raise click.UsageError("give one of --sheet, --answers, --withdraw and --summary")
    if by is None:
        if not (only_summary or as_json) or withdraw or sheet or answers:
            raise click.UsageError("name who answers with --by NAME, or give --summary")
    elif not only_summary:
        name, command = reviewing.reviewer(by), tuple(sys.argv[1:])
        if withdraw:
            click.echo(f"{taking.withdraw(loaded, name, command)} files of answers withdrawn", err=True)
        elif answers is not None:
            click.echo(f"{reviewing.from_sheet(loaded, name, answers, command)} answers taken in", err=True)
        elif sheet is not None:
            made = reviewing.drawn(loaded, name, seed, pairs, command)
            count = reviewing.to_sheet(loaded, made, name, sheet, is_unmasked=unmasked, command=command)
            click.echo(f"{count} pairs written to {sheet}")
            return
        else:
            made = reviewing.drawn(loaded, name, seed, pairs, command)
            count = reviewing.at_terminal(
                loaded, made, name, _typed, _said, is_unmasked=unmasked, command=command
            )
            click.echo(f"{count} answers taken in; `kanshiki run` counts by them", err=True)
    found = summary(loaded)
    _show(found.as_json(), found.as_text(), as_json=as_json)


def _said(line: str) -> None:
    click.echo(line, err=True)


def _typed(question: str) -> str | None:
    """What is typed at the terminal; None where it ends or is interrupted."""
    try:
        return str(click.prompt(question, default="", show_default=False, prompt_suffix="", err=True))
    except click.Abort:
        click.echo(err=True)
        return None


@main.command()
@AS_JSON
def parsers(as_json: bool) -> None:
    """List the parsers: what each reads, gives, shows and does not show.

    Example: kanshiki parsers
    """
    listed = [outcome.parser_lines(one) for one in all_parsers()]
    _show(listed, outcome.parser_text(listed), as_json=as_json)


def _show(values: Any, text: str, *, as_json: bool) -> None:
    click.echo(json.dumps(values, ensure_ascii=False, indent=2, default=str) if as_json else text)
