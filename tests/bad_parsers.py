"""Parsers that misbehave as hostile evidence makes native code misbehave."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Mapping
from typing import Any

from parsers.contract import Artefact, Column, Parser, Table, Want, Yields, integer
from pipeline.extract.parse import Subject, Written, read_entries
from pipeline.work.job import Death, Limits
from pipeline.work.worker import Begin

BAD = Table("test_bad", Column("value", integer, "A number."))


def _parser(name: str, body: Any) -> Parser:
    return Parser(
        name=name,
        family="test",
        version=1,
        wants=(Want(f"**/{name}.bin"),),
        tables=(BAD,),
        companions=(),
        is_expected_on=(),
        summary="A parser that misbehaves.",
        parse=body,
    )


def _segfault(_: Artefact) -> Yields:
    yield BAD.row("0", value=1)
    ctypes.string_at(0)


def _loop(_: Artefact) -> Yields:
    yield BAD.row("0", value=1)
    while True:
        time.sleep(0.01)


def _memory(_: Artefact) -> Yields:
    yield BAD.row("0", value=1)
    eaten = [bytearray(64 << 20) for _ in range(10_000)]
    yield BAD.row("1", value=len(eaten))


def _raises(_: Artefact) -> Yields:
    yield BAD.row("0", value=1)
    raise KeyError("a parser that does not catch what its decoder raises")


def _endless(_: Artefact) -> Yields:
    number = 0
    while True:
        yield BAD.row(str(number), value=number)
        number += 1


def _good(given: Artefact) -> Yields:
    yield BAD.row("0", value=given.size)


def _too_large(_: Artefact) -> Yields:
    yield BAD.row("0", value=1 << 70)


BAD_PARSERS = tuple(
    _parser(name, body)
    for name, body in (
        ("segfault", _segfault),
        ("loop", _loop),
        ("memory", _memory),
        ("raises", _raises),
        ("endless", _endless),
        ("good", _good),
        ("toolarge", _too_large),
    )
)


def read_with_bad_parsers(
    subject: Subject, skipped: Mapping[str, Death], limits: Limits, begin: Begin
) -> Written:
    """The worker's task with these parsers in place of the library's."""
    return read_entries(subject, skipped, limits, begin, BAD_PARSERS)
