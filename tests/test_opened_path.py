"""Addresses of files as paths of Windows."""

from __future__ import annotations

import pytest

from parsers.formats.browser import opened_path


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("file:///E:/%E5%96%B6%E6%A5%AD/a%20b.pdf#page=3", "E:\\営業\\a b.pdf"),
        ("FILE:///e:/A.TXT?x=1", "E:\\A.TXT"),
        ("file:///C|/old/way.htm", "C:\\old\\way.htm"),
        ("file:///E:", "E:\\"),
        ("file://E:/two/slashes.txt", "E:\\two\\slashes.txt"),
        ("file:E:/none.txt", "E:\\none.txt"),
        ("file://localhost/D:/x", "D:\\x"),
        ("file://fs01/%E5%85%B1%E6%9C%89/a.docx", "\\\\fs01\\共有\\a.docx"),
        ("file://///fs01/share/a", "\\\\fs01\\share\\a"),
        ("file:////fs01/share/a", "\\\\fs01\\share\\a"),
        ("file:///E:\\mixed/営業部.xlsx", "E:\\mixed\\営業部.xlsx"),
        ("file:///\\\\fs01\\share\\a", "\\\\fs01\\share\\a"),
        ("file:///E:/100%25%23.txt", "E:\\100%#.txt"),
        ("file:///home/ubuntu/a.txt", "/home/ubuntu/a.txt"),
        ("file:/home/a", "/home/a"),
        ("file://[x/a", None),
        ("file:///", "/"),
        ("file:", None),
        ("file://", None),
        ("https://example.com/file:///E:/a", None),
        ("", None),
        (None, None),
    ],
)
def test_an_address_of_a_file_names_its_path(url: str | None, path: str | None) -> None:
    assert opened_path(url) == path
