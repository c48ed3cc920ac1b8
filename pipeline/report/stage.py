"""The stage report: one frozen document, rendered as page, figures, workbook and drafts; and the persons to be told."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pipeline import digest
from pipeline.case import Case
from pipeline.custody.history import Moment, history
from pipeline.custody.record import Product
from pipeline.report import as_html, as_json, memo
from pipeline.report.document import CaseLines, Document, Head, collect
from pipeline.report.drafts import form, reports
from pipeline.report.letters import notice
from pipeline.report.workbooks import figures, notification
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
    "figures.xlsx": figures.render,
    "memo.md": memo.render,
}
# Files whose names and number the document decides, by their folder.
FOLDERS: Mapping[str, Callable[[Document], Mapping[str, bytes]]] = {"letters": notice.render}


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
    for name, content in rendered(document).items():
        replace_file(session.case.report / name, content)
        products.append(Product(path=f"report/{name}", sha256=digest.of_bytes(content), size=len(content)))
    products.append(_notification(session.case))
    session.end(step, products)


def rendered(document: Document) -> dict[str, bytes]:
    """Every file that is rendered from the document alone, by its path below `report/`."""
    found = {name: content for name, render in FILES.items() if (content := render(document)) is not None}
    for folder, render_all in FOLDERS.items():
        found |= {f"{folder}/{name}": content for name, content in render_all(document).items()}
    return found


def _notification(case: Case) -> Product:
    """The workbook of persons without a value, written row by row: there may be millions."""
    path = case.report / "notification.xlsx"
    temporary = path.with_name(f".{path.name}.tmp")
    connection = read.connect(case.tables, only=("per_person",))
    try:
        with temporary.open("wb") as stream:
            notification.write(connection, (case.number, case.time_zone), stream)
    finally:
        connection.close()
    put_in_place(temporary, path)
    return Product(path=f"report/{path.name}", sha256=digest.of_file(path), size=path.stat().st_size)


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
