"""Ids and secrets: unguessable, fit for an address, and for a person to read out."""

from hypothesis import given
from hypothesis import strategies as st

from lti_tool.core import ids


def test_public_ids_have_their_form_and_do_not_repeat() -> None:
    made = {ids.public_id() for _ in range(1000)}
    assert len(made) == 1000
    assert all(ids.is_public_id(one) for one in made)
    assert not any(ids.is_public_id(one) for one in ("", "a" * 25, "a" * 27, "A" * 26, "i" * 26, "a" * 26 + "\n"))


def test_a_paper_number_survives_being_typed() -> None:
    for _ in range(200):
        number = ids.paper_number()
        typed = number.replace("-", " ").lower().replace("0", "o").replace("1", "l")
        assert ids.check_paper_number(typed) == number


@given(st.data())
def test_one_wrong_or_two_swapped_characters_are_noticed(data: st.DataObject) -> None:
    plain = ids.paper_number().replace("-", "")
    place = data.draw(st.integers(0, 10))
    other = data.draw(st.sampled_from([char for char in ids.ALPHABET[:31] if char != plain[place]]))
    assert ids.check_paper_number(plain[:place] + other + plain[place + 1 :]) is None
    swapped = plain[:place] + plain[place + 1] + plain[place] + plain[place + 2 :]
    if place < 10 and swapped != plain:
        assert ids.check_paper_number(swapped) is None


@given(st.text(max_size=40))
def test_whatever_is_typed_gets_an_answer(text: str) -> None:
    number = ids.check_paper_number(text)
    assert number is None or len(number) == 14


def test_secrets_are_long_and_compared_as_such() -> None:
    assert len(ids.token()) == 43
    assert ids.same("a", "a")
    assert not ids.same("a", "b")
    assert 0 <= ids.seed() < 2**63
    assert 0 <= ids.jitter(2.0) < 2.0
