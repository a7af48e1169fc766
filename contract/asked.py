"""What expressions of rules and panels ask the services for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Sample = tuple[str, Mapping[str, str], float]

GIVEN_BY_PROMETHEUS = {"job", "instance"}
FROM_THE_START = {"hop", "state", "action", "page", "le"}
"""Labels whose every value is told before anything has happened; others come with what happens."""
_WORDS = re.compile(r"[\w.|]+")


@dataclass(frozen=True)
class Asked:
    """Names, labels of names, and values of labels, from one expression or many."""

    names: set[str] = field(default_factory=set)
    labels: set[tuple[str, str]] = field(default_factory=set)
    values: set[tuple[str, str, str]] = field(default_factory=set)

    @classmethod
    def by(cls, expressions: Iterable[str]) -> Asked:
        """Read expressions of PromQL."""
        asked = cls()
        for expression in expressions:
            asked.names.update(re.findall(r"\bassay_\w+", expression))
            for name, inside in re.findall(r"\b(assay_\w+)\{([^}]*)\}", expression):
                for label, how, value in re.findall(r'(\w+)(=~|!=|!~|=)"([^"]*)"', inside):
                    asked._add(name, label, how, value)
        return asked

    def _add(self, name: str, label: str, how: str, value: str) -> None:
        if label in GIVEN_BY_PROMETHEUS:
            return
        self.labels.add((name, label))
        if how in ("=", "=~") and label in FROM_THE_START and _WORDS.fullmatch(value):
            words = value.split("|") if how == "=~" else [value]
            self.values.update((name, label, word) for word in words)

    def untold(self, told: Iterable[Sample]) -> set[tuple[str, ...]]:
        """Return what no service tells."""
        samples = [(name, has) for name, has, _ in told]
        names = {name for name, _ in samples}
        labels = {(name, label) for name, has in samples for label in has}
        values = {(name, *pair) for name, has in samples for pair in has.items()}
        return {(name,) for name in self.names - names} | (self.labels - labels) | (self.values - values)
