"""Persons made of mentions, held against populations whose truth is known."""
