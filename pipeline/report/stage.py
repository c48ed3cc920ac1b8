"""The stage report: one frozen document, rendered as report.html and figures.json."""

from __future__ import annotations

from pipeline import digest
from pipeline.case import Case
from pipeline.custody.history import Moment, history
from pipeline.custody.record import Product
from pipeline.report import as_html, as_json
from pipeline.report.document import CaseLines, Document, Head, collect
from pipeline.report.drafts import form, reports
from pipeline.tables import answers, read
from pipeline.tables.write import replace_file
from pipeline.work.session import PROJECT, Session, Step

READS = (
    "evidence_item",
    "device",
    "connected",
    "on_device",
    "sheet",
    "sheet_column",
    "affected_count",
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
FILES = {
    "report.html": as_html.render,
    "figures.json": as_json.render,
    "速報.docx": reports.preliminary,
    "確報.docx": reports.final,
}


def run(session: Session) -> None:
    """Write the report unless it stands already for the same tables."""
    step = Step(
        name="report",
        basis={"case": session.case.toml_sha256 or "", "number": session.case.number},
        materials=session.materials(*READS, *(table for table in session.tables_of("windows_", "mail_"))),
        rules=session.rule_use(
            [
                *answers.FOLDER.rglob("*.sql"),
                form.FILE,
                *(
                    one
                    for one in (PROJECT / "pipeline" / "report").rglob("*")
                    if one.suffix in (".py", ".j2")
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
        replace_file(path, content)
        products.append(Product(path=f"report/{name}", sha256=digest.of_bytes(content), size=len(content)))
    session.end(step, products)


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
