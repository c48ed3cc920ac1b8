"""What a document says of itself, as every reader of documents gives it: one table.

It is `document_properties`, not `document`: that name is taken by the pipeline's own table of documents.
"""

from __future__ import annotations

from parsers.contract import Column, Table, boolean, integer, local, text, texts, utc
from parsers.questions import DOCUMENT

PROPERTIES = Table(
    "document_properties",
    Column("document_format", text, "open_xml, open_document, compound (the binary formats), rtf or pdf."),
    Column("title", text, "Title as stored.", is_personal=True),
    Column("subject", text, "Subject as stored.", is_personal=True),
    Column("author", text, "Author as stored.", is_personal=True),
    Column("last_saved_by", text, "Who saved it last, as stored.", is_personal=True),
    Column("company", text, "Company as stored.", is_personal=True),
    Column("manager", text, "Manager as stored.", is_personal=True),
    Column("category", text, "Category as stored."),
    Column("document_keywords", text, "Keywords as stored.", is_personal=True),
    Column("description", text, "Description or comments as stored.", is_personal=True),
    Column("content_status", text, "Status as stored."),
    Column("created_at", utc, "When the document says it was made."),
    Column("created_local", local, "The same as a wall clock, where the document names no zone."),
    Column("modified_at", utc, "When the document says it was saved last."),
    Column("modified_local", local, "The same as a wall clock, where the document names no zone."),
    Column("printed_at", utc, "When the document says it was printed last."),
    Column("printed_local", local, "The same as a wall clock, where the document names no zone."),
    Column("revision_number", integer, "How often it was saved, as the program counted."),
    Column("edit_minutes", integer, "Minutes it was open for editing, as the program counted."),
    Column("template", text, "Template it was made from."),
    Column("application", text, "Program that wrote it."),
    Column("application_version", text, "Version of that program."),
    Column("document_language", text, "Language as stored."),
    Column("page_count", integer, "Number of pages, as counted by the program."),
    Column("word_count", integer, "Number of words, as counted by the program."),
    Column("slide_count", integer, "Number of slides, as counted by the program."),
    Column("part_titles", texts, "Titles of its parts: sheets, slides, fonts, chapters.", is_personal=True),
    Column("custom_properties", texts, "Properties of its own, each `name=value`.", is_personal=True),
    Column("is_encrypted", boolean, "Whether its content is encrypted by a password."),
    answers=DOCUMENT(title="title", author="author", at="modified_at"),
)
