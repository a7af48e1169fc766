"""TOML files people write by hand, read strictly: every error names file, line, key and what is allowed."""

import re
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from fixtures.testbed.lines import Place, line_of

Parsed = TypeVar("Parsed")


class BadFile(ValueError):  # noqa: N818 - named for what is wrong, as a reader would say it
    """A file that people write cannot be used as it stands; the message says what to change."""


@dataclass
class Table:
    """One table of a TOML file; keys are taken one by one, and `done` refuses what nobody took."""

    path: Path
    text: str
    header: str
    position: int
    values: Mapping[str, object]
    _taken: list[str] = field(default_factory=list)

    def has(self, key: str) -> bool:
        """Tell whether the key is written in the table."""
        return key in self.values

    def word(self, key: str, *, allowed: Collection[str] | None = None, default: str | None = None) -> str:
        """Return a non-empty string, one of `allowed` where given."""
        value = self._take(key, default)
        if not isinstance(value, str) or not value.strip():
            raise self.error(key, "a text in quotes" if allowed is None else _one_of(allowed))
        if allowed is not None and value not in allowed:
            raise self.error(key, _one_of(allowed))
        return value

    def words(self, key: str, *, allowed: Collection[str], default: tuple[str, ...]) -> tuple[str, ...]:
        """Return a list of strings, each one of `allowed`."""
        value = self._take(key, list(default))
        if not isinstance(value, list) or not value or not all(item in allowed for item in value):
            raise self.error(key, f"a list of {_one_of(allowed)}")
        return tuple(value)

    def number(self, key: str, *, low: float, high: float, default: float | None = None) -> float:
        """Return a number from `low` to `high`."""
        value = self._take(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise self.error(key, f"a number from {low:g} to {high:g}")
        return float(value)

    def whole(self, key: str, *, low: int, high: int, default: int | None = None) -> int:
        """Return a whole number from `low` to `high`."""
        value = self._take(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.error(key, f"a whole number from {low} to {high}")
        return value

    def weights(self, key: str, *, allowed: Collection[str]) -> dict[str, int]:
        """Return an inline table of whole weights from 1 to 1000, its keys among `allowed`."""
        value = self._take(key, None)
        if not isinstance(value, dict) or not value or not all(name in allowed for name in value):
            raise self.error(key, f"{{ name = weight }} of {_one_of(allowed)}")
        if not all(type(weight) is int and 1 <= weight <= 1000 for weight in value.values()):
            raise self.error(key, "whole weights from 1 to 1000")
        return dict(value)

    def span(self, key: str, *, low: float, high: float) -> tuple[float, float]:
        """Return two numbers from `low` to `high`, the smaller first."""
        value = self._take(key, None)
        allowed = f"[from, to] within {low:g} and {high:g}"
        if not isinstance(value, list) or len(value) != 2:
            raise self.error(key, allowed)
        if any(isinstance(end, bool) or not isinstance(end, int | float) for end in value):
            raise self.error(key, allowed)
        if not low <= value[0] <= value[1] <= high:
            raise self.error(key, allowed)
        return float(value[0]), float(value[1])

    def flag(self, key: str, *, default: bool | None = None) -> bool:
        """Return true or false."""
        value = self._take(key, default)
        if not isinstance(value, bool):
            raise self.error(key, "true or false")
        return value

    def parsed(self, key: str, parse: Callable[[str], Parsed], *, default: str | None = None) -> Parsed:
        """Return what `parse` makes of a string; its ValueError says what is allowed."""
        text = self.word(key, default=default)
        try:
            return parse(text)
        except ValueError as error:
            raise self.error(key, str(error)) from None

    def done(self) -> None:
        """Refuse keys that nothing has taken: most are slips of the pen."""
        for key in self.values:
            if key not in self._taken:
                raise self.error(key, "one of the keys " + ", ".join(self._taken))

    def error(self, key: str, allowed: str) -> BadFile:
        """Say where the key stands, what it holds and what it may hold."""
        held = f"{key} = {self.values[key]!r}" if key in self.values else f"{key} is missing"
        line = _line_of(self.text, self.header, self.position, key)
        return BadFile(f"{self.path}:{line}: [{self.header}] {held}; allowed: {allowed}")

    def _take(self, key: str, default: object) -> object:
        self._taken.append(key)
        return self.values.get(key, default)


def read_tables(path: Path, *headers: str) -> dict[str, tuple[Table, ...]]:
    """Read every `[[header]]` of the file by header; it may hold nothing else, and at least one of each.

    Raises:
        BadFile: the file cannot be read, is not TOML, holds other tables, or holds none of a header.
    """
    text, document = read_document(path)
    for name in document:
        if name not in headers:
            line = _line_of(text, name, 0, name)
            allowed = " and ".join(f"[[{header}]]" for header in headers)
            raise BadFile(f"{path}:{line}: {name!r} is not known here; allowed: {allowed} tables")
    return {header: _tables(path, text, header, document.get(header, [])) for header in headers}


def _tables(path: Path, text: str, header: str, found: object) -> tuple[Table, ...]:
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        line = _line_of(text, header, 0, header)
        raise BadFile(f"{path}:{line}: {header!r} must be written as [[{header}]] tables")
    if not found:
        raise BadFile(f"{path}:1: holds no [[{header}]]; allowed: at least one")
    return tuple(Table(path, text, header, position, values) for position, values in enumerate(found))


def read_document(path: Path) -> tuple[str, dict[str, object]]:
    """Return the file's text and what TOML makes of it.

    Raises:
        BadFile: the file cannot be read or is not TOML.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile(f"{path}:1: cannot be read: {error}") from None
    try:
        return text, tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        raise BadFile(f"{path}:{line.group(1) if line else 1}: is not TOML: {error}") from None


def _line_of(text: str, header: str, position: int, key: str) -> int:
    """Return the line of a key, else of its table's header, else of a plain key, else of the file's start."""
    return line_of(text, Place(header, key, position)) or line_of(text, Place(key=key)) or 1


def _one_of(allowed: Collection[str]) -> str:
    return ", ".join(f'"{word}"' for word in allowed)
