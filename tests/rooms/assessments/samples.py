"""Questions of each kind, a form of them, and a desk to sit at: what the tests of this room are told with."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import Boolean, Integer, Table

from lti_tool import assessments
from lti_tool.assessments import Attempt, Choice, Form, Item, ItemKind, NumberKey, Review, Section
from lti_tool.core.db import Database, Tx, UTCDateTime


def single(id_: str = "one", *, fixed: bool = False) -> Item:
    """Which is personal data? b."""
    choices = tuple(Choice(key, f"<em>choice</em> {key}", key == "b", f"feedback {key}") for key in "abcd")
    return Item(id=id_, kind=ItemKind.SINGLE, title="One", stem="<p>Which?</p>", choices=choices, fixed=fixed)


def multiple(id_: str = "many") -> Item:
    """Which are personal data? a, b and c; not d or e."""
    choices = tuple(Choice(key, f"choice {key}", key in "abc") for key in "abcde")
    return Item(id=id_, kind=ItemKind.MULTIPLE, title="Many", stem="<p>Which?</p>", points=Fraction(3), choices=choices)


def text(id_: str = "word") -> Item:
    return Item(id=id_, kind=ItemKind.TEXT, title="Word", stem="<p>Who?</p>", texts=("data controller", "controller"))


def number(id_: str = "count", value: str = "72", tolerance: str = "0", *, relative: bool = False) -> Item:
    key = NumberKey(Decimal(value), Decimal(tolerance), relative)
    return Item(id=id_, kind=ItemKind.NUMBER, title="", stem="<p>How many?</p>", number=key, unit="hours")


def form_of(*items: Item, attempts: int | None = 3, shuffle: bool = True) -> Form:
    return Form(
        title="Check what you learned",
        instructions="<p>Take your time.</p>",
        attempts=attempts,
        time_minutes=None,
        shuffle_choices=shuffle,
        review=Review.AFTER,
        pass_percent=Fraction(70),
        sections=(Section("All", None, False, tuple(item.id for item in items)),),
        items={item.id: item for item in items},
    )


def make_row(tx: Tx, table: Table, now: datetime, made: dict[str, int]) -> int:
    """A row with something in every column that must have something, and the rows that it refers to."""
    values: dict[str, Any] = {}
    for column in table.columns:
        if column.primary_key or column.nullable:
            continue
        if column.foreign_keys:
            parent = next(iter(column.foreign_keys)).column.table
            if parent.name not in made:
                make_row(tx, parent, now, made)
            values[column.name] = made[parent.name]
        elif isinstance(column.type, UTCDateTime):
            values[column.name] = now
        elif isinstance(column.type, Integer | Boolean):
            values[column.name] = 1
        else:
            values[column.name] = {} if "JSON" in repr(column.type) else b"" if "Large" in repr(column.type) else "x"
    made[table.name] = tx.execute(table.insert().values(values).returning(table.c.id)).scalar_one()
    return made[table.name]


@dataclass(frozen=True)
class Desk:
    """Where a learner sits: the database, who is enrolled, and the version of the module."""

    db: Database
    enrolment_id: int
    version_id: int
    now: datetime

    def start(self, form: Form, *, seed: int = 7) -> Attempt:
        with self.db.transaction() as tx:
            return self.start_in(tx, form, seed=seed)

    def start_in(self, tx: Tx, form: Form, *, seed: int = 7) -> Attempt:
        return assessments.start(
            tx,
            enrolment_id=self.enrolment_id,
            module_version_id=self.version_id,
            form=form,
            seed=seed,
            now=self.now,
        )

    def save(
        self,
        attempt: Attempt,
        item: Item,
        response: assessments.Response | None,
        *,
        page: str = "page-one",
        sequence: int = 1,
        now: datetime | None = None,
    ) -> assessments.Saved:
        with self.db.transaction() as tx:
            return assessments.save(
                tx,
                attempt,
                item=item,
                response=response,
                page_key=page,
                sequence=sequence,
                now=now or self.now,
            )

    def submit(self, attempt: Attempt, form: Form, *, now: datetime | None = None) -> assessments.Submission:
        with self.db.transaction() as tx:
            return assessments.submit(tx, attempt, form=form, now=now or self.now)

    def answers(self, attempt: Attempt) -> dict[str, assessments.Response | None]:
        with self.db.reading() as tx:
            return {id_: saved.response for id_, saved in assessments.answers_of(tx, attempt.id).items()}
