"""Markdown becomes HTML that is safe, numbered, and says in the module's language what the tool adds."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool.modules import MediaFile, render
from lti_tool.modules.markdown import read_markdown
from lti_tool.modules.maths import mathml
from lti_tool.modules.sanitise import sanitise

HIVE = MediaFile("a" * 64, "image/svg+xml", b"", 320, 180)


def picture(name: str) -> MediaFile | None:
    return HIVE if name == "media/hive.svg" else None


def page(text: str, language: str = "en") -> str:
    return render(text, media=picture, language=language)


def faults(text: str) -> list[tuple[int, str]]:
    made = read_markdown(text, media=picture, language="en", page=True)
    return [(found.line, found.problem) for found in made.faults]


class TestBlocks:
    def test_every_top_level_block_has_its_number(self) -> None:
        text = "## One\n\nTwo\n\n- three\n- three\n\n> four\n\n```\nfive\n```\n\n$$\n6\n$$"
        text += "\n\n::: note\nseven\n\nseven\n:::\n\n| 8 |\n|---|\n| 8 |\n\n---\n\n![x](media/hive.svg)\n"
        made = read_markdown(text, media=picture, language="en", page=True)
        assert re.findall(r'data-b="(\d+)"', made.html) == [str(number) for number in range(1, 11)]
        assert re.findall(r'id="b-(\d+)"', made.html) == [str(number) for number in range(1, 11)]
        assert made.blocks == 10

    def test_a_question_has_no_ids_for_several_stand_on_one_screen(self) -> None:
        assert "id=" not in read_markdown("A\n\nB", media=picture, language="en", page=False).html

    def test_the_first_heading_level_is_left_to_the_page(self) -> None:
        assert page("# A\n\n## B") == '<h2 id="b-1" data-b="1">A</h2>\n<h3 id="b-2" data-b="2">B</h3>'
        assert "<h2" in page("## A")


class TestElements:
    def test_a_picture_alone_is_a_figure_with_its_size_and_caption(self) -> None:
        assert page('![A hive](media/hive.svg "Cut open")') == (
            '<figure id="b-1" data-b="1">'
            f'<img src="/media/{"a" * 64}" alt="A hive" width="320" height="180" loading="lazy">'
            "<figcaption>Cut open</figcaption></figure>"
        )

    def test_a_picture_in_a_sentence_stays_in_it(self) -> None:
        assert page("See ![a hive](media/hive.svg) here.").startswith('<p id="b-1" data-b="1">See <img')

    def test_a_decorative_picture_is_silent(self) -> None:
        assert 'alt=""' in page("![](media/hive.svg){.decorative}")
        assert faults("![](media/hive.svg){.decorative}") == []

    def test_callouts_say_their_kind_in_the_language_of_the_module(self) -> None:
        assert page("::: warning Bees\nThey sting.\n:::") == (
            '<aside role="note" class="note callout warning" id="b-1" data-b="1">'
            '<p class="callout-head"><strong>Warning:</strong> Bees</p>\n<p>They sting.</p>\n</aside>'
        )
        assert "<strong>تذكّر</strong>" in page("::: remember\nx\n:::", language="ar")

    def test_details_fold(self) -> None:
        assert "<details" in page("::: details Why?\nBecause.\n:::")
        assert "<summary>Why?</summary>" in page("::: details Why?\nBecause.\n:::")

    def test_a_callout_within_details(self) -> None:
        html = page(":::: details\n::: note\nx\n:::\n::::")
        assert html.index("<details") < html.index("<aside") < html.index("</aside>") < html.index("</details>")

    def test_links_that_leave_say_so(self) -> None:
        html = page("[bees](https://bees.example/?a=1&b=2)")
        assert 'href="https://bees.example/?a=1&amp;b=2" rel="noopener noreferrer" target="_blank"' in html
        assert '<span class="vh"> (opens in a new tab)</span>' in html
        assert "target" not in page("[write](mailto:bees@example.org)")

    def test_tables_scroll_within_reach_of_the_keyboard(self) -> None:
        html = page("| a | b |\n|--:|:-:|\n| 1 | 2 |")
        assert '<div class="scroll" tabindex="0" role="region" aria-label="Table"' in html
        assert '<th scope="col" class="end">a</th>' in html
        assert "style=" not in html

    def test_code_is_coloured_by_classes(self) -> None:
        assert '<span class="k">def</span>' in page("```python\ndef f(): pass\n```")
        assert "&lt;b&gt;" in page("```nonsense\n<b>\n```")

    def test_formulas_are_mathml(self) -> None:
        html = page(r"So $\frac{a}{b} < 1$.")
        assert "<mfrac><mrow><mi>a</mi></mrow><mrow><mi>b</mi></mrow></mfrac><mo>&lt;</mo>" in html
        assert '<math display="block">' in page("$$\nx^2\n$$")

    def test_prices_are_no_formulas(self) -> None:
        assert "<math" not in page("It costs $5 and then $6.")


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe src=//evil.example>",
    "<style>@import '//evil.example'</style>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "<javascript:alert(1)>",
    "![x](javascript:alert(1))",
    "![x](https://evil.example/pixel.png)",
    "![x](data:image/svg+xml;base64,PHN2Zz4=)",
    '![x](media/hive.svg){onerror="alert(1)"}',
    '![x](media/hive.svg){.decorative style="position:fixed" src=//evil.example}',
    '![x" onerror="alert(1)](media/hive.svg "y\\" onload=\\"alert(1)")',
    "[x][r]\n\n[r]: javascript:alert(1)",
    r"$\text{<img src=x onerror=alert(1)>}$",
    r"$\text{</math><script>alert(1)</script>}$",
    r"$$\text{<style><img src=x onerror=alert(1)>}$$",
    r"$\href{javascript:alert(1)}{x}$",
    r'$\color{red" onclick="alert(1)}{x}$',
    r"$\text{&lt;script&gt;alert(1)&lt;/script&gt;}$",
    "```html\n<script>alert(1)</script>\n```",
    '```"><script>alert(1)</script>\nx\n```',
    "::: note <script>alert(1)</script>\nx\n:::",
    '::: x"onclick="alert(1)\nx\n:::',
    "::: details <img src=x onerror=alert(1)>\nx\n:::",
    "| <script>alert(1)</script> |\n|---|\n| <img src=x onerror=alert(1)> |",
    '<a href="x" onclick="alert(1)">x</a>',
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "`<script>alert(1)</script>`",
    "\u202e<script>alert(1)</script>",
    "<scr\0ipt>alert(1)</scr\0ipt>",
]

PIECES = [
    *"<>/\"'`$[](){}!:#|&;\\\n -*_=",
    "script",
    "img src=x onerror=alert(1)",
    "svg onload=x",
    "math",
    "mtext",
    "style",
    "\\text{",
    "javascript:x",
    "media/hive.svg",
    "https://a.example",
    "$$",
    "::: note ",
    ":::\n",
    "```",
    "\n\n",
    "&lt;",
    "&#60;",
    "<!--",
    "<![CDATA[",
    "{.decorative}",
    "\0",
]

_TAGS = re.compile(r"<\s*/?\s*([a-z0-9]+)([^>]*)>", re.IGNORECASE)


def dangers(html: str) -> list[str]:
    """Elements and attributes in real markup that could run or fetch something."""
    found = []
    for tag, attributes in _TAGS.findall(html):
        bare = re.sub(r'="[^"]*"', "=", attributes)
        if tag.lower() in {"script", "style", "svg", "iframe", "object", "embed", "base", "link", "meta", "form"}:
            found.append(tag)
        found += [name for name in re.findall(r"([\w-]+)=", bare) if name.startswith("on") or name == "style"]
        addresses = re.findall(r'(?:href|src)="([^"]*)"', attributes)
        safe = re.compile(r"https?://|mailto:|/media/[0-9a-f]{64}")
        found += [address for address in addresses if not safe.match(address)]
        found += [address for address in re.findall(r'src="([^"]*)"', attributes) if not address.startswith("/media/")]
    return found


class TestSafety:
    @pytest.mark.parametrize("text", HOSTILE)
    def test_nothing_an_author_writes_can_run(self, text: str) -> None:
        assert dangers(page(text)) == []

    @given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
    @settings(max_examples=150, deadline=None)
    def test_nor_can_any_mixture(self, text: str) -> None:
        assert dangers(page(text)) == []

    @pytest.mark.parametrize(
        "html",
        [
            "<script>alert(1)</script>",
            '<p onclick="x">a</p>',
            '<img src="https://evil.example/x.png">',
            '<img src="//evil.example/x.png">',
            '<a href="javascript:x">a</a>',
            '<a href="/admin">a</a>',
            '<p style="position:fixed">a</p>',
            "<math><annotation-xml encoding='text/html'><script>x</script></annotation-xml></math>",
            "<svg><script>x</script></svg>",
            '<form action="https://evil.example"><input></form>',
            '<meta http-equiv="refresh" content="0;url=https://evil.example">',
        ],
    )
    def test_the_gate_holds_even_when_the_renderer_does_not(self, html: str) -> None:
        """A negative control of the renderer: what it never writes would not get through either."""
        assert dangers(sanitise(html)) == []

    def test_ids_and_roles_of_others_are_dropped(self) -> None:
        assert sanitise('<p id="login" class="x">a</p>') == '<p class="x">a</p>'
        assert sanitise('<div role="alert">a</div>') == "<div>a</div>"

    def test_a_text_within_a_formula_stays_a_text(self) -> None:
        """latex2mathml's own output would carry the element through."""
        assert "<mtext>&lt;b&gt;</mtext>" in mathml(r"\text{<b>}", block=False)
        assert "<mtext>&lt;b&gt;</mtext>" in mathml(r"\text{&lt;b&gt;}", block=False)

    def test_a_formula_cannot_define_and_loop(self) -> None:
        assert faults(r"$\newcommand{\a}{\a\a}\a$") == [(1, "a formula cannot define commands")]


class TestFaults:
    @pytest.mark.parametrize(
        ("text", "line", "problem"),
        [
            ("a\n\n# Big", 3, "first level"),
            ("a\nb\n![](media/hive.svg)", 3, "no description"),
            ("a\n\n![x](media/hiev.svg)", 3, "no picture media/hiev.svg"),
            ("![x](https://e.example/x.png)", 1, "not in the package"),
            ("a\n\n\n::: danger\nx\n:::", 4, "not a kind of callout"),
            ("a\n\n::: note\nx", 3, "never closed"),
            ("a $\\frac{$", 1, "formula cannot be read"),
            ("a\n\n$$\n\\left(1\n$$", 3, "formula cannot be read"),
            ("a\n[b](c.html)", 2, "leads nowhere"),
            ("a\n[b]()", 2, "leads nowhere"),
            ("a\n[b](javascript:x)", 2, "cannot be javascript:"),
            ("a\n[b](media/none.pdf)", 2, "no file media/none.pdf"),
            ("a\n\n<b>bold</b>", 3, "HTML (<b>)"),
            ("## a\n\n#### b", 3, "skips a level"),
            ("```klingon\nx\n```", 1, "klingon"),
        ],
    )
    def test_each_fault_has_its_line(self, text: str, line: int, problem: str) -> None:
        found = faults(text)
        assert len(found) == 1
        assert found[0][0] == line
        assert problem in found[0][1]

    def test_an_endless_text_is_refused_before_it_is_parsed(self) -> None:
        assert "longer than" in faults("x" * 200_001)[0][1]
