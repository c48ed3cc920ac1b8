"""Of a mailbox only those persons count who stand in the mails that went out, not those of the mails beside them."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest

from fixtures.persons import persons
from pipeline import case as cases
from pipeline.why import why
from tests.whole_case import ask, counts_of, run_case

_TOML = """
[case]
number = "KS-2026-900"

[incident]
mail_domains = ["client.example"]
window_from = "2026-09-01T00:00:00+09:00"
window_to = "2026-09-30T00:00:00+09:00"

[[evidence]]
id = "box"
path = "evidence/sent.mbox"
role = "host"
"""
_OWN = "hanako@client.example"
_WHO = persons(30, seed=77)
# Whose telephone stands in the text of a mail outside in the window, in one before it, and in one to a colleague.
_OUT, _BEFORE, _INSIDE = _WHO[:3], _WHO[3:7], _WHO[7:12]
_SHOWN = [f"guest{number}@place{number}.example" for number in range(8)]
_OTHERS = [f"friend{number}@home{number}.example" for number in range(20)]


def mail(to: list[str], day: str, text: str) -> bytes:
    told = EmailMessage()
    told["From"], told["To"], told["Subject"] = _OWN, ", ".join(to), "名簿の件"
    told["Date"] = f"{day} 09:00:00 +0900"
    told.set_content(text)
    return b"From hanako Tue Sep 15 09:00:00 2026\n" + told.as_bytes() + b"\n"


def lines(listed: list) -> str:
    return "\n".join(f"{one.surname} {one.given} 様 電話 {'-'.join(one.phone)}" for one in listed)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("case") / "box"
    (made / "evidence").mkdir(parents=True)
    (made / "case.toml").write_text(_TOML, encoding="utf-8")
    (made / "evidence" / "sent.mbox").write_bytes(
        b"".join(
            [
                mail(["partner@other.example"], "Tue, 15 Sep 2026", lines(_OUT)),
                mail(["partner@other.example"], "Sat, 15 Aug 2026", lines(_BEFORE)),
                mail(["taro@client.example"], "Wed, 16 Sep 2026", lines(_INSIDE)),
                mail(_SHOWN, "Thu, 17 Sep 2026", "ご案内です。"),
                *(mail([one], "Fri, 18 Sep 2026", "お礼です。") for one in _OTHERS),
            ]
        )
    )
    run_case(made, "scope")
    return made


def test_persons_of_the_mails_that_went_out_count_and_no_others(root: Path) -> None:
    counts = counts_of(root)
    low, likely, high, _ = counts["possible", "route", "sent_outside"]
    assert low <= len(_OUT) == likely <= high < len(_OUT) + len(_BEFORE)
    assert counts["possible", "route", "addresses_shown"][1:3] == (len(_SHOWN),) * 2


def test_each_exposure_names_its_mail_and_walks_back(root: Path) -> None:
    told = ask(
        root,
        "SELECT x.locator, m.locator FROM exposure x LEFT JOIN mail_message m USING (evidence_id, entry_id, locator)",
    )
    assert len(told) >= 2
    assert all(one == other for one, other in told)
    found = why(cases.load(root), "possible/route=addresses_shown")
    persons_of = [one for one in found.below if one.what.startswith("person:")]
    assert len(persons_of) == len(_SHOWN)


def test_who_stands_in_several_mails_stays_one_mention(root: Path) -> None:
    ((mails,),) = ask(
        root, f"SELECT len(mails) FROM mention WHERE role = 'mail sender' AND email_key = '{_OWN}'"
    )
    assert mails == 4 + len(_OTHERS)
