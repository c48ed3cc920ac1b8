"""Workbooks of the report: figures, and whom to notify."""

from __future__ import annotations
