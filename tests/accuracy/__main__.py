"""`python -m tests.accuracy`: scores the recognition of personal data, prints the table of aims, writes docs/accuracy.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.accuracy import corpus_sets
from tests.accuracy.page import aims_table, page
from tests.accuracy.run import HALVES, ingest, scored

_PAGE = Path(__file__).resolve().parents[2] / "docs" / "accuracy.md"


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.accuracy", description=__doc__)
    parser.add_argument("--page", type=Path, default=_PAGE, help="where the page is written")
    parser.add_argument(
        "--misses", choices=HALVES, help="list what was missed and wrongly said in a half as well"
    )
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="kanshiki-accuracy-") as folder:
        result = scored(ingest(Path(folder) / "layouts"))
        corpus = corpus_sets.scored(Path(folder) / "corpus")
    told = page(result, corpus)
    sys.stdout.write(told)
    if options.misses:
        sys.stdout.write("\n".join(("", *result.halves[options.misses].misses)) + "\n")
    options.page.write_text(told, encoding="utf-8")
    sys.stderr.write(f"written to {options.page}; aims:\n" + "\n".join(aims_table(result)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
