"""Clerical review: pairs of mentions drawn by doubt, shown with or without their values, and the answers taken into the case."""
