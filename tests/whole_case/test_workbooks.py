"""Workbooks, letters and memo of demo cases as they are read back: figures with references, no value unasked, the record of those asked for."""

from __future__ import annotations

import dataclasses
import io
import json
import re
import shlex
import shutil
import stat
from pathlib import Path
from typing import Any

import jsonschema
import openpyxl
import pytest
from click.testing import CliRunner
from docx import Document as read_docx
from docx.oxml.ns import qn

from pipeline import again, cli, digest
from pipeline import case as cases
from pipeline.case import RULED_ON
from pipeline.custody import log as custody
from pipeline.custody.history import history
from pipeline.errors import CaseError
from pipeline.report import as_json, memo, stage
from pipeline.report.document import Document, Exposed, Head, Unread, Unsure
from pipeline.report.letters import kinds, notice
from pipeline.report.merge_fields import ADDRESS, EMAIL, FIELDS, ITEMS, NAME
from pipeline.report.workbooks import figures, notification, unmasked
from pipeline.verify import verify
from tests.test_cells import HOSTILE
from tests.whole_case import ask, copied, run_case

ROOT = Path(__file__).resolve().parents[2]
BY, WHY = "鑑識 花子", "本人通知の送付"


@pytest.fixture(scope="module", params=["usb-takeout", "ransomware", "bcc-accident"])
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = copied(request.param, tmp_path_factory.mktemp("case"))
    run_case(root)
    return root


@pytest.fixture(scope="module")
def taken_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = copied("usb-takeout", tmp_path_factory.mktemp("taken"))
    run_case(root)
    return root


@pytest.fixture
def root(taken_out: Path, tmp_path: Path) -> Path:
    """A case that was run, for one test alone."""
    return Path(shutil.copytree(taken_out, tmp_path / "case"))


def document_of(root: Path) -> Document:
    return stage.document_of(
        cases.load(root), Head(size=3, sha256="a" * 64), history(custody.read(root).records)
    )


def sheet_rows(path: Path | bytes, name: str) -> list[dict[str, Any]]:
    """The rows of a sheet by the first line of their headings."""
    book = openpyxl.load_workbook(io.BytesIO(path) if isinstance(path, bytes) else path)
    header, *rows = book[name].iter_rows(values_only=True)
    names = [str(one).split("\n")[0] for one in header]
    return [dict(zip(names, row, strict=True)) for row in rows]


def numbers_in(value: Any) -> set[int]:
    if isinstance(value, bool):
        return set()
    if isinstance(value, int):
        return {value}
    if isinstance(value, str):
        return {int(value)} if value.isdecimal() else set()
    if isinstance(value, dict):
        value = list(value.values())
    return {number for one in value or [] for number in numbers_in(one)}


def values_of(root: Path) -> set[str]:
    """Every value of the case's mentions that could name somebody."""
    rows = ask(
        root,
        "SELECT full_name, name_key, kana_key, phone_key, email_key, address_key, birth_date FROM mention",
    )
    return {value for row in rows for value in row if value}


def test_the_figures_stand_in_figures_json_one_by_one(case: Path) -> None:
    told = json.loads((case / "report" / "figures.json").read_text(encoding="utf-8"))
    of = {one["reference"]: one for one in told["counts"]}
    rows = sheet_rows(case / "report" / "figures.xlsx", figures.COUNTS)
    assert [row["参照"] for row in rows] == [one["reference"] for one in told["counts"]]
    for row in rows:
        one = of[row["参照"]]
        assert (row["下限"], row["蓋然"], row["上限"], row["結合した人数"]) == (
            one["low"],
            one["likely"],
            one["high"],
            one["estimate"],
        )
        assert row["少なくとも"] == ("はい" if one["is_open"] else "いいえ")
        for reason in one["open_reasons"]:
            assert reason in row["閉じない理由"]


def test_every_number_of_the_workbook_stands_in_figures_json(case: Path) -> None:
    known = numbers_in(json.loads((case / "report" / "figures.json").read_text(encoding="utf-8")))
    book = openpyxl.load_workbook(case / "report" / "figures.xlsx")
    found = [
        (sheet.title, cell.coordinate, cell.value)
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, int | float)
    ]
    assert len(found) > 20
    assert [one for one in found if one[2] not in known] == []


def test_nothing_is_computed_and_every_link_stays_inside(case: Path) -> None:
    for name in ("figures.xlsx", "notification.xlsx"):
        for sheet in openpyxl.load_workbook(case / "report" / name):
            for row in sheet.iter_rows():
                for cell in row:
                    assert cell.data_type != "f"
                    assert cell.hyperlink is None or (cell.hyperlink.location and not cell.hyperlink.target)


def test_sheets_are_ready_to_filter_and_to_print(case: Path) -> None:
    book = openpyxl.load_workbook(case / "report" / "figures.xlsx")
    assert book.sheetnames == [figures.COVER, figures.COUNTS, figures.DOCUMENTS, figures.BEHIND, figures.HISTORY, figures.UNREAD, figures.EVIDENCE]  # fmt: skip
    for sheet in book.worksheets:
        assert (sheet.page_setup.orientation, int(sheet.page_setup.paperSize)) == ("landscape", 9)
        if sheet.title != figures.COVER:
            assert sheet.freeze_panes == "A2"
            assert sheet.auto_filter.ref.startswith("A1:")
    cover = "\n".join(
        str(value) for row in book[figures.COVER].iter_rows(values_only=True) for value in row if value
    )
    assert "決定は責任者・弁護士が行う" in cover and "a person decides" in cover


def test_each_reference_leads_to_its_row_and_back(case: Path) -> None:
    path = case / "report" / "figures.xlsx"
    book = openpyxl.load_workbook(path)
    behind = {row["参照"]: row for row in sheet_rows(path, figures.BEHIND)}
    places = {cell.value: cell.row for cell in book[figures.BEHIND]["B"]}
    for name, reference, link in ((figures.COUNTS, "K", "L"), (figures.DOCUMENTS, "M", "N")):
        for row in range(2, book[name].max_row + 1):
            value = book[name][f"{reference}{row}"].value
            assert book[name][f"{link}{row}"].hyperlink.location == f"'{figures.BEHIND}'!A{places[value]}"
    for row in behind.values():
        assert ask(case, row["行(SQL)"]), row
        if row["遡る"]:
            words = shlex.split(row["遡る"])[3:]
            said = CliRunner().invoke(cli.main, ["why", str(case), *words])
            assert said.exit_code == 0, said.output


def test_documents_are_told_with_their_digest_and_persons(taken_out: Path) -> None:
    rows = sheet_rows(taken_out / "report" / "figures.xlsx", figures.DOCUMENTS)
    known = dict(ask(taken_out, "SELECT entry_id, sha256 FROM entry_content"))
    counts = {
        (grade, value): (low, likely, high)
        for grade, value, low, likely, high in ask(
            taken_out,
            "SELECT grade, value, low, likely, high FROM affected_count WHERE dimension = 'document'",
        )
    }
    assert rows
    for row in rows:
        assert row["SHA-256"] == known[row["項目番号"]]
        value = f"{row['証拠']}/{row['項目番号']}"
        assert (row["下限"], row["蓋然"], row["上限"]) == counts["confirmed", value]


def test_figures_json_is_of_its_published_schema(case: Path) -> None:
    schema = json.loads((ROOT / "docs" / "figures.schema.json").read_text(encoding="utf-8"))
    told = json.loads((case / "report" / "figures.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    assert [error.message for error in validator.iter_errors(told)] == []
    told["counts"][0]["likely"] = "12"
    told["more"] = 1
    assert len(list(validator.iter_errors(told))) == 2


def test_nobody_is_named_unless_asked_for(case: Path) -> None:
    book = openpyxl.load_workbook(case / "report" / "notification.xlsx")
    assert book.sheetnames == [notification.ABOUT, notification.PERSONS]
    cells = {
        str(value)
        for sheet in book
        for row in sheet.iter_rows(values_only=True)
        for value in row
        if value is not None
    }
    letters = [
        paragraph.text
        for file in (case / "report" / "letters").iterdir()
        for paragraph in read_docx(str(file)).paragraphs
    ]
    for value in values_of(case):
        assert value not in cells
        assert not any(value in line for line in letters)


def test_the_rows_are_the_persons_of_the_table(case: Path) -> None:
    rows = sheet_rows(case / "report" / "notification.xlsx", notification.PERSONS)
    known = ask(
        case,
        "SELECT person_id, mention_count, document_count, has_address OR has_email OR has_phone, len(items) FROM per_person ORDER BY 1",
    )
    assert [(row["対象者番号"], row["記載数"], row["文書数"]) for row in rows] == [one[:3] for one in known]
    assert [row["代替措置"] == "連絡先あり" for row in rows] == [one[3] for one in known]
    assert [len(row[ITEMS].split("、")) for row in rows] == [one[4] for one in known]


def test_values_are_those_of_the_persons_own_mentions(root: Path) -> None:
    file, count = unmasked.write(cases.load(root), BY, WHY)
    assert file == root / "unmasked" / "notification.xlsx"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    rows = {row["対象者番号"]: row for row in sheet_rows(file, notification.PERSONS)}
    assert count == len(rows) == 1200
    said: dict[int, list[tuple[str, ...]]] = {}
    for person, *values in ask(
        root,
        "SELECT q.likely, m.full_name, m.address_key, m.email_key FROM person_mention q JOIN mention m USING (mention_id)",
    ):
        said.setdefault(person, []).append(tuple(values))
    for person, row in rows.items():
        names, addresses, mails = (set(one) for one in zip(*said[person], strict=True))
        assert row[NAME] in {re.sub(r"[\s\u3000]*(様|殿|さま)$", "", one) for one in names if one}
        assert row[ADDRESS] in addresses
        assert row[EMAIL] in mails


def test_the_record_tells_who_and_why_and_names_nobody(root: Path) -> None:
    file, count = unmasked.write(cases.load(root), BY, WHY)
    records = custody.read(root).records
    record = next(one for one in records if one is not None and one.action == "values_shown")
    assert record.actor.name == BY
    assert WHY in (record.note or "")
    assert record.params["persons"] == str(count)
    assert record.params["sha256"] == digest.of_file(file)
    line = (root / "custody" / "log.jsonl").read_text(encoding="utf-8")
    assert not [value for value in values_of(root) if len(value) > 2 and value in line]
    found = verify(root, again=again.CHECKS)
    assert {one.number: one.passed for one in found.checks} == dict.fromkeys(range(1, 11), True)
    assert found.is_complete
    # What was shown changes no step: the report stands.
    before = (root / "report" / "figures.json").read_bytes()
    assert run_case(root).steps_done == 0
    assert (root / "report" / "figures.json").read_bytes() == before


@pytest.mark.parametrize(
    ("by", "reason"), [("", WHY), (BY, ""), (BY, "a\nb"), (BY, "\u202ex"), (BY, "x" * 501)]
)
def test_nothing_is_shown_without_who_and_why(root: Path, by: str, reason: str) -> None:
    with pytest.raises(CaseError):
        unmasked.write(cases.load(root), by, reason)
    assert not (root / "unmasked").exists()


def test_a_file_is_never_written_over_nor_among_what_the_case_keeps(root: Path, tmp_path: Path) -> None:
    loaded, size = cases.load(root), custody.read(root).size
    there = tmp_path / "there.xlsx"
    there.write_bytes(b"x")
    for place in (there, root / "report" / "n.xlsx", root / "tables" / "n.xlsx", tmp_path / "no" / "n.xlsx"):
        with pytest.raises(CaseError):
            unmasked.write(loaded, BY, WHY, place)
    assert there.read_bytes() == b"x"
    assert custody.read(root).size == size
    assert not list(tmp_path.rglob("*.tmp"))


def test_no_record_no_file(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(custody.CustodyLog, "append", full)
    with pytest.raises(OSError, match="no space"):
        unmasked.write(cases.load(root), BY, WHY)
    assert list((root / "unmasked").iterdir()) == []


def test_the_command_asks_for_a_reason(root: Path) -> None:
    run = CliRunner().invoke
    assert run(cli.main, ["notification", str(root), "--unmasked"]).exit_code == 2
    assert run(cli.main, ["notification", str(root), "--reason", WHY]).exit_code == 2
    made = run(cli.main, ["notification", str(root), "--quiet", "--unmasked", "--reason", WHY])
    assert made.exit_code == 0, made.output
    assert (root / "unmasked" / "notification.xlsx").is_file()


def test_spans_of_persons_join_without_a_gap(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, _ = unmasked.write(cases.load(root), BY, WHY)
    monkeypatch.setattr(unmasked, "SPAN", 97)
    parts, _ = unmasked.write(cases.load(root), BY, WHY, root / "parts.xlsx")
    assert parts.read_bytes() == whole.read_bytes()


def fields_of(content: bytes) -> set[str]:
    """Names of the merge fields of a Word file."""
    body = read_docx(io.BytesIO(content)).element.body
    texts = [one.text for one in body.iter(qn("w:instrText"))]
    return {re.fullmatch(r' MERGEFIELD "(.+)" \\\* MERGEFORMAT ', text)[1] for text in texts}  # type: ignore[index]


def test_the_letter_merges_from_the_columns_of_the_workbook(case: Path) -> None:
    (file,) = (case / "report" / "letters").iterdir()
    found = fields_of(file.read_bytes())
    assert {NAME, ITEMS} <= found <= {one.name for one in FIELDS}
    kind = {"KS-2026-001": "内部持出し", "KS-2026-003": "誤送信", "KS-2026-004": "ランサムウェア"}
    assert file.name == f"通知文_{kind[cases.load(case).number]}.docx"
    text = "\n".join(one.text for one in read_docx(str(file)).paragraphs)
    for words in ("事態の概要", "個人データの項目", "原因", "二次被害又はそのおそれ", "その他参考となる事項", "お問い合わせ窓口", "【要記入", "お詫び"):  # fmt: skip
        assert words in text
    boxes = "\n".join(
        cell.text for table in read_docx(str(file)).tables for row in table.rows for cell in row.cells
    )
    assert "決定は責任者・弁護士が行う" in boxes
    for value, likely in ask(case, "SELECT value, likely FROM affected_count WHERE grade = 'possible' AND dimension = 'item'"):  # fmt: skip
        assert f"affected_count[grade=possible,dimension=item,value={value}]" in boxes
        assert f"{likely:,}(" in boxes


@pytest.mark.parametrize("name", sorted(kinds.KINDS))
def test_every_kind_has_a_letter_that_says_all_and_claims_nothing(taken_out: Path, name: str) -> None:
    document = document_of(taken_out)
    content = notice._letter(document, name, kinds.KINDS[name], [])
    assert content == notice._letter(document, name, kinds.KINDS[name], [])
    text = "\n".join(one.text for one in read_docx(io.BytesIO(content)).paragraphs)
    assert fields_of(content) <= {one.name for one in FIELDS}
    assert "{" not in text
    assert text.count("【") == text.count("】") >= 12


def test_a_cause_gives_one_kind_and_routes_give_theirs(taken_out: Path) -> None:
    document = document_of(taken_out)

    def stated(cause: str) -> Document:
        return dataclasses.replace(document, facts=(("cause", json.dumps(cause), "case.toml"),))

    assert kinds.kinds_of(stated("loss")) == ["紛失・盗難"]
    assert kinds.kinds_of(stated("unknown")) == ["紛失・盗難", "内部持出し"]
    bare = dataclasses.replace(stated("other"), counts=(), exposed=())
    assert kinds.kinds_of(bare) == ["その他"]
    known = {"other", "unknown"} | set(kinds._OF_CAUSE)
    assert known == set(cases.CAUSES)
    assert RULED_ON["fact"] is None


def hostile(root: Path, text: str) -> Document:
    """The document of a case in which whatever evidence can name is a hostile text."""
    document = document_of(root)
    counts = tuple(
        dataclasses.replace(one, value=text, open_reasons=(text,)) if one.dimension == "route" else one
        for one in document.counts[:40]
    )
    return dataclasses.replace(
        document,
        case=dataclasses.replace(document.case, client=text, examiner=text),
        counts=counts,
        exposed=tuple(
            Exposed(
                evidence_id="pc01",
                entry_id="0" * 24,
                path=text,
                rule="r",
                route="printed",
                grade="likely",
                reason=text,
                mentions=1,
                is_complete=False,
            )
            for _ in range(2)
        ),
        unread=(Unread(evidence_id="pc01", kind="locked", count=1, example=text, message=text),),
        unsure=(Unsure(path=text, subject=text, kind="candidate", what=text, mentions=2),),
    )


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_of_evidence_stay_texts(taken_out: Path, text: str) -> None:
    document = hostile(taken_out, text)
    content = figures.render(document)
    book = openpyxl.load_workbook(io.BytesIO(content))
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                assert cell.hyperlink is None or not cell.hyperlink.target
    assert figures.render(document) == content
    for letter in notice.render(document).values():
        read_docx(io.BytesIO(letter))
    memo.render(document).decode("utf-8")


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "![x](https://example.invalid/t.png)",
        "[x](javascript:alert(1))",
        "| a | b |",
        "`code` **bold** _it_ ~~gone~~",
        "a\n\n# Heading\n- item",
        "https://example.invalid/ www.example.invalid a@b.example",
        "1. one",
        "&lt;img&gt;",
        "\u202egnp.exe",
        "``` x",
    ],
)
def test_markdown_of_evidence_is_text(taken_out: Path, text: str) -> None:
    page = memo.render(hostile(taken_out, text)).decode("utf-8")
    plain = memo.render(hostile(taken_out, "x")).decode("utf-8")
    assert page.count("\n") == plain.count("\n")
    outside = re.sub(r"`[^`\n]*`", "", page)
    assert not re.search(r"(?<!\\)(<|!\[|\]\(|~~)", outside.replace("\\]", ""))
    assert not re.search(r"(?<!\\)://", outside)
    assert not re.search(r"www\.[a-z]", outside)
    assert "\u202e" not in page
    for line, other in zip(page.split("\n"), plain.split("\n"), strict=True):
        if other.startswith("|"):
            assert len(re.findall(r"(?<!\\)\|", line)) == len(re.findall(r"(?<!\\)\|", other))


def test_every_number_of_the_memo_stands_in_the_document(case: Path) -> None:
    page = (case / "report" / "memo.md").read_text(encoding="utf-8")
    figures_told = numbers_in(json.loads(as_json.render(document_of(case))))
    table = [line for line in page.split("\n") if line.startswith("|") and "affected_count[" in line]
    assert table
    for line in table:
        cells = [one.strip() for one in re.split(r"(?<!\\)\|", line)[2:-2]]
        for number in (int(one.replace(",", "")) for cell in cells for one in re.findall(r"\d[\d,]*", cell)):
            assert number in figures_told
    assert "決定は責任者・弁護士が行う" in page
    assert 1 <= len(re.findall(r"(?m)^\d\. ", page)) <= 5
    assert not [value for value in values_of(case) if len(value) > 3 and value in page]


def test_what_nobody_could_read_is_the_next_thing(case: Path) -> None:
    page = (case / "report" / "memo.md").read_text(encoding="utf-8")
    after = page.split("## 3.")[1]
    if "KS-2026-004" in page:
        assert after.index("損壊した露出ファイル") < after.index("attack")
    if "KS-2026-003" in page:
        assert "kanshiki review" in after
