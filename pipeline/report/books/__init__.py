"""Workbooks: the figures of a report with the rows behind them, and the persons to be told."""
