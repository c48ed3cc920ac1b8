"""Fixtures of parsers of one file are what their builders make."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from fixtures.builders import (
    address_books,
    android,
    archives,
    binary_office,
    cloud,
    databases,
    fixed_text,
    index_dat,
    jet,
    mailboxes,
    ntfs_files,
    office,
    outlook,
    pdfs,
    program_traces,
    protection,
    remote_traces,
    server_logs,
    sheets,
    structured,
    thumbs,
    tool_logs,
    user_programs,
    user_tools,
    videos,
    web_cache,
    windows_contacts,
    windows_logs,
)


@pytest.mark.parametrize(
    "builder",
    [
        address_books,
        android,
        archives,
        binary_office,
        cloud,
        databases,
        fixed_text,
        index_dat,
        jet,
        mailboxes,
        ntfs_files,
        office,
        outlook,
        pdfs,
        program_traces,
        protection,
        remote_traces,
        server_logs,
        sheets,
        structured,
        thumbs,
        tool_logs,
        user_programs,
        user_tools,
        videos,
        web_cache,
        windows_contacts,
        windows_logs,
    ],
    ids=lambda one: one.__name__,
)
def test_fixtures_are_what_the_builder_makes(builder: ModuleType, tmp_path: Path) -> None:
    builder.write(tmp_path)
    made = {one.relative_to(tmp_path) for one in tmp_path.rglob("*") if one.is_file()}
    kept = {
        one.relative_to(builder.FOLDER)
        for folder in tmp_path.iterdir()
        for one in (builder.FOLDER / folder.name).rglob("*")
        if one.is_file()
    }
    assert made == kept
    for path in sorted(made):
        assert (tmp_path / path).read_bytes() == (builder.FOLDER / path).read_bytes(), path
