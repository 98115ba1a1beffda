"""Questions and assessments in Markdown: what is read, and each fault with its line, its words and its fix."""

import re
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool import assessments
from lti_tool.assessments import Form, Issue, Item, Review, Section, Stimulus
from lti_tool.assessments.formats.markdown.answers import KINDS
from lti_tool.assessments.formats.markdown.parts import choice_id
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
from tests.rooms.assessments.samples import number, single


def render(text: str) -> str:
    """Stands for the Markdown renderer, which the room is handed: one paragraph a text."""
    return f"<p>{text}</p>"


def read(text: str, path: str = "questions/personal-data.md") -> tuple[Item | None, tuple[Issue, ...]]:
    return assessments.read_question(dedent(text).lstrip(), path=path, render=render)


def good(text: str) -> Item:
    item, issues = read(text)
    assert issues == ()
    assert item is not None
    return item


def asked_in(item: Item) -> Interaction:
    (asked,) = item.interactions
    return asked


def choices_of(item: Item) -> tuple[Choice, ...]:
    asked = asked_in(item)
    assert isinstance(asked, ChoiceInteraction)
    return asked.choices


def test_a_single_choice_question() -> None:
    item = good("""
        ---
        kind: single
        title: Personal data
        points: 1.5
        outcomes: [1, 3]
        fixed: true
        ---
        Which of these is **personal data**?

        - ( ) The height of the tower
          > That is a fact about a building.
        - (x) A phone number
          of a customer {#phone}
          > Right:
            it leads to a person.

        - ( ) The weather {#weather}

        +> Well done.
        +> Really.
        -> Think of people.

        # Solution

        A phone number leads to a person.

        - ( ) and this is just text
        """)
    assert item == Item(
        id="personal-data",
        title="Personal data",
        stem="<p>Which of these is **personal data**?</p>",
        points=Fraction(3, 2),
        interactions=(
            ChoiceInteraction(
                ItemKind.SINGLE,
                (
                    Choice(
                        choice_id("personal-data", "The height of the tower"),
                        "The height of the tower",
                        False,
                        "That is a fact about a building.",
                    ),
                    Choice(
                        choice_id("personal-data", "phone"),
                        "A phone number\nof a customer",
                        True,
                        "Right:\nit leads to a person.",
                    ),
                    Choice(choice_id("personal-data", "weather"), "The weather", False),
                ),
                fixed=True,
            ),
        ),
        feedback_right="<p>Well done.\nReally.</p>",
        feedback_wrong="<p>Think of people.</p>",
        solution="<p>A phone number leads to a person.\n\n- ( ) and this is just text</p>",
        outcomes=(1, 3),
    )


def test_a_multiple_choice_question() -> None:
    item = good("""
        ---
        kind: multiple
        scoring: all
        ---
        Which?
        - [x] one
        - [X] two
        - [ ] three
        """)
    asked = asked_in(item)
    assert isinstance(asked, ChoiceInteraction)
    assert (asked.kind, asked.scoring) == (ItemKind.MULTIPLE, Scoring.ALL)
    assert [choice.right for choice in asked.choices] == [True, True, False]


def test_a_text_question() -> None:
    item = good("""
        ---
        kind: text
        case: true
        ---
        Who decides?
        = controller | data  controller
        = a \\| b
        = controller
        """)
    answers = (TextAnswer("controller"), TextAnswer("data controller"), TextAnswer("a | b"))
    assert asked_in(item) == TextInteraction(answers, case_matters=True)


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("= 72", NumberKey(Decimal(72))),
        ("= 72 ± 0", NumberKey(Decimal(72))),
        ("=3.14 +- 0.01", NumberKey(Decimal("3.14"), Decimal("0.01"))),
        ("= −5 +/- 1", NumberKey(Decimal(-5), Decimal(1))),
        ("= 50 ± 5 %", NumberKey(Decimal(50), Decimal(5), relative=True)),
        ("= 6.02e23 ± 1%", NumberKey(Decimal("6.02e23"), Decimal(1), relative=True)),
    ],
)
def test_a_number_question(line: str, key: NumberKey) -> None:
    item = good(f"---\nkind: number\nunit: hours\n---\nHow long?\n{line}\n")

    assert asked_in(item) == NumberInteraction((key,), "hours")


def test_a_stem_may_hold_lists_links_and_code_that_look_like_answers() -> None:
    item = good("""
        ---
        kind: text
        ---
        Read [x](https://example.org) and:

        - [x](https://example.org)
        - plain

        ```
        = not an answer
        - (x) not a choice
        # solution
        ```

        Title
        =====
        = yes
        """)
    assert asked_in(item) == TextInteraction((TextAnswer("yes"),))
    assert "= not an answer" in item.stem and "=====" in item.stem and "- [x](https" in item.stem


def test_windows_line_ends_and_a_byte_order_mark_do_no_harm() -> None:
    item, issues = read("\ufeff---\r\nkind: text\r\n---\r\nWho?\r\n= me\r\n")

    assert issues == () and item is not None and asked_in(item) == TextInteraction((TextAnswer("me"),))


def test_values_that_yaml_would_bend_stay_as_written() -> None:
    asked = asked_in(good("---\nkind: number\nunit: no\ntitle: 1.10\n---\nHow many?\n= 1\n"))
    assert isinstance(asked, NumberInteraction) and asked.unit == "no"
    assert good("---\nkind: number\nunit: no\ntitle: 1.10\n---\nHow many?\n= 1\n").title == "1.10"


SINGLE = "---\nkind: single\n---\nWhich?\n"
NUMBER = "---\nkind: number\n---\nHow many?\n"


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("Which?\n- (x) a\n", 1, "does not begin with front matter"),
        ("---\nkind: single\n", 1, "does not begin with front matter"),
        ("---\n---\nWhich?\n= a\n", 1, "“kind” is missing"),
        ("---\nkind: poem\n---\nWhich?\n", 2, "“poem” is not a kind"),
        ("---\nkind: [single]\n---\nWhich?\n", 2, "“kind” must be one value"),
        ("---\nkind: text\ncase: perhaps\n---\nWho?\n= a\n", 3, "neither true nor false"),
        ("---\nkind: text\n\nunit: m\n---\nWho?\n= a\n", 4, "“unit” is not known here"),
        ("---\nkind: text\ntitle: a: b\n---\nWho?\n= a\n", 3, "front matter cannot be read"),
        ("---\nkind: text\nkind: number\n---\nWho?\n= a\n", 3, "“kind” stands there twice"),
        ("---\nkind: &x text\ntitle: *x\n---\nWho?\n= a\n", 2, "& and *"),
        ("---\n- kind\n---\nWho?\n= a\n", 2, "holds no named values"),
        ("---\nkind: text\npoints: many\n---\nWho?\n= a\n", 3, "“points: many” cannot be read"),
        ("---\nkind: text\npoints: 0.0\n---\nWho?\n= a\n", 3, "worth 0 points"),
        ("---\nkind: text\noutcomes: [first]\n---\nWho?\n= a\n", 3, "an outcome that is not a number"),
        ("---\nkind: multiple\nscoring: half\n---\nWho?\n- [x] a\n- [ ] b\n", 3, "“scoring: half” cannot be read"),
        ("---\nkind: text\n---\n= a\n", 1, "the question has no text"),
        (SINGLE, 1, "there are no choices"),
        (SINGLE + "- (x) a\n", 5, "only one choice"),
        (SINGLE + "- ( ) a\n- ( ) b\n", 5, "there is no right choice"),
        (SINGLE + "- (x) a\n- (x) b\n", 6, "a second right choice; the first is in line 5"),
        (SINGLE + "- [x] a\n- ( ) b\n", 5, "do not go with kind: single"),
        (SINGLE + "- (x) a\n- ( )\n", 6, "a choice without text"),
        (SINGLE + "- (x) a {#a}\n- ( ) b {#a}\n", 6, "two choices have the id “a”"),
        (SINGLE + "- (x) a\n- ( ) a\n", 6, "two choices say the same"),
        (SINGLE + "- (x) a\n- ( ) b {#a b}\n", 6, "cannot be the id of a choice"),
        (SINGLE + "- (x) a\n- ( ) b {#é}\n", 6, "cannot be the id of a choice"),
        (SINGLE + "- (x) a\n- ()  b\n- ( ) c\n", 6, "is not quite a choice"),
        (SINGLE + "- (x) a\n- ( )b\n- ( ) c\n", 6, "is not quite a choice"),
        (SINGLE + "- (x) a\n- ( ) b\n= a\n", 7, "in a question of kind single"),
        (SINGLE + "- (x) a\n- ( ) b\n\n+> Yes\n\nBy the way\n", 10, "text after the answers: “By the way”"),
        (SINGLE + "".join(f"- ( ) {n}\n" for n in range(26)) + "- (x) right\n", 31, "more than 26 choices"),
        (NUMBER, 1, "there is no right answer"),
        (NUMBER + "= 1\n= 2\n", 6, "a second right number"),
        (NUMBER + "= 3,14\n", 5, "is not a number"),
        (NUMBER + "= 72 hours\n", 5, "is not a number"),
        (NUMBER + "= 72 ± -1\n", 5, "is not a number"),
        (NUMBER + "= 0 ± 5 %\n", 5, "a percentage of 0 is 0"),
        (NUMBER + "- ( ) 1\n= 2\n", 5, "a choice in a question of kind number"),
        ("---\nkind: text\n---\nWho?\n= a | | b\n", 5, "an empty answer"),
    ],
)
def test_a_fault_names_its_line(text: str, line: int, problem: str) -> None:
    item, issues = read(text)

    assert item is None
    found = [issue for issue in issues if issue.fatal and issue.line == line and problem in issue.problem]
    assert found, "\n".join(map(str, issues))
    assert found[0].fix
    assert found[0].path == "questions/personal-data.md"


CLOZE = "---\nkind: cloze\n---\n"
GAPS = "---\nkind: gaps\n---\n"


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("---\nkind: truefalse\n---\nSo?\n= maybe\n", 5, "it is not said which is right"),
        ("---\nkind: truefalse\n---\nSo?\n= true\n= false\n", 6, "it is not said which is right"),
        ("---\nkind: truefalse\nlabels: [Ja]\n---\nSo?\n= true\n", 3, "there are two labels"),
        ("---\nkind: multiple\n---\nWhich?\n- [50%] a\n- [x] b\n- [ ] c\n", 5, "a share without scoring: points"),
        (
            "---\nkind: multiple\nscoring: points\n---\nWhich?\n- [50%] a\n- [ ] b\n",
            6,
            "nobody can earn all the points",
        ),
        ("---\nkind: multiple\nscoring: best\n---\nWhich?\n- [x] a\n- [ ] b\n", 3, "cannot be read"),
        ("---\nkind: text\nmatch: pattern\n---\nWhat?\n= (a\n", 6, "the pattern cannot be read: missing ): (a"),
        ("---\nkind: text\nmatch: pattern\n---\nWhat?\n= (?=a)b\n", 6, "the pattern cannot be read"),
        ("---\nkind: text\nmatch: wildcards\n---\nWhat?\n= *\n", 6, "* alone accepts everything"),
        ("---\nkind: text\ntypos: 1\n---\nWhat?\n= cat\n", 3, "many other words would pass for “cat”"),
        ("---\nkind: text\ntypos: 1\nmatch: wildcards\n---\nWhat?\n= cat*\n", 3, "typos go with plain answers only"),
        ("---\nkind: text\n---\nWhat?\n=[50%] a\n", 5, "no answer earns all the points"),
        ("---\nkind: text\n---\nWhat?\n= b\n=[150%] a\n", 5, "a share that no answer can have"),
        ("---\nkind: number\nunits: [x]\nunit: m\n---\nHow?\n= 1\n", 3, "a unit that cannot be read"),
        ('---\nkind: number\nunits: ["cm = 1/100"]\n---\nHow?\n= 1\n', 3, "units without a unit"),
        ("---\nkind: number\n---\nHow?\n= 7 to 5\n", 5, "the range ends before it begins"),
        ("---\nkind: essay\nwords: 300 to 100\n---\nWrite.\n", 3, "at least more words than at most"),
        ("---\nkind: upload\n---\nDraw.\n", 1, "“accept” is missing or empty"),
        ("---\nkind: upload\naccept: [a b]\n---\nDraw.\n", 3, "an ending that is none"),
        ("---\nkind: single\n---\nWhich?\n- (x) a\n- ( ) b\n# rubric\nx\n", 1, "a rubric in a question of kind single"),
        ("---\nkind: match\n---\nWhich?\n", 1, "there is nothing to match"),
        ("---\nkind: match\n---\nWhich?\n- a -> b\n- a -> c\n", 6, "a second match of “a”; the first is in line 5"),
        ("---\nkind: matrix\ntargets: [b]\n---\nWhich?\n- a -> b\n- c -> d\n", 7, "“d” is not among the targets"),
        ("---\nkind: match\n---\nWhich?\n- a -> b\n- ->\n", 6, "an arrow with nothing beside it"),
        ("---\nkind: order\n---\nHow?\n- (1) a\n- (3) b\n", 5, "places are left out"),
        ("---\nkind: order\n---\nHow?\n- (1) a\n- (1) b\n", 6, "a second thing in place 1"),
        ("---\nkind: order\n---\nHow?\n- (1) a\n- (2) a\n", 6, "the same text as in line 5"),
        ("---\nkind: order\n---\nHow?\n- (1) a\n- (x) b\n", 6, "a line without its place"),
        ("---\nkind: order\n---\nHow?\n- (1) a\n", 5, "there is nothing to bring into an order"),
        (CLOZE + "No place.\n", 1, "the text has no place to answer in"),
        (CLOZE + "A [[strange]] place.\n", 4, "“[[strange]]” cannot be read"),
        (CLOZE + "One.\n[[( ) a | ( ) b]] two.\n", 5, "a menu without one right choice"),
        (CLOZE + "A [[(x) a | ( ) a]] place.\n", 4, "a menu with the same or nothing twice"),
        (CLOZE + "A [[# many]] place.\n", 4, "“= many” is not a number"),
        (CLOZE + "A [[= ]] place.\n", 4, "an empty answer"),
        (GAPS + "The [[bow]] and the [[bow]].\n", 4, "the word “bow” is in two gaps; the first is in line 4"),
        (GAPS + "The [[]].\n", 4, "a gap without its word"),
        (GAPS + "The [[bow]].\n- (x) stern\n", 5, "a word that is in no gap is not right"),
        ("---\nkind: hottext\n---\nThe [[boat]] sails.\n", 4, "“[[boat]]” says not whether it is right"),
        ("---\nkind: hottext\n---\nThe [[( ) boat]] sails.\n", 4, "there are no right words"),
        ("---\nkind: text\ntags: [A B]\n---\nWho?\n= a\n", 3, "a tag that is none"),
        ("---\nkind: text\nstimulus: A B\n---\nWho?\n= a\n", 3, "“stimulus: A B” cannot be read"),
    ],
)
def test_a_fault_of_a_newer_kind_names_its_line(text: str, line: int, problem: str) -> None:
    item, issues = read(text)

    assert item is None
    found = [issue for issue in issues if issue.fatal and issue.line == line and problem in issue.problem]
    assert found, "\n".join(map(str, issues))
    assert found[0].fix


def test_a_place_that_the_text_swallows_is_a_fault() -> None:
    """As in maths, where the renderer makes something else of it."""
    text = CLOZE + "A [[= word]] place.\n"

    item, issues = assessments.read_question(text, path="questions/x.md", render=lambda _: "<p>gone</p>")

    assert item is None
    assert (issues[0].line, issues[0].problem) == (4, "a place that cannot be answered")


def test_the_marks_of_one_kind_are_plain_text_in_another() -> None:
    item = good("---\nkind: text\n---\nWhich?\n\n- (1) one\n- a -> b\n- [[c]]\n\n= one\n")

    assert item.stem == "<p>Which?\n\n- (1) one\n- a -> b\n- [[c]]</p>"


def test_all_faults_are_told_at_once_in_their_order() -> None:
    _, issues = read("---\nkind: single\npoints: x\ncolour: red\n---\n- (x)\n- [x] b\n")

    assert [issue.line for issue in issues] == [1, 3, 4, 6, 7, 7]
    assert str(issues[2]) == (
        "questions/personal-data.md:4: “colour” is not known here. "
        "Remove it, or use one of: kind, points, title, outcomes, tags, stimulus, fixed."
    )


def test_front_matter_with_anchors_is_refused() -> None:
    item, issues = read("---\nkind: &x text\ntitle: *x\n---\nWho?\n= a\n")

    assert item is None and "& and *" in issues[0].problem


def test_a_name_that_is_not_known_is_refused_and_not_dropped() -> None:
    item, issues = read("---\nkind: text\ncolour: red\n---\nWho?\n= a\n")

    assert item is None and "“colour” is not known here" in issues[0].problem


def test_a_choice_question_without_a_right_choice_is_refused() -> None:
    item, issues = read(SINGLE + "- ( ) a\n- ( ) b\n")

    assert item is None and issues[0].problem == "there is no right choice"


def test_a_file_far_too_long_is_not_read() -> None:
    item, issues = read("---\nkind: text\n---\nWho?\n= a\n" + "\n" * 200_000)

    assert item is None and "longer than 200000" in issues[0].problem


def test_front_matter_that_unfolds_or_nests_without_end_is_refused() -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefg", "bcdefgh", strict=True))
    for front in (bomb, "kind: " + "[" * 5000, "kind: [[[[[[text]]]]]]"):
        item, issues = read(f"---\n{front}\n---\nWho?\n= a\n")
        assert item is None and "front matter cannot be read" in issues[0].problem


@pytest.mark.parametrize("name", ["Personal data", "é", "-x", "x" * 61])
def test_a_file_name_that_cannot_be_an_id_is_a_fault(name: str) -> None:
    item, issues = read("---\nkind: text\n---\nWho?\n= a\n", f"questions/{name}.md")

    assert item is None and "cannot be the id" in issues[0].problem


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("---\nkind: multiple\n---\nWhich?\n- [x] a\n- [x] b\n", "every choice is right"),
        ("---\nkind: text\n---\nWho?\n= me\n?> think\n", "hints are not used yet"),
    ],
)
def test_a_warning_does_not_stop_the_question(text: str, problem: str) -> None:
    item, issues = read(text)

    assert item is not None
    assert [(issue.problem, issue.fatal) for issue in issues] == [(problem, False)]


def test_every_text_is_rendered_even_when_there_are_faults() -> None:
    seen: list[str] = []

    def noting(text: str) -> str:
        seen.append(text)
        return f"<p>{text}</p>"

    text = "---\nkind: single\n---\nStem\n- ( ) one\n  > why\n- ( ) two\n+> yes\n# solution\nbecause\n"
    item, _ = assessments.read_question(text, path="questions/x.md", render=noting)

    assert item is None
    assert sorted(seen) == ["Stem", "because", "one", "two", "why", "yes"]


def test_a_choice_loses_its_paragraph_but_not_a_list_of_them() -> None:
    def rich(text: str) -> str:
        return "<p>one</p>\n<p>two</p>" if "two" in text else f"<p>{text}</p>\n"

    item, _ = assessments.read_question(SINGLE + "- (x) one\n- ( ) two\n", path="questions/x.md", render=rich)

    assert item is not None
    assert [choice.html for choice in choices_of(item)] == ["one", "<p>one</p>\n<p>two</p>"]


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("-+?>=# ()[]xX{}`~:\n\tab|±%&*'\"01#"), max_size=120))
def test_no_body_whatever_breaks_the_reader(body: str) -> None:
    for kind in KINDS:
        item, issues = assessments.read_question(
            f"---\nkind: {kind}\n---\n{body}", path="questions/x.md", render=render
        )
        assert (item is None) is any(issue.fatal for issue in issues)


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("-+?>=# ()[]{}:\n\tab|&*'\"0!,@%"), max_size=120))
def test_no_front_matter_whatever_breaks_the_reader(front: str) -> None:
    item, issues = assessments.read_question(f"---\n{front}\n---\nWho?\n= a\n", path="questions/x.md", render=render)
    assert (item is None) is any(issue.fatal for issue in issues)


ITEMS = {item.id: item for item in (single("first"), single("second"), number("third"))}
ASSESSMENT = """---
title: Check what you learned
attempts: 3
time: 20 minutes
shuffle: true
review: score
sections:
  - title: Words
    draw: 1
    questions: [first, second]
  - shuffle: true
    questions:
      - third
---
Take your **time**.
"""


def read_form(text: str, **more: list[str]) -> tuple[Form | None, tuple[Issue, ...]]:
    return assessments.read_assessment(
        text, path="assessment.md", items=ITEMS, pass_percent=Fraction(70), render=render, **more
    )


def test_an_assessment() -> None:
    form, issues = read_form(ASSESSMENT)

    assert issues == ()
    assert form == Form(
        title="Check what you learned",
        instructions="<p>Take your **time**.</p>",
        attempts=3,
        time_minutes=20,
        shuffle_choices=True,
        review=Review.SCORE,
        pass_percent=Fraction(70),
        sections=(Section("Words", 1, False, ("first", "second")), Section("", None, True, ("third",))),
        items=ITEMS,
    )
    assert form.question_count == 2


def test_an_assessment_with_as_little_as_possible() -> None:
    form, issues = read_form("---\ntitle: Check\nsections:\n  - questions: [first]\nattempts: unlimited\n---\n")

    assert form is not None
    assert (form.attempts, form.time_minutes, form.shuffle_choices, form.review) == (None, None, False, Review.AFTER)
    assert form.instructions == ""
    assert dict(form.items) == {"first": ITEMS["first"]}
    assert [(issue.path, issue.problem, issue.fatal) for issue in issues] == [
        ("questions/second.md", "no section uses this question", False),
        ("questions/third.md", "no section uses this question", False),
    ]


@pytest.mark.parametrize(
    ("old", "new", "line", "problem"),
    [
        ("title: Check what you learned\n", "\n", 1, "“title” is missing"),
        ("attempts: 3", "attempts: 0", 3, "“attempts: 0” cannot be read"),
        ("time: 20 minutes", "time: a while", 4, "“time: a while” cannot be read"),
        ("time: 20 minutes", "time: 0 minutes", 4, "no time at all"),
        ("shuffle: true", "shuffle: maybe", 5, "neither true nor false"),
        ("review: score", "review: never", 6, "“review: never” cannot be read"),
        ("review: score", "colour: red", 6, "“colour” is not known here"),
        ("    draw: 1", "    draw: 3", 9, "draw: 3 of 2 questions"),
        ("    draw: 1", "    drew: 1", 9, "“drew” is not known here"),
        ("[first, second]", "[first, fourth]", 10, "there is no question “fourth”"),
        ("[first, second]", "[first, third]", 13, "“third” stands here a second time; the first is in line 10"),
        ("[first, second]", "first", 10, "“questions” must be a list"),
        ("      - third", "", 12, "“questions” is missing or empty"),
        ("  - title: Words\n    draw: 1\n    questions: [first, second]", "  - Words", 8, "a section without names"),
    ],
)
def test_a_fault_of_an_assessment_names_its_line(old: str, new: str, line: int, problem: str) -> None:
    form, issues = read_form(ASSESSMENT.replace(old, new, 1))

    assert form is None
    found = [issue for issue in issues if issue.fatal and issue.line == line and problem in issue.problem]
    assert found, "\n".join(map(str, issues))


TAGGED = {
    "first": replace(single("first"), tags=("cases", "rights")),
    "second": replace(single("second"), tags=("cases",), stimulus="harbour"),
    "third": replace(number("third"), tags=("cases",)),
}
HARBOUR = {"harbour": Stimulus("harbour", "", "<p>A harbour.</p>")}


def read_tagged(sections: str, stimuli: dict[str, Stimulus] = HARBOUR) -> tuple[Form | None, tuple[Issue, ...]]:
    text = f"---\ntitle: Check\nsections:\n{sections}---\n"
    return assessments.read_assessment(
        text, path="assessment.md", items=TAGGED, pass_percent=Fraction(70), render=render, stimuli=stimuli
    )


def test_a_section_may_be_found_by_tags() -> None:
    form, issues = read_tagged(
        "  - tags: [rights]\n  - tags: [cases]\n    draw: 1\n    require: [second]\n  - questions: [third]\n"
    )

    assert issues == () and form is not None
    assert [part.item_ids for part in form.sections] == [("first",), ("second",), ("third",)]
    assert (form.sections[1].tags, form.sections[1].required) == (("cases",), ("second",))
    assert dict(form.stimuli) == HARBOUR


@pytest.mark.parametrize(
    ("sections", "line", "problem"),
    [
        ("  - tags: [nobody]\n", 4, "no question that is free has the tags nobody"),
        ("  - tags: [cases]\n    draw: 4\n", 5, "draw: 4 of 3 questions"),
        ("  - tags: [cases]\n    require: [first]\n", 5, "require goes with a draw of at least as many"),
        ("  - tags: [rights]\n    draw: 1\n    require: [third]\n", 6, "a required question that the section has not"),
    ],
)
def test_a_fault_of_a_bank_names_its_line(sections: str, line: int, problem: str) -> None:
    form, issues = read_tagged(sections)

    assert form is None
    assert [issue for issue in issues if issue.fatal and issue.line == line and problem in issue.problem], issues


def test_a_stimulus_that_is_not_there_or_not_used_is_told() -> None:
    form, issues = read_tagged("  - tags: [cases]\n", {"pier": Stimulus("pier", "", "<p>A pier.</p>")})

    assert form is None
    assert [(issue.path, issue.problem, issue.fatal) for issue in issues] == [
        ("questions/second.md", "there is no stimulus “harbour”", True),
        ("stimuli/pier.md", "no question that is used is about this", False),
    ]


def test_a_stimulus_is_read_with_its_faults() -> None:
    good_one, issues = assessments.read_stimulus("---\ntitle: Pier\n---\nLong.\n", path="stimuli/p.md", render=render)
    assert (good_one, issues) == (Stimulus("p", "Pier", "<p>Long.</p>"), ())

    for text, problem in (("---\nkind: x\n---\nLong.\n", "“kind” is not known"), ("---\n---\n", "has no text")):
        bad, issues = assessments.read_stimulus(text, path="stimuli/p.md", render=render)
        assert bad is None and problem in issues[0].problem


def test_an_assessment_without_sections_is_a_fault() -> None:
    form, issues = read_form("---\ntitle: Check\n---\n")

    assert form is None and "“sections” is missing or empty" in issues[0].problem


def test_a_question_with_faults_of_its_own_is_not_reported_twice() -> None:
    form, issues = read_form(ASSESSMENT.replace("second", "hurt"), broken=["hurt"])

    assert form is None
    assert [issue.problem for issue in issues] == ["no section uses this question"]


def test_what_was_read_scores() -> None:
    item = replace(good(SINGLE + "- (x) a\n- ( ) b\n"), id="first")

    assert assessments.score_item(item, choices_of(item)[0].id).right


def test_neither_an_author_s_word_for_a_choice_nor_its_place_shows_in_its_id() -> None:
    one = good(SINGLE + "- (x) a {#right-one}\n- ( ) b\n")
    other = good(SINGLE + "- ( ) b\n- (x) a {#right-one}\n")

    assert {choice.id for choice in choices_of(one)} == {choice.id for choice in choices_of(other)}
    assert all(re.fullmatch("[0-9a-f]{12}", choice.id) for choice in choices_of(one))
