"""Names in real text: logs name nobody, and what is told of real mails stands where it is said to.

No file of the corpus has its names labelled; false alarms are what can be counted there.
"""

from __future__ import annotations

import pytest

from pipeline.match.personal_data.names.finder import NameFinder, read_name_rules
from tests.corpus import CORPUS, needs_corpus

pytestmark = [needs_corpus, pytest.mark.corpus]
FINDER = NameFinder(read_name_rules())


def test_japanese_event_logs_name_nobody() -> None:
    paths = sorted((CORPUS / "log-analysis-training").rglob("*.csv"))
    assert paths
    for path in paths:
        assert FINDER.find(path.read_text(encoding="utf-8-sig")) == []


def test_system_logs_name_nobody() -> None:
    paths = [one for one in sorted(CORPUS.rglob("*.log")) if one.is_file()]
    texts = [one.read_bytes()[:500_000].decode("utf-8", "replace") for one in paths]
    assert sum(map(len, texts)) > 500_000
    assert [found for text in texts for found in FINDER.find(text)] == []
