"""Every error that may stop a step, as a tree, each with its exit code.

PipelineError
├── CaseError       3   the case folder or case.toml cannot be used
├── EvidenceError   4   an item is missing, unreadable, or not what its acquisition states
├── CustodyError    5   the custody log cannot be read or continued
├── RuleError       6   a rule file cannot be used
├── FactError       7   facts are wrong or contradict one another
├── TableError      8   a table or query cannot be served
└── BusyError      75   another run holds the case

Exit code 0 is complete, 1 complete with problems or failed checks, 2 wrong usage (click's own).
"""

from __future__ import annotations

COMPLETE = 0
WITH_PROBLEMS = 1
WRONG_USAGE = 2


class PipelineError(Exception):
    """A step cannot go on; the message says what was found, where, and what to do next."""

    exit_code = 70


class CaseError(PipelineError):
    """The case folder or its case.toml cannot be used."""

    exit_code = 3


class EvidenceError(PipelineError):
    """An evidence item is missing, unreadable, or not what its acquisition states."""

    exit_code = 4


class CustodyError(PipelineError):
    """The custody log cannot be read or continued."""

    exit_code = 5


class RuleError(PipelineError):
    """A rule file cannot be used; the message names the file and the key."""

    exit_code = 6


class FactError(PipelineError):
    """Facts are wrong or contradict one another; the message names the fact."""

    exit_code = 7


class TableError(PipelineError):
    """A table or a query cannot be served."""

    exit_code = 8


class BusyError(PipelineError):
    """Another run holds the case; the message names the holder."""

    exit_code = 75
