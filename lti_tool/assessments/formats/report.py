"""What a reader has to say about a file: where, what is wrong, and how to mend it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Issue:
    """One fault or warning. `path` is inside the package; `line` counts from 1, 0 stands for the whole file.

    `problem` is the beginning of a sentence, `fix` a whole one. A `fatal` issue stops publication.
    """

    path: str
    line: int
    problem: str
    fix: str
    fatal: bool = True

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.problem}. {self.fix}".rstrip()
