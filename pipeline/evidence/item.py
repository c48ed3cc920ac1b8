"""The files an item is made of: segments of a split image, extents, and the images it builds on.

What an image names is looked for beside it and nowhere else.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pyqcow
import pyvhdi
import pyvmdk

from pipeline.errors import EvidenceError


def segments(path: Path, kind: str) -> tuple[Path, ...]:
    """Every file a source is made of, in order.

    Raises:
        EvidenceError: one is missing.
    """
    try:
        match kind:
            case "ewf":
                return _ewf_segments(path)
            case "raw":
                return _raw_segments(path)
            case "vmdk":
                return _vmdk_segments(path)
            case "vhd" | "vhdx" | "qcow2":
                return _with_parents(path, kind)
    except OSError as error:
        raise EvidenceError(
            f"evidence {path} cannot be opened as {kind}: {short(error)}; it is damaged or cut short: acquire it again"
        ) from error
    return (path,)


def _raw_segments(path: Path) -> tuple[Path, ...]:
    """`.000` or `.001` on, or `.aa` on (split's own endings); any other name is one file."""
    counted = re.fullmatch(r"(.*)\.(00[01]|aa|AA)", path.name)
    if counted is None:
        return (path,)
    stem, ending = counted.groups()
    first = _split_number(ending) or 0
    have = {
        number: one
        for one in path.parent.iterdir()
        if one.name.startswith(f"{stem}.")
        and (number := _split_number(one.name[len(stem) + 1 :], ending)) is not None
    }
    last = max(have)
    for number in range(first, last + 1):
        if number not in have:
            expected = f"{stem}.{_split_ending(number, ending)}"
            raise EvidenceError(
                f"segment {number - first + 1} of {last - first + 1} of {path.name} is missing: "
                f"expected {expected} beside {have[number - 1].name}"
            )
    return tuple(have[number] for number in range(first, last + 1))


def _split_number(ending: str, like: str | None = None) -> int | None:
    """The number of a segment by its ending: digits as they are, letters counted from aa; null for another kind."""
    like = like or ending
    if like.isdigit():
        return int(ending) if re.fullmatch(r"[0-9]{3}", ending) else None
    letters = "[a-z]{2}" if like.islower() else "[A-Z]{2}"
    if not re.fullmatch(letters, ending):
        return None
    return (ord(ending[0].lower()) - 97) * 26 + ord(ending[1].lower()) - 97


def _split_ending(number: int, like: str) -> str:
    if like.isdigit():
        return f"{number:03d}"
    ending = chr(97 + number // 26) + chr(97 + number % 26)
    return ending if like.islower() else ending.upper()


def _vmdk_segments(path: Path) -> tuple[Path, ...]:
    """The descriptor and the extents it names, which lie beside it ([VMDK 5.0] The Extent Descriptions)."""
    handle = pyvmdk.handle()
    handle.open(str(path))
    names = [str(one.filename) for one in handle.extent_descriptors if one.filename]
    is_sparse = handle.disk_type in (pyvmdk.disk_types.MONOLITHIC_SPARSE, pyvmdk.disk_types.STREAM_OPTIMIZED)
    parent = handle.parent_content_identifier
    handle.close()
    if parent not in (None, 0xFFFFFFFF):  # "CID_NOPARENT", [VMDK 5.0] The Header
        raise EvidenceError(
            f"{path.name} is a VMDK snapshot that needs its parent, which is not read: consolidate it into one image"
        )
    if is_sparse and len(names) <= 1:
        return (path,)  # the extent is the file itself, whatever it was renamed to
    return (path, *(_beside(path, name, "extent") for name in names))


def _with_parents(path: Path, kind: str) -> tuple[Path, ...]:
    """An image and the chain of images it builds on: a differential VHD, a QCOW2 with a backing file."""
    chain = [path]
    while (name := _parent_name(chain[-1], kind)) is not None:
        parent = _beside(chain[-1], name, "parent image")
        if parent in chain:
            raise EvidenceError(f"{path.name} names {parent.name} as its parent, which builds on it in turn")
        chain.append(parent)
    return tuple(chain)


def _parent_name(path: Path, kind: str) -> str | None:
    handle = pyqcow.file() if kind == "qcow2" else pyvhdi.file()
    handle.open(str(path))
    name = (
        handle.backing_filename if kind == "qcow2"
        else handle.parent_filename if handle.parent_identifier
        else None
    )  # fmt: skip
    handle.close()
    return str(name) if name else None


def _beside(path: Path, name: str, what: str) -> Path:
    """A file that an image names, looked for beside it and nowhere else, whatever path it gives.

    Raises:
        EvidenceError: it does not lie there.
    """
    plain = name.rsplit("\\", 1)[-1]
    if "/" in plain or plain in ("", ".", "..") or "\0" in plain:
        raise EvidenceError(
            f"{path.name} names its {what} as {name!r}: a path that is not followed; convert the image into one file"
        )
    found = path.with_name(plain)
    if not found.is_file():
        raise EvidenceError(f"the {what} of {path.name} is missing: expected {plain} beside {path.name}")
    return found


def _ewf_segments(path: Path) -> tuple[Path, ...]:
    """E01 to E99, then EAA on; the last segment ends with a `done` section, every other with `next` (EWF specification, 3.3)."""
    found = re.fullmatch(r"(.*)\.([A-Za-z]x?)01", path.name)
    if found is None:
        inner = re.fullmatch(r".*\.[A-Za-z]x?(\d\d)", path.name)
        if inner and int(inner.group(1)) > 1:
            raise EvidenceError(
                f"{path.name} is segment {int(inner.group(1))} of an E01 set: name the first segment in case.toml"
            )
        return (path,)
    stem, letters = found.group(1), found.group(2)
    files: list[Path] = []
    for number in range(1, 14_971):
        candidate = path.parent / f"{stem}.{_ewf_extension(letters, number)}"
        if not candidate.is_file():
            break
        files.append(candidate)
    listed = {one.name for one in path.parent.iterdir()}
    later = [
        n for n in range(len(files) + 2, len(files) + 100) if f"{stem}.{_ewf_extension(letters, n)}" in listed
    ]
    expected = f"{stem}.{_ewf_extension(letters, len(files) + 1)}"
    if later:
        raise EvidenceError(
            f"E01 segment {len(files) + 1} of {later[-1]} is missing: expected {expected} beside {files[-1].name}"
        )
    if not letters.endswith("x"):
        _check_ends(files, expected)
    return tuple(files)


def _check_ends(files: list[Path], expected: str) -> None:
    for one in files:
        ending = _last_section(one)
        if ending not in (b"next", b"done"):
            raise EvidenceError(
                f"{one.name} is cut short: it does not end with a `next` or `done` section; acquire or copy it again"
            )
    if ending == b"next":
        raise EvidenceError(
            f"E01 segment {len(files) + 1} is missing: expected {expected} beside {files[-1].name}, which says that one follows"
        )


def _ewf_extension(letters: str, number: int) -> str:
    if number < 100:
        return f"{letters}{number:02d}"
    count = number - 100
    base = ord("a" if letters[0].islower() else "A")
    return f"{chr(ord(letters[0]) + count // 676)}{chr(base + count // 26 % 26)}{chr(base + count % 26)}"


def _last_section(path: Path) -> bytes:
    """Type of the last section: its descriptor is the last 76 bytes of the file."""
    if path.stat().st_size < 76:
        return b""
    with path.open("rb") as stream:
        stream.seek(-76, os.SEEK_END)
        return stream.read(16).rstrip(b"\0")


def short(error: Exception) -> str:
    """The first sentence of what a library says."""
    return str(error).split(". ")[0].splitlines()[0][:300] if str(error) else type(error).__name__
