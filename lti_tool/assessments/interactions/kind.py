"""What a kind of question must be able to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from lti_tool.assessments.model.item import Item, Response


@dataclass(frozen=True, slots=True)
class Mark:
    """How right a response is, from 0 to 1; how it was read; and why, in sentences that name the rule."""

    fraction: Fraction
    understood: str
    why: tuple[str, ...]


class Interaction(Protocol):
    """One kind of question. All of it is pure, and `mark` and `describe` never raise on a stored response."""

    def read(self, item: Item, values: Sequence[str]) -> Response | None:
        """The response in what a form sent; None for no answer; Invalid for what the question cannot have sent."""

    def unclear(self, item: Item, response: Response) -> str:
        """What to tell the learner before handing in, if we may not read this as meant; empty if all is clear."""

    def describe(self, item: Item, response: Response) -> str:
        """The response in plain words."""

    def describe_key(self, item: Item) -> str:
        """The right answer in plain words, for after the attempt."""

    def mark(self, item: Item, response: Response) -> Mark:
        """How right the response is."""
