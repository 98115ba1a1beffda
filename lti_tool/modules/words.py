"""The few words that the tool itself puts between an author's, in the module's language.

English is the reviewed one; the others are drafts that wait for a native reader.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """What a rendered page may need: the callouts' first words, a table's name, the hint at a link that leaves."""

    note: str
    example: str
    warning: str
    remember: str
    details: str
    table: str
    new_tab: str

    def callout(self, kind: str) -> str:
        """The first word of a callout of this kind."""
        return {"note": self.note, "example": self.example, "warning": self.warning}.get(kind, self.remember)


_ENGLISH = Words("Note", "Example", "Warning", "Remember", "More", "Table", "opens in a new tab")
_WORDS = {
    "en": _ENGLISH,
    "ar": Words("ملاحظة", "مثال", "تحذير", "تذكّر", "المزيد", "جدول", "يُفتح في علامة تبويب جديدة"),
    "de": Words("Hinweis", "Beispiel", "Warnung", "Merke", "Mehr", "Tabelle", "öffnet sich in einem neuen Tab"),
    "es": Words("Nota", "Ejemplo", "Advertencia", "Recuerda", "Más", "Tabla", "se abre en una pestaña nueva"),
    "fr": Words("Note", "Exemple", "Attention", "À retenir", "Plus", "Tableau", "s’ouvre dans un nouvel onglet"),
    "pt": Words("Nota", "Exemplo", "Aviso", "Lembre-se", "Mais", "Tabela", "abre em uma nova aba"),
    "zh": Words("说明", "示例", "警告", "请记住", "更多", "表格", "在新标签页中打开"),
}


def words_for(language: str) -> Words:
    """The words for a BCP 47 tag, in English where they have not been translated."""
    return _WORDS.get(language.lower().split("-")[0], _ENGLISH)
