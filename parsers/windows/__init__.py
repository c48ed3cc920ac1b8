"""Artefacts of Windows."""

from __future__ import annotations
