"""Accuracy of the recognition of personal data: labelled layouts through the whole ingest, scored against their labels."""
