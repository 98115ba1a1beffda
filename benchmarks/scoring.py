"""How many answers are scored in a second on one core, by kind; the aim is 20,000 for simple ones.

    python benchmarks/scoring.py [answers]

Simple are single choice, true or false, multiple choice, short text and number; the others are told for comparison.
Each kind is scored with different answers, right, wrong and in between, so that no cache knows them all; the trace that
says why is made every time, as it is at a hand-in. The time is that of the processor (others may use the machine
meanwhile); the figure is the median of five runs.
"""

import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from lti_tool import assessments, modules  # noqa: E402 - the checkout comes first, installed or not.
from lti_tool.assessments import Item, Response  # noqa: E402
from lti_tool.assessments.variants.prng import stream  # noqa: E402
from tests.figures import figure  # noqa: E402

PACKAGE = ROOT / "tests" / "rooms" / "assessments" / "every-kind"
SIMPLE = ("single", "true-false", "multiple", "text", "number")
OTHERS = (
    "wildcards",
    "pattern",
    "digits",
    "match",
    "matrix",
    "categorise",
    "order",
    "cloze",
    "gaps",
    "hottext",
    "essay",
)
RUNS = 5
GOAL = 20_000


def answers(item: Item, count: int) -> list[Response | None]:
    """What learners may send, at random."""
    chance = stream(1, item.id)
    made = []
    for _ in range(count):
        fields: dict[str, Sequence[str]] = {}
        for part in assessments.widgets(item, None, {}):
            for control in part.widget.controls:
                told = [option.id for option in control.options]
                typed = [f"{chance.below(10**6) / 1000} m", f"word {chance.below(10**6)}", "bow line", "12.5 m", "60"]
                fields[part.name(control.spot)] = [chance.shuffled(told or typed)[0]]
        made.append(assessments.read_response(item, fields))
    return made


def rate(item: Item, given: Sequence[Response | None]) -> float:
    """Answers a second."""
    started = time.process_time()
    for response in given:
        assessments.score_item(item, response)
    return len(given) / (time.process_time() - started)


def main(count: int) -> int:
    form = modules.read_package(PACKAGE).definition.form
    slowest = float("inf")
    for name in (*SIMPLE, *OTHERS):
        item = form.items[name]
        given = answers(item, count)
        found = statistics.median(rate(item, given) for _ in range(RUNS))
        slowest = min(slowest, found) if name in SIMPLE else slowest
        print(f"{name:<12} {found:>10,.0f} answers a second{'' if name in SIMPLE else '  (not simple)'}")
    figure("slowest simple kind", f"{slowest:,.0f} answers a second", goal=f"at least {GOAL:,}", met=slowest >= GOAL)
    return 0 if slowest >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000))
