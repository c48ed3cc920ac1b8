"""What a document says of itself, as every reader of documents gives it: one table.

It is `document_properties`, not `document`: that name is taken by the pipeline's own table of documents.
"""

from __future__ import annotations

from parsers.contract import Column, Table, boolean, integer, local, text, texts, utc
from parsers.questions import DOCUMENT

PROPERTIES = Table(
    "document_properties",
    Column("title", text, "Title as stored.", is_personal=True),
    Column("subject", text, "Subject, decoded.", is_personal=True),
    Column("author", text, "Author as stored.", is_personal=True),
    Column("last_saved_by", text, "Who saved it last, as stored.", is_personal=True),
    Column("company", text, "Company as stored.", is_personal=True),
    Column("manager", text, "Manager as stored.", is_personal=True),
    Column("created_at", utc, "When it was made, as the document says."),
    Column("created_local", local, "The same as a wall clock, where the document names no zone."),
    Column("modified_at", utc, "When it was last saved, as the document says."),
    Column("modified_local", local, "The same as a wall clock, where the document names no zone."),
    Column("printed_at", utc, "When it was last printed, as the document says."),
    Column("printed_local", local, "The same as a wall clock, where the document names no zone."),
    Column("revision_number", integer, "How often it was saved, as the document says."),
    Column("edit_minutes", integer, "Minutes it was edited, as the document says."),
    Column("template", text, "Template it was made from."),
    Column("application", text, "Program that made it, as stated."),
    Column("keywords", text, "Keywords as stored.", is_personal=True),
    Column("page_count", integer, "Number of pages, as counted by the artefact."),
    Column("word_count", integer, "Number of words, as counted by the artefact."),
    Column("custom_properties", texts, "Other properties, each as name=value.", is_personal=True),
    Column("is_encrypted", boolean, "Whether the document is encrypted, with a password or without."),
    answers=DOCUMENT(title="title", author="author", at="modified_at"),
)
