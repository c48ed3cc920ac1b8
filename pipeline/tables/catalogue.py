"""The pipeline's own tables: the spine of a case on one page.

Artefact tables belong to their parsers. Every table, these included, has the provenance columns
in front; where a row speaks of the whole case, `evidence_id` and `entry_id` are null.
"""

from __future__ import annotations

from parsers.contract import Column, Table, binary, boolean, integer, local, real, text, texts, utc
from parsers.questions import DELETED, DOCUMENT

EVIDENCE_ITEM = Table(
    "evidence_item",
    Column("item_path", text, "Where the item lies, as case.toml or the folder evidence/ names it."),
    Column("role", text, "host, leaked_medium, sent_mail, server, phone or log."),
    Column("custodian", text, "Who held the item before.", is_personal=True),
    Column(
        "format", text, "What the bytes are: raw, ewf, vmdk, vhd, qcow2, folder, zip, tar, file, unusable."
    ),
    Column("segment_count", integer, "Files the item is made of."),
    Column("size_bytes", integer, "Size of the medium, or of the file."),
    Column("md5", text, "MD5 of the medium's bytes, hex."),
    Column("sha1", text, "SHA-1 of the medium's bytes, hex."),
    Column("sha256", text, "SHA-256 of the medium's bytes, hex; of a folder, of its listing."),
    Column("acquired_by", text, "Who acquired the item.", is_personal=True),
    Column("acquired_at", utc, "When it was acquired, as stated."),
    Column("acquired_with", text, "Tool and version of the acquisition, as stated."),
    Column("stated_count", integer, "Digests the acquisition states."),
    Column(
        "acquisition",
        text,
        "match, mismatch, absent (none stated), or unusable (missing, empty, cut): what taking it in gave.",
    ),
    Column("encryption", text, "State of encryption as case.toml gives it."),
)

VOLUME = Table(
    "volume",
    Column("volume_id", text, "Identifier of the volume within the case."),
    Column("volume_number", integer, "Order of the volume on the item, from 1."),
    Column(
        "file_system",
        text,
        "ntfs, fat12, fat16, fat32, exfat, ext, hfsplus, iso9660, xfs, apfs, folder, zip, tar, single.",
    ),
    Column("volume_label", text, "Label of the volume."),
    Column(
        "volume_serial",
        text,
        "Serial number of the volume, upper-case hex; eight digits as Windows shows it.",
    ),
    Column("offset_bytes", integer, "Where the volume begins on the medium."),
    Column("size_bytes", integer, "Size of the volume."),
    Column("path_spec", text, "Address that opens the volume again, as JSON."),
    Column(
        "snapshot_number",
        integer,
        "Number of the shadow copy, from 1, the oldest; null for the volume as it stands.",
    ),
    Column("snapshot_at", utc, "When the shadow copy was taken."),
)

FILE_ENTRY = Table(
    "file_entry",
    Column("volume_id", text, "Volume the entry lies on."),
    Column(
        "path",
        text,
        "Path on the volume, from `/`; undecodable parts escaped as \\xNN or \\uDNNN, `\\` as `\\\\`.",
    ),
    Column("name", text, "Last part of the path, escaped in the same way."),
    Column("name_raw", binary, "Bytes of the name where escaping changed it, else null."),
    Column("kind", text, "file, directory, stream, link, member or other."),
    Column("is_allocated", boolean, "False for an entry that was deleted."),
    Column("size_bytes", integer, "Size of the content; null for a folder."),
    Column("file_reference", integer, "MFT entry or inode number."),
    Column("sequence", integer, "Sequence number of the MFT entry."),
    Column("stream_name", text, "Name of the alternate data stream, null for the main one."),
    Column("link_target", text, "What a symbolic link or reparse point names; never followed."),
    Column("container_entry_id", text, "Entry this one was found inside (attachment, archive member)."),
    Column("member_locator", text, "Where inside its container it stands."),
    Column("depth", integer, "Containers around it."),
    Column("media_type", text, "Media type its container states."),
    Column("created_at", utc, "Creation; on NTFS from $STANDARD_INFORMATION."),
    Column("modified_at", utc, "Last change of the content; on NTFS from $STANDARD_INFORMATION."),
    Column("changed_at", utc, "Last change of the entry; on NTFS from $STANDARD_INFORMATION."),
    Column("accessed_at", utc, "Last access; on NTFS from $STANDARD_INFORMATION."),
    Column("name_created_at", utc, "Creation in $FILE_NAME."),
    Column("name_modified_at", utc, "Last change of the content in $FILE_NAME."),
    Column("name_changed_at", utc, "Last change of the entry in $FILE_NAME."),
    Column("name_accessed_at", utc, "Last access in $FILE_NAME."),
    Column("file_attributes", integer, "File attributes, as Windows numbers them."),
    Column(
        "is_placeholder",
        boolean,
        "Whether the content lies in a cloud drive (OneDrive) and not on the volume.",
    ),
    Column(
        "is_name_later", boolean, "Whether creation in $FILE_NAME is later than in $STANDARD_INFORMATION."
    ),
    Column(
        "has_zero_fraction", boolean, "Whether creation in $STANDARD_INFORMATION stands on a whole second."
    ),
    Column("created_local", local, "Creation as wall clock of unknown zone (FAT, exFAT without zone, zip)."),
    Column("modified_local", local, "Last change as wall clock of unknown zone."),
    Column("accessed_local", local, "Last access as wall clock of unknown zone."),
    # MFT records 12 to 23 are kept for the file system and never were a file.
    answers=DELETED(
        what="path", where="not is_allocated and not regexp_matches(path, '/\\$MFT-(1[2-9]|2[0-3])$')"
    ),
)

ENTRY_CONTENT = Table(
    "entry_content",
    Column("state", text, "parsed, not_wanted, problem: where the one read of its bytes ended."),
    Column("size_bytes", integer, "Bytes that could be read."),
    Column("md5", text, "MD5 of the content, hex."),
    Column("sha1", text, "SHA-1 of the content, hex."),
    Column("sha256", text, "SHA-256 of the content, hex."),
    Column("parsers", texts, "Parsers that wanted it."),
)

PARSE_OUTCOME = Table(
    "parse_outcome",
    Column("outcome", text, "parsed, empty (read to its end, no row) or failed (with a problem)."),
    Column("row_count", integer, "Rows, sheets, texts and members yielded."),
)

COVERAGE = Table(
    "coverage",
    Column(
        "outcome",
        text,
        "parsed, partial (some failed), failed, empty (artefacts without rows), missing (expected, none found) or absent.",
    ),
    Column("is_expected", boolean, "Whether an item of this role should hold at least one such artefact."),
    Column("found_count", integer, "Artefacts found."),
    Column("parsed_count", integer, "Artefacts read to their end."),
    Column("empty_count", integer, "Artefacts read to their end that held no row."),
    Column("failed_count", integer, "Artefacts with a problem."),
    Column("row_count", integer, "Rows, sheets and texts yielded."),
)

PROBLEM = Table(
    "problem",
    Column("stage", text, "Stage that met it."),
    Column(
        "kind",
        text,
        "unreadable, unrecognised, unsupported, damaged, truncated, locked, ambiguous, limit, crashed.",
    ),
    Column("path", text, "Path of the artefact, where it is one entry."),
    Column("column_name", text, "Column whose value could not be read."),
    Column("message", text, "What was found, where, and what to do."),
)

DOCUMENT_TABLE = Table(
    "document",
    Column("name", text, "Name of the file.", is_personal=True),
    Column("path", text, "Path of the file.", is_personal=True),
    Column("sha256", text, "SHA-256 of the content, hex."),
    Column("size_bytes", integer, "Size of the content."),
    Column("sheet_count", integer, "Sheets read from it."),
    Column("row_count", integer, "Rows of all sheets, headers left out."),
    Column("text_count", integer, "Segments of text read from it."),
    Column("is_complete", boolean, "False where a part could not be read: the maximum stays open."),
    answers=DOCUMENT(title="name"),
)

SHEET = Table(
    "sheet",
    Column("sheet_id", text, "Names the file sheets/<sheet_id>.parquet."),
    Column("sheet_name", text, "Name of the sheet, escaped.", is_personal=True),
    Column("width", integer, "Number of columns c000, c001, ..."),
    Column("header", texts, "Words above the columns, null where there is no header."),
    Column("header_row", integer, "Row the header stands in, from 1."),
    Column("row_count", integer, "Rows below the header."),
    Column("codec", text, "Encoding the text was read with."),
    Column("is_hidden", boolean, "Whether the sheet is hidden in its workbook."),
)

TEXT = Table(
    "text",
    Column("segment", text, "What the segment is: page, paragraph, body, subject, ..."),
    Column("content", text, "The text.", is_personal=True),
    Column("codec", text, "Encoding the text was read with."),
)

FOUND_PASSWORD = Table(
    "found_password",
    Column(
        "root_entry_id", text, "Entry of the walk the file is reached through; itself where nothing holds it."
    ),
    Column("text_evidence_id", text, "Item of the text the word stands in."),
    Column("text_entry_id", text, "Entry of that text."),
    Column("text_locator", text, "Where in that entry the text stands."),
    Column(
        "word_number", integer, "Which word of that text, from 0; the word itself stands in no other table."
    ),
    Column(
        "nearness", text, "same_file, thread, folder, day or case: what the text has to do with the file."
    ),
    Column("try_number", integer, "Order in which the words are tried on the file, from 0."),
)

RULE_HIT = Table(
    "rule_hit",
    Column("rule", text, "Name of the rule; null where the scan itself could not end."),
    Column("rule_file", text, "File of the rule under its rules folder."),
    Column("rule_sha256", text, "SHA-256 of that file."),
    Column("outcome", text, "matched, timed_out, too_large or failed."),
    Column("string_name", text, "Which string of the rule."),
    Column("offset_bytes", integer, "Where in the content it matched."),
    Column("matched", binary, "The bytes matched, at most 256.", is_personal=True),
)

MACHINE_CLOCK = Table(
    "machine_clock",
    Column("from_local", local, "First wall-clock time of the stretch."),
    Column("until_local", local, "First wall-clock time after it."),
    Column(
        "earliest_offset_minutes",
        integer,
        "Minutes east of UTC that give the earliest instant; null for an hour no clock showed.",
    ),
    Column("latest_offset_minutes", integer, "Minutes east of UTC that give the latest instant."),
    Column(
        "time_zones",
        texts,
        "Zones told of the machine for this stretch, by their Windows names, or the bias alone.",
    ),
    Column(
        "certainty",
        text,
        "agreed (traces before and after agree), stated (nothing says otherwise), disputed (traces differ) or never (a skipped hour).",
    ),
    Column("sources", texts, "Traces that tell the zone of this machine."),
)

DEVICE_OBSERVATION = Table(
    "device_observation",
    Column(
        "device_key", text, "Device the observation is of; null where it is about what could be looked at."
    ),
    Column(
        "attribute", text, "What was observed: serial, volume_serial, vendor, user, connected, removed, ..."
    ),
    Column("observed_value", text, "Value as the source gives it; null for a moment.", is_personal=True),
    Column(
        "observed_at",
        utc,
        "Instant of a moment: connected, removed, installed, ...; of an interval, its beginning.",
    ),
    Column(
        "observed_latest_at", utc, "Latest instant it can have been; that of `observed_at` where it is exact."
    ),
    Column("source", text, "Table the observation stands in, or rule that read it."),
    Column(
        "confidence",
        text,
        "exact (an event of that instant), stated (kept by the source), recovered (read from what was deleted) or weak "
        "(a value many devices share).",
    ),
)

DEVICE = Table(
    "device",
    Column("device_key", text, "Device, named by its best identifier."),
    Column("device_serial", text, "Serial number of the device instance."),
    Column("is_serial_generated", boolean, "Whether Windows made up the serial number."),
    Column("vendor", text, "Vendor as the device states it."),
    Column("product", text, "Product as the device states it."),
    Column("vendor_id", text, "USB vendor number, four hex digits."),
    Column("product_id", text, "USB product number, four hex digits."),
    Column("container_id", text, "Identifier that all parts of one physical device share."),
    Column("capacity_bytes", integer, "Capacity of the medium."),
    Column("volume_serials", texts, "Serial numbers of volumes seen on it."),
    Column("volume_guids", texts, "GUIDs of volumes seen on it."),
    Column("volume_labels", texts, "Labels of volumes seen on it."),
    Column("drive_letters", texts, "Letters it had."),
    Column(
        "users", texts, "Profiles of users who had it mounted or opened something on it.", is_personal=True
    ),
    Column("first_connected_at", utc, "First connection."),
    Column("last_connected_at", utc, "Last connection."),
    Column("last_removed_at", utc, "Last removal."),
    Column("seen_on", texts, "Evidence items that know it."),
    Column("source_count", integer, "Sources that know it."),
    Column("sources", texts, "Which sources know it."),
    Column("disagreements", texts, "Attributes with more than one value, each value with its sources."),
)

CONNECTED = Table(
    "connected",
    Column("device_key", text, "Device, null where the row tells what could be looked at and held none."),
    Column("device_serial", text, "Serial number of the device instance."),
    Column("first_connected_at", utc, "When the interval began."),
    Column(
        "last_connected_at", utc, "Last instant at which it is known to have been connected in this interval."
    ),
    Column("last_removed_at", utc, "When the interval ended."),
    Column(
        "begin_certainty",
        text,
        "exact, stated (a wall clock in the only zone told, or a time read from what was deleted), between (an interval: `told` "
        "has its end), or unknown.",
    ),
    Column(
        "end_certainty",
        text,
        "exact, stated or between as at the beginning, before (it was connected again then, so it was removed before), or unknown.",
    ),
    Column("told", text, "What the row says, in words."),
    Column("sources", texts, "Which sources know it."),
)

ON_DEVICE = Table(
    "on_device",
    Column("device_key", text, "Device the file or program lay on."),
    Column("device_serial", text, "Serial number of the device instance."),
    Column("question", text, "What was done: opened, ran, downloaded (written), deleted."),
    Column("happened_at", utc, "When, as the trace tells it; of a wall clock the earliest instant."),
    Column("latest_at", utc, "The latest instant it can have been."),
    Column("what", text, "Path of the file, folder or program.", is_personal=True),
    Column("account", text, "Account that did it.", is_personal=True),
    Column(
        "linked_by",
        text,
        "volume_serial, volume_guid, letter_and_time or letter: what joins the trace with the device.",
    ),
    Column(
        "certainty",
        text,
        "proved (the trace names the volume), likely (letter and time) or possible (letter alone, or several devices fit).",
    ),
    Column("source", text, "Table the observation stands in, or rule that read it."),
)

HASH_HIT = Table(
    "hash_hit",
    Column("list_file", text, "List that names the content, under its folder of rules."),
    Column("list_sha256", text, "SHA-256 of that file."),
    Column("list_kind", text, "bad or good: what the list is of."),
    Column("digest_kind", text, "md5, sha1 or sha256: which digest agreed."),
    Column("digest_hex", text, "The digest, hex."),
    Column("known_name", text, "Name the list has for it."),
)

# What the hits and the list of rules over events both say of a rule.
_RULE_NAME = (
    Column("rule_id", text, "Identifier the rule over events gives itself."),
    Column("rule_title", text, "Title of the rule."),
)
_RULE_RATING = (
    Column(
        "rule_level", text, "informational, low, medium, high or critical, as the rule rates what it finds."
    ),
    Column(
        "rule_state", text, "stable, test, experimental, deprecated or unsupported: how its authors hold it."
    ),
    Column("rule_tags", texts, "Tags of the rule, as attack.t1110."),
    Column("rule_file", text, "File of the rule under its rules folder."),
    Column("rule_sha256", text, "SHA-256 of that file."),
)

EVENT_HIT = Table(
    "event_hit",
    *_RULE_NAME,
    *_RULE_RATING,
    Column("written_at", utc, "When the event was raised, by the clock of the machine."),
    Column("computer", text, "Name of the machine, as the event gives it."),
    Column("channel", text, "Log the event was written to."),
    Column("event_id", integer, "Kind of event, as the provider numbers it."),
    Column(
        "correlated_count",
        integer,
        "What a correlation had counted within its time span when this event came; null for a rule over single events.",
    ),
)

EVENT_RULE = Table(
    "event_rule",
    *_RULE_NAME,
    Column("title_ja", text, "Title of the rule in Japanese, where it has one."),
    *_RULE_RATING,
    Column(
        "outcome",
        text,
        "matched, no_match, no_events (none of its log source in the case: it could not look) or unsupported.",
    ),
    Column("reason", text, "Why, in words."),
    Column(
        "is_counted_only",
        boolean,
        "Whether the rule only feeds a correlation: its matches are counted and give no hit of their own.",
    ),
    Column("source_count", integer, "Events of its log source in the case; null for a correlation."),
    Column("match_count", integer, "Events it matched; null where it was not looked for."),
)

SHEET_COLUMN = Table(
    "sheet_column",
    Column("sheet_id", text, "Names the file sheets/<sheet_id>.parquet."),
    Column("column_name", text, "Column of the sheet: c000, c001, ..."),
    Column("header_word", text, "Word above the column, null without header.", is_personal=True),
    Column(
        "role", text, "Whom the column speaks of where not of the row's main person: recipient, guardian, ..."
    ),
    Column("item", text, "Data item the column was taken for, null where for none."),
    Column("item_status", text, "held; candidate: the header says so, the values do not show it; none."),
    Column(
        "joined_with", texts, "Columns that make up the item together, this one among them; empty for most."
    ),
    Column(
        "proposed_by", text, "header, values or ruling: what proposed the item; none where nothing holds."
    ),
    Column("filled_count", integer, "Rows in which the column is filled."),
    Column("passed_count", integer, "Of these, values that are of the item."),
    Column(
        "is_suspect",
        boolean,
        "Taken for nothing, though its values look like names, mail addresses or telephones.",
    ),
)

TEXT_ITEM = Table(
    "text_item",
    Column(
        "item", text, "Data item found at the locator: a segment of `text` and the signs from its beginning."
    ),
    Column("category", text, "Category in the words of the decision's vocabulary."),
    Column(
        "value_text",
        text,
        "As written; of what opens or pays a mask and the last four signs.",
        is_personal=True,
    ),
    Column("value_key", text, "In its one form; of what opens or pays a digest.", is_personal=True),
    Column("sign_count", integer, "Signs it takes from the place the locator names."),
    Column("score", real, "How sure, 0 to 1."),
    Column("reason", text, "pattern; pattern and context; words: candidates only; or what showed a name."),
    Column("item_status", text, "held, or candidate: a rule or a ruling must confirm it."),
    Column("mention_id", text, "Mention it belongs to, null where no person is near."),
)

MENTION = Table(
    "mention",
    Column("mention_id", text, "Identifier of the mention."),
    Column("sheet_id", text, "Sheet it stands in, null for text."),
    Column("row_number", integer, "Row of that sheet, from 1 as in the source."),
    Column("role", text, "Whom of a row or passage it speaks of: main, recipient, guardian, ..."),
    Column("full_name", text, "Name as written.", is_personal=True),
    Column("name_key", text, "Name folded for comparison.", is_personal=True),
    Column("kana_key", text, "Name in kana, folded.", is_personal=True),
    Column("birth_date", text, "Date of birth, YYYY-MM-DD.", is_personal=True),
    Column("postal_code", text, "Postal code, seven digits.", is_personal=True),
    Column("address_key", text, "Address folded for comparison.", is_personal=True),
    Column("phone_key", text, "Telephone number, E.164.", is_personal=True),
    Column("email_key", text, "Mail address, folded.", is_personal=True),
    Column("number_key", text, "Customer, member or employee number with its namespace.", is_personal=True),
    Column("items", texts, "Data items present: name, birth_date, phone, card_number, ..."),
    Column("categories", texts, "Categories in the words of the decision's vocabulary."),
    Column(
        "candidates", texts, "Categories that may be there and that a rule or a ruling has not confirmed."
    ),
    Column("subject_kind", text, "customer, employee, contact or unknown."),
    Column(
        "doubt",
        text,
        "Why it may be no living natural person: a sample, a company, deceased, a mailbox of an office, a surname alone, a name by the look of it; else null.",
    ),
    Column(
        "mails",
        texts,
        "The mails of a store (mbox, pst) it stands in, by their locators in `mail_message`; null where it stands in no store.",
    ),
)

# The word of `mention.doubt` for who is dead: the law counts the living.
DECEASED = "deceased"

EXPOSURE = Table(
    "exposure",
    Column("rule", text, "Exposure rule that holds."),
    Column("route", text, "leaked_medium, copied_to_device, sent_outside, ..."),
    Column("grade", text, "confirmed, likely, possible, or excluded by a ruling."),
    Column(
        "medium",
        text,
        "What it lay on or went out by: `item:` and an evidence item, `device:` and a device's key, mail, paper, disc.",
    ),
    Column("reason", text, "Why, in words."),
    Column("supports", texts, "The rows behind it: table, evidence, entry, locator."),
)

PERSON = Table(
    "person",
    Column("bound", text, "low, likely or high: which clustering."),
    Column(
        "person_id", integer, "Number of the person within that clustering: 1 and up by its first mention."
    ),
    Column("first_mention_id", text, "The first of the mentions held to be this person."),
    Column("mention_count", integer, "Mentions held to be this person."),
    Column("subject_kind", text, "customer, employee, contact, mixed or unknown."),
)

PERSON_MENTION = Table(
    "person_mention",
    Column("mention_id", text, "Mention held to speak of these persons."),
    Column("high", integer, "Person of the clustering `high` (`person.person_id`)."),
    Column("high_reason", text, "What joined it there: what agrees, `says the same`, `ruling`, or `alone`."),
    Column("likely", integer, "Person of the clustering `likely`."),
    Column("likely_reason", text, "What joined it there."),
    Column("low", integer, "Person of the clustering `low`."),
    Column("low_reason", text, "What joined it there."),
    Column(
        "weight",
        real,
        "Odds (base 2 logarithm) of the strongest pair that holds it in its likely person; null where none does.",
    ),
)

PERSON_MODEL = Table(
    "person_model",
    Column("field", text, "What is compared: name, birth_date, phone, email, place, number; or `case`."),
    Column(
        "agreement",
        text,
        "Level of agreement: exact, near, edit, differ, ...; of `case` the name of the figure.",
    ),
    Column("m", real, "How often mentions of one human agree so; of `case` the figure."),
    Column(
        "chance",
        real,
        "How often two humans agree so at least; null where each value's own frequency says it.",
    ),
    Column("learned_pairs", integer, "Pairs of this case on which m rests beside the rules' own figure."),
)

PER_PERSON = Table(
    "per_person",
    Column(
        "person_id",
        integer,
        "Person of the bound `likely` with a mention that went out (`person.person_id`).",
    ),
    Column("grade", text, "confirmed, likely or possible: the surest of the grades of their mentions."),
    Column("routes", texts, "The ways their data went."),
    Column("items", texts, "Their data items that went out: what a notice to this person names."),
    Column("categories", texts, "Their categories, in the words of the decision's vocabulary."),
    Column("candidates", texts, "Categories that may be there and that nobody has confirmed."),
    Column("subject_kind", text, "customer, employee, contact, mixed or unknown."),
    Column(
        "is_in_doubt",
        boolean,
        "Whether every mention that went out may be no living natural person: counted in the highest bound only.",
    ),
    Column("mention_count", integer, "Mentions that went out."),
    Column("document_count", integer, "Documents these stand in."),
    Column("has_address", boolean, "Whether any mention of the person in the case has a postal address."),
    Column("has_email", boolean, "Whether any has a mail address."),
    Column(
        "has_phone",
        boolean,
        "Whether any has a telephone number. With none of the three a notice needs another measure.",
    ),
    Column(
        "contact_changed_at",
        utc,
        "When the newest document with such a contact was last changed, or the mail sent: the contact may be older, never newer. "
        "Wall clocks of archives and FAT are read in the case's zone.",
    ),
    Column(
        "contact_age_days",
        integer,
        "Whole days from then to the first knowledge stated in case.toml; null without either.",
    ),
)

AFFECTED_COUNT = Table(
    "affected_count",
    Column("grade", text, "confirmed; likely (with confirmed); possible (all)."),
    Column(
        "dimension",
        text,
        "all, category, item, document, route, medium, subject_kind, entruster, deceased (who is counted apart).",
    ),
    Column("value", text, "Which category, item, document, ...; null for all."),
    Column("low", integer, "Persons, joining everything that could be the same human."),
    Column(
        "likely",
        integer,
        "Persons, the answer held most probable: as joined, less those expected to be counted twice, and with those expected to be joined wrongly.",
    ),
    Column(
        "high",
        integer,
        "Persons, joining only what cannot be two, less those of the refused joins that most probably hold, counted cautiously.",
    ),
    Column(
        "estimate",
        integer,
        "A second figure beside `likely`: the persons as `person` has them joined in the likely bound, before that correction.",
    ),
    Column("is_open", boolean, "True where something keeps the maximum open: read `at least`."),
    Column("open_reasons", texts, "What keeps it open, in words; empty where nothing does."),
)

OPEN_ITEM = Table(
    "open_item",
    Column(
        "grade", text, "Grade whose count it keeps open: confirmed; likely (with confirmed); possible (all)."
    ),
    Column("reason", text, "Why, in words: those of `affected_count.open_reasons`."),
    Column("what", text, "What it is about.", is_personal=True),
    Column(
        "persons_low",
        integer,
        "Persons that may stand in it by the like of it: a tenth of that holds fewer. Null without an honest estimate.",
    ),
    Column("persons_likely", integer, "The same, by the middle of the like of it. Never part of a count."),
    Column("persons_high", integer, "The same: a tenth of the like of it holds more."),
    Column("method", text, "How that was estimated; null where it was not."),
)

FACT = Table(
    "fact",
    Column("name", text, "Name in the decision's vocabulary."),
    Column("value", text, "Value as JSON."),
    Column("source", text, "counted, case.toml, ruling, or default."),
    Column("supports", texts, "What it rests on."),
)

INDICATOR = Table(
    "indicator",
    Column("rule", text, "Rule that holds."),
    Column(
        "direction",
        text,
        "for or against the possibility that data were taken or damaged; from or to: an end of the window.",
    ),
    Column("grade", text, "confirmed, likely or possible."),
    Column("happened_at", utc, "When, as the trace tells it; of a wall clock the earliest instant."),
    Column("reason", text, "Why, in words."),
    Column("supports", texts, "The rows behind it: table, evidence, entry, locator."),
)

DECISION = Table(
    "decision",
    Column("law_pack", text, "Which law."),
    Column("reportable", text, "true, false or undetermined."),
    Column("outcome", text, "The whole decision with its reasons, as canonical JSON."),
)

SPINE = (
    EVIDENCE_ITEM, VOLUME, FILE_ENTRY, ENTRY_CONTENT, PARSE_OUTCOME, COVERAGE, PROBLEM, DOCUMENT_TABLE, SHEET, TEXT, FOUND_PASSWORD, RULE_HIT,
    MACHINE_CLOCK, DEVICE_OBSERVATION, DEVICE, CONNECTED, ON_DEVICE, HASH_HIT, EVENT_HIT, EVENT_RULE, SHEET_COLUMN, TEXT_ITEM, MENTION, EXPOSURE, PERSON, PERSON_MENTION, PERSON_MODEL,
    PER_PERSON, AFFECTED_COUNT, OPEN_ITEM, FACT, INDICATOR, DECISION,
)  # fmt: skip
