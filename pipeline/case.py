"""A case: case.toml as a typed model, and where each thing lies in its folder.

Everything but `case.number` may be missing; what stands in for it is the default of the field, and
`Case.defaulted` names every default that was used. A folder without case.toml is a case whose number is
its name and whose items are what lies directly under evidence/.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pipeline import digest
from pipeline.errors import CaseError

TOML_NAME = "case.toml"
ENTITY_KINDS = (
    "private", "administrative", "local_government", "incorporated_agency", "local_incorporated_agency",
    "local_gov_hospital", "local_gov_university", "appendix_2_corporation", "johas_hospital", "local_assembly",
    "press", "writer", "religious", "political",
)  # fmt: skip
CAUSES = (
    "misdelivery", "misdisposal", "misconfiguration", "loss", "theft", "insider_exfiltration", "internal_snooping",
    "unlawful_provision", "unauthorized_access", "malware", "ransomware", "web_skimming", "site_tampering", "phishing",
    "other", "unknown",
)  # fmt: skip
PURPOSES = ("yes", "suspected", "unknown", "no")
ENCRYPTIONS = (
    "none", "high_level_key_safe", "high_level_key_compromised", "weak_key_disclosed", "unknown", "by_attacker",
    "own_key_lost", "per_category",
)  # fmt: skip
EVENTS = ("leak", "loss", "damage", "none_internal_view", "none_unlawful_use")
CERTAINTIES = ("confirmed", "suspected", "excluded")
ROLES = ("host", "leaked_medium", "sent_mail", "server", "phone", "log")
# What may be ruled on, and what a ruling may say: of a document that it was read by hand, or holds no persons; of a column the
# data item it holds, or none; of the candidates for categories in an entry that they are there, or not; of passwords found in
# mails and texts that they are tried; of an end of the window the moment.
RULED_ON: Mapping[str, tuple[str, ...] | None] = {
    "document": ("read", "no_persons"),
    "exposure": ("confirmed", "likely", "possible", "none"),
    "pair": ("same", "different"),
    "candidates": ("confirmed", "none"),
    "column": None,
    "passwords": ("try",),
    "window": None,
    "fact": None,
}
_SUBJECTS = {
    "document": (re.compile(r"[a-z0-9_-]+/[0-9a-f]+"), "ITEM/ENTRY"),
    "exposure": (re.compile(r"[a-z0-9_-]+/[0-9a-f]+"), "ITEM/ENTRY"),
    "pair": (re.compile(r"[0-9a-f]+\+[0-9a-f]+"), "MENTION+MENTION"),
    "candidates": (re.compile(r"[a-z0-9_-]+/[0-9a-f]+"), "ITEM/ENTRY"),
    "column": (re.compile(r"[0-9a-f]+/c[0-9]{3,5}"), "SHEET/COLUMN"),
    "passwords": (re.compile(r"found"), "found"),
    "window": (re.compile(r"from|to"), "from or window:to"),
}

_SECTIONS = ("case", "entity", "incident", "ocr", "knowledge", "evidence", "entruster", "ruling")
_MOST_PAGES = 1_000_000
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_PACK = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_REFERENCE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*")
_DOMAIN = re.compile(r"[^\s@/]+\.[^\s@/]+")
_HEX_DIGITS = {"md5": 32, "sha1": 40, "sha256": 64}
_HEADER = re.compile(r'^\s*(\[\[?)\s*([^\]"\']+?)\s*\]')
_KEY = re.compile(r'^\s*["\']?([^\s"\'=.\[\]#{}]+)["\']?\s*[=.]')

_CONTAINER = re.compile(r"(?P<stem>.+)\.(?P<family>[els]x?)(?P<number>\d\d|[a-z]{2})", re.IGNORECASE)
_SPLIT = re.compile(r"(?P<stem>.+)\.(?P<number>\d{3,4})")
_EXTENT = re.compile(r"(?P<stem>.+)-(flat|delta|[sf]\d{3})\.vmdk", re.IGNORECASE)
_DIGEST_SIDECARS = (".md5", ".sha1", ".sha256")
_IMAGE_SUFFIXES = (".001", ".000", ".raw", ".dd", ".img", ".bin", ".vmdk", ".vhd", ".vhdx", ".qcow2", ".iso")
_NOT_EVIDENCE = (".gitkeep", ".gitignore", ".DS_Store")

_SCAFFOLD = """\
# 事件の前提として人が知っていること。分からない項目は消してよい(「いいえ」ではなく「不明」として扱う)。
# What people know about the case. Delete what is not known: it then counts as unknown, never as "no".

[case]
number = {number}
client = {client}                  # 依頼者 / the client
examiner = {examiner}              # 担当者 / who answers for each step
time_zone = "Asia/Tokyo"           # 時差のない時刻の読み方 / for times written without an offset

[entity]
kind = "private"                   # {kinds}
law_packs = ["appi-private", "my-number"]  # appi-public; 海外 / abroad: gdpr uk-gdpr korea-pipa hipaa california
ordinance_defines = []             # 条例要配慮個人情報(地方公共団体のみ) / local governments only

[incident]
# cause = "unknown"                # {causes}
# improper_purpose = "unknown"     # 不正の目的: {purposes}
# event = "leak"                   # 漏えい・滅失・毀損: {events}
# event_certainty = "suspected"    # {certainties}
# window_from = "2026-01-01T00:00:00+09:00"
# window_to = "2026-01-31T23:59:59+09:00"
mail_domains = []                  # 依頼者自身のドメイン / the client's own mail domains
# intruder_accounts = []           # 侵入者が使ったアカウント(DOMAIN\\user) / accounts the intruder used
# bad_hosts = []                   # 攻撃者のものと分かっているIP・ホスト / addresses and hosts known as the attacker's
# notices = []                     # 公的機関・事業者・専門家からの根拠ある指摘 / grounded notices from outside
passwords = []                     # "env:NAME" のみ。値そのものは書かない / references only, never the password

[ocr]                              # 画像・スキャンの文字認識(tesseract と jpn が要る) / needs tesseract with jpn
# pages = 200                      # 事件全体で読む頁数の上限。1頁に数秒から数十秒 / pages of the case, some seconds each

# [[knowledge]]                    # いずれかの部署が知った時 / when any department knew; the earliest counts
# department = "総務部"
# at = "2026-01-31T09:30:00+09:00"

# [[evidence]]                     # 一つも書かなければ evidence/ 直下の全て / with none, everything under evidence/
# id = "pc01"                      # a-z 0-9 _ -
# path = "evidence/PC01.E01"
# role = "host"                    # {roles}
# custodian = "営業部"
# acquired_by = "鑑識 担当"
# acquired_at = "2026-02-01T10:10:00+09:00"
# acquired_with = "ewfacquire"
# sha256 = "..."                   # md5, sha1 でも可 / any digest the acquisition states
# encryption = "unknown"           # {encryptions}
# keys = {{ bitlocker_recovery = "env:PC01_RECOVERY" }}

# [[entruster]]                    # 委託元ごとに数える(どれにも当たらないものは自社) / whose data we handle for others; the rest is our own
# name = "甲株式会社"
# evidence = ["pc01"]              # その証拠の全て / everything on these items
# paths = ["*/甲社/*"]             # パスの型(大文字小文字を区別しない) / paths, * for any signs

# [[ruling]]                       # 担当者の判断。証拠の連鎖に記録される / an examiner's decision, kept in custody
#   document:ITEM/ENTRY            read(目視で確認済) | no_persons(個人の記載ではない)
#   exposure:ITEM/ENTRY            confirmed | likely | possible | none
#   pair:MENTION+MENTION           same | different
#   passwords:found                try(メール等に見つかった語を、保護されたファイルに試す) / words found in mails and texts
#   window:from  window:to         時刻(調査期間の端) / the moment an end of the window is set to
#   fact:NAME                      事実の値 / a value of the decision's vocabulary
# on = "fact:recovered_before_viewing"
# decision = "confirmed"
# reason = "受信者が削除し、未閲覧であることを書面で確認した"
# by = "鑑識 担当"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """The organisation the incident happened at, as far as the law asks."""

    kind: str = "private"
    law_packs: tuple[str, ...] = ("appi-private", "my-number")
    ordinance_defines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """What people know of the incident; None where nobody stated it."""

    cause: str = "unknown"
    improper_purpose: str = "unknown"
    event: str | None = None
    event_certainty: str | None = None
    window_from: datetime | None = None
    window_to: datetime | None = None
    mail_domains: tuple[str, ...] = ()
    intruder_accounts: tuple[str, ...] = ()
    bad_hosts: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    passwords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ocr:
    """What pictures may cost: how many pages of the case are read by optical character recognition, some seconds each."""

    pages: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """When a department came to know the situation."""

    at: datetime
    department: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceSpec:
    """An evidence item as case.toml (or the folder evidence/) names it; `role` is None where nobody stated it."""

    id: str
    path: str
    role: str | None = None
    custodian: str = ""
    acquired_by: str = ""
    acquired_at: datetime | None = None
    acquired_with: str = ""
    md5: str | None = None
    sha1: str | None = None
    sha256: str | None = None
    encryption: str = "unknown"
    keys: Mapping[str, str] = field(default_factory=dict)

    @property
    def stated_digests(self) -> dict[str, str]:
        """The digests case.toml states, by algorithm name."""
        stated = {"md5": self.md5, "sha1": self.sha1, "sha256": self.sha256}
        return {name: value for name, value in stated.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entruster:
    """Whose personal data is handled for others: everything on some items, and what lies on some paths (`*` stands for any signs)."""

    name: str
    evidence: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """An examiner's decision on one of `RULED_ON`."""

    on: str
    decision: Any
    reason: str
    by: str

    @property
    def kind(self) -> str:
        """What it rules on: a key of `RULED_ON`."""
        return self.on.partition(":")[0]

    @property
    def subject(self) -> str:
        """Which one: what stands behind the first colon."""
        return self.on.partition(":")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case and where each thing lies in its folder."""

    root: Path
    number: str
    client: str = ""
    examiner: str = ""
    time_zone: str = "Asia/Tokyo"
    entity: Entity = Entity()
    incident: Incident = Incident()
    ocr: Ocr = Ocr()
    knowledge: tuple[Knowledge, ...] = ()
    evidence: tuple[EvidenceSpec, ...] = ()
    entrusters: tuple[Entruster, ...] = ()
    rulings: tuple[Ruling, ...] = ()
    toml_sha256: str | None = None
    defaulted: tuple[str, ...] = ()
    unlisted: tuple[str, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which times without an offset are read."""
        return ZoneInfo(self.time_zone)

    @property
    def window(self) -> tuple[datetime | None, datetime | None]:
        """The ends of the time looked at: as ruled, else as case.toml states them."""
        ruled = {
            one.subject: datetime.fromisoformat(one.decision) for one in self.rulings if one.kind == "window"
        }
        return ruled.get("from", self.incident.window_from), ruled.get("to", self.incident.window_to)

    @property
    def is_trying_found(self) -> bool:
        """Whether a ruling allows that words found in mails and texts are tried as passwords."""
        return any(one.kind == "passwords" for one in self.rulings)

    @property
    def toml(self) -> Path:
        """case.toml, whether or not it exists."""
        return self.root / TOML_NAME

    @property
    def evidence_folder(self) -> Path:
        """The folder of evidence items; never written."""
        return self.root / "evidence"

    @property
    def custody(self) -> Path:
        """The folder of the custody log."""
        return self.root / "custody"

    @property
    def tables(self) -> Path:
        """The folder of Parquet tables."""
        return self.root / "tables"

    @property
    def sheets(self) -> Path:
        """The folder of business tables found inside documents."""
        return self.root / "sheets"

    @property
    def report(self) -> Path:
        """The folder of generated reports."""
        return self.root / "report"

    @property
    def review(self) -> Path:
        """The folder of pairs drawn for a clerical review, and of the answers to them."""
        return self.root / "review"

    @property
    def reviewing(self) -> Path:
        """The folder of answers given at a terminal and not yet taken into the case."""
        return self.root / "reviewing"

    @property
    def work(self) -> Path:
        """The folder of scratch files; nothing in it is a result."""
        return self.root / "work"

    def source(self, item: EvidenceSpec) -> Path:
        """Where an item's source lies; it need not exist (intake says so)."""
        return self.root / item.path

    def item(self, evidence_id: str) -> EvidenceSpec:
        """The item with an id.

        Raises:
            CaseError: the case has no such item.
        """
        for one in self.evidence:
            if one.id == evidence_id:
                return one
        known = ", ".join(one.id for one in self.evidence) or "none"
        raise CaseError(f"case {self.number} has no evidence item {evidence_id!r}; known: {known}")


def find(name: str) -> Path:
    """The folder of a case: `name` under cases/ in the current directory, or a path.

    Raises:
        CaseError: neither is a folder.
    """
    if "\0" in name or not name:
        raise CaseError(f"{name!r} is not a case: give a name under cases/ or the path of a case folder")
    places = [Path(name)] if Path(name).is_absolute() else [Path("cases") / name, Path(name)]
    for place in places:
        if place.is_dir():
            return place
    tried = " nor ".join(str(place) for place in places)
    raise CaseError(
        f"there is no case {name!r}: neither {tried} is a folder; `kanshiki init {name}` makes one"
    )


def load(root: Path) -> Case:
    """The case in a folder.

    Raises:
        CaseError: the folder is no case, or case.toml has an unknown key, a wrong type or a bad value; the
            message names the key and its line.
    """
    if not root.is_dir():
        raise CaseError(f"case folder {root} is missing or not a folder: name an existing folder")
    toml = root / TOML_NAME
    names = _names_under(root / "evidence")
    if not toml.exists():
        if not (root / "evidence").is_dir():
            raise CaseError(
                f"{root} is no case: it has neither {TOML_NAME} nor evidence/; `kanshiki init` makes both"
            )
        # abspath of "." has a name; "." itself has none.
        return Case(
            root=root, number=root.resolve().name, evidence=_discovered(names), defaulted=("case", "evidence")
        )
    try:
        content = toml.read_bytes()
        given = tomllib.loads(content.decode("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise CaseError(f"{toml} cannot be read as UTF-8 text: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise CaseError(f"{toml} is not TOML: {error}") from error
    return _case(
        root, _Source(path=toml, content=content.decode("utf-8")), given, names, digest.of_bytes(content)
    )


def scaffold(root: Path, *, number: str | None = None, client: str = "", examiner: str = "") -> Path:
    """Make a new case folder with evidence/ and a commented case.toml, and give the path of the latter.

    Raises:
        CaseError: the folder already has a case.toml, or a value cannot stand in it.
    """
    toml = root / TOML_NAME
    values = {"number": number or root.resolve().name, "client": client, "examiner": examiner}
    for name, value in values.items():
        if _has_control(value):
            raise CaseError(f"{name} {value!r} holds a control character: give plain text")
    text = _SCAFFOLD.format(
        **{name: _quoted(value) for name, value in values.items()},
        kinds=" | ".join(ENTITY_KINDS), causes=" | ".join(CAUSES), purposes=" | ".join(PURPOSES),
        events=" | ".join(EVENTS), certainties=" | ".join(CERTAINTIES), roles=" | ".join(ROLES),
        encryptions=" | ".join(ENCRYPTIONS),
    )  # fmt: skip
    try:
        (root / "evidence").mkdir(parents=True, exist_ok=True)
        with toml.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError as error:
        raise CaseError(f"{toml} already exists: edit it, or choose another folder") from error
    except OSError as error:
        raise CaseError(f"case folder {root} cannot be made: {error}") from error
    return toml


def items_under(names: Collection[str]) -> tuple[str, ...]:
    """The names, of those lying side by side, that are items: neither a later segment nor a sidecar of another."""
    leaders = {name: _leader(name, names) for name in names}
    items = {name for name in names if leaders[name] == name}
    images = {Path(name).stem for name in items if _is_image(name)}
    return tuple(sorted(name for name in items if not _is_sidecar(name, items, images)))


class _BadValueError(Exception):
    """A value of case.toml is not what its key takes; the message says what it takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """case.toml as text, to find the line of a key in it."""

    path: Path
    content: str

    def line(self, section: str, index: int | None, key: str | None) -> int:
        """Line, from 1, of a key within a section (of the nth block of an array); 0 where it is not found."""
        header, seen, at, quote = "", -1, 0, ""
        for number, text in enumerate(self.content.splitlines(), start=1):
            if quote:
                quote = "" if text.count(quote) % 2 else quote
                continue
            if found := _HEADER.match(text):
                header = found[2].partition(".")[0].strip()
                seen += found[1] == "[[" and header == section
                at = number if header == section and index in (None, seen) and not at else at
                if key is None and at:
                    return at
            elif (
                (found := _KEY.match(text))
                and key == found[1]
                and header == section
                and index in (None, seen)
            ):
                return number
            quote = next((one for one in ('"""', "'''") if text.count(one) % 2), "")
        return at

    def error(self, section: str, index: int | None, key: str | None, message: str) -> CaseError:
        """The error for one key, with where it stands."""
        where = section if key is None or not section else f"{section}.{key}" if section else key
        return CaseError(f"{self.path}, line {self.line(section, index, key)}: {where or key} {message}")


def _case(root: Path, source: _Source, given: dict[str, Any], names: tuple[str, ...], sha256: str) -> Case:
    for key in given:
        if key not in _SECTIONS:
            found = source.line(key, None, None)
            section, name = (key, None) if found else ("", key)
            raise source.error(
                section, None, name, f"is not a known section: there are {', '.join(_SECTIONS)}"
            )
    head = _section(source, given, "case", _CASE, required=("number",))
    zone = ZoneInfo(head.get("time_zone", "Asia/Tokyo"))
    timed = _timed(zone)
    entity = _section(source, given, "entity", _ENTITY)
    incident = _section(source, given, "incident", _INCIDENT | {"window_from": timed, "window_to": timed})
    if (
        incident.get("window_from")
        and incident.get("window_to")
        and incident["window_from"] > incident["window_to"]
    ):
        raise source.error("incident", None, "window_to", "lies before window_from")
    known = _blocks(source, given, "knowledge", {"department": _text, "at": timed}, required=("at",))
    items = _blocks(source, given, "evidence", _EVIDENCE | {"acquired_at": timed}, required=("id", "path"))
    for index, one in enumerate(items):
        if one["id"] in {other["id"] for other in items[:index]}:
            raise source.error("evidence", index, "id", f"{one['id']!r} is used twice: an id names one item")
    entrusters = _blocks(source, given, "entruster", _ENTRUSTER, required=("name",))
    for index, one in enumerate(entrusters):
        if not one.get("evidence") and not one.get("paths"):
            raise source.error(
                "entruster", index, None, "names no data: give evidence = [...] or paths = [...]"
            )
    rulings = _blocks(source, given, "ruling", _RULING, required=("on", "decision", "reason"))
    for index, one in enumerate(rulings):
        try:
            one["decision"] = _decision(one["on"], one["decision"], timed)
        except _BadValueError as error:
            raise source.error("ruling", index, "decision", str(error)) from error
        before = [other for other in rulings[:index] if other["on"] == one["on"]]
        if one["on"].startswith("window:") and before:
            raise source.error(
                "ruling", index, "on", f"{one['on']!r} is ruled twice: leave the one that holds"
            )
    absent = [name for name in ("client", "examiner", "time_zone") if name not in head]
    case = Case(
        root=root,
        **head,
        entity=Entity(**entity),
        incident=Incident(**incident),
        ocr=Ocr(**_section(source, given, "ocr", _OCR)),
        knowledge=tuple(Knowledge(**one) for one in known),
        evidence=tuple(EvidenceSpec(**one) for one in items) if items else _discovered(names),
        entrusters=tuple(Entruster(**one) for one in entrusters),
        rulings=tuple(Ruling(**({"by": head.get("examiner", "")} | one)) for one in rulings),
        toml_sha256=sha256,
        defaulted=(
            *(f"case.{name}" for name in absent),
            *(f"entity.{name}" for name in _ENTITY if name not in entity),
            *(
                f"incident.{name}"
                for name in (*_INCIDENT, "window_from", "window_to")
                if name not in incident
            ),
            *(name for name, blocks in (("knowledge", known), ("evidence", items)) if not blocks),
        ),
        unlisted=_unlisted(names, [one["path"] for one in items]) if items else (),
    )
    begin, end = case.window
    if begin and end and begin > end:
        raise source.error(
            "ruling", None, None, "leave the window without time: window:to lies before window:from"
        )
    return case


def _section(
    source: _Source,
    given: dict[str, Any],
    name: str,
    keys: Mapping[str, _Check],
    required: tuple[str, ...] = (),
) -> dict[str, Any]:
    table = given.get(name, {})
    if not isinstance(table, dict):
        raise source.error(name, None, None, f"must be one table: write [{name}]")
    return _checked(source, table, name, None, keys, required)


def _blocks(
    source: _Source,
    given: dict[str, Any],
    name: str,
    keys: Mapping[str, _Check],
    required: tuple[str, ...] = (),
) -> list[dict[str, Any]]:
    tables = given.get(name, [])
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        raise source.error(name, None, None, f"must be blocks: write [[{name}]] before each")
    return [_checked(source, one, name, index, keys, required) for index, one in enumerate(tables)]


def _checked(
    source: _Source,
    table: dict[str, Any],
    section: str,
    index: int | None,
    keys: Mapping[str, _Check],
    required: tuple[str, ...],
) -> dict[str, Any]:
    values = {}
    for key, value in table.items():
        if key not in keys:
            raise source.error(
                section, index, key, f"is not a known key: {section} has {', '.join(sorted(keys))}"
            )
        try:
            values[key] = keys[key](value)
        except _BadValueError as error:
            raise source.error(section, index, key, str(error)) from error
    for key in required:
        if key not in values:
            raise source.error(section, index, None, f"has no {key!r}, which every [{section}] needs")
    return values


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _BadValueError(f"must be text in quotes, not {value!r}")
    if _has_control(value):
        raise _BadValueError(f"holds a control character: {value!r}")
    return value


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MOST_PAGES:
        raise _BadValueError(f"must be a whole number from 0 to {_MOST_PAGES}, not {value!r}")
    return value


def _filled(value: Any) -> str:
    if not _text(value).strip():
        raise _BadValueError("must not be empty")
    return str(value)


def _one_of(known: tuple[str, ...]) -> _Check:
    def check(value: Any) -> str:
        if value not in known:
            raise _BadValueError(f"must be one of {', '.join(known)}, not {value!r}")
        return str(value)

    return check


def _matching(pattern: re.Pattern[str], meaning: str) -> _Check:
    def check(value: Any) -> str:
        if not pattern.fullmatch(_text(value)):
            raise _BadValueError(f"must be {meaning}, not {value!r}")
        return str(value)

    return check


def _secret(value: Any) -> str:
    # The value is not repeated in the message: it may be the secret itself.
    if not isinstance(value, str) or not _REFERENCE.fullmatch(value):
        raise _BadValueError(
            'must be a reference "env:NAME" to an environment variable: a secret is never written here'
        )
    return value


def _many(check: _Check) -> _Check:
    def each(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise _BadValueError(f'must be a list: ["..."], not {type(value).__name__}')
        return tuple(check(one) for one in value)

    return each


def _secrets(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise _BadValueError('must be a table: { name = "env:NAME" }')
    return {_text(name): _secret(one) for name, one in value.items()}


def _digest(name: str) -> _Check:
    digits = _HEX_DIGITS[name]

    def check(value: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(rf"[0-9A-Fa-f]{{{digits}}}", value.strip()):
            raise _BadValueError(f"must be {digits} hex digits, not {value!r}")
        return value.strip().lower()

    return check


def _timed(zone: ZoneInfo) -> _Check:
    """Reads an instant; where it has no offset, as wall clock of the case's zone."""

    def check(value: Any) -> datetime:
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value)
            except ValueError as error:
                raise _BadValueError(
                    f"must be a time such as 2026-01-31T09:30:00+09:00, not {value!r}"
                ) from error
        if isinstance(value, date) and not isinstance(value, datetime):
            value = datetime.combine(value, time(), zone)
        if not isinstance(value, datetime):
            raise _BadValueError(f"must be a time such as 2026-01-31T09:30:00+09:00, not {value!r}")
        return value if value.tzinfo is not None else value.replace(tzinfo=zone)

    return check


def _zone_name(value: Any) -> str:
    try:
        return ZoneInfo(_filled(value)).key
    except (KeyError, OSError, ValueError) as error:
        raise _BadValueError(f"must be a time zone such as Asia/Tokyo, not {value!r}") from error


def _source_path(value: Any) -> str:
    if ".." in Path(_filled(value)).parts:
        raise _BadValueError(
            f"must not climb with '..': {value!r}; give a path under the case folder or an absolute one"
        )
    return str(value)


def supposed(case: Case, on: str, decision: Any) -> Case:
    """The case with one ruling more, as if an examiner had made it; nothing is written.

    Raises:
        CaseError: there is no such ruling.
    """
    try:
        _ruled_on(on)
    except _BadValueError as error:
        raise CaseError(f"what is ruled on {error}") from error
    try:
        decision = _decision(on, decision, _timed(case.zone))
    except _BadValueError as error:
        raise CaseError(f"the decision on {on!r} {error}") from error
    ruling = Ruling(on=on, decision=decision, reason="supposed", by="")
    others = tuple(one for one in case.rulings if one.on != on)
    return replace(case, rulings=(*others, ruling))


def _ruled_on(value: Any) -> str:
    kind, _, subject = _text(value).partition(":")
    if kind not in RULED_ON or not subject:
        raise _BadValueError(f"must be KIND:WHICH with KIND one of {', '.join(RULED_ON)}, not {value!r}")
    if kind in _SUBJECTS and not _SUBJECTS[kind][0].fullmatch(subject):
        raise _BadValueError(f"must be {kind}:{_SUBJECTS[kind][1]} as the report names them, not {value!r}")
    return str(value)


def _decision(on: str, decision: Any, timed: _Check) -> Any:
    """A decision as its kind of ruling takes it; a moment as text with its offset."""
    kind = on.partition(":")[0]
    allowed = RULED_ON[kind]
    if allowed is not None and decision not in allowed:
        raise _BadValueError(f"must be {' | '.join(allowed)}, not {decision!r}")
    return timed(decision).isoformat() if kind == "window" else decision


def _plain(value: Any) -> Any:
    """A TOML value as a JSON value: times and dates become text."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return value


def _has_control(value: str) -> bool:
    return any(unicodedata.category(one) in ("Cc", "Cs") for one in value)


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _names_under(folder: Path) -> tuple[str, ...]:
    if not folder.is_dir():
        return ()
    return tuple(sorted(one.name for one in folder.iterdir() if one.name not in _NOT_EVIDENCE))


def _discovered(names: tuple[str, ...]) -> tuple[EvidenceSpec, ...]:
    specs: list[EvidenceSpec] = []
    used: set[str] = set()
    for name in items_under(names):
        plain = unicodedata.normalize("NFKC", name).lower()
        base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:56].strip("-") or "item"
        number, slug = 1, base
        while slug in used:
            number += 1
            slug = f"{base}-{number}"
        used.add(slug)
        specs.append(EvidenceSpec(id=slug, path=f"evidence/{name}"))
    return tuple(specs)


def _unlisted(names: tuple[str, ...], paths: list[str]) -> tuple[str, ...]:
    listed = {
        Path(path).parts[1]
        for path in paths
        if Path(path).parts[:1] == ("evidence",) and len(Path(path).parts) > 1
    }
    return tuple(name for name in items_under(names) if name not in listed)


def _leader(name: str, names: Collection[str]) -> str:
    """The first segment of the set a name belongs to; the name itself where it belongs to none."""
    # Expert Witness: .E01 ... .E99, .EAA ... .EZZ, .FAA ...; only the families whose first letter names them.
    if found := _CONTAINER.fullmatch(name):
        start = f"{found['stem']}.{found['family']}".casefold()
        if found["number"].isdigit() or any(one.casefold() == f"{start}01" for one in names):
            set_of = [one for one in names if one.casefold().startswith(start) and _CONTAINER.fullmatch(one)]
            return min(set_of, key=lambda one: (not one[-2:].isdigit(), one.casefold()))
    if found := _SPLIT.fullmatch(name):
        digits = len(found["number"])
        for first in (f"{found['stem']}.{0:0{digits}d}", f"{found['stem']}.{1:0{digits}d}"):
            if first in names:
                return first
    if (found := _EXTENT.fullmatch(name)) and f"{found['stem']}.vmdk" in names:
        return f"{found['stem']}.vmdk"
    return name


def _is_image(name: str) -> bool:
    # Letters alone (.EAA) only follow digits: notes.eml is no image.
    found = _CONTAINER.fullmatch(name)
    return (found is not None and found["number"].isdigit()) or Path(name).suffix.lower() in _IMAGE_SUFFIXES


def _is_sidecar(name: str, items: set[str], images: set[str]) -> bool:
    suffix, stem = Path(name).suffix.lower(), Path(name).stem
    if suffix not in (*_DIGEST_SIDECARS, ".txt"):
        return False
    # FTK Imager writes IMAGE.E01.txt; others write IMAGE.md5. notes.txt beside notes.eml is evidence.
    if stem in images or (stem in items and (suffix in _DIGEST_SIDECARS or _is_image(stem))):
        return True
    return suffix in _DIGEST_SIDECARS and any(Path(one).stem == stem for one in items if one != name)


_Check = Callable[[Any], Any]
_CASE: Mapping[str, _Check] = {"number": _filled, "client": _text, "examiner": _text, "time_zone": _zone_name}
_ENTITY: dict[str, _Check] = {
    "kind": _one_of(ENTITY_KINDS),
    "law_packs": _many(_matching(_PACK, "a law pack such as appi-private")),
    "ordinance_defines": _many(_filled),
}
_INCIDENT: dict[str, _Check] = {
    "cause": _one_of(CAUSES),
    "improper_purpose": _one_of(PURPOSES),
    "event": _one_of(EVENTS),
    "event_certainty": _one_of(CERTAINTIES),
    "mail_domains": _many(_matching(_DOMAIN, "a mail domain such as example.co.jp")),
    "intruder_accounts": _many(_filled),
    "bad_hosts": _many(_filled),
    "notices": _many(_filled),
    "passwords": _many(_secret),
}
_OCR: dict[str, _Check] = {"pages": _count}
_EVIDENCE: dict[str, _Check] = {
    "id": _matching(_ID, "a-z, 0-9, _ and -, at most 64, beginning with a letter or digit"),
    "path": _source_path,
    "role": _one_of(ROLES),
    "custodian": _text,
    "acquired_by": _text,
    "acquired_with": _text,
    "md5": _digest("md5"),
    "sha1": _digest("sha1"),
    "sha256": _digest("sha256"),
    "encryption": _one_of(ENCRYPTIONS),
    "keys": _secrets,
}
_ENTRUSTER: dict[str, _Check] = {"name": _filled, "evidence": _many(_filled), "paths": _many(_filled)}
_RULING: dict[str, _Check] = {"on": _ruled_on, "decision": _plain, "reason": _filled, "by": _text}
