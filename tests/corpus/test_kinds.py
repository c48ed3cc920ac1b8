"""The first parsers over their kinds in the corpus: nothing raises, and known content is read."""

from __future__ import annotations

import csv as stdlib_csv

import pytest

from parsers import all_parsers
from parsers.documents.csv import csv
from parsers.mail.eml import eml
from pipeline.extract.select import select
from tests.artefacts import artefact, run
from tests.corpus import CORPUS, needs_corpus

pytestmark = needs_corpus


def files() -> list[str]:
    manifest = CORPUS / "MANIFEST.tsv"
    if not manifest.is_file():
        return []
    return [line.split("\t")[0] for line in manifest.read_text(encoding="utf-8").splitlines()[1:]]


def test_no_parser_raises_on_any_file_of_the_corpus() -> None:
    rows = problems = wanted = 0
    for path in files():
        given = artefact(CORPUS / path)
        for parser in select(all_parsers(), given.path, given.head()).chosen:
            wanted += 1
            yielded = run(parser, given)
            rows += len(yielded.rows) + len(yielded.sheets) + len(yielded.texts)
            problems += len(yielded.problems)
    assert wanted > 250
    assert rows > 14_000


@pytest.mark.parametrize("path", [one for one in files() if "multi_charset/japanese" in one])
def test_japanese_mail_is_read_as_written(path: str) -> None:
    (row,) = run(eml, artefact(CORPUS / path)).table("mail_message")
    known = {
        "japanese.eml": "まみむめも",
        "japanese_iso_2022.eml": "まみむめも",
        "japanese_attachment.eml": "testing",
    }
    assert row["subject"] == known[path.rsplit("/", 1)[-1]]
    assert row["attachment_names"] == (["てすと.txt"] if "attachment" in path else [])


@pytest.mark.parametrize(
    "path", [one for one in files() if one.startswith("log-analysis-training/") and one.endswith(".csv")]
)
def test_japanese_csv_gives_every_record(path: str) -> None:
    with (CORPUS / path).open(encoding="utf-8-sig", newline="") as stream:
        wanted = [row for row in stdlib_csv.reader(stream) if any(cell.strip() for cell in row)]
    ((sheet, rows),) = run(csv, artefact(CORPUS / path)).sheets
    assert sheet.header is not None
    assert list(sheet.header[: len(wanted[0])]) == [cell.strip() for cell in wanted[0]]
    assert rows.num_rows == len(wanted) - 1
