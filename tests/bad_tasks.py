"""A task that misbehaves as hostile evidence makes native code misbehave."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Mapping
from typing import Any

from pipeline.work.job import Death, Limits
from pipeline.work.worker import Begin


def one_after_another(subject: Any, skipped: Mapping[str, Death], limits: Limits, begin: Begin) -> list[str]:
    """Does what each word of the subject says; gives the words it came through."""
    done = []
    for place, word in subject:
        begin(place, 1.0)
        if place in skipped:
            done.append(f"{place} skipped: {skipped[place].kind}")
            continue
        if word == "segfault":
            ctypes.string_at(0)
        elif word == "loop":
            while True:
                time.sleep(0.01)
        elif word == "memory":
            done.append(f"{place} {len(bytearray(limits.memory_bytes * 2))}")
        elif word == "raise":
            raise ValueError("the task itself is wrong")
        done.append(place)
    return done
