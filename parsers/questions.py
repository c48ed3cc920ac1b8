"""The questions an investigation asks; a table declares how it answers one.

The view of a question is made from every table that answers it: its provenance columns, `source`
(the table) and the columns below; a column a table does not answer with is null.
"""

from __future__ import annotations

from parsers.contract import Column, Question, boolean, integer, text, utc

ACCESS = Question(
    "access",
    "Who logged on, from where, and for how long?",
    (
        Column("at", utc, "When the session began, ended or was refused."),
        Column("account", text, "Account name as recorded.", is_personal=True),
        Column("account_sid", text, "Security identifier of the account."),
        Column("action", text, "What happened: logon, logoff, failed, unlock, connect."),
        Column("from_host", text, "Host or address the session came from."),
    ),
)
OPENED = Question(
    "opened",
    "Which files and folders were opened, and on which volume?",
    (
        Column("at", utc, "When the target was opened, as the artefact tells it."),
        Column("what", text, "Path of the file or folder opened."),
        Column("account", text, "Account that opened it.", is_personal=True),
        Column("volume_serial", text, "Serial number of the volume, eight upper-case hex digits."),
        Column("target_bytes", integer, "Size of the target when the trace was written."),
    ),
)
DEVICE = Question(
    "device",
    "Which external devices are known to this machine?",
    (
        Column("device_serial", text, "Serial number of the device instance."),
        Column("vendor", text, "Vendor as the device states it."),
        Column("product", text, "Product as the device states it."),
        Column("is_serial_generated", boolean, "Whether Windows made up the serial number."),
    ),
)
CONNECTED = Question(
    "connected",
    "When was which device connected and removed?",
    (
        Column("device_serial", text, "Serial number of the device instance."),
        Column("first_connected_at", utc, "First connection."),
        Column("last_connected_at", utc, "Last connection."),
        Column("last_removed_at", utc, "Last removal."),
    ),
)
NETWORK = Question(
    "network",
    "Which networks, shares and remote hosts were reached, and with how many bytes?",
    (
        Column("at", utc, "When."),
        Column("remote", text, "Network, share or host."),
        Column("sent_bytes", integer, "Bytes that left."),
        Column("received_bytes", integer, "Bytes that came in."),
        Column("program_path", text, "Program that reached it."),
        Column("account", text, "Account under which it was reached.", is_personal=True),
        Column("from_host", text, "Host or address the session came from."),
    ),
)
VISITED = Question(
    "visited",
    "Which pages and internal servers were visited?",
    (
        Column("at", utc, "When."),
        Column("url", text, "Address visited."),
        Column("account", text, "Account or profile.", is_personal=True),
    ),
)
DOWNLOADED = Question(
    "downloaded",
    "Which files were downloaded?",
    (
        Column("at", utc, "When."),
        Column("url", text, "Where from."),
        Column("what", text, "Path of the file written."),
    ),
)
RAN = Question(
    "ran",
    "Which programs ran?",
    (
        Column("at", utc, "When."),
        Column("program_path", text, "Path of the program."),
        Column("account", text, "Account that ran it.", is_personal=True),
        Column("run_count", integer, "How often it ran, as counted by the artefact."),
    ),
)
DELETED = Question(
    "deleted",
    "Which files, mails and programs were deleted?",
    (
        Column("at", utc, "When, where it is known."),
        Column("what", text, "What was deleted."),
        Column("account", text, "Account that deleted it.", is_personal=True),
    ),
)
PRINTED = Question(
    "printed",
    "Which documents were printed, by whom?",
    (
        Column("at", utc, "When the document was sent to the printer."),
        Column("what", text, "Name or path of the document.", is_personal=True),
        Column("account", text, "Account that printed it.", is_personal=True),
        Column("printer", text, "Name of the printer."),
        Column("page_count", integer, "Number of pages, as counted by the artefact."),
    ),
)
MESSAGE = Question(
    "message",
    "Who wrote what to whom?",
    (
        Column("at", utc, "When the message was sent."),
        Column("sender", text, "Who sent it.", is_personal=True),
        Column("recipient", text, "Who it was addressed to.", is_personal=True),
        Column("subject", text, "Subject or first line.", is_personal=True),
    ),
)
CONTACT = Question(
    "contact",
    "Which contacts are stored?",
    (
        Column("contact_name", text, "Name of the contact.", is_personal=True),
        Column("contact_address", text, "Mail address, number or account.", is_personal=True),
    ),
)
DOCUMENT = Question(
    "document",
    "Which documents are there, and who made them?",
    (
        Column("title", text, "Title as stored.", is_personal=True),
        Column("author", text, "Author as stored.", is_personal=True),
        Column("at", utc, "When it was last saved."),
    ),
)
MEDIA = Question(
    "media",
    "Which pictures and recordings are there, and where do they come from?",
    (
        Column("at", utc, "When it was taken."),
        Column("camera", text, "Device that took it."),
    ),
)
PROTECTED = Question(
    "protected",
    "What was blocked, found by protection software, or encrypted?",
    (
        Column("at", utc, "When."),
        Column("what", text, "What was protected or blocked."),
        Column("account", text, "Account it concerns.", is_personal=True),
    ),
)
CLEARED = Question(
    "cleared",
    "Which logs were cleared, and where are gaps?",
    (
        Column("at", utc, "When."),
        Column("what", text, "What was cleared or is missing."),
        Column("account", text, "Account that cleared it.", is_personal=True),
    ),
)

QUESTIONS = (
    ACCESS, OPENED, DEVICE, CONNECTED, NETWORK, VISITED, DOWNLOADED, RAN,
    DELETED, PRINTED, MESSAGE, CONTACT, DOCUMENT, MEDIA, PROTECTED, CLEARED,
)  # fmt: skip
