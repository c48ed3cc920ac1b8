"""Scopes whom it concerns: exposure, persons, categories, counts, facts."""

from __future__ import annotations
