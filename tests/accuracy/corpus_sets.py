"""Labelled files of the corpus of real evidence: addresses and names in the headers of its mail, event lists without persons.

The corpus states in expected/mail.json who sent and received each message. Nothing of it is kept or printed but figures. It
holds no labelled set of personal data in running text; where one is added, it is scored here.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from email.utils import getaddresses
from pathlib import Path

from tests.accuracy import folding
from tests.accuracy.counts import Count
from tests.accuracy.found import FoundFile, found
from tests.corpus import CORPUS
from tests.whole_case import run_case

_CASE = '[case]\nnumber = "ACCURACY-CORPUS"\n[[evidence]]\nid = "corpus"\npath = "evidence/corpus"\nrole = "host"\n'
_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_NAME = re.compile(r"[A-Z][a-z]+ ([A-Z]\. )?[A-Z][a-z]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusResult:
    """Found and missed in headers of mail; columns of event lists, and how many of them were taken for an item."""

    messages: int
    emails: Count
    names: Count
    event_lists: int
    columns: int
    claimed: int


def scored(root: Path) -> CorpusResult | None:
    """Score the labelled files of the corpus in a case of their own; None where there is no corpus."""
    if not (CORPUS / "MANIFEST.tsv").is_file():
        return None
    stated = json.loads((CORPUS / "expected" / "mail.json").read_text(encoding="utf-8"))["files"]
    mails = {name: _stated(one) for name, one in stated.items() if one["kind"] in ("eml", "msg")}
    lists = [row[0] for row in _manifest() if row[7] == "eventlog-csv-ja"]
    folder = root / "evidence" / "corpus"
    for name in (*mails, *lists):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(CORPUS / name, folder / name)
    (root / "case.toml").write_text(_CASE, encoding="utf-8")
    run_case(root, until="scope")
    files = found(root)
    emails, names = Count(), Count()
    for name, (addresses, displayed) in mails.items():
        file = files.get(f"/{name}", FoundFile())
        for count, item, labels in ((emails, "email", addresses), (names, "name", displayed)):
            told = {
                folding.value(item, one.value) for one in (*file.claims, *file.mentioned) if one.item == item
            }
            count.add(right=len(labels & told), missed=len(labels - told))
    sheets = [sheet for name in lists for sheet in files[f"/{name}"].sheets]
    columns = [column for sheet in sheets for column in sheet.columns]
    return CorpusResult(
        messages=len(mails),
        emails=emails,
        names=names,
        event_lists=len(lists),
        columns=len(columns),
        claimed=sum(one.item is not None for one in columns),
    )


def _manifest() -> list[list[str]]:
    lines = (CORPUS / "MANIFEST.tsv").read_text(encoding="utf-8").splitlines()[1:]
    return [line.split("\t") for line in lines]


def _stated(one: dict) -> tuple[set[str], set[str]]:
    """Addresses and two-part names of a message's From and To, folded."""
    told = one.get("msg", one)
    pairs = getaddresses([told.get("from") or told.get("sender") or "", told.get("to") or ""])
    addresses = {folding.value("email", address) for _, address in pairs if _ADDRESS.fullmatch(address)}
    return addresses, {folding.value("name", name) for name, _ in pairs if _NAME.fullmatch(name)}
