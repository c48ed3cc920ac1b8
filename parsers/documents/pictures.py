r"""Pictures (JPEG, TIFF, PNG, WebP, HEIC): what their EXIF says of time, place, camera and people.

Shows: that a picture is there, and as far as its metadata goes when and where it was taken, with which camera (make, model,
serial number), by whom, and what was written into it; and the faces its XMP marks, with the names somebody gave them.
Does not show: that any of it is true: a camera's clock may be wrong, and programs keep, change and remove metadata. `taken_local` is
the camera's own clock; `taken_at` is there only where the picture states the offset from UTC. What the picture shows is not looked at: that no
face is marked does not say that it shows none.
Not read: the picture itself, thumbnails (`has_thumbnail`), notes of the maker, XMP but for faces, XMP behind the first 16 MiB, IPTC, colour profiles, animations, videos; EXIF
behind the first of several; comments of a thousand bytes and more (a problem tells of them).

References:
    - CIPA DC-008 / JEITA CP-3451, "Exchangeable image file format for digital still cameras: Exif Version 2.32", 4.6
    - exifread (reads the tags)
"""

from __future__ import annotations

import logging
import struct
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO

import exifread
from exifread.core.exceptions import ExifNotFound, InvalidExif

from parsers.contract import (
    Artefact,
    Column,
    Problem,
    ProblemKind,
    Status,
    Table,
    Want,
    Yields,
    boolean,
    integer,
    local,
    parser,
    real,
    text,
    texts,
    utc,
)
from parsers.formats import codecs
from parsers.formats.picture_kinds import SIGNATURES
from parsers.formats.xmp_faces import faces
from parsers.questions import MEDIA

PICTURES = Table(
    "picture",
    Column("media_type", text, "Media type its container states."),
    Column("taken_at", utc, "When the picture was taken, where it states the offset of its clock from UTC."),
    Column("taken_local", local, "When it was taken, by the clock of the camera."),
    Column("digitised_local", local, "When it was stored or scanned, by the clock of the camera."),
    Column("modified_local", local, "Last change as wall clock of unknown zone."),
    Column("offset_minutes", integer, "Minutes the camera's clock was ahead of UTC, as the picture states."),
    Column("camera", text, "Make and model of the camera."),
    Column("camera_serial", text, "Serial number of the camera."),
    Column("lens", text, "Model of the lens."),
    Column("software", text, "Program or firmware that wrote the picture last."),
    Column("latitude_degrees", real, "Latitude, south negative.", is_personal=True),
    Column("longitude_degrees", real, "Longitude, west negative.", is_personal=True),
    Column("altitude_metres", real, "Height above sea level."),
    Column("gps_at", utc, "Time the satellites gave."),
    Column("artist", text, "Who took it, as stated.", is_personal=True),
    Column("owner_name", text, "Owner of the camera, as stated.", is_personal=True),
    Column("copyright_notice", text, "Notice of copyright.", is_personal=True),
    Column("image_description", text, "Title or description.", is_personal=True),
    Column("user_comment", text, "Comment, written by the user or the camera.", is_personal=True),
    Column("pixel_width", integer, "Width the metadata states, in pixels."),
    Column("pixel_height", integer, "Height the metadata states, in pixels."),
    Column("orientation", integer, "How the picture is to be turned, 1 to 8 as EXIF numbers it."),
    Column("has_thumbnail", boolean, "Whether a small copy of the picture stands in its metadata."),
    Column(
        "face_count",
        integer,
        "Faces its metadata marks; null where it marks no regions, which says nothing of what it shows.",
    ),
    Column("face_names", texts, "Names given to these faces; null where none is.", is_personal=True),
    answers=MEDIA(at="taken_at", camera="camera"),
)

# 4.6.5 D. UserComment: the first eight bytes name the character code.
_CODES = {b"JIS\0\0\0\0\0": "iso-2022-jp", b"UNICODE\0": "utf-16"}
_NO_OFFSET = (None, "", "   :  ")
_XMP_BYTES = 16 << 20
_LONGEST_TEXT = 1 << 16
# exifread reads a note of the maker byte by byte; in a JPEG it has up to 64 KiB (4.5.5, a segment).
_MOST_READS = 200_000
_MOST_READ_BYTES = 32 << 20
_SPENT = f"it takes more than {_MOST_READS} reads or {_MOST_READ_BYTES} bytes"
# exifread raises whatever a damaged file leads it to.
_FAILURES = (
    ExifNotFound, InvalidExif, ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, MemoryError, NameError,
    OSError, RuntimeError, TypeError, ValueError, struct.error,
)  # fmt: skip


class _SpentError(OSError):
    """More is read than the metadata of a picture takes."""


class _Bounded:
    """A stream that refuses to be read without end: a count of a tag may say four thousand million where a few bytes stand."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._reads = self._bytes = 0

    def read(self, size: int = -1) -> bytes:
        content = self._stream.read(size if 0 <= size <= _MOST_READ_BYTES else _MOST_READ_BYTES)
        self._reads, self._bytes = self._reads + 1, self._bytes + len(content)
        if self._reads > _MOST_READS or self._bytes > _MOST_READ_BYTES:
            raise _SpentError(_SPENT)
        return content

    def seek(self, place: int, whence: int = 0) -> int:
        return self._stream.seek(place, whence)

    def tell(self) -> int:
        return self._stream.tell()


def _is_webp(head: bytes) -> bool:
    return head[:4] == b"RIFF" and head[8:12] == b"WEBP"


@parser(
    version=3,
    wants=(
        *(Want(signature=signature, offset=offset) for signature, offset, _ in SIGNATURES),
        Want(sniff=_is_webp),
    ),
    tables=(PICTURES,),
    is_metadata_only=True,
)
def pictures(artefact: Artefact) -> Yields:
    """One row for each picture; its locator is `exif`."""
    head = artefact.head(16)
    kinds = (told for signature, offset, told in SIGNATURES if head.startswith(signature, offset))
    kind = next(kinds, "image/webp")
    tags, wrong = _tags(artefact)
    reading = _Reading(tags)
    values = reading.values()
    is_partial = bool(wrong or reading.wrong)
    with artefact.open() as stream:
        count, names = faces(stream.read(_XMP_BYTES))
    values |= {"face_count": count, "face_names": names or None}
    yield PICTURES.row("exif", Status.PARTIAL if is_partial else Status.OK, media_type=kind, **values)
    if wrong:
        message = f"the metadata cannot be read whole: {wrong}"
        is_spent = wrong.startswith(_SPENT)
        yield Problem(
            kind=ProblemKind.LIMIT if is_spent else ProblemKind.DAMAGED, locator="exif", message=message
        )
    for column, message in reading.wrong:
        yield Problem(kind=ProblemKind.DAMAGED, locator="exif", message=message, column=column)


def _tags(artefact: Artefact) -> tuple[Mapping[str, Any], str]:
    """The tags, and what was wrong on the way: the strict reading tells it, the other takes what there is."""
    # It logs what evidence says, which has no place in a log of ours.
    logging.getLogger("exifread").disabled = True
    wrong = ""
    for is_strict in (True, False):
        try:
            with artefact.open() as stream:
                bounded: Any = _Bounded(stream)
                found: dict[str, Any] = exifread.process_file(bounded, details=False, strict=is_strict)
        except _FAILURES as error:
            name = "" if isinstance(error, _SpentError) else type(error).__name__
            wrong = wrong or f"{name} {str(error)[:200]}".strip()
            continue
        if "Image ExifOffset" in found:
            try:
                found.update(_comment_tag(artefact))
            except _SpentError as error:
                wrong = wrong or f"{error}, before a comment"
        return found, wrong
    return {}, wrong


def _comment_tag(artefact: Artefact) -> Mapping[str, Any]:
    """The comment, which the short reading leaves out; the long one also takes notes of makers apart and may fail at them.

    Raises:
        _SpentError: a tag before the comment says it is longer than any is.
    """
    name = "EXIF UserComment"
    try:
        with artefact.open() as stream:
            bounded: Any = _Bounded(stream)
            found = exifread.process_file(
                bounded, details=True, stop_tag="UserComment", extract_thumbnail=False
            )
    except _SpentError:
        raise
    except _FAILURES:  # what it makes of notes of makers is not asked for
        return {}
    return {name: found[name]} if name in found else {}


class _Reading:
    """The columns out of the tags, and what of them could not be read."""

    def __init__(self, tags: Mapping[str, Any]) -> None:
        self._tags = tags
        self.wrong: list[tuple[str, str]] = []

    def values(self) -> dict[str, Any]:
        taken = self._clock("EXIF DateTimeOriginal", "taken_local")
        offset = self._offset("EXIF OffsetTimeOriginal") if taken else None
        make, model = self._text("Image Make"), self._text("Image Model")
        # Many models begin with the make.
        camera = (
            model
            if make and model and model.casefold().startswith(make.casefold())
            else " ".join(filter(None, (make, model)))
        )
        return {
            "taken_local": taken,
            "taken_at": (taken - timedelta(minutes=offset)).replace(tzinfo=UTC)
            if taken and offset is not None
            else None,
            "offset_minutes": offset,
            "digitised_local": self._clock("EXIF DateTimeDigitized", "digitised_local"),
            "modified_local": self._clock("Image DateTime", "modified_local"),
            "camera": camera or None,
            "camera_serial": self._text("EXIF BodySerialNumber"),
            "lens": self._text("EXIF LensModel"),
            "software": self._text("Image Software"),
            "latitude_degrees": self._degrees("GPS GPSLatitude", "S", "latitude_degrees", 90),
            "longitude_degrees": self._degrees("GPS GPSLongitude", "W", "longitude_degrees", 180),
            "altitude_metres": self._altitude(),
            "gps_at": self._gps_time(),
            "artist": self._text("Image Artist"),
            "owner_name": self._text("EXIF CameraOwnerName"),
            "copyright_notice": self._text("Image Copyright"),
            "image_description": self._text("Image ImageDescription"),
            "user_comment": self._comment(),
            "pixel_width": self._number("EXIF ExifImageWidth") or self._number("Image ImageWidth"),
            "pixel_height": self._number("EXIF ExifImageLength") or self._number("Image ImageLength"),
            "orientation": self._number("Image Orientation"),
            "has_thumbnail": any(name in self._tags for name in ("JPEGThumbnail", "TIFFThumbnail")),
        }

    def _stored(self, name: str) -> Any:
        return getattr(self._tags.get(name), "values", None)

    def _text(self, name: str) -> str | None:
        """A text: UTF-8 as most write it, else what its bytes say; the standard allows ASCII alone."""
        stored = self._stored(name)
        if isinstance(stored, bytes):
            stored = codecs.decode(stored[:_LONGEST_TEXT], codecs.decide(stored[:_LONGEST_TEXT]))[0]
        if not isinstance(stored, str):
            return None
        return stored[:_LONGEST_TEXT].partition("\0")[0].strip() or None

    def _number(self, name: str) -> int | None:
        stored = self._stored(name)
        first = stored[0] if isinstance(stored, list) and stored else None
        return first if isinstance(first, int) and 0 <= first < 1 << 63 else None

    def _clock(self, name: str, column: str) -> datetime | None:
        told = self._text(name)
        # 4.6.5 F: blanks or zeros where the time is not known.
        if told is None or not told.strip(" :0"):
            return None
        try:
            return datetime.strptime(told[:19], "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007  a clock of no zone
        except ValueError:
            self.wrong.append((column, f"a time is {told[:40]!r}"))
            return None

    def _offset(self, name: str) -> int | None:
        """Minutes east of UTC out of `+09:00`."""
        told = self._text(name)
        if told in _NO_OFFSET:
            return None
        try:
            found = datetime.strptime(str(told), "%z").utcoffset()
        except ValueError:
            self.wrong.append(("offset_minutes", f"an offset is {str(told)[:40]!r}"))
            return None
        return None if found is None else round(found.total_seconds() / 60)

    def _ratios(self, name: str, column: str, count: int) -> list[float] | None:
        stored = self._stored(name)
        if not isinstance(stored, list) or len(stored) < count:
            return None
        try:
            return [float(one) for one in stored[:count]]
        except (ZeroDivisionError, TypeError, ValueError, OverflowError):
            self.wrong.append((column, f"{name} is {str(stored)[:60]}"))
            return None

    def _degrees(self, name: str, negative: str, column: str, most: int) -> float | None:
        found = self._ratios(name, column, 3)
        if found is None:
            return None
        degrees = found[0] + found[1] / 60 + found[2] / 3600
        if not 0 <= degrees <= most:
            self.wrong.append((column, f"{degrees} is no angle up to {most}"))
            return None
        return -degrees if (self._text(f"{name}Ref") or "").upper() == negative else degrees

    def _altitude(self) -> float | None:
        found = self._ratios("GPS GPSAltitude", "altitude_metres", 1)
        if found is None:
            return None
        return -found[0] if self._number("GPS GPSAltitudeRef") == 1 else found[0]

    def _gps_time(self) -> datetime | None:
        day, clock = self._text("GPS GPSDate"), self._ratios("GPS GPSTimeStamp", "gps_at", 3)
        if day is None or clock is None:
            return None
        try:
            start = datetime.strptime(day.replace("-", ":"), "%Y:%m:%d").replace(tzinfo=UTC)
            return start + timedelta(hours=clock[0], minutes=clock[1], seconds=clock[2])
        except (ValueError, OverflowError):
            self.wrong.append(("gps_at", f"a day is {day[:40]!r}"))
            return None

    def _comment(self) -> str | None:
        stored = self._stored("EXIF UserComment")
        if isinstance(stored, str):
            return stored[:_LONGEST_TEXT].strip("\0 ") or None
        if not isinstance(stored, (list, bytes)) or len(stored) < 8:
            # exifread gives nothing of a value of a thousand bytes and more.
            length = getattr(self._tags.get("EXIF UserComment"), "field_length", 0)
            if stored == [] and length > 8:
                self.wrong.append(("user_comment", f"a comment of {length} bytes is not read"))
            return None
        try:
            content = bytes(stored[: _LONGEST_TEXT + 8])
        except (TypeError, ValueError):
            return None
        code, content = content[:8], content[8:]
        if not content.strip(b"\0 "):
            return None
        decided = _CODES.get(code) or codecs.decide(content)
        if decided == "utf-16" and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
            # The order of the bytes is that of the whole; nearly all cameras write the low one first.
            decided = "utf-16-be" if content[:1] == b"\0" else "utf-16-le"
        return codecs.decode(content, decided)[0].replace("\\x00", "").strip("\0 ") or None
