"""Which face sets which script: file, family, and the SHA-256 of every edition that has been tried.

The files are those of Debian's packages fonts-noto-core and fonts-noto-cjk (SIL Open Font License 1.1). A file with
another hash is not used: another edition may draw a conjunct or a stacked accent wrongly, and nobody would have
looked.
"""

from dataclasses import dataclass

PACKAGES = ("fonts-noto-core", "fonts-noto-cjk")


@dataclass(frozen=True)
class FaceSpec:
    """One face: its family as typst names it, its file, the hashes accepted, and its place in a collection."""

    family: str
    file: str
    sha256: frozenset[str]
    index: int = 0


@dataclass(frozen=True)
class Script:
    """A script by its ISO 15924 code: its face, its direction, and the language a reader aloud should assume.

    Ligatures (OpenType `liga`) are off for scripts read from the right. In Noto Naskh Arabic they are the four forms of
    the word Allah alone, and poppler (pdftotext, Evince, many a system that reads applications) gives the letters of
    such a glyph back in reverse: Abdullah would be copied misspelt. Joining and lam-alef are other features, and stay.
    """

    code: str
    face: FaceSpec
    rtl: bool = False
    language: str = ""

    @property
    def ligatures(self) -> bool:
        """Whether `liga` is applied."""
        return not self.rtl


def _face(family: str, file: str, *sha256: str, index: int = 0) -> FaceSpec:
    return FaceSpec(family, file, frozenset(sha256), index)


# The faces of the certificate's own words. The first also sets names in Latin, Greek and Cyrillic letters.
SERIF = _face("Noto Serif", "NotoSerif-Regular.ttf", "9d7583b7dc9e812afd32a14280c5cac3160012efe50c8d08938f4fea266ff67f")
SERIF_BOLD = _face(
    "Noto Serif", "NotoSerif-Bold.ttf", "0af0ff2be8f84910fb21ec5fe1b6b7395e3073250502a334baf6ca2f860c88fe"
)
SERIF_ITALIC = _face(
    "Noto Serif", "NotoSerif-Italic.ttf", "bc25600aa27cd409e1e5b3d86340df3a329bb860fcfbe57a03a95070b229e1b0"
)
SANS = _face("Noto Sans", "NotoSans-Regular.ttf", "89c3c497f618fdaa0b2d1e98fef93582f28c71debd2c4a8cdf41f190ced2909d")
SANS_BOLD = _face("Noto Sans", "NotoSans-Bold.ttf", "e83493c945848ecd4a9ad0f6d19164541a0d3e23a9c952304a00a46e00272ac5")

_CJK = ("NotoSerifCJK-Regular.ttc", "a04178ec485dffdff7cc0c0c20e1fce9202d7e2160d805e8e44a4c8841c58481")
HAN = _face("Noto Serif CJK SC", *_CJK, index=2)
JAPANESE = _face("Noto Serif CJK JP", *_CJK, index=0)
KOREAN = _face("Noto Serif CJK KR", *_CJK, index=1)

# Script, direction, language (- where a script says nothing of it), family, hash. The file is the family's Regular.
_TABLE = """
Arab rtl ar   Noto Naskh Arabic               8c67eaa2f0086872628fc3f7f760386f83c8be5c5e9a1ba3a38891237b2ac7cb
Hebr rtl he   Noto Serif Hebrew               789b7e7e3ff4d95a5e105872a385db12c50c08b60ad5b773d25a3bec86621abf
Armn ltr hy   Noto Serif Armenian             9b6f1837a89ede5f9404bb5975539dbac8eff23e262fc3e459cba029f30292f4
Geor ltr ka   Noto Serif Georgian             4489ca2f28b4a79b16bc8ba6a857a8cd14857e04a14b8fa1031b7b84a00fe537
Ethi ltr am   Noto Serif Ethiopic             30bd9e21c81cd95a3004bbf75aba9b2ab5f861408a3fbb4f82b10fe82072952b
Deva ltr hi   Noto Serif Devanagari           662c3cd6e17dd0561f53fe28ce6c32d7d64e650119f4bb0428fc50206bbc46fe
Beng ltr bn   Noto Serif Bengali              32b4aeb731e3819d7a31216c885208a96e402ceeebb30fc39723b99220708fef
Guru ltr pa   Noto Serif Gurmukhi             7f7310c46abbe834227000c7bf854fbe1b31d470fb43c26aac22ec90a924c181
Gujr ltr gu   Noto Serif Gujarati             fcd8029bb13fb27a410977bd10472bfa3cd195c9a35e5145916ab59bac5ed9da
Orya ltr or   Noto Sans Oriya                 20751837a8cac9d0e610ffdf91c43d3391e2b267ca2cad07f6e3866798436369
Taml ltr ta   Noto Serif Tamil                f9c887e6c0b61f474b1916fdadd64d495321208efc0ecd1335e6526ca3d05488
Telu ltr te   Noto Serif Telugu               c5ac5a077a35eb18288fad9be81f55dec392d0ddb134a366a0d3a9b615c3df3a
Knda ltr kn   Noto Serif Kannada              ced7b7899a1c20cc17ec4e6bc9209c911ccf4f469ee5fd6bc4cb4bf0335bd88e
Mlym ltr ml   Noto Serif Malayalam            644e763e02252bc8674865aa78defdfdecbdbde71c9b408ff643f76337201dde
Sinh ltr si   Noto Serif Sinhala              c124f62c75ab6829e49ff46fb56ceda7ee18f99b8f90740fab5e27b605eeb193
Thai ltr th   Noto Serif Thai                 8e1bcaa4fef346b247092cf4327c4744eda2fa72afed96e2145dc30a3b04fdd1
Laoo ltr lo   Noto Serif Lao                  18cecc9fc9ef0fe10f12cff8ddba88317d8b45fb1dfa2aa935d225184ad3893c
Khmr ltr km   Noto Serif Khmer                98a2e27f6bc1d6ed58e6c9d32d84b84aa9dae4cdf727f3b3f36d03f3c06ff123
Mymr ltr my   Noto Serif Myanmar              f88d1da5a75a8e09ff0b073fe3c861d095a72e94fea3235f09f80e6c5b2c9933
Tibt ltr bo   Noto Serif Tibetan              5893c1e0aefb250bcbeff5c0f8ee4bb27cd3dc19b47d14954b154b094e10ee63
Syrc rtl syr  Noto Sans Syriac                49917b4472e91dfb37291ef4f4821957f4225edaddb6100b1d8736df3910b237
Thaa rtl dv   Noto Sans Thaana                241b4be4717d495a72cf7eb8e69891e63a6eb1cc18d98fa357f5af7f58c02446
Nkoo rtl nqo  Noto Sans NKo                   389f4082894bf1833dc5f140a282496114366b410779fbb16b3486f4660e9313
Adlm rtl ff   Noto Sans Adlam                 7360a8023487bff116bfde73a070da0f734f837f3056c81b20791b1f2839b7d3
Cher ltr chr  Noto Sans Cherokee              bda37783ba22f62d71a647f5ddce6f8e4b4d6959eba3afd5a7eccbcaaa85f72c
Cans ltr -    Noto Sans Canadian Aboriginal   66b4f453f27d176045bab8e168397ec46322d74306931c807f500eb41c984157
Tfng ltr zgh  Noto Sans Tifinagh              176233c9dd5649184f3206680debc1a50b411a9229049e0b5d212776af1e2034
Java ltr jv   Noto Sans Javanese              faff63a3ea4c5a882508d85935f02e4f80e923551d4716e27706dd3c6cb07d67
Olck ltr sat  Noto Sans Ol Chiki              3dc960a2d687b0e4fe03e5c2eb88be2a3d244c4509029277ca2be248787d33b3
Mtei ltr mni  Noto Sans Meetei Mayek          1e6633879d76284a1fb2e361205341a788313afdd6b1dfb8b7bbe77e27164393
"""


def _read(line: str) -> Script:
    code, direction, language, rest = line.split(maxsplit=3)
    family, sha256 = rest.rsplit(maxsplit=1)
    face = _face(family, family.replace(" ", "") + "-Regular.ttf", sha256)
    return Script(code, face, direction == "rtl", language.strip("-"))


_SCRIPTS = (
    Script("Latn", SERIF),
    Script("Grek", SERIF, language="el"),
    Script("Cyrl", SERIF),
    *(_read(line) for line in _TABLE.split("\n") if line),
    Script("Hani", HAN, language="zh"),
    Script("Bopo", HAN, language="zh"),
    Script("Hira", JAPANESE, language="ja"),
    Script("Kana", JAPANESE, language="ja"),
    Script("Hang", KOREAN, language="ko"),
)
SCRIPTS = {script.code: script for script in _SCRIPTS}
# Han letters beside kana or hangul are drawn as Japan or Korea draws them.
SCRIPTS["HaniKana"] = Script("Hani", JAPANESE, language="ja")
SCRIPTS["HaniHang"] = Script("Hani", KOREAN, language="ko")
OWN_FACES = (SERIF, SERIF_BOLD, SERIF_ITALIC, SANS, SANS_BOLD)
ALL_FACES = tuple(dict.fromkeys((*OWN_FACES, *(script.face for script in _SCRIPTS))))
