"""Figures that tests and benchmarks state: for people on the screen, and for `benchmarks/figures.py` in a file."""

import json
import os

FILE = "LTI_FIGURES"
"""The variable that names the file; each figure is a line of JSON in it."""


def figure(name: str, value: str, *, goal: str = "", met: bool | None = None) -> None:
    """States a figure; `met` is whether it reaches its goal, where it has one."""
    against = f" (goal: {goal}{': MISSED' if met is False else ''})" if goal else ""
    print(f"{name}: {value}{against}")
    if file := os.environ.get(FILE):
        with open(file, "a", encoding="utf-8") as lines:
            lines.write(json.dumps({"name": name, "value": value, "goal": goal, "met": met}) + "\n")
