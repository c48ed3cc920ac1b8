"""The only Parquet door: the catalogue, schemas, writing and reading."""

from __future__ import annotations
