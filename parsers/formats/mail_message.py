"""Mails as every reader of a message or a mailbox gives them: one table."""

from __future__ import annotations

from parsers.contract import Column, Table, boolean, integer, local, text, texts, utc
from parsers.questions import MESSAGE

MAIL = Table(
    "mail_message",
    Column("message_id", text, "Message-ID, without angle brackets."),
    Column("subject", text, "Subject, decoded.", is_personal=True),
    Column("sent_at", utc, "When the mail says it was sent (Date)."),
    Column("sent_local", local, "Wall clock of Date; alone where it names no time zone."),
    Column("sent_offset_minutes", integer, "Minutes Date is ahead of UTC."),
    Column("sender", text, "Address in From, lower case.", is_personal=True),
    Column("sender_name", text, "Name in From, decoded.", is_personal=True),
    Column("submitted_by", text, "Address in Sender, where another sent it for From.", is_personal=True),
    Column(
        "recipients", text, "Addresses in To, Cc and Bcc, separated by a comma and a space.", is_personal=True
    ),
    Column(
        "recipient_names",
        texts,
        "Names of those recipients in that order, empty where one has none.",
        is_personal=True,
    ),
    Column("to_addresses", texts, "Addresses in To, lower case.", is_personal=True),
    Column("cc_addresses", texts, "Addresses in Cc, lower case.", is_personal=True),
    Column("bcc_addresses", texts, "Addresses in Bcc, lower case.", is_personal=True),
    Column("reply_to_addresses", texts, "Addresses in Reply-To, lower case.", is_personal=True),
    Column(
        "resent_to_addresses",
        texts,
        "Addresses in Resent-To, Resent-Cc and Resent-Bcc, lower case.",
        is_personal=True,
    ),
    Column(
        "delivered_to_addresses",
        texts,
        "Addresses in Delivered-To and X-Original-To, lower case.",
        is_personal=True,
    ),
    Column("received_count", integer, "Servers that handed the mail on (Received)."),
    Column("first_received_at", utc, "When the first of those servers took it, by its own clock."),
    Column("in_reply_to", text, "Message-ID of the mail answered, without angle brackets."),
    Column("reference_ids", texts, "Message-IDs of the mails before it, without angle brackets."),
    Column("mailer", text, "Program that wrote the mail, as stated."),
    Column("has_attachments", boolean, "Whether a file is attached; pictures within the text are none."),
    Column("attachment_count", integer, "Files attached."),
    Column("attachment_names", texts, "Names of the files attached, in order.", is_personal=True),
    Column("delivered_at", utc, "When it was put into the mailbox, as the store tells it."),
    Column(
        "directory_addresses",
        texts,
        "Addresses of sender and recipients in a directory (X.500 of Exchange) of whom no mail address is stored.",
        is_personal=True,
    ),
    Column("message_class", text, "Kind of item as the store names it (IPM.Note, IPM.Appointment)."),
    Column("folder_path", text, "Folder of the store it lies in.", is_personal=True),
    Column("is_read", boolean, "Whether the store has it marked as read."),
    Column("is_deleted", boolean, "Whether it is marked as deleted, or was found outside of every folder."),
    Column("is_unsent", boolean, "Whether the store has it marked as not sent: a draft."),
    # A contact or a list of them is kept among the mails of a store and is no message.
    answers=MESSAGE(
        where="coalesce(message_class, '') NOT LIKE 'IPM.Contact%' AND coalesce(message_class, '') NOT LIKE 'IPM.DistList%'",
        at="sent_at",
        sender="sender",
        recipient="recipients",
        subject="subject",
    ),
)
