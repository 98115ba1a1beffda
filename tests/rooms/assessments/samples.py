"""Questions of each kind, a form of them, and a desk to sit at: what the tests of this room are told with."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import Boolean, Integer, Table

from lti_tool import assessments
from lti_tool.assessments import Attempt, Form, Item, Review, Section
from lti_tool.assessments.model import (
    Choice,
    ChoiceInteraction,
    Interaction,
    ItemKind,
    NumberInteraction,
    NumberKey,
    Scoring,
    TextAnswer,
    TextInteraction,
)
from lti_tool.core.db import Database, Tx, UTCDateTime


def asking(asked: Interaction, id_: str, *, title: str = "", points: Fraction = Fraction(1)) -> Item:
    """A question with one interaction."""
    return Item(id=id_, title=title, stem="<p>What?</p>", interactions=(asked,), points=points)


def single(id_: str = "one", *, fixed: bool = False) -> Item:
    """Which is personal data? b."""
    choices = tuple(Choice(key, f"<em>choice</em> {key}", key == "b", f"feedback {key}") for key in "abcd")
    return asking(ChoiceInteraction(ItemKind.SINGLE, choices, fixed=fixed), id_, title="One")


def multiple(id_: str = "many", scoring: Scoring = Scoring.NET) -> Item:
    """Which are personal data? a, b and c; not d or e."""
    choices = tuple(Choice(key, f"choice {key}", key in "abc") for key in "abcde")
    return asking(ChoiceInteraction(ItemKind.MULTIPLE, choices, scoring), id_, title="Many", points=Fraction(3))


def text(id_: str = "word", *answers: str, **settings: Any) -> Item:
    accepted = tuple(TextAnswer(answer) for answer in answers or ("data controller", "controller"))
    return asking(TextInteraction(accepted, **settings), id_, title="Word")


def number(id_: str = "count", value: str = "72", tolerance: str = "0", *, relative: bool = False) -> Item:
    key = NumberKey(Decimal(value), Decimal(tolerance), relative)
    return asking(NumberInteraction((key,), unit="hours"), id_)


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

    def start(self, form: Form, *, seed: int = 7, deadline_at: datetime | None = None) -> Attempt:
        with self.db.transaction() as tx:
            return self.start_in(tx, form, seed=seed, deadline_at=deadline_at)

    def start_in(self, tx: Tx, form: Form, *, seed: int = 7, deadline_at: datetime | None = None) -> Attempt:
        return assessments.start(
            tx,
            enrolment_id=self.enrolment_id,
            module_version_id=self.version_id,
            form=form,
            seed=seed,
            now=self.now,
            deadline_at=deadline_at,
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
            return self.submit_in(tx, attempt, form, now=now)

    def submit_in(self, tx: Tx, attempt: Attempt, form: Form, *, now: datetime | None = None) -> assessments.Submission:
        held = assessments.find_in(
            assessments.hold(tx, self.enrolment_id), attempt.public_id, enrolment_id=self.enrolment_id
        )
        return assessments.submit(tx, held, form=form, actor="person:1", now=now or self.now)

    def answers(self, attempt: Attempt) -> dict[str, assessments.Response | None]:
        with self.db.reading() as tx:
            return {id_: saved.response for id_, saved in assessments.answers_of(tx, attempt.id).items()}
