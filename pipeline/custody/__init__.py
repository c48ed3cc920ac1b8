"""Custody: what was done with the evidence, in a chain that shows every later change."""

from __future__ import annotations
