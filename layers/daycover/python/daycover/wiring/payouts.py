"""Money for claims: the transfer machine, the people it goes to, and the files that prove it arrived."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from daycover.wiring.adapters import Wiring, wired

if TYPE_CHECKING:
    from daycover.payouts.beneficiaries import AnswerForBeneficiaries, StateBeneficiaries
    from daycover.payouts.notice import ReceiveTransferNotice
    from daycover.payouts.pay import PayClaim
    from daycover.payouts.payee import StatePayee
    from daycover.payouts.prove_identity import ConfirmIdentity, ProveIdentity
    from daycover.payouts.reconcile import ReconcileMoney
    from daycover.payouts.request_identity import IdentityWait, RequestIdentity
    from daycover.payouts.transfer import Channel
    from daycover.wechat.credentials import MerchantCredentials
    from daycover.wiring.books import BooksWiring
    from daycover.wiring.claims import ClaimsWiring
    from daycover.wiring.reporting import ReportingWiring


class PayoutsWiring(Wiring):
    # ---- the transfer machine --------------------------------------------------------------------

    @cached_property
    def pay_claim(self) -> PayClaim:
        from daycover.books.payouts import BookPayout
        from daycover.payouts.pay import PayClaim

        return PayClaim(
            claims=self._adapters.claims,
            payouts=self._adapters.payouts,
            transfers=self._adapters.transfers,
            payees=self._adapters.workers,
            accounts=self._adapters.payee_accounts,
            identities=self._adapters.identities,
            heirs=self._adapters.beneficiaries,
            wallet_limit_fen=self._adapters.config.wallet_limit_fen,
            tokens=self._adapters.payout_tokens,
            waits=self._claims.waits,
            workflows=self._adapters.workflows,
            book=BookPayout(books=self._books.keep_books),
            now=self._adapters.now,
        )

    @cached_property
    def receive_transfer_notice(self) -> ReceiveTransferNotice:
        from daycover.payouts.notice import ReceiveTransferNotice
        from daycover.payouts.pay import ReceiveNotice
        from daycover.wechat.notices import open_transfer_notice

        merchant, now = self._adapters.merchant, self._adapters.now
        return ReceiveTransferNotice(
            read=lambda headers, raw_body: open_transfer_notice(headers, raw_body, merchant, now()),
            receive=ReceiveNotice(payouts=self._adapters.payouts, pay=self.pay_claim, now=now),
        )

    # ---- who is paid -----------------------------------------------------------------------------

    @cached_property
    def state_payee(self) -> StatePayee:
        from daycover.payouts.payee import StatePayee

        return StatePayee(
            claims=self._adapters.claims,
            reporters=self._adapters.workers,
            payees=self._adapters.workers,
            accounts=self._adapters.payee_accounts,
            index=self._adapters.index,
            pay_again=self.pay_claim.trigger,
        )

    @cached_property
    def state_beneficiaries(self) -> StateBeneficiaries:
        from daycover.payouts.beneficiaries import StateBeneficiaries

        return StateBeneficiaries(
            claims=self._adapters.claims,
            beneficiaries=self._adapters.beneficiaries,
            documents=self._adapters.documents,
            payouts=self._adapters.payouts,
            projects=self._adapters.projects,
            index=self._adapters.index,
            pay_again=self.pay_claim.trigger,
            now=self._adapters.now,
        )

    @cached_property
    def answer_for_beneficiaries(self) -> AnswerForBeneficiaries:
        from daycover.payouts.beneficiaries import AnswerForBeneficiaries

        return AnswerForBeneficiaries(
            claims=self._adapters.claims,
            beneficiaries=self._adapters.beneficiaries,
            take=self._claims.answer_claim.take,
        )

    # ---- who they are ----------------------------------------------------------------------------

    @property
    def merchant(self) -> MerchantCredentials:
        return self._adapters.merchant

    @cached_property
    def _identity_wait(self) -> IdentityWait:
        from daycover.payouts.request_identity import IdentityWait

        return IdentityWait(
            tokens=self._adapters.payout_tokens,
            workflows=self._adapters.workflows,
            pay_again=self.pay_claim.trigger_again,
        )

    @cached_property
    def request_identity(self) -> RequestIdentity:
        from daycover.payouts.request_identity import RequestIdentity

        return RequestIdentity(
            claims=self._adapters.claims,
            payouts=self._adapters.payouts,
            identities=self._adapters.identities,
            wait=self._identity_wait,
            now=self._adapters.now,
        )

    @cached_property
    def prove_identity(self) -> ProveIdentity:
        from daycover.payouts.prove_identity import ProveIdentity

        return ProveIdentity(
            claims=self._adapters.claims,
            identities=self._adapters.identities,
            workers=self._adapters.workers,
            projects=self._adapters.projects,
            work_card=lambda: self._adapters.work_card,
            wait=self._identity_wait,
            now=self._adapters.now,
        )

    @cached_property
    def confirm_identity(self) -> ConfirmIdentity:
        from daycover.payouts.prove_identity import ConfirmIdentity

        return ConfirmIdentity(
            claims=self._adapters.claims,
            identities=self._adapters.identities,
            wait=self._identity_wait,
            now=self._adapters.now,
        )

    # ---- money files -----------------------------------------------------------------------------

    @cached_property
    def reconcile_bank(self) -> ReconcileMoney:
        from daycover.payouts.transfer import Channel

        return self._reconcile_money(Channel.BANK)

    @cached_property
    def reconcile_wallet(self) -> ReconcileMoney:
        from daycover.payouts.transfer import Channel

        return self._reconcile_money(Channel.WALLET)

    def _reconcile_money(self, channel: Channel) -> ReconcileMoney:
        from daycover.payouts.reconcile import ReconcileMoney
        from daycover.reporting.money import KeepMoneyFaults

        return ReconcileMoney(
            channel=channel,
            files=lambda: self._adapters.money_files(channel),
            payouts=self._adapters.payouts,
            pay=self.pay_claim,
            noted=self._adapters.moved_money,
            keep_faults=KeepMoneyFaults(keep=self._reporting.keep_breaks),
        )

    @property
    def _books(self) -> BooksWiring:
        from daycover.wiring.books import BooksWiring

        return self._adapters.wired(BooksWiring)

    @property
    def _claims(self) -> ClaimsWiring:
        from daycover.wiring.claims import ClaimsWiring

        return self._adapters.wired(ClaimsWiring)

    @property
    def _reporting(self) -> ReportingWiring:
        from daycover.wiring.reporting import ReportingWiring

        return self._adapters.wired(ReportingWiring)


def payouts() -> PayoutsWiring:
    """Give what this container's functions of payouts can do."""
    return wired(PayoutsWiring)
