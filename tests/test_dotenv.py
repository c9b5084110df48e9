"""bot.dotenv: the `.env` file."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.dotenv import read_dotenv
from bot.errors import SettingsError


def read(folder: Path, text: str) -> dict[str, str]:
    path = folder / ".env"
    path.write_text(text, encoding="utf-8", newline="")
    return dict(read_dotenv(path))


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("NAME=value", "value"),
        ("  export NAME = value  ", "value"),
        ("NAME=", ""),
        ("NAME=''", ""),
        ("NAME=a=b==", "a=b=="),
        ("NAME=smtp://u:p%40ss@host:587", "smtp://u:p%40ss@host:587"),
        ("NAME=value # comment", "value"),
        ("NAME=# comment", ""),
        ("NAME=val#ue", "val#ue"),
        ("NAME='a # b' # comment", "a # b"),
        ("NAME='$HOME \\n \"x\"'", '$HOME \\n "x"'),
        ('NAME="a \\"b\\" \\\\ \\n c"', 'a "b" \\ \n c'),
        ('NAME="C:\\dir"', "C:\\dir"),
        ("NAME=$HOME", "$HOME"),
        ("NAME=Zoë <zoe@acme.com>", "Zoë <zoe@acme.com>"),
    ],
)
def test_a_line_gives_its_value(tmp_path: Path, line: str, value: str) -> None:
    assert read(tmp_path, f"{line}\n") == {"NAME": value}


def test_comments_blank_lines_and_windows_line_ends_do_not_matter(tmp_path: Path) -> None:
    assert read(tmp_path, "\ufeff# settings\r\n\r\nA=1\r\n   # more\r\nB='2'\r\n") == {"A": "1", "B": "2"}


def test_the_last_of_two_lines_counts(tmp_path: Path) -> None:
    assert read(tmp_path, "A=1\nA=2") == {"A": "2"}


def test_no_file_gives_nothing(tmp_path: Path) -> None:
    assert read_dotenv(tmp_path / ".env") == {}


@pytest.mark.parametrize(
    "line", ["TOKEN", "1TOKEN=x", "TO KEN=x", "=x", "TOKEN='x", 'TOKEN="x', "TOKEN='x' y", 'TOKEN="x\\"']
)
def test_an_unreadable_line_is_named_by_its_number_and_not_repeated(tmp_path: Path, line: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read(tmp_path, f"# first\n{line}\n")
    assert "line 2" in str(refused.value)
    assert line not in str(refused.value)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"TOKEN=\xff\xfe")
    with pytest.raises(SettingsError, match="UTF-8"):
        read_dotenv(tmp_path / ".env")
    with pytest.raises(SettingsError, match="cannot be read"):
        read_dotenv(tmp_path)
