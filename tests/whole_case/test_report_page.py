"""report.html as it is handed on: read without script, by a screen reader, on a phone and on paper; nothing of a case becomes markup."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pipeline import case as cases
from pipeline.report import as_html, lanes, months
from pipeline.report.document import Act, Document, Head, Indicator
from pipeline.report.stage import document_of
from tests.whole_case import copied, run_case

_VOID = {"meta", "br"}


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Document]:
    found = {}
    for name in ("usb-takeout", "intrusion", "bcc-accident"):
        root = copied(name, tmp_path_factory.mktemp("case"))
        run_case(root)
        found[name] = document_of(cases.load(root), Head(size=9, sha256="0" * 64), ())
    return found


class Page(HTMLParser):
    """The tags of a page with their attributes, in order, and those that were never closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.open:
            self.wrong.append(tag)
            return
        while (last := self.open.pop()) != tag:
            if last not in ("li", "p", "tr", "td", "th"):
                self.wrong.append(last)


@pytest.mark.parametrize("name", ["usb-takeout", "intrusion", "bcc-accident"])
def test_the_page_is_whole_and_can_be_read_by_its_structure(
    documents: dict[str, Document], name: str
) -> None:
    text = as_html.render(documents[name]).decode()
    page = Page(text)
    assert not page.wrong and not page.open
    headings = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h\d", tag)]
    assert headings.count(1) == 1 and headings[0] == 1
    assert all(after - before <= 1 for before, after in zip(headings, headings[1:], strict=False))
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids)) and {section for section, _, _ in as_html.SECTIONS} <= set(ids)
    targets = {attrs["href"] for tag, attrs in page.tags if tag == "a"}
    assert targets == {f"#{section}" for section, _, _ in as_html.SECTIONS}
    assert {"header", "nav", "main", "footer"} <= {tag for tag, _ in page.tags}
    assert all(attrs.get("scope") for tag, attrs in page.tags if tag == "th")
    assert all(
        attrs.get("role") == "img" and attrs.get("aria-label") for tag, attrs in page.tags if tag == "svg"
    )
    assert all(
        attrs.get("lang") == "en" for tag, attrs in page.tags if tag == "span" and attrs.get("class") == "en"
    )


def test_nothing_is_loaded_and_nothing_runs(documents: dict[str, Document]) -> None:
    page = Page(as_html.render(documents["intrusion"]).decode())
    assert not {"script", "link", "iframe", "img", "object", "form"} & {tag for tag, _ in page.tags}
    assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on") or name == "src"]
    [policy] = [
        attrs["content"] for _, attrs in page.tags if attrs.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy is not None and policy.startswith("default-src 'none'") and "script" not in policy


def test_every_colour_of_a_text_stands_out_from_what_is_behind_it() -> None:
    style = (Path(as_html.__file__).parent / "page" / "style.css").read_text(encoding="utf-8")
    colour = dict(re.findall(r"--(\w+):(#[0-9a-f]{6})", style))
    for text in ("ink", "soft", "accent", "warn", "open"):
        for behind in ("#ffffff", colour["pale"]):
            assert contrast(colour[text], behind) >= 4.5, (text, behind)
    assert contrast("#3c4653", "#e4e7ec") >= 4.5  # closed days
    for behind in ("#dbe9f8", "#fdf0cf", "#fde2d3"):  # marked days
        assert contrast(colour["ink"], behind) >= 4.5


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2.2, 1.4.3."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_calendar_has_the_days_of_the_decision_and_the_closed_days(
    documents: dict[str, Document],
) -> None:
    decided = documents["intrusion"].decisions[0]
    listed = months.marks(decided)
    assert [(one.on.isoformat(), one.kind) for one in listed] == [
        ("2026-11-06", "known"),
        ("2026-11-08", "target"),
        ("2026-11-10", "target"),
        ("2027-01-04", "final"),
    ]
    november, january = months.months(listed)
    days = [day for month in (november, january) for week in month.weeks for day in week if day]
    assert len(days) == 30 + 31 and all(len(week) == 7 for week in november.weeks)
    closed = {day.on for day in days if day.is_closed}
    assert {date(2026, 11, 3), date(2026, 11, 23), date(2027, 1, 1), date(2027, 1, 11)} <= closed
    assert date(2027, 1, 4) not in closed and date(2026, 11, 9) not in closed
    assert months.marks({}) == () and months.months(()) == ()
    text = as_html.render(documents["intrusion"]).decode()
    assert text.count('<table class="month">') == 2 and 'class=" known"' in text


def test_a_decision_without_a_duty_has_no_calendar(documents: dict[str, Document]) -> None:
    text = as_html.render(documents["bcc-accident"]).decode()
    assert 'class="month"' not in text or "知った日" in text


def test_who_came_from_outside_is_drawn_and_listed(documents: dict[str, Document]) -> None:
    acts = {(one.what, one.evidence_id, one.by): one.count for one in documents["intrusion"].acts}
    assert acts[("logon", "web01", "deploy 203.0.113.66")] == 1
    assert acts[("refused", "web01", "deploy 203.0.113.66")] == 4
    text = as_html.render(documents["intrusion"]).decode()
    assert 'class="act logon"' in text and "deploy 203.0.113.66" in text
    assert not [one for one in documents["usb-takeout"].acts if one.what == "logon"]


def test_exposures_are_drawn_by_route(documents: dict[str, Document]) -> None:
    text = as_html.render(documents["intrusion"]).decode()
    assert 'aria-label="経路別の人数 / persons by route"' in text and "圧縮して送信" in text


def test_many_lanes_stay_readable_and_hostile_texts_are_texts(documents: dict[str, Document]) -> None:
    hostile = "</title><script>x</script>\u202e&\"'"
    at = datetime(2026, 1, 1, tzinfo=UTC)
    acts = tuple(
        Act(what="logon", evidence_id=f"e{n}", by=hostile, first_at=at, last_at=at, count=n)
        for n in range(200)
    )
    told = replace(
        documents["usb-takeout"],
        acts=acts,
        indicators=(
            Indicator(
                direction="for",
                grade="likely",
                rule=hostile,
                evidence_id=hostile,
                happened_at=at,
                reason=hostile,
            ),
        ),
        case=replace(documents["usb-takeout"].case, number=hostile, client=hostile),
    )
    text = as_html.render(told).decode()
    assert "<script" not in text and text.count('class="act logon"') <= 24
    assert not Page(text).wrong
    assert len(lanes.lanes_of(told)) == 201


def test_the_page_says_only_numbers_that_the_document_has(documents: dict[str, Document]) -> None:
    one = documents["usb-takeout"]
    page = as_html.render(one).decode()
    counts = {
        f"{value:,}"
        for count in one.counts
        for value in (count.low, count.likely, count.high, count.estimate)
    }
    cards = re.findall(r"<b>([\d,]+)<small> 人", page)
    assert cards and set(cards) <= counts
    assert json.dumps(one.head.sha256).strip('"') in page


@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not on this machine")
def test_no_page_is_wider_than_a_phone(documents: dict[str, Document], tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    text = as_html.render(documents["intrusion"]).decode()
    # The browser itself tells how wide the page is; its own policy forbids scripts, so this copy has none.
    measuring = "<script>document.title = 'wide:' + (document.documentElement.scrollWidth - window.innerWidth)</script>"
    file.write_text(
        re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text).replace(
            "</body>", f"{measuring}</body>"
        ),
        encoding="utf-8",
    )
    command = [
        "chromium",
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-sync",
        f"--user-data-dir={tmp_path}/profile",
        "--window-size=500,900",
        "--dump-dom",
        file.as_uri(),
    ]
    told = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout
    found = re.search(r"<title>wide:(-?\d+)</title>", told)
    assert found and int(found[1]) <= 0
