"""Notice letters: for each kind of incident a Word template whose fields a mail merge fills from notification.xlsx."""

from __future__ import annotations
