"""The only place that reads the time of day."""

from __future__ import annotations

import time
from datetime import UTC, datetime, tzinfo
from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def now() -> datetime:
    """The present instant, UTC, with microseconds."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds of a clock that never goes back, for durations and deadlines."""
    return time.monotonic()


def utc_text(instant: datetime) -> str:
    """An instant as `YYYY-MM-DDTHH:MM:SS.ffffffZ`."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def local_text(instant: datetime, zone: tzinfo) -> str:
    """An instant as wall clock of a zone with its offset, ISO 8601."""
    return instant.astimezone(zone).isoformat(timespec="microseconds")


def boot_id() -> str:
    """The kernel's identifier of this boot, or `unknown` where the system has none."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return "unknown"
