"""Exposure rules over tables with the real schemas: what each shows, and its near misses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from parsers.questions import QUESTIONS
from pipeline.errors import RuleError
from pipeline.rulebook import RuleFile
from pipeline.scope import exposure, indicators
from pipeline.tables.schema import all_tables, full_schema, view_sql

WINDOW = {"window_from": datetime(2026, 9, 14, tzinfo=UTC), "window_to": datetime(2026, 9, 30, tzinfo=UTC)}
SEEN = datetime(2026, 9, 20, tzinfo=UTC)


def exposed(
    params: Mapping[str, Any],
    rows_found: list[dict[str, Any]] | None = None,
    **tables: Sequence[dict[str, Any]],
) -> set[tuple[str, str, str]]:
    """Rule, entry and grade of every exposure over these rows; tables not named are empty. The rows go to `rows_found`."""
    connection = duckdb.connect(":memory:")
    for name, table in all_tables().items():
        schema = full_schema(table)
        rows = tables.get(name, ())
        unknown = {key for row in rows for key in row} - set(schema.names)
        assert not unknown, f"{name} has no column {unknown}"
        content = {
            field.name: pa.array([row.get(field.name) for row in rows], field.type) for field in schema
        }
        connection.register(name, pa.table(content, schema=schema))
    for question in QUESTIONS:
        if question.name not in all_tables():
            connection.execute(f'CREATE VIEW "{question.name}" AS {view_sql(question)}')
    found = exposure.exposures(connection, "T", exposure.rules(), params)
    connection.close()
    if rows_found is not None:
        rows_found += found
    assert all(row["supports"] for row in found), "an exposure without a row behind it"
    return {(row["rule"], row["entry_id"], row["grade"]) for row in found}


def item(evidence_id: str, role: str) -> dict[str, Any]:
    return {"evidence_id": evidence_id, "role": role}


def file(evidence_id: str, entry_id: str, **more: Any) -> dict[str, Any]:
    return {
        "evidence_id": evidence_id,
        "entry_id": entry_id,
        "kind": "file",
        "is_allocated": True,
        "locator": "1",
        **more,
    }


def test_everything_on_a_lost_medium_is_exposed_deleted_entries_too() -> None:
    found = exposed(
        {},
        evidence_item=[item("usb", "leaked_medium"), item("pc", "host")],
        file_entry=[
            file("usb", "a"),
            file("usb", "b", is_allocated=False),
            file("pc", "c"),
            file("usb", "d", kind="directory"),
        ],
    )
    assert found == {("leaked_medium", "a", "confirmed"), ("leaked_medium", "b", "confirmed")}


LNK = {
    "evidence_id": "pc",
    "entry_id": "lnk",
    "locator": "0",
    "target_path": "E:\\顧客\\list.csv",
    "target_bytes": 100,
    "volume_serial": "AAAA0001",
    "drive_type": "removable",
}
DEVICE = {"device_key": "serial:S1", "device_serial": "S1", "volume_serials": [], "drive_letters": []}
CONNECTED = {
    "evidence_id": "pc",
    "device_key": "serial:S1",
    "device_serial": "S1",
    "first_connected_at": SEEN,
    "last_connected_at": SEEN,
    "told": "connected",
}
HOST = file("pc", "doc", name="list.csv", path="/Users/x/list.csv", size_bytes=100)


def takeout(
    lnk: dict[str, Any] | None = None,
    connected: dict[str, Any] | None = None,
    host: dict[str, Any] | None = None,
) -> set:
    return exposed(
        WINDOW,
        evidence_item=[item("pc", "host")],
        windows_lnk=[LNK | (lnk or {})],
        device=[DEVICE],
        connected=[CONNECTED | (connected or {})],
        file_entry=[HOST | (host or {})],
    )


def test_a_file_opened_on_a_removable_volume_marks_its_twin_on_the_host() -> None:
    assert takeout() == {("copied_to_device", "doc", "likely")}


@pytest.mark.parametrize(
    "change",
    [
        {"lnk": {"drive_type": "fixed"}},
        {"lnk": {"volume_serial": None}},
        {"lnk": {"target_bytes": 99}},
        {"host": {"name": "other.csv"}},
        {"host": {"is_allocated": False}},
        {
            "connected": dict.fromkeys(
                ("first_connected_at", "last_connected_at"), datetime(2025, 1, 1, tzinfo=UTC)
            )
        },
        {"connected": dict.fromkeys(("first_connected_at", "last_connected_at"))},
        {"connected": {"device_key": None}},
    ],
    ids=[
        "fixed disk",
        "no volume",
        "other size",
        "other name",
        "deleted twin",
        "device before the window",
        "device never connected",
        "no device, only what was looked at",
    ],
)
def test_near_misses_of_copied_to_device(change: dict[str, dict[str, Any]]) -> None:
    assert takeout(**change) == set()


@pytest.mark.parametrize(
    ("device", "words"),
    [
        ({"volume_serials": ["AAAA0001"]}, "which lies on the device that was connected"),
        ({"drive_letters": ["E:"]}, "on the device with that drive letter"),
        ({}, "which of the devices connected then is not proved"),
    ],
    ids=["by volume", "by letter", "by the window alone"],
)
def test_the_reason_says_how_the_volume_is_linked_with_a_device(device: dict[str, Any], words: str) -> None:
    rows: list[dict[str, Any]] = []
    exposed(
        WINDOW,
        rows,
        evidence_item=[item("pc", "host")],
        windows_lnk=[LNK],
        device=[DEVICE | device],
        connected=[CONNECTED],
        file_entry=[HOST],
    )
    assert [row["reason"].endswith(words) for row in rows] == [True]


def test_a_jump_list_counts_as_a_shortcut_does() -> None:
    entry = {
        "evidence_id": "pc", "entry_id": "list", "locator": "3", "opened_path": "E:\\list.csv", "target_bytes": 100,
        "volume_serial": "AAAA0001", "drive_type": "removable",
    }  # fmt: skip
    found = exposed(
        WINDOW,
        evidence_item=[item("pc", "host")],
        windows_automatic_destinations=[entry],
        device=[DEVICE],
        connected=[CONNECTED],
        file_entry=[HOST],
    )
    assert found == {("copied_to_device", "doc", "likely")}


def test_a_volume_of_a_medium_in_the_case_counts_though_the_shortcut_calls_it_fixed() -> None:
    found = exposed(
        WINDOW,
        evidence_item=[item("pc", "host"), item("usb", "leaked_medium")],
        volume=[{"evidence_id": "usb", "volume_serial": "AAAA0001"}],
        windows_lnk=[LNK | {"drive_type": "fixed"}],
        device=[DEVICE],
        connected=[CONNECTED],
        file_entry=[HOST],
    )
    assert found == {("copied_to_device", "doc", "likely")}


MAIL = {
    "evidence_id": "m",
    "entry_id": "mail",
    "locator": "header",
    "to_addresses": ["a@client.example"],
    "cc_addresses": [],
    "bcc_addresses": [],
}


def sent(domains: list[str], **change: Any) -> set[str]:
    found = exposed(
        {"mail_domains": domains},
        evidence_item=[item("m", "log")],
        mail_message=[MAIL | change],
        file_entry=[
            file("m", "mail"),
            file("m", "att", kind="member", container_entry_id="mail"),
            file("m", "inner", kind="member", container_entry_id="att"),
            file("m", "other", kind="member", container_entry_id="another mail"),
        ],
    )
    assert all(rule == "sent_outside" and grade == "confirmed" for rule, _, grade in found)
    return {entry for _, entry, _ in found}


def test_a_mail_addressed_outside_exposes_itself_and_what_is_in_it() -> None:
    for name in ("to_addresses", "cc_addresses", "bcc_addresses"):
        assert sent(["client.example"], **{name: ["x@other.example"]}) == {"mail", "att", "inner"}


@pytest.mark.parametrize("address", ["b@client.example", "b@CLIENT.example", "b@sub.client.example"])
def test_a_colleague_is_inside(address: str) -> None:
    assert sent(["client.example"], to_addresses=[address]) == set()


def test_a_domain_that_only_ends_alike_is_outside() -> None:
    assert sent(["client.example"], to_addresses=["b@notclient.example"]) == {"mail", "att", "inner"}


def test_without_the_clients_domains_nothing_is_known_to_be_outside() -> None:
    assert sent([], to_addresses=["x@other.example"]) == set()


@pytest.mark.parametrize(
    "told",
    [
        {"sender": "x@supplier.example"},
        {"is_unsent": True},
        {"message_class": "IPM.Appointment"},
        {"message_class": "IPM.Contact"},
    ],
    ids=["came in", "draft", "appointment", "contact"],
)
def test_what_the_client_did_not_send_is_not_exposed(told: dict[str, Any]) -> None:
    assert sent(["client.example"], to_addresses=["x@other.example"], **told) == set()


@pytest.mark.parametrize("sender", ["a@client.example", "a@sub.client.example", "/o=client/cn=a", None])
def test_what_the_client_sent_is_exposed(sender: str | None) -> None:
    assert sent(["client.example"], to_addresses=["x@other.example"], sender=sender) == {
        "mail",
        "att",
        "inner",
    }


def test_of_a_store_the_attachments_of_mails_sent_outside_are_exposed_and_its_texts_possibly() -> None:
    mails = [
        ("node:10", ["x@other.example"]),
        ("node:1", ["b@client.example"]),
        ("node:100", ["b@client.example"]),
    ]
    found = exposed(
        WINDOW | {"mail_domains": ["client.example"]},
        mail_message=[
            {
                "evidence_id": "m",
                "entry_id": "store",
                "parser": "mail/pst",
                "locator": locator,
                "to_addresses": to,
            }
            for locator, to in mails
        ],
        file_entry=[
            file("m", "store"),
            *(
                file(
                    "m",
                    f"of {one}",
                    kind="member",
                    container_entry_id="store",
                    member_locator=f"{one}/attachment:0",
                )
                for one, _ in mails
            ),
            file("m", "inner", kind="member", container_entry_id="of node:10"),
        ],
    )
    assert found == {
        ("sent_outside", "of node:10", "confirmed"),
        ("sent_outside", "inner", "confirmed"),
        ("sent_outside_in_store", "store", "possible"),
    }


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("-- name: x\nSELECT 1", "lacks 'route'"),
        ("-- colour: red\nSELECT 1", "unknown key 'colour'"),
    ],
)
def test_a_bad_header_is_refused_with_file_and_key(content: str, said: str) -> None:
    with pytest.raises(RuleError, match=said):
        exposure._rule(RuleFile(name="bad.sql", content=content, sha256="0" * 64))


def test_what_is_made_once_may_not_be_made_from_itself(tmp_path: Path) -> None:
    for one, other in (("a", "b"), ("b", "a")):
        content = (
            f"-- name: {one}\n-- shows: x\n-- does_not_show: x\n-- reads: {other}\nSELECT * FROM {other}"
        )
        (tmp_path / "shared").mkdir(exist_ok=True)
        (tmp_path / "shared" / f"{one}.sql").write_text(content, encoding="utf-8")
    with pytest.raises(RuleError, match=r"a\.sql reads what is made from it"):
        exposure.shared(tmp_path)


def test_a_rule_reads_what_its_shared_tables_are_made_from() -> None:
    reads = {rule.stated["name"]: exposure.read_by(rule) for rule in exposure.rules()}
    assert "windows_rclone_log" in reads["uploaded"]
    assert {"opened", "access", "windows_evtx"} <= set(reads["opened_from_outside"])


def test_an_indicator_has_its_rule_direction_and_what_it_rests_on() -> None:
    connection = duckdb.connect(":memory:")
    for name, table in all_tables().items():
        connection.register(name, full_schema(table).empty_table())
    for question in QUESTIONS:
        if question.name not in all_tables():
            connection.execute(f'CREATE VIEW "{question.name}" AS {view_sql(question)}')
    found = indicators.rows(connection, "T", {**WINDOW, "notices": ["a body says so"]}).to_pylist()
    connection.close()
    told = [
        (one["rule"], one["direction"], one["grade"], one["happened_at"], one["supports"]) for one in found
    ]
    assert told == [
        ("noticed_by_others", "for", "likely", None, ["case.toml"]),
        ("window_from_stated", "from", "confirmed", WINDOW["window_from"], ["case.toml"]),
        ("window_to_stated", "to", "confirmed", WINDOW["window_to"], ["case.toml"]),
    ]
    assert {one["evidence_id"] for one in found} == {None}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("-- direction: up", "direction 'up' is not one of"),
        ("-- direction: for", "grade 'sure' is not one of"),
    ],
)
def test_a_bad_header_of_an_indicator_is_refused(line: str, said: str) -> None:
    keys = ("shows", "does_not_show", "reads", "example", "near_miss")
    content = "\n".join([line, "-- name: x", "-- grade: sure", *(f"-- {key}: x" for key in keys), "SELECT 1"])
    if "up" in line:
        content = content.replace("sure", "likely")
    with pytest.raises(RuleError, match=said):
        indicators._rule(RuleFile(name="bad.sql", content=content, sha256="0" * 64))
