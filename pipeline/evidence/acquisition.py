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
_DIGEST_ENDINGS = (".md5", ".sha1", ".sha256")
_TOLD_ENDINGS = (".txt", ".info", ".log", ".sha")
_LISTS = ("md5sums", "sha1sums", "sha256sums", "hashdeep.txt", "hashes.txt")
_HEX = re.compile(r"[0-9A-Fa-f]{64}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{32}")
# GNU: digest, two signs, name. BSD and openssl: NAME (file) = digest.
_GNU = re.compile(r"^\\?([0-9A-Fa-f]{32,64})\s+[* ]?(\S.*)$")
_BSD = re.compile(r"^(MD5|SHA-?1|SHA-?256|SHA2-256)\s*\((.+)\)\s*=\s*([0-9A-Fa-f]+)$", re.IGNORECASE)
# FTK Imager, ewfacquire, Guymager, dcfldd: a line that names the algorithm and gives the digest.
_LABELLED = re.compile(
    r"\b(md5|sha-?1|sha-?256)\b[^:=\n]*[:=]\s*([0-9A-Fa-f]{32,64})(?![0-9A-Fa-f])", re.IGNORECASE
)
# dc3dd: the digest, then its algorithm.
_AFTER = re.compile(r"(?<![0-9A-Fa-f])([0-9A-Fa-f]{32,64})\s*\((md5|sha-?1|sha-?256)\)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """One digest somebody states: where it stands, the algorithm, the value, and which file it names."""

    origin: str
    algorithm: str
    value: str
    names: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One stated digest beside the one found: match, mismatch, ambiguous or unparsable."""

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
        names = _own_names(source)
        for path in _sidecars(source):
            listed = _of_sidecar(path)
            own = [one for one in listed if one.names is None or _plain(one.names) in names]
            # A list of many files is read for this item; one that never names it is told as ambiguous, unless it is general.
            found += own or ([] if path.name.lower() in _LISTS else listed)
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
    return tuple(_compared(source, one, hashed) for one in stated)


def _compared(source: Source, one: Stated, hashed: Hashed) -> Comparison:
    if len(one.value) != {name: size for size, name in _LENGTHS.items()}.get(
        one.algorithm
    ) or not _HEX.fullmatch(one.value):
        return Comparison(stated=one, found="", result="unparsable")
    media = hashed.media.named().get(one.algorithm, "")
    files = {_plain(file.path.name): getattr(file, one.algorithm) for file in hashed.files}
    name = None if one.names is None else _plain(one.names)
    if name is not None and name not in _own_names(source):
        return Comparison(stated=one, found=media, result="ambiguous")
    first = _plain(source.path.name)
    # A later segment is only itself; the first one's name also stands for the whole set.
    candidates = [files[name]] if name in files and name != first else [media, files.get(first, "")]
    candidates = [value for value in candidates if value]
    if not candidates:
        return Comparison(stated=one, found="", result="ambiguous")
    is_match = one.value in candidates and hashed.is_complete
    return Comparison(
        stated=one,
        found=one.value if is_match else candidates[0],
        result="match" if is_match else "mismatch",
    )


def verdict(compared: Iterable[Comparison]) -> str:
    """match, mismatch, or absent where nothing that names this item is stated."""
    results = {one.result for one in compared}
    if "mismatch" in results:
        return "mismatch"
    return "match" if "match" in results else "absent"


def explain(one: Comparison) -> str:
    """A comparison in words."""
    if one.result == "unparsable":
        return (
            f"{one.stated.origin} states {one.stated.algorithm} {one.stated.value!r}, which is no such digest"
        )
    if one.result == "mismatch" and one.found == one.stated.value:
        return f"{one.stated.origin} states {one.stated.algorithm} {one.stated.value}, but not all bytes could be read"
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


def _own_names(source: Source) -> set[str]:
    """Names a sidecar may use for this item, folded: its files, and the first without its ending."""
    return {_plain(one.name) for one in source.segments} | {
        _plain(source.path.name),
        _plain(source.path.stem),
    }


def _plain(name: str) -> str:
    """The last part of a path of either kind, folded: imagers write whole Windows paths."""
    return re.split(r"[\\/]", name)[-1].strip().casefold()


def _sidecars(source: Source) -> list[Path]:
    """Files beside an item that state digests of it.

    notes.txt beside notes.eml is evidence of its own, so only an image may share a stem with its sidecar.
    """
    names = [source.path.name + ending for ending in (*_DIGEST_ENDINGS, *_TOLD_ENDINGS)]
    names += [source.path.stem + ending for ending in _DIGEST_ENDINGS]
    if source.is_image:
        names += [source.path.stem + ending for ending in _TOLD_ENDINGS]
    wanted = {name.casefold() for name in names} | set(_LISTS)
    own = {source.path.name, *(one.name for one in source.segments)}
    return sorted(
        one
        for one in source.path.absolute().parent.iterdir()
        if one.name.casefold() in wanted
        and one.name not in own
        and one.is_file()
        and one.stat().st_size <= _SIDECAR_BYTES
    )


def _of_sidecar(path: Path) -> list[Stated]:
    found: list[Stated] = []
    columns: list[str] = []
    text = _text(path.read_bytes())
    for raw in text.splitlines():
        line = raw.strip()
        if line.startswith("%%%% size,"):  # hashdeep: the header names the columns
            columns = line.removeprefix("%%%% ").split(",")
        elif columns and line and not line.startswith(("#", "%")):
            found += _of_hashdeep(path, columns, line)
        else:
            found += _of_line(path, line)
    ending = path.suffix.lower()
    if not found and ending in _DIGEST_ENDINGS:
        found.append(Stated(origin=path.name, algorithm=ending[1:], value=text.strip()[:64]))
    return list(dict.fromkeys(found))


def _of_hashdeep(path: Path, columns: list[str], line: str) -> list[Stated]:
    values = dict(zip(columns, line.split(",", len(columns) - 1), strict=False))
    return [
        Stated(origin=path.name, algorithm=name, value=values[name].lower(), names=values.get("filename"))
        for name in _LENGTHS.values()
        if name in values
    ]


def _of_line(path: Path, line: str) -> list[Stated]:
    if bsd := _BSD.match(line):
        return [_named(path, bsd.group(1), bsd.group(3), bsd.group(2))]
    if gnu := _GNU.match(line):
        if not re.match(r"\((md5|sha)", gnu.group(2), re.IGNORECASE):
            return _by_length(path, gnu.group(1), gnu.group(2))
        return [_named(path, found[1], found[0], None) for found in _AFTER.findall(line)]
    if labelled := _LABELLED.search(line):
        return [_named(path, labelled.group(1), labelled.group(2), None)]
    if after := _AFTER.search(line):
        return [_named(path, after.group(2), after.group(1), None)]
    return _by_length(path, line, None) if _HEX.fullmatch(line) else []


def _named(path: Path, label: str, value: str, names: str | None) -> Stated:
    """A digest whose algorithm is written beside it."""
    algorithm = label.lower().replace("sha2-", "sha").replace("-", "")
    return Stated(origin=path.name, algorithm=algorithm, value=value.lower(), names=names)


def _by_length(path: Path, value: str, names: str | None) -> list[Stated]:
    """A digest whose algorithm only its length tells; another length is none of the three."""
    algorithm = _LENGTHS.get(len(value))
    if algorithm is None:
        return []
    return [Stated(origin=path.name, algorithm=algorithm, value=value.lower(), names=names)]


def _text(content: bytes) -> str:
    """Text of a sidecar: UTF-16 by its mark or its zero bytes, else UTF-8 with or without a mark."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    if content[1:2] == b"\0":
        return content.decode("utf-16-le", "replace")
    return content.decode("utf-8-sig", "replace")
