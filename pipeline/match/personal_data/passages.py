"""Mentions of persons in an entry's text: names with what is said near them, and what names a person without a name.

An item belongs to the name in front of it, up to the next name and not beyond a few lines; where none stands in front, to the
name right behind it. A mail address, a card or an individual number without a name near it is a mention of its own.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

import pyarrow as pa

from pipeline import digest
from pipeline.match.personal_data import fold
from pipeline.match.personal_data.items import Items
from pipeline.match.personal_data.judgement import HELD
from pipeline.match.personal_data.name_lists import surnames
from pipeline.match.personal_data.rows import MAIN, SAMPLE, SHARED_MAILBOX, own_schema
from pipeline.match.personal_data.texts import SECRETS, Hit

SURNAME_ALONE = "a surname alone"
UNSURE_NAME = "a name by the look of it"
_NEAR, _RIGHT_BEHIND = 200, 60
_SURE_NAME = 0.5
# What speaks of a person by itself, and the key it is.
_OWN = {"email": "email_key", "my_number": None, "credit_card_number": None}
_KEYS = {
    "phone": "phone_key",
    "email": "email_key",
    "birth_date": "birth_date",
    "postal_code": "postal_code",
    "address": "address_key",
}
_NUMBERS = ("customer_number", "employee_number", "student_number")


class Name(Protocol):
    """A name found in running text: its place, how it is written, how sure, and by what."""

    @property
    def start(self) -> int:
        """Sign of the text it begins at."""

    @property
    def end(self) -> int:
        """Sign behind it."""

    @property
    def text(self) -> str:
        """The name without line breaks and readings."""

    @property
    def score(self) -> float:
        """How sure, 0 to 1."""

    @property
    def reason(self) -> str:
        """What showed it."""


@dataclass(slots=True, kw_only=True)
class _Mention:
    locator: str
    name: str | None = None
    key: str | None = None
    doubt: str | None = None
    keys: dict[str, str] = field(default_factory=dict)
    items: dict[str, None] = field(default_factory=dict)
    categories: dict[str, None] = field(default_factory=dict)
    candidates: dict[str, None] = field(default_factory=dict)
    is_employee: bool = False
    mails: dict[str, None] = field(default_factory=dict)

    def takes(self, hit: Hit) -> bool:
        """Whether an item can be this person's: of what tells persons apart there is no other."""
        target = _KEYS.get(hit.item)
        return target is None or hit.status != HELD or self.keys.get(target, hit.value) == hit.value

    def add(self, hit: Hit) -> None:
        if hit.status != HELD:
            self.candidates[hit.category] = None
            return
        if (target := _KEYS.get(hit.item)) is not None:
            self.keys.setdefault(target, hit.value)
        elif hit.item in _NUMBERS:
            self.keys.setdefault("number_key", f"{hit.item}:{hit.value}")
        self.items[hit.item] = None
        self.categories[hit.category] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A segment of an entry's text with what was found in it; of a store of mails, in which mail."""

    locator: str
    content: str
    hits: Sequence[Hit]
    names: Sequence[Name]
    mail: str | None = None


def mentions_of_text(
    entry_id: str, segments: Sequence[Segment], items: Items, own_domains: frozenset[str] = frozenset()
) -> tuple[pa.Table, list[dict[str, Any]]]:
    """The mentions of an entry's text, and a row of `text_item` for each item found in it.

    Mentions have the column `locator` and the own columns of `mention`. A person named again in the same entry is one mention
    unless another telephone or date of birth stands beside the name. `own_domains` are the client's domains of mail.
    """
    mentions: list[_Mention] = []
    by_key: dict[str, list[_Mention]] = {}
    told: list[tuple[str, Hit, _Mention | None]] = []
    for segment in segments:
        start = len(told)
        keys = _name_keys(segment.names, items)
        owners = [
            (name, _of_name(segment.locator, name, key, by_key.setdefault(key, []), mentions, items))
            for name, key in zip(segment.names, keys, strict=True)
            if key
        ]
        told += [(f"{segment.locator}+{name.start}", _as_hit(name, owner), owner) for name, owner in owners]
        for hit in segment.hits:
            owner = _owner(hit, owners, segment.content, items)
            if owner is not None and not owner.takes(hit):
                owner = _another(owner, hit, by_key, mentions, segment.locator)
            if owner is None and hit.status == HELD and hit.item in _OWN:
                owner = _unnamed(segment.locator, hit, by_key, mentions, items)
            if owner is not None:
                owner.add(hit)
                owner.is_employee |= hit.item == "employee_number" or _is_own_mail(hit, own_domains)
            told.append((f"{segment.locator}+{hit.start}", hit, owner))
        if segment.mail is not None:
            for _, _, owner in told[start:]:
                if owner is not None:
                    owner.mails[segment.mail] = None
    rows = [
        item_row(locator, hit, None if owner is None else digest.short(entry_id, owner.locator))
        for locator, hit, owner in told
    ]
    return _table(entry_id, mentions), rows


def _name_keys(names: Sequence[Name], items: Items) -> list[str]:
    return [
        one or ""
        for one in fold.name(
            fold.width(pa.array([one.text for one in names], pa.string())), items.variants
        ).to_pylist()
    ]


def _of_name(
    locator: str, name: Name, key: str, known: list[_Mention], mentions: list[_Mention], items: Items
) -> _Mention:
    """The mention a name belongs to: the person named before in this entry, else a new one."""
    if known:
        found = known[-1]
        if name.score >= _SURE_NAME and found.doubt == UNSURE_NAME:
            found.doubt = _doubt(name, key, items)
        return found
    found = _Mention(
        locator=f"{locator}+{name.start}", name=name.text, key=key, doubt=_doubt(name, key, items)
    )
    found.items["name"] = found.categories["name"] = None
    known.append(found)
    mentions.append(found)
    return found


def _as_hit(name: Name, owner: _Mention) -> Hit:
    return Hit(
        start=name.start,
        end=name.end,
        item="name",
        category="name",
        text=name.text,
        value=owner.key or "",
        score=name.score,
        reason=name.reason,
    )


def _doubt(name: Name, key: str, items: Items) -> str | None:
    if key in items.sample_names:
        return SAMPLE
    if name.score < _SURE_NAME:
        return UNSURE_NAME
    return SURNAME_ALONE if key in _surnames() else None


def _owner(hit: Hit, owners: Sequence[tuple[Name, _Mention]], content: str, items: Items) -> _Mention | None:
    if hit.item == "email" and hit.value.partition("@")[0] in items.shared_mailboxes:
        return None
    # Names stand in the order of the text, none over another: the one in front, and the first behind, are found by halving.
    before = bisect_right(owners, hit.start, key=lambda one: one[0].end) - 1
    if before >= 0 and hit.start - owners[before][0].end <= _NEAR:
        return owners[before][1]
    behind = bisect_left(owners, hit.end, key=lambda one: one[0].start)
    if behind < len(owners) and owners[behind][0].start - hit.end <= _RIGHT_BEHIND:
        name, owner = owners[behind]
        return None if "\n\n" in content[hit.end : name.start] else owner
    return None


def _another(
    owner: _Mention, hit: Hit, by_key: dict[str, list[_Mention]], mentions: list[_Mention], locator: str
) -> _Mention:
    """The same name with another telephone or birthday: somebody of that name who has it, or a mention of its own.

    Two telephones right beside one another are one person's: only what comes after the name stands again parts them.
    """
    known = by_key.get(owner.key or "", [])
    fitting = next((one for one in known if one.takes(hit)), None)
    if fitting is not None:
        return fitting
    found = _Mention(locator=f"{locator}+{hit.start}", name=owner.name, key=owner.key, doubt=owner.doubt)
    found.items["name"] = found.categories["name"] = None
    known.append(found)
    mentions.append(found)
    return found


def _unnamed(
    locator: str, hit: Hit, by_key: dict[str, list[_Mention]], mentions: list[_Mention], items: Items
) -> _Mention:
    known = by_key.setdefault(f"{hit.item}:{hit.value}", [])
    if not known:
        is_shared = hit.item == "email" and hit.value.partition("@")[0] in items.shared_mailboxes
        known.append(_Mention(locator=f"{locator}+{hit.start}", doubt=SHARED_MAILBOX if is_shared else None))
        mentions.append(known[0])
    return known[0]


def _is_own_mail(hit: Hit, own_domains: frozenset[str]) -> bool:
    return hit.item == "email" and hit.value.partition("@")[2] in own_domains


@cache
def _surnames() -> frozenset[str]:
    return frozenset(surnames().words.to_pylist())


def _table(entry_id: str, mentions: Sequence[_Mention]) -> pa.Table:
    schema = pa.schema([("locator", pa.string()), *own_schema()])
    rows = [_mention_row(entry_id, one) for one in mentions]
    return pa.table(
        {one.name: pa.array([row.get(one.name) for row in rows], one.type) for one in schema}, schema=schema
    )


def _mention_row(entry_id: str, one: _Mention) -> Mapping[str, Any]:
    return {
        "locator": one.locator,
        "mention_id": digest.short(entry_id, one.locator),
        "role": MAIN,
        "full_name": one.name,
        "name_key": one.key,
        **one.keys,
        "items": list(one.items),
        "categories": list(one.categories),
        "candidates": list(one.candidates),
        "subject_kind": "employee" if one.is_employee else "unknown",
        "doubt": one.doubt,
        "mails": list(one.mails) or None,
    }


def item_row(locator: str, hit: Hit, mention_id: str | None) -> dict[str, Any]:
    """A row of `text_item` for a hit whose place is `locator`; what opens or pays is masked, with a digest as its key."""
    is_secret = hit.item in SECRETS
    return {
        "locator": locator,
        "item": hit.item,
        "category": hit.category,
        "value_text": hit.shown,
        "value_key": digest.short(hit.item, hit.value) if is_secret else hit.value,
        "sign_count": hit.end - hit.start,
        "score": hit.score,
        "reason": hit.reason,
        "item_status": hit.status,
        "mention_id": mention_id,
    }
