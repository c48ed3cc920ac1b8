"""A task that reaches out as a package with a list to fetch does, and takes a refusal for a network that is down."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Any

from pipeline.work.job import Death, Limits
from pipeline.work.worker import Begin


def fetch(subject: Any, skipped: Mapping[str, Death], limits: Limits, begin: Begin) -> str:
    """Ask for an address of documentation (RFC 5737), which nobody has."""
    begin("fetch", 5.0)
    try:
        with socket.create_connection((subject, 80), timeout=1):
            return "reached"
    except Exception as error:
        return type(error).__name__
