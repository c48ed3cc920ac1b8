"""Documents: sheets and texts."""

from __future__ import annotations
