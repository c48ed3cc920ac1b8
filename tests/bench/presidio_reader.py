"""Presidio over a file of texts, in its own environment and with nothing of ours: `python presidio_reader.py PATH`.

Its recognisers of patterns for English, which are all it has (it knows no items of Japan), over a blank model of spaCy: no model
is fetched, so it looks for no names.
"""

import json
import sys
import time
from collections import Counter
from pathlib import Path

import spacy
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import SpacyNlpEngine


class Blank(SpacyNlpEngine):
    """A tokenizer alone."""

    def __init__(self) -> None:
        super().__init__(models=[{"lang_code": "en", "model_name": "blank"}])
        self.nlp = {"en": spacy.blank("en")}

    def load(self) -> None:
        """Everything is there."""


path = Path(sys.argv[1])
given = path.read_text(encoding="utf-8").split("\f")
registry = RecognizerRegistry(supported_languages=["en"])
registry.load_predefined_recognizers(languages=["en"])
engine = AnalyzerEngine(nlp_engine=Blank(), registry=registry, supported_languages=["en"])
engine.analyze(given[0], "en")
begun = time.process_time()
results = [engine.analyze(one, "en") for one in given]
seconds = time.process_time() - begun
found = Counter(one.entity_type for some in results for one in some)
sys.stdout.write(json.dumps({"size": path.stat().st_size, "seconds": seconds, "found": dict(found)}))
