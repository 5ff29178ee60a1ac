"""Where the money of a payout goes: the insured's wallet or account, or a beneficiary's account."""

from dataclasses import dataclass
from typing import NamedTuple

from daycover.claims.obligation import INSURED
from daycover.identity.worker import Workers
from daycover.payouts.beneficiaries import BeneficiaryStore
from daycover.payouts.beneficiary import by_id
from daycover.payouts.payout import PayeeAccounts, PayeeUnknownError, Payout
from daycover.payouts.transfer import BankAccount, Channel


class Addressee(NamedTuple):
    """`account` is set for a bank transfer alone."""

    openid: str
    name: str
    account: BankAccount | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressees:
    workers: Workers
    accounts: PayeeAccounts
    heirs: BeneficiaryStore

    def of(self, payout: Payout) -> Addressee:
        """Raises PayeeUnknownError."""
        if payout.payee != INSURED:
            # reserved, so confirmed: a correction of another's account meanwhile leaves this one as it is
            heir = by_id(self.heirs.find(payout.claim_no).people).get(payout.payee)
            if heir is None:
                raise PayeeUnknownError
            return Addressee("", heir.account.holder, heir.account)
        insured = self.workers.get(payout.worker_id)
        account = self.accounts.find(payout.claim_no) if payout.channel is Channel.BANK else None
        if insured.name is None or (payout.channel is Channel.BANK and account is None):
            raise PayeeUnknownError
        return Addressee(insured.openid, insured.name, account)

    def is_known(self, claim_no: str, payee: str, channel: Channel) -> bool:
        """Whether money could go to this payee now: a beneficiary is confirmed, the insured's account stated."""
        if payee != INSURED:
            return payee in self.heirs.find(claim_no).payees()
        return channel is Channel.WALLET or self.has_account(claim_no)

    def has_account(self, claim_no: str) -> bool:
        """Whether the insured has stated a bank account for this claim."""
        return self.accounts.find(claim_no) is not None
