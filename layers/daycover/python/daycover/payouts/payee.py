"""The bank account for a payout, stated by the worker: their own, and nobody else's (F18)."""

from collections.abc import Callable
from dataclasses import dataclass

from daycover.claims.access import Act, ClaimAccess
from daycover.claims.attention import Attention
from daycover.claims.claim import Claim, Claims
from daycover.claims.consents import ClaimConsentKind, require
from daycover.claims.lifecycle import ClaimStatus, ClaimStepClosedError
from daycover.claims.obligation import INSURED, ObligationState
from daycover.errors import DaycoverError, ErrorKind
from daycover.identity.name import same_person_name
from daycover.identity.worker import PersonIndex, Workers
from daycover.payouts.payout import PayeeAccounts
from daycover.payouts.transfer import BankAccount

STATED_IN = frozenset(ClaimStatus) - {
    ClaimStatus.PAYING,
    ClaimStatus.PAID,
    ClaimStatus.CLOSED,
    ClaimStatus.WITHDRAWN,
}
"""While a payment is under way its account stands: the same number must always name the same account."""
WAITING_FOR_ACCOUNT = frozenset({Attention.PAYEE_MISSING, Attention.BOUNCED, Attention.FAILED})
"""A wallet that failed may be followed by the bank."""


class PayeeNotInsuredError(DaycoverError):
    """The holder's name is not the insured's proved name.

    The account's holder is not the insured: the payout belongs to the worker (Insurance Law art. 39).

    What to do: State an account of your own.
    含义:户名与经核实的姓名不一致(赔款归被保险人本人)。
    处理:填写本人名下的账户。
    """

    kind = ErrorKind.INVALID
    title = "收款账户不是被保险人本人的账户", "The account is not the insured's own"
    detail = (
        "赔款只付给被保险人本人,户名须与实名一致。",
        "A payout goes to the insured alone: the holder's name must be the proved one.",
    )


class PayeeAccountTakenError(DaycoverError):
    """The account is registered for another insured.

    What to do: Use another account, or call the hotline.
    含义:这个账户已登记在另一位被保险人名下。
    处理:使用本人的其他账户,或致电理赔热线。
    """

    kind = ErrorKind.CONFLICT
    title = "该账户已用于他人的赔案", "The account stands for another person's claim"
    detail = (
        "请使用本人名下的其他账户;如有疑问,请致电理赔热线。",
        "Use another account of your own, or call the claims hotline.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StatePayee:
    claims: Claims
    access: ClaimAccess
    payees: Workers
    accounts: PayeeAccounts
    index: PersonIndex
    pay_again: Callable[[str, int | None], object]

    def __call__(self, worker_id: str, claim_no: str, account: BankAccount) -> BankAccount:
        """Keep the account, and go on paying where the claim waited for it. Repeatable.

        An agent or a guardian states an account of the insured, no other. Raises ClaimNotFoundError,
        NotForRepresentativeError, ClaimStepClosedError, PayeeNotInsuredError, PayeeAccountTakenError,
        ClaimConsentMissingError.
        """
        claim = self.claims.get(claim_no)
        self.access(worker_id, claim, Act.STATE_ACCOUNT)
        if claim.status not in STATED_IN or claim.money_under_way:
            raise ClaimStepClosedError(claim_status=claim.status.value)
        require(claim.consents, ClaimConsentKind.BANK_ACCOUNT)
        insured = self.payees.get(claim.policy.worker_id).name
        if insured is None or not same_person_name(insured, account.holder):
            raise PayeeNotInsuredError
        self.accounts.state(claim, account, self.index.account_id(account.account_no))
        for obligation in wanting_account(claim):
            self.pay_again(claim_no, obligation)
        return account


def wanting_account(claim: Claim) -> list[int | None]:
    """Give the obligations to the insured whose payment waits for a bank account; None for a decided amount that
    was not sent yet."""
    waits = [
        o.number
        for known in claim.rounds
        for o in known.obligations
        if o.payee == INSURED
        and o.state is ObligationState.OWED
        and o.attention in WAITING_FOR_ACCOUNT
        and (o.advance is not None or claim.status is ClaimStatus.AGREED)
    ]
    unsent = claim.status is ClaimStatus.AGREED and claim.attention in WAITING_FOR_ACCOUNT
    return [None, *waits] if unsent else list(waits)
