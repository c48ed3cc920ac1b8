"""A review at a terminal: one pair after another, each answer kept at once, stopped and taken up again at will."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pipeline import clock
from pipeline.case import Case
from pipeline.errors import CaseError
from pipeline.progress import printable
from pipeline.review import taking
from pipeline.review.draw import Draw
from pipeline.review.shown import Shown
from pipeline.scope.reviewed import DIFFERENT, SAME, UNCLEAR, Answer, Pair

QUESTION = "same human? [s]ame  [d]ifferent  [c]annot tell  [b]ack  [q]uit: "
_SAID = {"s": SAME, "same": SAME, "d": DIFFERENT, "different": DIFFERENT, "c": UNCLEAR, "cannot": UNCLEAR}
_BACK, _QUIT = ("b", "back"), ("q", "quit", "stop")
_WIDTH = 16


def review(
    case: Case,
    made: Draw,
    pairs: Sequence[Shown],
    by: str,
    ask: Callable[[str], str | None],
    say: Callable[[str], None],
    command: Sequence[str] = (),
) -> int:
    """Ask for the pairs of a draw the reviewer has not answered, and take the answers in; how many were given.

    `ask` gives the words typed, None where the terminal ends.

    Raises:
        BusyError: another run holds the case; the answers stay and are taken in next time.
    """
    pending = taking.Pending.open(case, by)
    try:
        _asked(case, made, pairs, by, pending, ask, say)
        return pending.take(case, by, command)
    finally:
        pending.close()


def _asked(
    case: Case,
    made: Draw,
    pairs: Sequence[Shown],
    by: str,
    pending: taking.Pending,
    ask: Callable[[str], str | None],
    say: Callable[[str], None],
) -> None:
    given = list(pending.answers())
    said = taking.answered(case, by, made, given)
    # Numbered as on the sheet, so that one filled in on paper can be typed in.
    left = [(number, one) for number, one in enumerate(pairs, start=1) if one.drawn.pair not in said]
    say(f"{len(said)} of {len(pairs)} pairs answered by {printable(by)}, {len(left)} to go")
    if not left:
        say("all of this draw are answered: another --seed draws anew")
    place = 0
    while place < len(left):
        number, one = left[place]
        say("\n".join(lines(one, number, len(pairs))))
        typed = ask(QUESTION)
        word = "q" if typed is None else typed.strip().lower()
        if word in _QUIT:
            return
        if word in _BACK:
            place = max(place - 1, 0)
        elif word in _SAID:
            answer = _answer(made, one.drawn.pair, _SAID[word], by)
            try:
                taking.refuse_own_contradiction(case, [*given, answer], by)
            except CaseError as error:
                say(f"not kept: {printable(str(error))}")
                continue
            pending.add(answer)
            given.append(answer)
            place += 1
        else:
            say("answer s, d, c, b or q")


def _answer(made: Draw, pair: Pair, said: str, by: str) -> Answer:
    return Answer(draw=made.id, pair=pair, answer=said, by=by, at=clock.utc_text(clock.now()))


def lines(one: Shown, number: int, count: int) -> list[str]:
    """A pair as lines for a terminal."""
    found = [
        "",
        f"pair {number} of {count}: {', '.join(en for _, en in one.agreement)}",
        f"  {'weight':<{_WIDTH}}{one.drawn.weight:+.1f}, probability {one.chance:.3f}",
        f"  {'left':<{_WIDTH}}{printable(one.left_at)}",
        f"  {'right':<{_WIDTH}}{printable(one.right_at)}",
    ]
    for line in one.lines:
        found.append(f"  {line.field[1]:<{_WIDTH}}{line.compared[1]}")
        if line.left is not None and line.right is not None:
            found.append(f"  {'':<{_WIDTH}}  left   {printable(line.left) or '-'}")
            found.append(f"  {'':<{_WIDTH}}  right  {printable(line.right) or '-'}")
    return found
