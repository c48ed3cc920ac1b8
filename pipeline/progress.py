"""What a person sees while a stage runs: one line that moves on a terminal, plain lines otherwise."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TextIO

from pipeline import clock

_TERMINAL_SECONDS = 0.2
_PLAIN_SECONDS = 15.0
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


@dataclass(slots=True)
class Progress:
    """Counts of one stage at a time, with bytes, rate and time left; written to standard error."""

    stream: TextIO = field(default_factory=lambda: sys.stderr)
    is_quiet: bool = False
    _stage: str = ""
    _unit: str = ""
    _total: int = 0
    _total_bytes: int = 0
    _done: int = 0
    _bytes: int = 0
    _started: float = 0.0
    _shown: float = 0.0

    def stage(self, name: str, unit: str, total: int = 0, total_bytes: int = 0) -> None:
        """Begin a stage of `total` things and `total_bytes` bytes, where they are known."""
        self.finish()
        self._stage, self._unit = name, unit
        self._total, self._total_bytes = total, total_bytes
        self._done = self._bytes = 0
        self._started = clock.monotonic()
        self._shown = self._started - (_TERMINAL_SECONDS if self._is_terminal else 0.0)

    def advance(self, count: int = 1, size: int = 0) -> None:
        """So many more things and bytes are done."""
        self._done += count
        self._bytes += size
        pause = _TERMINAL_SECONDS if self._is_terminal else _PLAIN_SECONDS
        if clock.monotonic() - self._shown >= pause:
            self._show()

    def finish(self) -> None:
        """Show where the stage ended, and leave its line."""
        if self._stage and (self._done or self._bytes):
            self._show()
            if self._is_terminal and not self.is_quiet:
                self.stream.write("\n")
        self._stage = ""

    def say(self, line: str) -> None:
        """One plain line between stages."""
        self.finish()
        if not self.is_quiet:
            self.stream.write(f"{line}\n")
            self.stream.flush()

    @property
    def _is_terminal(self) -> bool:
        return self.stream.isatty()

    def _show(self) -> None:
        self._shown = clock.monotonic()
        if self.is_quiet:
            return
        line = self.line(self._shown - self._started)
        self.stream.write(f"\r{line}\x1b[K" if self._is_terminal else f"{line}\n")
        self.stream.flush()

    def line(self, elapsed: float) -> str:
        """The line as it stands after so many seconds."""
        of_total = f"/{self._total:,}" if self._total else ""
        # A stage over bytes alone counts no things.
        counted = f"{self._done:,}{of_total} {self._unit}" if self._done or self._total else self._unit
        parts = [f"{self._stage:<8} {counted}"]
        if self._bytes:
            parts.append(
                size_text(self._bytes) + (f" of {size_text(self._total_bytes)}" if self._total_bytes else "")
            )
            parts.append(f"{size_text(int(self._bytes / max(elapsed, 0.001)))}/s")
        left = self._left(elapsed)
        parts.append(f"{left} left" if left else f"{elapsed:.1f} s")
        return ", ".join(parts)

    def _left(self, elapsed: float) -> str:
        share = (
            self._bytes / self._total_bytes
            if self._total_bytes
            else self._done / self._total
            if self._total
            else 0.0
        )
        if not 0.0 < share < 1.0:
            return ""
        seconds = int(elapsed * (1 - share) / share)
        return f"{seconds // 60}:{seconds % 60:02d}"


def size_text(size: int) -> str:
    """A number of bytes for people: `1.5 MiB`."""
    value = float(size)
    for unit in _UNITS[:-1]:
        if value < 1024:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} {_UNITS[-1]}"


_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}
_CONTROLS |= {
    code: f"\\u{code:04x}"
    for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x2028, 0x2029, 0x200E, 0x200F)
}


def printable(value: str) -> str:
    """Text from evidence for a terminal: control, escape and direction characters written out."""
    return value.translate(_CONTROLS)
