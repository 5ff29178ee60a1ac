"""The insurance terms: a reference where a policy names them, the text for whoever reads it."""

from daycover.cover.terms import InsuranceTerms, TermsClause, TermsReference
from daycover.platform.http import View


class TermsReferenceView(View):
    """`sha256` is that of the Chinese text, UTF-8; `link` is public and good for ever."""

    version: str
    name: str
    sha256: str
    filing_no: str
    link: str

    @classmethod
    def of(cls, found: TermsReference) -> "TermsReferenceView":
        facts = found._asdict()
        return cls(name=facts.pop("name_zh"), **facts)


class ClauseView(View):
    """`exempts`: it limits what is paid, and bears a mark in the text."""

    number: str
    zh: str
    en: str
    exempts: bool


class PartView(View):
    title_zh: str
    title_en: str
    clauses: list[ClauseView]


class TermsView(View):
    """`text` is the binding one, and what `sha256` is made of."""

    version: str
    name_zh: str
    name_en: str
    sha256: str
    filing_no: str
    text: str
    parts: list[PartView]

    @classmethod
    def of(cls, found: InsuranceTerms, filing_no: str) -> "TermsView":
        return cls(
            version=found.version,
            name_zh=found.name_zh,
            name_en=found.name_en,
            sha256=found.sha256,
            filing_no=filing_no,
            text=found.text_zh,
            parts=[
                PartView(
                    title_zh=part.title_zh,
                    title_en=part.title_en,
                    clauses=[_clause_view(clause) for clause in part.clauses],
                )
                for part in found.parts
            ],
        )


def _clause_view(clause: TermsClause) -> ClauseView:
    return ClauseView(number=clause.number, zh=clause.zh, en=clause.en, exempts=clause.exempts)


def terms_page(found: InsuranceTerms, filing_no: str) -> dict[str, str]:
    """The values of `terms.html`."""
    return {
        "name_zh": found.name_zh,
        "version": found.version,
        "filing_no": filing_no,
        "sha256": found.sha256,
        "text_zh": found.text_zh,
        "text_en": found.text_en,
    }
