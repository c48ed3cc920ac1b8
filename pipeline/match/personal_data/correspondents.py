"""Mentions of whom a mail names in its head: the sender and those it went to, once for each entry, address and name."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from pipeline import digest
from pipeline.match.personal_data import fold
from pipeline.match.personal_data.items import Items
from pipeline.match.personal_data.rows import SHARED_MAILBOX, own_schema
from pipeline.match.personal_data.values import CHECKS

SENDER, RECIPIENT = "mail sender", "mail recipient"
READS = ("mail_message",)
# Parsers of files of many mails: what holds of one of these mails holds of no other.
STORES = ("mail/mbox", "mail/pst")
_QUERY = f"""
WITH named AS (
    SELECT parser, evidence_id, entry_id, locator, '{SENDER}' AS role, sender AS address, sender_name AS name FROM mail_message
    UNION ALL
    SELECT parser, evidence_id, entry_id, locator, '{RECIPIENT}', trim(unnest(string_split(recipients, ','))), unnest(recipient_names)
    FROM mail_message WHERE len(string_split(recipients, ',')) = len(recipient_names)
    UNION ALL
    SELECT parser, evidence_id, entry_id, locator, '{RECIPIENT}',
        unnest(list_concat(coalesce(to_addresses, []), coalesce(cc_addresses, []), coalesce(bcc_addresses, []))), NULL
    FROM mail_message WHERE coalesce(len(string_split(recipients, ',')) <> len(recipient_names), true)
)
SELECT evidence_id, entry_id, min(locator) AS locator, role, address, nullif(trim(name), '') AS name,
    list_sort(list(DISTINCT locator) FILTER (parser IN {STORES})) AS mails
FROM named WHERE address LIKE '%@%' GROUP BY ALL ORDER BY evidence_id, entry_id, role, address, name
"""  # noqa: S608


def correspondents(
    connection: duckdb.DuckDBPyConnection, items: Items, own_domains: frozenset[str]
) -> Iterator[tuple[tuple[str, str], pa.Table]]:
    """For each evidence item and entry the mentions of its mails' heads: `locator` and the own columns of `mention`.

    A name that is the address again is none. Kind: employee for the client's own domains, else contact.
    """
    found = connection.sql(_QUERY).to_arrow_table()
    places = list(
        zip(found.column("evidence_id").to_pylist(), found.column("entry_id").to_pylist(), strict=True)
    )
    starts = [index for index, one in enumerate(places) if index == 0 or places[index - 1] != one]
    for start, stop in pairwise([*starts, len(places)]):
        yield places[start], _mentions(places[start][1], found.slice(start, stop - start), items, own_domains)


def _mentions(entry_id: str, told: pa.Table, items: Items, own_domains: frozenset[str]) -> pa.Table:
    address = CHECKS["email"](fold.width(told.column("address").combine_chunks()))
    written = told.column("name").combine_chunks()
    folded = pc.utf8_lower(fold.width(written))
    is_name = pc.and_kleene(pc.not_equal(folded, address), pc.invert(pc.match_substring(folded, "@")))
    name = pc.if_else(pc.fill_null(is_name, False), written, pa.scalar(None, pa.string()))
    place = pc.replace_substring_regex(address, "^.*@", "")
    mailbox = pc.replace_substring_regex(address, "@.*$", "")
    is_own = pc.is_in(place, value_set=pa.array(sorted(own_domains), pa.string()))
    is_shared = pc.is_in(mailbox, value_set=pa.array(sorted(items.shared_mailboxes)))
    role, locator = told.column("role").combine_chunks(), told.column("locator").combine_chunks()
    keys = zip(locator.to_pylist(), role.to_pylist(), address.to_pylist(), name.to_pylist(), strict=True)
    has_name = pc.is_valid(name).to_pylist()
    told_items = [["name", "email"] if one else ["email"] for one in has_name]
    columns = {
        "locator": locator,
        "mention_id": pa.array([digest.short(entry_id, *(part or "" for part in key)) for key in keys]),
        "role": role,
        "full_name": name,
        "name_key": fold.name(fold.width(name), items.variants),
        "email_key": address,
        "items": pa.array(told_items, pa.list_(pa.string())),
        "categories": pa.array(told_items, pa.list_(pa.string())),
        "candidates": pa.array([[]] * told.num_rows, pa.list_(pa.string())),
        "subject_kind": pc.if_else(is_own, "employee", "contact"),
        "mails": told.column("mails").combine_chunks(),
        "doubt": pc.if_else(is_shared, pa.scalar(SHARED_MAILBOX, pa.string()), pa.scalar(None, pa.string())),
    }
    schema = pa.schema([("locator", pa.string()), *own_schema()])
    empty = {one.name: pa.nulls(told.num_rows, one.type) for one in schema}
    mentions = pa.table({**empty, **columns}, schema=schema)
    return mentions.filter(pc.is_valid(address))
