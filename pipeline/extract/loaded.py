"""What a worker has loaded before it begins: the server from which workers are forked imports this module, once."""

from __future__ import annotations

from parsers import all_parsers
from pipeline.extract import ocr, parse, walk

TASKS = (walk.walk_source, parse.read_entries, ocr.read_scans)
PARSERS = all_parsers()
