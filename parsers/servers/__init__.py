"""Servers: their own records of sessions."""

from __future__ import annotations
