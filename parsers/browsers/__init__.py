"""Browsers: pages visited, files downloaded."""
