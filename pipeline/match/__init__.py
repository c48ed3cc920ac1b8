"""Matches rules against extracted tables: recognisers of personal data."""

from __future__ import annotations
