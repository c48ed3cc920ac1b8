"""Work: a job and its identity, one isolated worker process, the pool of them."""

from __future__ import annotations
