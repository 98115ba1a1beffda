"""Where a learner is in the pages: the block last in view, what has been read to the end, and which page was last."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, case, or_, select

from lti_tool.core.db import Tx, insert
from lti_tool.modules.tables import reading_progress as table


@dataclass(frozen=True)
class PageProgress:
    """How far one page has been read; block 0 is its top."""

    block: int
    done: bool
    updated_at: datetime


@dataclass(frozen=True)
class Progress:
    """What has been read of a module version; `last_page` is the page to go on with."""

    pages: Mapping[str, PageProgress]
    last_page: str | None

    def is_done(self, page_key: str) -> bool:
        """Whether the page was read to its end."""
        page = self.pages.get(page_key)
        return page is not None and page.done


_of_version = (
    select(table.c.page_key, table.c.block, table.c.done, table.c.updated_at)
    .where(
        table.c.enrolment_id == bindparam("enrolment_id"),
        table.c.module_version_id == bindparam("version_id"),
    )
    .order_by(table.c.updated_at, table.c.page_key)
)


def note_position(
    tx: Tx, *, enrolment_id: int, version_id: int, page_key: str, block: int, done: bool, now: datetime
) -> None:
    """Remembers the block in view. `done` never goes back, and a late message never undoes a newer position."""
    fresh = insert(tx, table).values(
        enrolment_id=enrolment_id,
        module_version_id=version_id,
        page_key=page_key,
        block=max(block, 0),
        done=done,
        updated_at=now,
    )
    said = fresh.excluded
    newer = said.updated_at >= table.c.updated_at
    tx.execute(
        fresh.on_conflict_do_update(
            index_elements=["enrolment_id", "module_version_id", "page_key"],
            set_={
                "block": case((newer, said.block), else_=table.c.block),
                "done": or_(table.c.done, said.done),
                "updated_at": case((newer, said.updated_at), else_=table.c.updated_at),
            },
        )
    )


def progress_of(tx: Tx, enrolment_id: int, version_id: int) -> Progress:
    """What the enrolled person has read of this version; empty when nothing."""
    rows = tx.execute(_of_version, {"enrolment_id": enrolment_id, "version_id": version_id}).all()
    pages = {row.page_key: PageProgress(row.block, row.done, row.updated_at) for row in rows}
    return Progress(pages=pages, last_page=rows[-1].page_key if rows else None)
