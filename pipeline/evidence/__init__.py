"""The only dfVFS door: what an item is, which volumes and entries it holds, and their bytes."""

from __future__ import annotations
