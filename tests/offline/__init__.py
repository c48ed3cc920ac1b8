"""Keeps every test from the network, and whatever process a test starts."""
