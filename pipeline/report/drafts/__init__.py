"""Drafts a person finishes: the reports to the authority, the notices to the persons."""
