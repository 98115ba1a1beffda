"""What a person marks: long text, and files. It earns nothing until then, and the mark says so."""

from lti_tool.assessments.interactions.kind import Control, Field, Given, Layout, Mark, Option, Plain, Widget
from lti_tool.assessments.interactions.words import typed
from lti_tool.assessments.model.interaction import EssayInteraction, UploadInteraction
from lti_tool.assessments.model.outcome import Step
from lti_tool.assessments.model.variables import BaseType, Cardinality, Declaration, Value
from lti_tool.assessments.scoring.partial import NONE
from lti_tool.core.errors import Invalid

MAX_ESSAY = 40_000
_WRITTEN = Declaration(Cardinality.SINGLE, BaseType.STRING)
_FILES = Declaration(Cardinality.MULTIPLE, BaseType.FILE)
_WAITS = Step("A teacher marks this answer. Until then it earns no points.")


class Essay(Plain[EssayInteraction]):
    """Text of any length."""

    def declaration(self, asked: EssayInteraction) -> Declaration:
        return _WRITTEN

    def read(self, asked: EssayInteraction, given: Given) -> Value | None:
        return typed(given.get("", ()), limit=MAX_ESSAY)

    def widget(self, asked: EssayInteraction, value: Value | None, orders: object) -> Widget:
        control = Control("", Field.AREA, value=str(value or ""), longest=MAX_ESSAY)
        return Widget(Layout.STACK, f"Write in whole sentences.{_limits(asked)} A teacher marks it.", (control,))

    def unclear(self, asked: EssayInteraction, value: Value) -> str:
        words = len(str(value).split())
        few = asked.least_words is not None and words < asked.least_words
        many = asked.most_words is not None and words > asked.most_words
        return f"Your text has {words} words.{_limits(asked)}" if few or many else ""

    def describe(self, asked: EssayInteraction, value: Value) -> str:
        return str(value).strip()

    def describe_key(self, asked: EssayInteraction) -> str:
        return ""

    def mark(self, asked: EssayInteraction, value: Value) -> Mark:
        return Mark(NONE, "", (_WAITS,), pending=True)


class Upload(Plain[UploadInteraction]):
    """Files: the response names what was stored, and who stores it checks name, kind and size."""

    def declaration(self, asked: UploadInteraction) -> Declaration:
        return _FILES

    def read(self, asked: UploadInteraction, given: Given) -> Value | None:
        references = [value for value in dict.fromkeys(given.get("", ())) if value]
        _check_count(references, asked.most_files)
        return tuple(references) or None

    def widget(self, asked: UploadInteraction, value: Value | None, orders: object) -> Widget:
        stored = tuple(Option(reference, "", reference, True) for reference in value or ())
        control = Control("", Field.FILES, options=stored, longest=asked.most_files, accept=asked.accept)
        count = "One file" if asked.most_files == 1 else f"At most {asked.most_files} files"
        hint = f"{count} of {asked.most_megabytes} MB at most: {', '.join(asked.accept)}. A teacher marks it."
        return Widget(Layout.STACK, hint, (control,))

    def describe(self, asked: UploadInteraction, value: Value) -> str:
        return f"{len(value)} file" + ("s" if len(value) > 1 else "")

    def describe_key(self, asked: UploadInteraction) -> str:
        return ""

    def mark(self, asked: UploadInteraction, value: Value) -> Mark:
        return Mark(NONE, "", (_WAITS,), pending=True)


def _check_count(references: list[str], most: int) -> None:
    if len(references) > most:
        raise Invalid(
            "assessments.too_many_files",
            "This question takes at most %(most)s files, and %(count)s came in.",
            "Remove some and save again. What was saved before is still there.",
            most=most,
            count=len(references),
        )


def _limits(asked: EssayInteraction) -> str:
    if asked.least_words is not None and asked.most_words is not None:
        return f" From {asked.least_words} to {asked.most_words} words are asked for."
    if asked.most_words is not None:
        return f" At most {asked.most_words} words are asked for."
    return f" At least {asked.least_words} words are asked for." if asked.least_words is not None else ""
