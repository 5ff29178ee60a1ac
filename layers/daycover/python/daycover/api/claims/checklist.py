"""Which documents a claim needs, and what became of each."""

from daycover.claims.documents import ClaimType, DocumentStatus, DocumentType, Need, checklist
from daycover.platform.http import View


class ChecklistLine(View):
    doc_type: DocumentType
    name: str
    need: Need
    condition: str | None
    condition_en: str | None
    status: DocumentStatus


def checklist_lines(
    claim_types: tuple[ClaimType, ...], found: dict[DocumentType, DocumentStatus]
) -> list[ChecklistLine]:
    return [
        ChecklistLine(
            doc_type=requirement.doc_type,
            name=requirement.name_zh,
            need=requirement.need,
            condition=requirement.condition_zh,
            condition_en=requirement.condition_en,
            status=_shown_status(requirement.need, found.get(requirement.doc_type)),
        )
        for requirement in checklist(claim_types)
    ]


def _shown_status(need: Need, found: DocumentStatus | None) -> DocumentStatus:
    if need is Need.AUTOMATIC:
        return DocumentStatus.ACCEPTED
    return found or DocumentStatus.REQUIRED
