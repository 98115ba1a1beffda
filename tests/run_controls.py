"""`make controls`: switches off one guard at a time and expects its tests to fail.

A guard whose tests still pass without it, or whose tests are not run at all, is told and ends the run with status 1.
"""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.controls import CONTROLS, VARIABLE, Control

ROOT = Path(__file__).resolve().parent.parent
_LINE = re.compile(r"^(PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS) (\S+::[^\s\[]+(?:\[.*?\])?)(?: - .*)?$")


def outcomes(tests: tuple[str, ...], control: str = "", root: Path = ROOT) -> dict[str, str]:
    """Node id → outcome of each of these tests, with the guard switched off that `control` names."""
    environment = {name: value for name, value in os.environ.items() if name != VARIABLE}
    if control:
        environment[VARIABLE] = control
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "--tb=no", "-p", "no:cacheprovider", "--color=no", *tests]
    done = subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, timeout=600, stdin=subprocess.DEVNULL
    )
    found = {}
    for line in done.stdout.splitlines():
        match = _LINE.match(line)
        # A test that failed may leave an error behind as well: that it failed is what counts.
        if match and found.get(match[2]) != "FAILED":
            found[match[2]] = match[1]
    if not found:
        found["pytest"] = (done.stdout + done.stderr).strip()[-1000:] or "said nothing"
    return found


def judge(control: Control, found: Mapping[str, str]) -> list[str]:
    """What speaks against the control, given how its tests came out without the guard; nothing, when all failed."""
    against = []
    for test in control.tests:
        mine = {name: outcome for name, outcome in found.items() if name == test or name.startswith(f"{test}[")}
        if not mine:
            against.append(f"{test}: was not run ({found.get('pytest', 'no such test')})")
        against += [
            f"{name}: {outcome.lower()} without the guard" for name, outcome in mine.items() if outcome != "FAILED"
        ]
    return against


def main() -> int:
    """Runs every control; the status for the shell."""
    asked = {name: CONTROLS[name] for name in sys.argv[1:]} or CONTROLS
    if not asked:
        print("There is no negative control yet.")
        return 0
    every = tuple(sorted({test for control in asked.values() for test in control.tests}))
    with_guards = [
        f"{name}: {outcome.lower()} with its guard" for name, outcome in outcomes(every).items() if outcome != "PASSED"
    ]
    for said in with_guards:
        print(said)
    silent = 0
    with ThreadPoolExecutor(2) as pool:
        for name, found in zip(asked, pool.map(lambda name: outcomes(asked[name].tests, name), asked), strict=True):
            against = judge(asked[name], found)
            silent += bool(against)
            print(f"{'SILENT' if against else 'noticed'}  {name}", *(f"\n         {said}" for said in against))
    print(f"{len(asked) - silent} of {len(asked)} guards are missed by their tests when they are gone")
    return 1 if silent or with_guards else 0


if __name__ == "__main__":
    sys.exit(main())
