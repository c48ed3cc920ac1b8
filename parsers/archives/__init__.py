"""Archives: their members become entries of their own."""

from __future__ import annotations
