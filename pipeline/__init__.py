"""Forensic evidence intake and scoping: from preserved bytes to affected persons and the reportability decision."""

from __future__ import annotations
