"""Decides whether to report: law packs over facts, three-valued, with reasons and dates."""

from __future__ import annotations
