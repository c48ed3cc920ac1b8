"""Values of item 4 and of the items after it: cause, routes, what the law says on notice, what was not read; and what the common ransomware form asks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.report.document import Marked
from pipeline.report.drafts.course import GRAVE, japanese
from pipeline.report.drafts.values import Filled, Known, Line, capped, said, span
from pipeline.report.words import CAUSE, KIND, NOTIFY, ROUTE

_NOTES = "ransom_notes"
# How the rules word it: rules/exposure/damaged.sql, rules/indicators/copy_kept.sql.
_RENAMED = re.compile(r"renamed to \.(\S+) with many others.*")
_KEPT = re.compile(r"of (\d+) files renamed to \.(\S+) a copy under the old name is kept for (\d+)")
_ADDRESS = re.compile(r"(?:session from the public address|web shell .+ asked for by) (\S+)")
_LOGON = re.compile("logon|logged on|session", re.IGNORECASE)


def cause(known: Known) -> Filled:
    """The kind of cause the case states."""
    value, source = known.fact("cause")
    if value is None:
        return ()
    ja, en = said(CAUSE, str(value))
    return (Line(ja=ja, en=en, source=source),)


def routes(known: Known) -> Filled:
    """The routes the data took by the evidence, each with the persons counted (of My Number: without, for the counts are of everybody)."""
    return tuple(
        Line(ja=ja if known.is_my_number else f"{ja} {span(one)}", en=en, source=one.reference)
        for one in known.document.of_dimension("route")
        if one.high
        for ja, en in (said(ROUTE, one.value or ""),)
    )


def notify(known: Known) -> Filled:
    """What the decision says on the notice to persons."""
    if not known.decision:
        return ()
    name = str(known.decision.get("notify_individuals")).lower()
    ja, _, en = NOTIFY.get(name, name).partition(" ")
    return (Line(ja=ja, en=en, source="decision.notify_individuals"),)


def unread(known: Known) -> Filled:
    """What could not be read, by item and reason; none where everything was."""
    lines = [
        Line(
            ja=f"{one.evidence_id}: {said(KIND, one.kind)[0]} {one.count:,} 件",
            en=one.message,
            source=f"problem[evidence_id={one.evidence_id},kind={one.kind}]",
        )
        for one in known.document.unread
    ]
    return capped(lines) or (Line(ja="読み取れなかった証拠はない", en="none", source="problem; coverage"),)


def ransom_note(known: Known) -> Filled:
    """Files that the rules on ransom notes know, by item and path; their text is not repeated."""
    return capped(
        Line(
            ja=f"{one.evidence_id} {one.path}",
            source=f"rule_hit[evidence_id={one.evidence_id},entry_id={one.entry_id},rule={one.rule}]",
        )
        for one in _marked(known)
        if one.rule_file.startswith(_NOTES)
    )


def ransom_extension(known: Known) -> Filled:
    """Endings that many files were given, how many of them have no copy in the case, and of how many one is kept."""
    lines = []
    for evidence, reason, entries in known.document.damaged:
        found = _RENAMED.fullmatch(reason)
        if found:
            lines.append(
                Line(
                    ja=f".{found[1]}({evidence}、元の名前の写しがないもの {entries:,} 件)",
                    en="files without a copy under the old name",
                    source=f"exposure[route=damaged,evidence_id={evidence}]",
                )
            )
    for one in known.document.indicators:
        kept = _KEPT.fullmatch(one.reason)
        if kept:
            lines.append(
                Line(
                    ja=f".{kept[2]}({one.evidence_id}、変えられた {kept[1]} 件のうち {kept[3]} 件は元の名前の写しが残る)",
                    en="a copy under the old name is kept",
                    source=f"indicator[rule={one.rule},evidence_id={one.evidence_id}]",
                )
            )
    return capped(lines)


def malware(known: Known) -> Filled:
    """Content that stands on a list of known bad, by the name the list gives it."""
    return capped(
        Line(ja=f"{name}({evidence} {path})", source=f"hash_hit[evidence_id={evidence},list_file={file}]")
        for evidence, path, name, file in known.document.known
    )


def intrusion(known: Known) -> Filled:
    """Traces of the way in: logons that rules over events find grave, and sessions from outside."""
    lines = [
        Line(
            ja=f"{one.title_ja or one.title}({one.evidence_id}、{one.count:,} 件)",
            en=one.title,
            source=f"event_hit[evidence_id={one.evidence_id},rule_title={one.title}]",
        )
        for one in known.document.event_rules
        if one.level in GRAVE and _LOGON.search(one.title)
    ]
    return capped([*lines, *_addresses(known)])


def indicators(known: Known) -> Filled:
    """Addresses, files with their digests, content on a list of known bad, and events of weight."""
    lines = [
        *_addresses(known),
        *(
            Line(
                ja=f"{one.evidence_id} {one.path} SHA-256 {one.sha256 or '不明'}",
                en=one.rule,
                source=f"rule_hit[evidence_id={one.evidence_id},entry_id={one.entry_id},rule={one.rule}]",
            )
            for one in _marked(known)
        ),
        *malware(known),
        *(
            Line(
                ja=f"{one.title_ja or one.title}({one.evidence_id}、{one.count:,} 件)",
                en=one.title,
                source=f"event_hit[evidence_id={one.evidence_id},rule_title={one.title}]",
            )
            for one in known.document.event_rules
            if one.level in GRAVE
        ),
    ]
    return capped(lines)


def _marked(known: Known) -> Iterator[Marked]:
    """Files that rules over bytes matched; not the file system's own, which hold small files over again."""
    return (one for one in known.document.marked if not one.path.rpartition("/")[2].startswith("$"))


def _addresses(known: Known) -> Iterator[Line]:
    """Outside addresses that sessions came from, each once an item."""
    for one in known.document.indicators:
        found = _ADDRESS.search(one.reason)
        # The first and the last of a kind may be one; the first names it.
        if found and one.direction == "from":
            yield Line(
                ja=f"{japanese(one.reason)}({one.evidence_id})",
                en=f"address {found[1]}",
                source=f"indicator[rule={one.rule},evidence_id={one.evidence_id}]",
            )
