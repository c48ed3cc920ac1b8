"""Shared decoders that several parsers use."""

from __future__ import annotations
