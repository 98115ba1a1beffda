"""Guards of `core`."""

import ipaddress
from typing import Any

from tests.controls.switch import Control, Guard, acts_like, answers, echoes


def _without_write_lock(_begin: Guard) -> Guard:
    return lambda _dialect, connection: connection.cursor().execute("BEGIN")


def _without_fence(finish: Guard) -> Guard:
    """Finishes a piece of work for whoever asks, as if they still had its lease."""

    def finish_anyway(tx: Any, table: Any, row_id: int, _fence: int, **values: object) -> bool:
        fence = tx.execute(table.select().where(table.c.id == row_id)).mappings().one()["fence"]
        return bool(finish(tx, table, row_id, fence, **values))

    return finish_anyway


def _unpinned(_pool_classes: Guard) -> Guard:
    """Lets each connection look its name up by itself."""
    from urllib3 import HTTPConnectionPool, HTTPSConnectionPool

    return answers({"http": HTTPConnectionPool, "https": HTTPSConnectionPool})(_pool_classes)


_TESTS = "tests/rooms/core"
_ATTACKS = "tests/web/test_attacks.py::test_"

CONTROLS = {
    "core.http.private-networks": Control(
        "lti_tool.core.http.HttpClient._is_allowed",
        answers(True),
        (
            f"{_TESTS}/test_http.py::test_this_machine_is_refused_unless_it_is_named",
            f"{_ATTACKS}a_private_address_behind_a_translator_is_private",
        ),
    ),
    "core.http.unwrapped-address": Control(
        "lti_tool.core.addresses.plain_address",
        lambda _plain_address: ipaddress.ip_address,
        (f"{_ATTACKS}a_private_address_behind_a_relay_is_private",),
    ),
    "core.http.routed-address": Control(
        "lti_tool.core.addresses.is_routed",
        answers(True),
        (f"{_ATTACKS}a_forgotten_corner_of_the_address_space_is_not_the_internet",),
    ),
    "core.http.pinned-address": Control(
        "lti_tool.core.http._pool_classes",
        _unpinned,
        (f"{_TESTS}/test_http.py::test_a_second_answer_of_the_name_server_leads_nowhere_else",),
    ),
    "core.http.drip": Control(
        "lti_tool.core.http._Hurried.readinto",
        lambda _readinto: lambda self, buffer: self._raw.readinto(buffer),
        (
            f"{_TESTS}/test_http.py::test_an_answer_that_drips_is_cut_off_in_time",
            f"{_TESTS}/test_http.py::test_headers_that_drip_are_cut_off_in_time",
        ),
    ),
    "core.http.no-query-in-the-log": Control(
        "lti_tool.core.http.for_log",
        echoes(1),
        (f"{_TESTS}/test_http.py::test_a_query_does_not_reach_the_log",),
    ),
    "core.http.size": Control(
        "lti_tool.core.http._read",
        lambda _read: lambda answer, _most: answer.content,
        (f"{_TESTS}/test_http.py::test_a_flood_is_cut_off",),
    ),
    "core.http.not-in-a-transaction": Control(
        "lti_tool.core.http.in_transaction",
        answers(False),
        (f"{_TESTS}/test_http.py::test_nothing_is_sent_inside_a_transaction",),
    ),
    "core.db.reading-rolls-back": Control(
        "lti_tool.core.db.Database.reading",
        acts_like("lti_tool.core.db.Database.transaction"),
        (f"{_TESTS}/test_db.py::test_reading_leaves_nothing",),
    ),
    "core.sqlite.one-state": Control(
        "lti_tool.core.sqlite.Dialect.do_begin",
        answers(None),
        (
            f"{_TESTS}/test_db.py::test_a_reader_sees_one_state_throughout[sqlite]",
            f"{_TESTS}/test_db.py::test_a_transaction_that_raises_leaves_nothing[sqlite]",
        ),
    ),
    "core.sqlite.write-lock": Control(
        "lti_tool.core.sqlite.Dialect.do_begin",
        _without_write_lock,
        (f"{_TESTS}/test_db.py::test_two_writers_queue[sqlite]",),
    ),
    "core.leases.fence": Control(
        "lti_tool.core.leases.finish",
        _without_fence,
        (f"{_TESTS}/test_leases.py::test_who_lost_the_lease_cannot_finish",),
    ),
    "core.ids.form-of-an-id": Control(
        "lti_tool.core.ids.is_public_id",
        answers(True),
        (f"{_ATTACKS}an_id_that_cannot_be_one_is_just_unknown",),
    ),
    "core.ids.form-of-a-digest": Control(
        "lti_tool.core.ids.is_digest",
        answers(True),
        (f"{_ATTACKS}an_id_that_cannot_be_one_is_just_unknown",),
    ),
    "core.ids.check-character": Control(
        "lti_tool.core.ids._check_character",
        answers("0"),
        (f"{_TESTS}/test_ids.py::test_one_wrong_or_two_swapped_characters_are_noticed",),
    ),
}
