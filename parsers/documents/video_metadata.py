r"""Videos and sound recordings (MP4, MOV, M4A, 3GP): what their metadata says of time, place, device and people.

Shows: that a recording is there, how long it is, which tracks it has, and as far as its metadata goes when and where it was recorded, with
which device, and what was written into it. `recorded_at` stands only where the time is stated with its offset from UTC.
Does not show: that any of it is true: a device's clock may be wrong, and programs keep, change and remove metadata. `media_created_at` is UTC by
the format, yet some cameras write their own wall clock there; programs that convert write the time of converting, or the beginning of
1904 or of 1970 where they know none, which is null here. What is seen and heard is not looked at.
Not read: pictures and sound, subtitles, timed metadata (places along the way), notes of makers, XMP, 3GPP's own texts (`titl`, `auth`, `loci`),
fragments behind the movie header, videos of other formats (MKV, AVI, WMV).

References:
    - ISO/IEC 14496-12, 8.2.2 (mvhd), 8.3.2 (tkhd), 8.4.3 (hdlr), 8.10 (udta), 8.11 (meta)
    - Apple, "QuickTime File Format Specification": Movie Atoms (user data), Metadata (keys, item list)
    - ISO 6709, Annex H (places as text)
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from parsers.contract import (
    Artefact,
    Column,
    Problem,
    ProblemKind,
    Status,
    Table,
    Want,
    Yields,
    integer,
    local,
    parser,
    real,
    text,
    texts,
    utc,
)
from parsers.formats.boxes import Box, Walk
from parsers.formats.picture_kinds import SIGNATURES
from parsers.questions import MEDIA

VIDEO = Table(
    "video",
    Column("media_type", text, "Media type its container states."),
    Column("recorded_at", utc, "When the recording was made, where the metadata state the offset of the clock from UTC."),
    Column("recorded_local", local, "When it was made, by the clock of the device."),
    Column("media_created_at", utc, "When the movie was made, as its header says: UTC by the format."),
    Column("media_modified_at", utc, "When the movie was last changed, as its header says: UTC by the format."),
    Column("duration_seconds", real, "How long it plays, in seconds."),
    Column("track_kinds", texts, "Kinds of its tracks in stored order: vide, soun, text, meta and others."),
    Column("pixel_width", integer, "Width the metadata states, in pixels."),
    Column("pixel_height", integer, "Height the metadata states, in pixels."),
    Column("camera", text, "Make and model of the camera."),
    Column("software", text, "Program or firmware that wrote the picture last."),
    Column("latitude_degrees", real, "Latitude, south negative.", is_personal=True),
    Column("longitude_degrees", real, "Longitude, west negative.", is_personal=True),
    Column("altitude_metres", real, "Height above sea level."),
    Column("media_title", text, "Title as stored.", is_personal=True),
    Column("artist", text, "Who took it, as stated.", is_personal=True),
    Column("media_comment", text, "Comment or description as stored.", is_personal=True),
    answers=(
        MEDIA("recorded_at IS NOT NULL", at="recorded_at", camera="camera"),
        MEDIA("recorded_at IS NULL", at="media_created_at", camera="camera"),
    ),
)  # fmt: skip

_EPOCH = datetime(1904, 1, 1, tzinfo=UTC)
# Writers that know no time write 0, or 0 of a clock that begins in 1970.
_NO_TIME = (0, 2_082_844_800)
_KINDS = {b"qt  ": "video/quicktime", b"M4A ": "audio/mp4", b"M4B ": "audio/mp4", b"M4V ": "video/x-m4v"}
_PICTURES = {signature[4:] for signature, offset, _ in SIGNATURES if offset == 4} | {b"crx ", b"avis"}
_OLD = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
_APPLE = "com.apple.quicktime."
# Names of the same thing: keys of Apple and Android, and the four signs of user data and of the item list.
_NAMES = {
    "make": (_APPLE + "make", "©mak", "com.android.manufacturer"),
    "model": (_APPLE + "model", "©mod", "com.android.model"),
    "software": (_APPLE + "software", "©swr", "©too"),
    "place": (_APPLE + "location.ISO6709", "©xyz"),
    "recorded": (_APPLE + "creationdate", "©day"),
    "title": (_APPLE + "title", "©nam"),
    "artist": (_APPLE + "author", _APPLE + "artist", "©aut", "©ART"),
    "comment": (_APPLE + "description", _APPLE + "comment", "©des", "©cmt", "©inf", "desc"),
}
_UTF8, _UTF16 = 1, 2
_MAC_JAPANESE, _FIRST_ISO_LANGUAGE = 11, 0x400
_LONGEST_TEXT = 1 << 16
_MOST_TRACKS = 500
_PLACE = re.compile(r"([+-]\d{2,6}(?:\.\d+)?)([+-]\d{3,7}(?:\.\d+)?)([+-]\d+(?:\.\d+)?)?(?:CRS\w*)?/?")


def _is_movie(head: bytes) -> bool:
    return head[4:8] == b"ftyp" and head[8:12] not in _PICTURES


def _is_old(head: bytes) -> bool:
    return head[4:8] in _OLD or _is_movie(head)


@dataclass(slots=True)
class _Movie:
    """What was read of a movie, and what of it was wrong."""

    walk: Walk
    values: dict[str, Any] = field(default_factory=dict)
    tracks: list[str] = field(default_factory=list)
    told: dict[str, str] = field(default_factory=dict)
    wrong: list[tuple[str | None, str]] = field(default_factory=list)
    has_header: bool = False


@parser(
    version=1,
    # A movie without ftyp, as QuickTime wrote them before 2004, is known by its name alone.
    wants=(Want(sniff=_is_movie), Want("**/*.mov", sniff=_is_old, is_strict=False)),
    tables=(VIDEO,),
    is_metadata_only=True,
)
def video_metadata(artefact: Artefact) -> Yields:
    """One row for each recording; its locator is `moov`."""
    head = artefact.head(12)
    brand = head[8:12] if head[4:8] == b"ftyp" else b"qt  "
    kind = "video/3gpp" if brand[:2] == b"3g" else _KINDS.get(brand, "video/mp4")
    with artefact.open() as stream:
        movie = _Movie(Walk(stream))
        for box in movie.walk.boxes(0, artefact.size):
            if box.kind == b"moov":
                movie.has_header = True
                _movie(movie, box)
            elif box.kind == b"meta":
                _metadata(movie, box)
    values = {**movie.values, **_named(movie)}
    problems = list(_problems(movie))
    yield VIDEO.row(
        "moov",
        Status.PARTIAL if problems else Status.OK,
        media_type=kind,
        track_kinds=movie.tracks,
        **values,
    )
    yield from problems


def _problems(movie: _Movie) -> Iterator[Problem]:
    if not movie.has_header:
        message = "no box moov: a recording that was broken off, or what lay behind is lost"
        yield Problem(kind=ProblemKind.TRUNCATED, locator="0", message=message)
    for box in movie.walk.cut[:10]:
        name = box.kind.decode("latin-1")
        message = (
            f"box {name!r} at {box.start} says it ends at {box.wanted_end}, what it stands in at {box.end}"
        )
        yield Problem(kind=ProblemKind.DAMAGED, locator=f"offset:{box.start}", message=message)
    if movie.walk.is_spent:
        yield Problem(kind=ProblemKind.LIMIT, locator="moov", message="more boxes than a recording has")
    for column, message in movie.wrong[:20]:
        yield Problem(kind=ProblemKind.DAMAGED, locator="moov", message=message, column=column)


def _movie(movie: _Movie, moov: Box) -> None:
    for box in movie.walk.boxes(moov.start, moov.end):
        if box.kind == b"mvhd":
            _header(movie, movie.walk.content(box))
        elif box.kind == b"trak" and len(movie.tracks) < _MOST_TRACKS:
            _track(movie, box)
        elif box.kind == b"udta":
            _user_data(movie, box)
        elif box.kind == b"meta":
            _metadata(movie, box)


def _header(movie: _Movie, content: bytes) -> None:
    """8.2.2: version and flags, times of making and changing, units in a second, duration in units; 1 has longer numbers."""
    layout = struct.Struct(">4xQQIQ" if content[:1] == b"\1" else ">4xIIII")
    if len(content) < layout.size:
        movie.wrong.append((None, f"the movie header has {len(content)} bytes, {layout.size} are needed"))
        return
    made, changed, scale, duration = layout.unpack_from(content)
    for name, seconds in (("media_created_at", made), ("media_modified_at", changed)):
        try:
            movie.values[name] = _EPOCH + timedelta(seconds=seconds) if seconds not in _NO_TIME else None
        except OverflowError:
            movie.wrong.append((name, f"{seconds} seconds since 1904 lie beyond the calendar"))
    unknown = (1 << 64) - 1 if content[:1] == b"\1" else (1 << 32) - 1
    if duration != unknown and scale:
        movie.values["duration_seconds"] = round(duration / scale, 6)
    elif not scale:
        movie.wrong.append(("duration_seconds", "the movie header has no units in a second"))


def _track(movie: _Movie, trak: Box) -> None:
    kind, size = "", (0, 0)
    for box in movie.walk.boxes(trak.start, trak.end):
        if box.kind == b"tkhd":
            content = movie.walk.content(box)
            # 8.3.2: width and height close the header, as numbers of 16.16 bits.
            if len(content) >= 84:
                width, height = struct.unpack_from(
                    ">II", content, 88 if content[0] == 1 and len(content) >= 96 else 76
                )
                size = width >> 16, height >> 16
        elif box.kind == b"mdia":
            for inner in movie.walk.boxes(box.start, box.end):
                if inner.kind == b"hdlr":
                    kind = movie.walk.content(inner)[8:12].decode("latin-1").strip("\0 ")
    movie.tracks.append(kind or "unknown")
    if kind == "vide" and all(size) and "pixel_width" not in movie.values:
        movie.values |= {"pixel_width": size[0], "pixel_height": size[1]}


def _user_data(movie: _Movie, udta: Box) -> None:
    """Boxes named © and three signs hold texts, each with its size and language; a box meta may stand among them."""
    for box in movie.walk.boxes(udta.start, udta.end):
        if box.kind == b"meta":
            _metadata(movie, box)
        elif box.kind[:1] == b"\xa9":
            content = movie.walk.content(box)
            if len(content) >= 4:
                size, language = struct.unpack_from(">HH", content)
                _tell(movie, box.kind.decode("latin-1"), _text(content[4 : 4 + size], language))


def _metadata(movie: _Movie, meta: Box) -> None:
    """8.11: in MP4 the box has version and flags in front, in QuickTime it has none; `keys` names the items."""
    front = movie.walk.content(
        Box(kind=b"", start=meta.start, end=min(meta.start + 8, meta.end), wanted_end=0)
    )
    start = meta.start if front[4:8] in (b"hdlr", b"keys", b"ilst") else meta.start + 4
    names: list[str] = []
    for box in movie.walk.boxes(start, meta.end):
        if box.kind == b"keys":
            names = _keys(movie.walk.content(box))
        elif box.kind == b"ilst":
            for item in movie.walk.boxes(box.start, box.end):
                number = int.from_bytes(item.kind, "big")
                name = names[number - 1] if 0 < number <= len(names) else item.kind.decode("latin-1")
                _item(movie, item, name)


def _keys(content: bytes) -> list[str]:
    """Names in order: each with its size and the space it is of (`mdta`)."""
    names, place = [], 8
    while place + 8 <= len(content):
        size = int.from_bytes(content[place : place + 4], "big")
        if size < 8:
            break
        names.append(content[place + 8 : place + size].decode("utf-8", "backslashreplace"))
        place += size
    return names


def _item(movie: _Movie, item: Box, name: str) -> None:
    for box in movie.walk.boxes(item.start, item.end):
        content = movie.walk.content(box) if box.kind == b"data" else b""
        if len(content) > 8:
            kind = int.from_bytes(content[:4], "big")
            if kind in (_UTF8, _UTF16):
                codec = "utf-8" if kind == _UTF8 else "utf-16-be"
                _tell(movie, name, content[8 : 8 + _LONGEST_TEXT].decode(codec, "backslashreplace"))


def _tell(movie: _Movie, name: str, told: str) -> None:
    if told := told.strip("\0 ").replace("\0", "\\x00"):
        movie.told.setdefault(name, told)


def _text(content: bytes, language: int) -> str:
    """A text of user data: in UTF-16 with a mark, in UTF-8, or of the old languages in the encodings of the Macintosh."""
    content = content[:_LONGEST_TEXT]
    if content[:2] in (b"\xfe\xff", b"\xff\xfe"):
        return content.decode("utf-16", "backslashreplace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        if language >= _FIRST_ISO_LANGUAGE:
            return content.decode("utf-8", "backslashreplace")
        return content.decode("cp932" if language == _MAC_JAPANESE else "mac-roman", "backslashreplace")


def _named(movie: _Movie) -> Mapping[str, Any]:
    found = {
        name: next((movie.told[one] for one in names if one in movie.told), None)
        for name, names in _NAMES.items()
    }
    make, model = found["make"], found["model"]
    is_named = bool(make and model and model.casefold().startswith(make.casefold()))
    camera = model if is_named else " ".join(filter(None, (make, model)))
    values = {
        "camera": camera or None,
        "software": found["software"],
        "media_title": found["title"],
        "artist": found["artist"],
        "media_comment": found["comment"],
    }
    return {**values, **_place(movie, found["place"]), **_recorded(movie, found["recorded"])}


def _place(movie: _Movie, told: str | None) -> dict[str, Any]:
    """ISO 6709: latitude, longitude and height with their signs; degrees, or degrees with minutes and seconds."""
    match = _PLACE.fullmatch(told) if told else None
    if match is None:
        if told:
            movie.wrong.append(("latitude_degrees", f"a place is {told[:60]!r}"))
        return {}
    told = match[0]
    latitude, longitude = _degrees(match[1], 2), _degrees(match[2], 3)
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        movie.wrong.append(("latitude_degrees", f"a place is {told[:60]!r}"))
        return {}
    height = None if match[3] is None else float(match[3])
    return {"latitude_degrees": latitude, "longitude_degrees": longitude, "altitude_metres": height}


def _degrees(told: str, digits: int) -> float | None:
    sign = -1 if told[0] == "-" else 1
    whole = told[1:].partition(".")[0]
    if len(whole) == digits:
        return sign * float(told[1:])
    minutes = told[1 + digits :]
    if len(whole) == digits + 2:
        return sign * (int(whole[:digits]) + float(minutes) / 60)
    if len(whole) == digits + 4:
        return sign * (int(whole[:digits]) + int(minutes[:2]) / 60 + float(minutes[2:]) / 3600)
    return None


def _recorded(movie: _Movie, told: str | None) -> dict[str, Any]:
    """A time as text; a year or a day alone is none."""
    if told is None or len(told) <= len("2026-09-20"):
        return {}
    try:
        found = datetime.fromisoformat(told)
        at = found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        movie.wrong.append(("recorded_local", f"a time is {told[:40]!r}"))
        return {}
    # A time of UTC tells nothing of the clock on the wall.
    is_zulu = told.endswith("Z")
    return {"recorded_at": at, "recorded_local": None if is_zulu else found.replace(tzinfo=None)}
