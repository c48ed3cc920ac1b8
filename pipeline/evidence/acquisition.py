"""What an acquisition states of an item, and whether its bytes agree.

A sidecar that names another file is ambiguous and never a match; two values that disagree are a mismatch.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyewf

from pipeline.digest import Digests
from pipeline.evidence.source import Hashed, Source

_LENGTHS = {32: "md5", 40: "sha1", 64: "sha256"}
_SIDECAR_BYTES = 1 << 20
_HEX = re.compile(r"(?<![0-9A-Fa-f])([0-9A-Fa-f]{64}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{32})(?![0-9A-Fa-f])")
# GNU: digest, two signs, name. BSD: NAME (file) = digest.
_GNU = re.compile(r"^\\?([0-9A-Fa-f]{32,64})\s+[* ]?(\S.*)$")
_BSD = re.compile(r"^(?:MD5|SHA1|SHA-1|SHA256|SHA-256)\s*\((.+)\)\s*=\s*([0-9A-Fa-f]{32,64})$", re.IGNORECASE)
# FTK Imager, ewfacquire, Guymager, dc3dd: a line that names the algorithm and gives the digest.
_LABELLED = re.compile(r"(md5|sha-?1|sha-?256)\b[^0-9A-Fa-f\n]*?[:=]\s*([0-9A-Fa-f]{32,64})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """One digest somebody states: where it stands, the algorithm, the value, and which file it names."""

    origin: str
    algorithm: str
    value: str
    names: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One stated digest beside the one found: match, mismatch or ambiguous."""

    stated: Stated
    found: str
    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquired:
    """What the image itself says of its acquisition; empty where it says nothing."""

    examiner: str = ""
    at: str = ""
    tool: str = ""


def stated_digests(source: Source, by_case: Mapping[str, str]) -> tuple[Stated, ...]:
    """Every digest stated by the image itself, by sidecars beside it, and by case.toml."""
    found = [
        Stated(origin="case.toml", algorithm=name, value=value.lower())
        for name, value in sorted(by_case.items())
    ]
    if source.format == "ewf":
        found += [
            Stated(origin=source.path.name, algorithm=name, value=value)
            for name, value in sorted(_ewf_values(source, "hash").items())
        ]
    if source.format != "folder":
        for path in _sidecars(source):
            found += _of_sidecar(path)
    return tuple(found)


def acquired(source: Source) -> Acquired:
    """Header values of an E01."""
    if source.format != "ewf":
        return Acquired()
    values = _ewf_values(source, "header")
    tool = " ".join(
        values[key] for key in ("acquiry_software", "acquiry_software_version") if values.get(key)
    )
    return Acquired(examiner=values.get("examiner_name", ""), at=values.get("acquiry_date", ""), tool=tool)


def compare(source: Source, stated: Iterable[Stated], hashed: Hashed) -> tuple[Comparison, ...]:
    """Each stated digest beside the one found, of the medium or of the file it names."""
    media = hashed.media.named()
    own_names = {one.name for one in source.segments} | {source.path.name, source.path.stem}
    files = {one.path.name: one.sha256 for one in hashed.files}
    compared = []
    for one in stated:
        name = None if one.names is None else re.split(r"[\\/]", one.names)[-1]
        found = media.get(one.algorithm, "")
        if name is not None and name not in own_names:
            compared.append(Comparison(stated=one, found=found, result="ambiguous"))
            continue
        is_file = name in files and one.algorithm == "sha256" and files[name] == one.value
        result = "match" if found == one.value or is_file else "mismatch" if found else "ambiguous"
        compared.append(Comparison(stated=one, found=found, result=result))
    return tuple(compared)


def verdict(compared: Iterable[Comparison]) -> str:
    """match, mismatch, or absent where nothing that names this item is stated."""
    results = {one.result for one in compared}
    if "mismatch" in results:
        return "mismatch"
    return "match" if "match" in results else "absent"


def explain(one: Comparison) -> str:
    """A comparison in words."""
    return f"{one.stated.origin} states {one.stated.algorithm} {one.stated.value}, the bytes give {one.found or 'none'}"


def digests_text(digests: Digests) -> str:
    """Digests in one line, for messages."""
    return ", ".join(f"{name} {value}" for name, value in digests.named().items() if value)


def _ewf_values(source: Source, kind: str) -> dict[str, str]:
    handle = pyewf.handle()
    try:
        handle.open([str(one) for one in source.segments])
        raw = handle.get_hash_values() if kind == "hash" else handle.get_header_values()
        handle.close()
    except OSError:
        return {}
    if kind == "header":
        return {str(name): str(value) for name, value in raw.items()}
    return {
        str(name).lower().replace("-", ""): str(value).lower()
        for name, value in raw.items()
        if _LENGTHS.get(len(str(value)))
    }


def _sidecars(source: Source) -> list[Path]:
    endings = (".md5", ".sha1", ".sha256", ".sha", ".txt", ".info", ".log")
    places = [source.path.with_name(source.path.name + ending) for ending in endings]
    places += [source.path.with_suffix(ending) for ending in endings]
    return sorted(
        {
            one
            for one in places
            if one != source.path and one.is_file() and one.stat().st_size <= _SIDECAR_BYTES
        }
    )


def _of_sidecar(path: Path) -> list[Stated]:
    text = _text(path.read_bytes())
    found: list[Stated] = []
    for raw in text.splitlines():
        line = raw.strip()
        gnu, bsd, labelled = _GNU.match(line), _BSD.match(line), _LABELLED.search(line)
        if bsd:
            found += _stated(path, bsd.group(2), bsd.group(1))
        elif gnu:
            found += _stated(path, gnu.group(1), gnu.group(2))
        elif labelled:
            found += _stated(path, labelled.group(2), None)
        elif line and _HEX.fullmatch(line):
            found += _stated(path, line, None)
    return list(dict.fromkeys(found))


def _stated(path: Path, value: str, names: str | None) -> list[Stated]:
    algorithm = _LENGTHS.get(len(value))
    return (
        []
        if algorithm is None
        else [Stated(origin=path.name, algorithm=algorithm, value=value.lower(), names=names)]
    )


def _text(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    return content.decode("utf-8-sig", "replace")
