"""The own rules over real event logs: each hits where the name of the log says so, and what is found elsewhere is known."""

from __future__ import annotations

import json
from collections import Counter

import pyarrow as pa
import pytest

from parsers.contract import Batch
from parsers.windows.evtx import evtx
from pipeline.match.event_rules import FOLDER, read_rules
from tests.artefacts import artefact
from tests.corpus import CORPUS, needs_corpus
from tests.sigma import search

pytestmark = [needs_corpus, pytest.mark.corpus]

# Logs that are named after what a rule describes, and how many of their events the rule finds.
NAMED = {
    ("Account created", "ID4720-Local user created.evtx"): 1,
    ("Account created", "new-user-security.evtx"): 1,
    ("Member added to the local administrators", "new-user-security.evtx"): 1,
    ("Audit policy changed so that less is recorded", "ID4719-Audit policy deactivation.evtx"): 30,
    (
        "Five failed logons to one account within one minute",
        "ID 4776,4625-AccountRestore local bruteforce.evtx",
    ): 8,
    ("Shell started through WMI", "LM_wmiexec_impacket_sysmon_whoami.evtx"): 3,
    ("Service of a remote execution tool installed", "ID7045-4697-SMBexec service registration.evtx"): 1,
    ("Service of a remote execution tool installed", "metasploit-psexec-native-target-system.evtx"): 2,
    ("File or pipe of a remote execution tool opened over the network", "LM_REMCOM_5145_TargetHost.evtx"): 12,
    ("Pipes of a remote execution tool created", "DE_renamed_psexec_service_sysmon_17_18.evtx"): 6,
    (
        "Service installed from a folder anyone can write to",
        "ID7045-4697-SMBexec service registration.evtx",
    ): 1,
}
# Whoever prepared a sample cleared its log first; these rules say so of many logs.
CLEARED = {"Security log cleared": 15, "Event log cleared": 2, "Event log service stopped": 44}
# Further hits in logs of machines in use: accounts of a set-up, and drivers a diagnostic tool put on a desktop.
ELSEWHERE = {
    ("Account created", "System2.evtx"),
    ("Account created", "security_bad_string_cache.evtx"),
    ("Member added to the local administrators", "System2.evtx"),
    ("Member added to the local administrators", "security_bad_string_cache.evtx"),
    ("A logon succeeded after five failed ones to the same account", "Security_with_size_t.evtx"),
    ("Service installed from a folder anyone can write to", "2-vss_7-System.evtx"),
}


@pytest.fixture(scope="module")
def found():
    files = json.loads((CORPUS / "expected" / "evtx.json").read_text(encoding="utf-8"))["files"]
    rows = []
    for path in files:
        for one in evtx.parse(artefact(CORPUS / path)):
            if isinstance(one, Batch):
                columns = pa.Table.from_batches([one.rows]).to_pylist()
                rows += [
                    row | {"event_data": dict(row["event_data"]), "entry_id": path.rsplit("/", 1)[1]}
                    for row in columns
                ]
    return search(read_rules([FOLDER]), rows)


def test_each_rule_hits_where_the_name_of_the_log_says_so_and_nowhere_else(found) -> None:
    hits = Counter((hit["rule_title"], hit["entry_id"]) for hit in found.hits)
    assert {pair: count for pair, count in hits.items() if pair in NAMED} == NAMED
    others = {pair for pair in hits if pair not in NAMED and pair[0] not in CLEARED}
    assert others == ELSEWHERE


def test_cleared_logs_are_all_found(found) -> None:
    assert {title: found.outcomes[title]["match_count"] for title in CLEARED} == CLEARED


def test_a_connection_from_inside_and_a_printer_are_no_hits(found) -> None:
    for title in (
        "Remote desktop connection from a public address",
        "USB storage recognised for the first time",
    ):
        assert found.outcomes[title]["outcome"] == "no_match"
        assert found.outcomes[title]["source_count"] > 0
