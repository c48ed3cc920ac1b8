"""Extracts artefacts into tables: walk, select, read each entry once, parse, scan, coverage."""

from __future__ import annotations
