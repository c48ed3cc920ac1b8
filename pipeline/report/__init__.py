"""Reports from one frozen document: HTML and figures."""

from __future__ import annotations
