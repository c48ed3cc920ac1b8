"""Every headline figure walks back to a row of a file with a digest, and a supposed ruling changes what it must and writes nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline import case as cases
from pipeline.errors import CaseError, TableError
from pipeline.what_if import what_if
from pipeline.why import Why, why
from tests.whole_case import ask, copied, run_case

_DIGEST = re.compile(r"sha256 ([0-9a-f]{64})")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = copied("mis-sent-mail", tmp_path_factory.mktemp("case"))
    assert run_case(made).exit_code == 0
    return made


def nodes(one: Why) -> Iterator[Why]:
    yield one
    for below in one.below:
        yield from nodes(below)


@pytest.mark.parametrize(
    "subject", ["confirmed", "likely", "possible", "likely/category=phone", "confirmed/route=sent_outside"]
)
def test_a_figure_walks_back_to_the_digest_of_a_file(root: Path, subject: str) -> None:
    found = why(cases.load(root), subject)
    known = {
        value
        for (value,) in ask(root, "SELECT sha256 FROM entry_content UNION SELECT sha256 FROM evidence_item")
    }
    documents = [one for one in found.below if one.what.startswith("document:")]
    persons = [one for one in found.below if one.what.startswith("person:")]
    assert documents and persons
    for one in documents:
        assert any(below.what.startswith("exposure") for below in one.below)
    for one in (*documents, *persons):
        told = {
            digest
            for node in nodes(one)
            for digest in _DIGEST.findall(node.told)
            if node.what.startswith(("entry", "item"))
        }
        assert told and told <= known
    rows = [node for one in persons for node in nodes(one) if node.what.startswith("mention:")]
    assert rows and all(re.search(r"sheet [0-9a-f]+, row [0-9]+", node.told) for node in rows)


def test_every_reference_of_the_report_walks_back(root: Path) -> None:
    case = cases.load(root)
    figures = json.loads((root / "report" / "figures.json").read_text(encoding="utf-8"))
    for one in figures["counts"]:
        if one["high"]:
            found = why(case, one["reference"], limit=1)
            assert found.what == one["reference"] and found.below
    assert why(case, "per_person[person_id=1]").what == "person:1"
    evidence_id, entry_id = ask(root, "SELECT evidence_id, entry_id FROM exposure LIMIT 1")[0]
    named = f"exposure[evidence_id={evidence_id},entry_id={entry_id},rule=x]"
    assert why(case, named).what == f"document:{evidence_id}/{entry_id}"


def test_the_persons_of_a_figure_are_as_many_as_it_says(root: Path) -> None:
    ((likely,),) = ask(
        root, "SELECT likely FROM affected_count WHERE grade = 'confirmed' AND dimension = 'all'"
    )
    found = why(cases.load(root), "confirmed", limit=1000)
    assert len([one for one in found.below if one.what.startswith("person:")]) == likely


def test_a_document_a_figure_names_walks_back_by_that_name(root: Path) -> None:
    for one in [one for one in why(cases.load(root), "possible").below if one.what.startswith("document:")]:
        found = why(cases.load(root), one.what)
        assert found.told == one.told
        assert any(below.what.startswith("entry") for below in found.below)


def test_walking_back_repeats_no_personal_value(root: Path) -> None:
    text = why(cases.load(root), "possible", limit=1000).as_text()
    values = ask(root, "SELECT full_name, kana_key, phone_key, email_key FROM mention")
    assert not [value for row in values for value in row if value and value in text]


def test_a_person_and_a_mention_name_one_another(root: Path) -> None:
    case = cases.load(root)
    person = why(case, "person:1")
    (mention,) = person.below
    assert why(case, mention.what).what == mention.what
    assert json.dumps(person.as_json())


@pytest.mark.parametrize(
    "subject",
    ["", "nobody", "likely/height=2", "person:0", "mention:00", "document:mail/00", "likely/category=none"],
)
def test_what_is_not_there_is_one_clear_error(root: Path, subject: str) -> None:
    with pytest.raises(TableError):
        why(cases.load(root), subject)


def test_an_exposure_ruled_out_leaves_nobody_and_no_zero(root: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file()}
    ((entry,),) = ask(root, "SELECT DISTINCT entry_id FROM mention WHERE sheet_id IS NOT NULL")
    found = what_if(cases.load(root), [f"exposure:mail/{entry}=none"])
    assert found.figures["confirmed/all"]["likely"] == 37
    # The mail itself is still exposed: nobody is counted in it, which is not a count of nobody.
    assert found.figures_then["confirmed/all"] == {
        "low": 0,
        "likely": 0,
        "high": 0,
        "estimate": 0,
        "is_open": True,
    }
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file()} == before


def test_a_fact_supposed_changes_the_decision(root: Path) -> None:
    found = what_if(cases.load(root), ["fact:improper_purpose=yes"])
    assert (found.decision["reportable"], found.decision_then["reportable"]) == (False, True)
    assert "(changed)" in found.as_text()


def test_a_lower_threshold_never_counts_more(root: Path) -> None:
    found = what_if(cases.load(root), [], ["likely=0.01"])
    assert found.figures_then["possible/all"]["likely"] <= found.figures["possible/all"]["likely"]


@pytest.mark.parametrize(
    ("rulings", "joins"),
    [
        (["exposure"], []),
        (["exposure:mail/00=sure"], []),
        (["column:00/c001=name"], []),
        ([], ["middle=0.5"]),
        ([], ["likely=2"]),
    ],
)
def test_what_cannot_be_supposed_is_one_clear_error(root: Path, rulings: list[str], joins: list[str]) -> None:
    with pytest.raises(CaseError):
        what_if(cases.load(root), rulings, joins)
