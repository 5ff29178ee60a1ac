"""Who may do what on a claim: the insured, and each kind of representative once staff have accepted them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from daycover.claims.claim import Actor, ActorKind, Claim, ClaimNotFoundError
from daycover.claims.documents import DocumentType
from daycover.claims.representative import (
    PROOFS,
    Representative,
    RepresentativeKind,
    RepresentativeStatus,
)
from daycover.errors import DaycoverError, ErrorKind
from daycover.identity.worker import Workers


class NotForRepresentativeError(DaycoverError):
    """Whom you represent, or nobody, may do this; you may not.

    What to do: The insured, the guardian or, after a death, the confirmed beneficiaries do it themselves.
    含义:此操作须由被保险人、监护人本人办理;身故赔案的金额由已确认的受益人作答。
    处理:由其本人办理,或致电理赔热线。
    """

    kind = ErrorKind.CONFLICT
    title = "您不能代为办理此事项", "A representative of your kind may not do this"
    detail = (
        "请由被保险人、监护人或已确认的受益人本人办理,或致电理赔热线。",
        "The insured, the guardian or a confirmed beneficiary does this; or call the claims hotline.",
    )


class Act(StrEnum):
    """What is done on a claim from outside the insurer."""

    SEE = "SEE"
    PROVE = "PROVE"
    """Send the proof of one's own power, and nothing else."""
    FILE = "FILE"
    CLAIM_MORE = "CLAIM_MORE"
    ANSWER = "ANSWER"
    WITHDRAW = "WITHDRAW"
    COMPLAIN = "COMPLAIN"
    STATE_ACCOUNT = "STATE_ACCOUNT"
    REVOKE_AGENT = "REVOKE_AGENT"


_ALIVE = frozenset(
    {Act.SEE, Act.PROVE, Act.FILE, Act.CLAIM_MORE, Act.ANSWER, Act.COMPLAIN, Act.STATE_ACCOUNT}
)
MAY: Mapping[RepresentativeKind, frozenset[Act]] = MappingProxyType(
    {
        RepresentativeKind.GUARDIAN: _ALIVE | {Act.WITHDRAW},
        RepresentativeKind.AGENT: _ALIVE,
        RepresentativeKind.HEIR: frozenset(
            {Act.SEE, Act.PROVE, Act.FILE, Act.CLAIM_MORE, Act.ANSWER, Act.COMPLAIN}
        ),
    }
)
"""Of the accepted. Nobody gives a dead person's claim up, and no account but the beneficiaries' own is paid."""
INSURED_MAY = frozenset(Act)


def insured_has_died(claim: Claim) -> bool:
    """Whether the claim is that of a dead person: it claims a death benefit, or staff accepted an heir."""
    heirs = (r.kind is RepresentativeKind.HEIR and r.is_accepted for r in claim.representatives)
    return claim.goes_to_beneficiaries or any(heirs)


def may_still(claim: Claim, representative: Representative) -> bool:
    """Whether an accepted representative's power goes on. An agent's and a guardian's end with the death
    (民法典 art. 39, 173)."""
    has_died = insured_has_died(claim)
    is_heir = representative.kind is RepresentativeKind.HEIR
    return representative.is_accepted and is_heir == has_died


@dataclass(frozen=True, slots=True)
class Standing:
    """Who somebody is on a claim: the insured (`representative` None), or one who represents them."""

    actor: Actor
    representative: Representative | None

    @property
    def is_asking(self) -> bool:
        """Whether staff have not judged the representative yet."""
        return self.representative is not None and not self.representative.is_accepted

    def require_filing(self, doc_type: DocumentType) -> None:
        """Raise ClaimNotFoundError, as for a stranger, where this kind of document is not theirs to send."""
        if self.representative is None:
            return
        allowed = PROOFS if self.is_asking else frozenset(DocumentType)
        if doc_type not in allowed or not (self.is_asking or Act.FILE in MAY[self.representative.kind]):
            raise ClaimNotFoundError

    @property
    def is_heir(self) -> bool:
        return self.representative is not None and self.representative.kind is RepresentativeKind.HEIR


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimAccess:
    """The one place that says so. Whoever has nothing to do with a claim is told that there is none."""

    workers: Workers

    def __call__(self, worker_id: str, claim: Claim, act: Act) -> Standing:
        """Give who acts. Raises ClaimNotFoundError, NotForRepresentativeError."""
        if claim.belongs_to(self.workers.get(worker_id).person_id):
            if act is Act.ANSWER and claim.goes_to_beneficiaries:
                raise NotForRepresentativeError  # the money is not theirs: somebody holds a dead person's phone
            return Standing(Actor.worker(worker_id), None)
        found = claim.represented_by(worker_id)
        if found is None:
            raise ClaimNotFoundError
        actor = Actor(kind=ActorKind.REPRESENTATIVE, id=worker_id)
        if may_still(claim, found):
            if act not in MAY[found.kind]:
                raise NotForRepresentativeError
            return Standing(actor, found)
        if act is Act.PROVE and found.status is RepresentativeStatus.REQUESTED:
            return Standing(actor, found)
        raise ClaimNotFoundError

    def participant(self, by: Actor, claim: Claim) -> Standing:
        """Give who has to do with the claim's papers: staff for anybody, or an account that may send at least its own
        proof. Raises ClaimNotFoundError."""
        return Standing(by, None) if by.kind is ActorKind.STAFF else self(by.id, claim, Act.PROVE)
