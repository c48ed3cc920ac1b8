"""What the command `review` does: asks at the terminal, writes a sheet, takes a filled-in one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from pipeline.case import Case
from pipeline.errors import CaseError
from pipeline.review import sheet, taking, terminal
from pipeline.review.draw import DEFAULT_PAIRS, Draw, draw, draws
from pipeline.review.shown import shown
from pipeline.scope.reviewed import is_reviewer
from pipeline.work.acts import refuse_place, write_new

FIRST_SEED = 1


def reviewer(name: str) -> str:
    """The name of a reviewer.

    Raises:
        CaseError: it is empty, too long, or holds signs that cannot be printed.
    """
    if not is_reviewer(name):
        raise CaseError(f"{name!r} is no name of a reviewer: give plain text of at most 200 signs")
    return name


def drawn(
    case: Case, by: str, seed: int | None = None, asked: int | None = None, command: Sequence[str] = ()
) -> Draw:
    """The draw of a seed, the newest without one; made where the case has none yet.

    Raises:
        CaseError: nothing is left to be drawn, or the newest draw is of another number of pairs.
        TableError: the case was not scoped yet.
    """
    made = draws(case)
    of_seed = [one for one in made if seed in (None, one.seed)]
    if of_seed:
        if asked not in (None, of_seed[-1].asked):
            raise CaseError(
                f"draw {of_seed[-1].id} of seed {of_seed[-1].seed} asked for {of_seed[-1].asked} pairs: "
                "leave out --pairs to go on with it, or give another --seed to draw anew"
            )
        return of_seed[-1]
    new = draw(case, FIRST_SEED if seed is None else seed, DEFAULT_PAIRS if asked is None else asked)
    taking.keep_draw(case, new, by, command)
    return new


def at_terminal(
    case: Case,
    made: Draw,
    by: str,
    ask: Callable[[str], str | None],
    say: Callable[[str], None],
    *,
    is_unmasked: bool = False,
    command: Sequence[str] = (),
) -> int:
    """Ask a reviewer for the pairs of a draw; how many answers were taken in.

    Raises:
        BusyError: another run holds the case, or the reviewer answers elsewhere.
    """
    if is_unmasked:
        taking.keep_shown(case, made, by, "terminal", command)
    say(f"draw {made.id} of seed {made.seed}: {len(made.pairs)} pairs")
    pairs = shown(case, made, is_unmasked=is_unmasked)
    return terminal.review(case, made, pairs, by, ask, say, command)


def to_sheet(
    case: Case, made: Draw, by: str, file: Path, *, is_unmasked: bool = False, command: Sequence[str] = ()
) -> int:
    """Write the sheet of a draw to a new file; how many pairs stand on it.

    Raises:
        CaseError: the file exists, lies among what the case keeps, or cannot be written.
    """
    refuse_place(case, file)
    if is_unmasked:
        taking.keep_shown(case, made, by, "sheet", command)
    pairs = shown(case, made, is_unmasked=is_unmasked)
    write_new(file, sheet.render(case, made, pairs, by, is_unmasked=is_unmasked))
    return len(pairs)


def from_sheet(case: Case, by: str, file: Path, command: Sequence[str] = ()) -> int:
    """Take the answers of a filled-in sheet into the case; how many there were.

    Raises:
        CaseError: it is no sheet of a draw of this case, or its answers cannot all be true.
    """
    answers = taking.read_answers(file, case, draws(case), by)
    taking.take(case, answers, by, command)
    return len(answers)
