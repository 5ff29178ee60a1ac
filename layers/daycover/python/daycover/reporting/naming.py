"""Insured by name (记名投保): who a policy covers, sealed so that only the insurer can read it.

Only the function that reports reads the identity, and it leaves that function sealed: what is queued, stored, filed
or sent again holds the sealed form. Without a consent to share with the insurer (PIPL art. 23) nothing is named, and
the insurer's rejection of the unnamed row puts the policy before a person.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from daycover.cover.check_in import CheckIns
from daycover.identity.consent import Consent, ConsentKind
from daycover.identity.worker import Identity
from daycover.reporting.rows import CoverFacts, ReportRow

Seal = Callable[[str, str], str]
"""Encrypts a text for the insurer's key; the result opens only as belonging to the second (`bound_to`)."""


class _Of(NamedTuple):
    worker_id: str
    project_id: str
    plan_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NameInsured:
    """Gives rows with their insured in them."""

    insureds: CheckIns
    seal: Callable[[], Seal]

    def __call__(self, rows: Sequence[ReportRow]) -> list[ReportRow]:
        """Raises as `CheckIns.context`; nothing of an identity is kept after the call."""
        known: dict[_Of, str | None] = {}
        return [row if row.cover is None else self._named(row, row.cover, known) for row in rows]

    def _named(self, row: ReportRow, cover: CoverFacts, known: dict[_Of, str | None]) -> ReportRow:
        if cover.worker_id is None:
            return row  # named before
        of = _Of(cover.worker_id, cover.project_id, f"{cover.plan_id}@{cover.plan_version}")
        if of not in known:
            known[of] = self._identity(of)
        plain = known[of]
        sealed = None if plain is None else self.seal()(plain, row.row_id)
        return row.model_copy(
            update={"cover": cover.model_copy(update={"insured": sealed, "worker_id": None})}
        )

    def _identity(self, of: _Of) -> str | None:
        found = self.insureds.context(*of)
        worker, consent = found.worker, _sharing(found.consents)
        if worker.identity is None or consent is None:
            return None
        return identity_of(worker.identity, consent)


def identity_of(identity: Identity, consent: Consent) -> str:
    """Give what the insurer reads: name, document, birth date, and the consent that allows it to."""
    return json.dumps(
        {
            "name": identity.name,
            "document_type": identity.document_type.value,
            "document_no": identity.id_number,
            "birth_date": identity.birth_date.isoformat(),
            "consent": {
                "kind": consent.kind.value,
                "version": consent.version,
                "sha256": consent.sha256,
                "accepted_at": consent.accepted_at.isoformat(),
            },
        },
        ensure_ascii=False,
    )


def _sharing(consents: Sequence[Consent]) -> Consent | None:
    return next((each for each in consents if each.kind is ConsentKind.SHARE_WITH_INSURER), None)
