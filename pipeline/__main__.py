"""The command `kanshiki`, and `python -m pipeline`.

A worker loads the program's main module again. This one loads the commands when it is run, so that no worker loads them.
"""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    from pipeline.cli import main as commands

    commands()


if __name__ == "__main__":
    main()
