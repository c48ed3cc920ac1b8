"""The stage report: one frozen document, rendered as page, figures, workbook and drafts; and the persons to be told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from pipeline import digest
from pipeline.case import Case
from pipeline.custody.history import Moment, history
from pipeline.custody.record import Product
from pipeline.report import as_html, as_json, memo
from pipeline.report.books import figures, notification
from pipeline.report.document import CaseLines, Document, Head, collect
from pipeline.report.drafts import form, letters, reports
from pipeline.tables import answers, read
from pipeline.tables.write import put_in_place, replace_file
from pipeline.work.session import PROJECT, Session, Step

READS = (
    "evidence_item",
    "device",
    "connected",
    "on_device",
    "sheet",
    "sheet_column",
    "affected_count",
    "per_person",
    "open_item",
    "person_model",
    "exposure",
    "indicator",
    "file_entry",
    "mention",
    "document",
    "problem",
    "coverage",
    "decision",
    "rule_hit",
    "hash_hit",
    "event_hit",
    "event_rule",
    "fact",
    "entry_content",
)
WRITES: tuple[str, ...] = ()
# What is rendered from the document alone; None where a case has no such file.
FILES: Mapping[str, Callable[[Document], bytes | None]] = {
    "report.html": as_html.render,
    "figures.json": as_json.render,
    "速報.docx": reports.preliminary,
    "確報.docx": reports.final,
    "特定個人情報_速報.docx": reports.my_number_preliminary,
    "特定個人情報_確報.docx": reports.my_number_final,
    "通知文.docx": letters.notice,
    "memo.md": memo.render,
}
# What is written row by row, to a file of its own.
BOOKS: Mapping[str, Callable[[Document, Case, Path], None]] = {
    "figures.xlsx": lambda document, _, path: figures.write(document, path),
    "notification.xlsx": lambda _, case, path: persons_of(case, path),
}


def run(session: Session) -> None:
    """Write the report unless it stands already for the same tables."""
    step = Step(
        name="report",
        basis={"case": session.case.toml_sha256 or "", "number": session.case.number},
        materials=session.materials(
            *READS, *(table for table in session.tables_of("windows_", "server_", "mail_"))
        ),
        rules=session.rule_use(
            [
                *answers.FOLDER.rglob("*.sql"),
                form.FILE,
                letters.FILE,
                *(
                    one
                    for one in (PROJECT / "pipeline" / "report").rglob("*")
                    if one.suffix in (".py", ".j2", ".css")
                ),
            ]
        ),
    )
    if session.is_done(step):
        return
    size, _, sha256 = session.log.head.partition(":")
    head = Head(size=int(size), sha256=sha256)
    moments = history(session.log.records)
    session.begin(step)
    document = document_of(session.case, head, moments)
    products = []
    for name, render in FILES.items():
        content = render(document)
        path = session.case.report / name
        if content is None:
            path.unlink(missing_ok=True)
            continue
        replace_file(path, content)
        products.append(Product(path=f"report/{name}", sha256=digest.of_bytes(content), size=len(content)))
    for name, write in BOOKS.items():
        path = session.case.report / name
        temporary = path.with_name(f".{name}.tmp")
        write(document, session.case, temporary)
        put_in_place(temporary, path)
        products.append(Product(path=f"report/{name}", sha256=digest.of_file(path), size=path.stat().st_size))
    session.end(step, products)


def persons_of(case: Case, path: Path) -> None:
    """Write the persons to be told, without their values, to a file."""
    connection = read.connect(case.tables, case.work / "duckdb", only=notification.TABLES)
    try:
        notification.write(connection, path, case.number, case.time_zone)
    finally:
        connection.close()


def document_of(case: Case, head: Head, moments: tuple[Moment, ...]) -> Document:
    """The document of a case as its tables stand now, and how its counts came to be so."""
    connection = read.connect(case.tables)
    try:
        lines = CaseLines(
            number=case.number,
            client=case.client,
            examiner=case.examiner,
            time_zone=case.time_zone,
            window_from=case.window[0],
            window_to=case.window[1],
            entity_kind=case.entity.kind,
            known=tuple(sorted((one.at, one.department) for one in case.knowledge)),
        )
        return collect(connection, lines, head, moments)
    finally:
        connection.close()
