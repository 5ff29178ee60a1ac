"""The representative (代理人、近亲属): somebody with an account of their own, bound to one claim by a document.

The insured may be unable to act, or dead: then a guardian, an heir or somebody with a power of attorney files,
follows and answers. What each may do stands in `claims/access.py`.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from pydantic import BaseModel, Field

from daycover.claims.documents import DocumentType
from daycover.errors import DaycoverError, ErrorKind
from daycover.identity.document import IdDocumentType, indexed

MOST = 20
"""Requests of one claim, refused ones included: a family is smaller, and each request costs a person's time."""
MOST_OF_ACCOUNT = 3
"""Requests of one account on one claim."""


class RepresentativeNotFoundError(DaycoverError):
    """The claim has no representative of this number.

    What to do: Read the claim again.
    含义:该赔案没有这个编号的代理人。
    处理:重新读取赔案。
    """

    kind = ErrorKind.NOT_FOUND
    title = "没有找到该代理人", "No such representative"


class RepresentationInvalidError(DaycoverError):
    """Who asks can't represent the insured on this claim (`fault`).

    `INSURED`: it is the insured's own account or document. `NO_DEATH_CLAIMED`: an heir acts on a claim whose
    insured has died. `INSURED_HAS_DIED`: an agent's power ended with the death. `TOO_MANY`: the claim, or the
    account, has had as many requests as it may.

    What to do: Ask as what you are, or call the hotline.
    含义:申请人不能在该赔案中以此身份代理(fault)。
    处理:按实际身份申请,或致电理赔热线。
    """

    kind = ErrorKind.CONFLICT
    title = "不能以此身份代理", "The claim can't be represented like that"
    detail = (
        "原因 {fault}。请按实际身份申请,或致电理赔热线。",
        "Fault {fault}. Ask as what you are, or call the claims hotline.",
    )


class RepresentationStandsError(DaycoverError):
    """This account has a request on the claim that waits, or was accepted, with other particulars.

    What to do: Take it back first, then ask anew.
    含义:该账号在该赔案已有待审核或已认可的申请,内容与本次不同。
    处理:先撤回原申请,再重新申请。
    """

    kind = ErrorKind.CONFLICT
    title = "您已有一项代理申请", "Your earlier request stands"
    detail = "如需更改,请先撤回原申请。", "To change it, take the earlier request back first."


class RepresentationClosedError(DaycoverError):
    """The request has left the status in which this is done (`status`).

    What to do: Read the claim again.
    含义:该代理申请的状态不允许此操作(status)。
    处理:重新读取赔案。
    """

    kind = ErrorKind.CONFLICT
    title = "该代理申请已处理", "The request has been dealt with"
    detail = "当前状态为 {status}。", "It is {status} now."


class ProofOfRepresentationError(DaycoverError):
    """No received document of the claim proves what the representative says to be (`wanted`).

    What to do: Name a document of a wanted kind that arrived and was not rejected.
    含义:没有已收到且未被退回的相应证明材料(wanted)。
    处理:指定相应种类的材料。
    """

    kind = ErrorKind.CONFLICT
    title = "缺少代理身份的证明材料", "The representation is not proved"
    detail = "需要的材料:{wanted}。", "Wanted is a document of: {wanted}."


class ProofFiledBySamePersonError(DaycoverError):
    """Who filed the proof for the family does not accept it as well.

    What to do: Have another person accept.
    含义:代为提交证明材料的人员不能自行认可。
    处理:由另一人审核。
    """

    kind = ErrorKind.CONFLICT
    title = "提交人不能自行认可", "The same person may not file the proof and accept it"
    detail = "请由另一位有权限的人员审核。", "Another person with the duty must accept."


class RepresentativeKind(StrEnum):
    """On what the power rests."""

    HEIR = "HEIR"  # 继承人、受益人
    GUARDIAN = "GUARDIAN"  # 监护人
    AGENT = "AGENT"  # 受托人


class RepresentativeStatus(StrEnum):
    REQUESTED = "REQUESTED"
    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"
    REVOKED = "REVOKED"


STANDING = frozenset({RepresentativeStatus.REQUESTED, RepresentativeStatus.ACCEPTED})
PROVED_BY: Mapping[RepresentativeKind, frozenset[DocumentType]] = MappingProxyType(
    {
        RepresentativeKind.HEIR: frozenset({DocumentType.RELATION_PROOF}),
        RepresentativeKind.GUARDIAN: frozenset({DocumentType.RELATION_PROOF}),
        RepresentativeKind.AGENT: frozenset({DocumentType.POWER_OF_ATTORNEY}),
    }
)
"""A guardian is one by relation or by a court's or a village committee's paper, which is a proof of relation too
(民法典 art. 28, 31)."""
PROOFS = frozenset({DocumentType.RELATION_PROOF, DocumentType.POWER_OF_ATTORNEY, DocumentType.APPLICANT_ID})
"""All that somebody may send who is not accepted yet."""


class Particulars(BaseModel, frozen=True, defer_build=True, hide_input_in_errors=True):
    """What somebody says of themselves when they ask. The numbers are in their normal form."""

    kind: RepresentativeKind
    name: str = Field(repr=False)
    document_type: IdDocumentType
    document_number: str = Field(repr=False)
    relation: str
    phone: str = Field(repr=False)

    @property
    def identity(self) -> str:
        """One form of the document, by which a beneficiary is known to be the same person."""
        return indexed(self.document_type, self.document_number)

    @property
    def masked_number(self) -> str:
        return "*" * (len(self.document_number) - 4) + self.document_number[-4:]

    @property
    def masked_phone(self) -> str:
        return "*" * (len(self.phone) - 4) + self.phone[-4:]


class Representative(BaseModel, frozen=True, defer_build=True, hide_input_in_errors=True):
    """One request of one account, and what became of it. Sealed at rest with the claim."""

    number: int
    worker_id: str
    """The WeChat account that asks; it need not be of anybody who was ever insured."""
    said: Particulars
    status: RepresentativeStatus = RepresentativeStatus.REQUESTED
    requested_at: datetime
    document_id: str | None = None
    """What staff accepted as the proof."""
    for_all_heirs: bool = False
    """The other heirs have authorised this one in writing: the answer binds all."""
    judged_by: str | None = None
    judged_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def kind(self) -> RepresentativeKind:
        return self.said.kind

    @property
    def stands(self) -> bool:
        return self.status in STANDING

    @property
    def is_accepted(self) -> bool:
        return self.status is RepresentativeStatus.ACCEPTED
