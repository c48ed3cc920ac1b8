"""Recognises personal data: what a column of a sheet holds, what stands in a text, and which person each row or passage speaks of."""
