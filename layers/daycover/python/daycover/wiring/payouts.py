"""Money for claims: the transfer machine, the people it goes to, and the files that prove it arrived."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from daycover.wiring.adapters import Wiring, wired

if TYPE_CHECKING:
    from daycover.payouts.beneficiaries import AnswerForBeneficiaries, HeirsOf, SharesOf, StateBeneficiaries
    from daycover.payouts.designation import CountDesignated, Designate
    from daycover.payouts.ended import FlagClaims
    from daycover.payouts.notice import ReceiveTransferNotice
    from daycover.payouts.obligations import ClaimObligations
    from daycover.payouts.pay import PayObligation
    from daycover.payouts.payee import StatePayee
    from daycover.payouts.prove_identity import ConfirmIdentity, ProveIdentity
    from daycover.payouts.reconcile import ReconcileMoney
    from daycover.payouts.request_identity import IdentityWait, RequestIdentity
    from daycover.payouts.transfer import Channel
    from daycover.payouts.trigger import TriggerPayout
    from daycover.wechat.credentials import MerchantCredentials
    from daycover.wiring.claims import ClaimsWiring
    from daycover.wiring.cover import CoverWiring
    from daycover.wiring.reporting import ReportingWiring


class PayoutsWiring(Wiring):
    # ---- the transfer machine --------------------------------------------------------------------

    @cached_property
    def pay_obligation(self) -> PayObligation:
        from daycover.payouts.addressee import Addressees
        from daycover.payouts.pay import PayObligation

        addressees = Addressees(
            workers=self._adapters.workers,
            accounts=self._adapters.payee_accounts,
            heirs=self._adapters.beneficiaries,
        )
        return PayObligation(
            obligations=self.obligations,
            payouts=self._adapters.payouts,
            transfers=self._adapters.transfers,
            addressees=addressees,
            identities=self._adapters.identities,
            wallet_limit_fen=self._adapters.config.wallet_limit_fen,
            tokens=self._adapters.payout_tokens,
            workflows=self._adapters.workflows,
            now=self._adapters.now,
        )

    @cached_property
    def obligations(self) -> ClaimObligations:
        from daycover.payouts.obligations import ClaimObligations

        return ClaimObligations(
            claims=self._adapters.claims,
            payouts=self._adapters.payouts,
            exposures=self._adapters.exposures,
            policy_of=self._claims.policy_of,
            shares=self.shares_of,
            waits=self._claims.waits,
            workflows=self._adapters.workflows,
            now=self._adapters.now,
        )

    @cached_property
    def shares_of(self) -> SharesOf:
        from daycover.payouts.beneficiaries import SharesOf

        return SharesOf(beneficiaries=self._adapters.beneficiaries)

    @cached_property
    def heirs_of(self) -> HeirsOf:
        from daycover.payouts.beneficiaries import HeirsOf

        return HeirsOf(beneficiaries=self._adapters.beneficiaries)

    @cached_property
    def trigger_payout(self) -> TriggerPayout:
        from daycover.payouts.trigger import TriggerPayout

        return TriggerPayout(
            claims=self._adapters.claims,
            payouts=self._adapters.payouts,
            obligations=self.obligations,
            workflows=self._adapters.workflows,
        )

    @cached_property
    def receive_transfer_notice(self) -> ReceiveTransferNotice:
        from daycover.payouts.notice import ReceiveTransferNotice
        from daycover.payouts.pay import ReceiveNotice
        from daycover.wechat.notices import open_transfer_notice

        merchant, now = self._adapters.merchant, self._adapters.now
        return ReceiveTransferNotice(
            read=lambda headers, raw_body: open_transfer_notice(headers, raw_body, merchant, now()),
            receive=ReceiveNotice(payouts=self._adapters.payouts, pay=self.pay_obligation, now=now),
        )

    @cached_property
    def flag_claims(self) -> FlagClaims:
        from daycover.payouts.ended import FlagClaims

        return FlagClaims(
            policies=self._cover.find_policy,
            claims=self._adapters.claims,
            exposures=self._adapters.exposures,
            pay=self.pay_obligation,
            waits=self._claims.waits,
            now=self._adapters.now,
        )

    # ---- who is paid -----------------------------------------------------------------------------

    @cached_property
    def state_payee(self) -> StatePayee:
        from daycover.payouts.payee import StatePayee

        return StatePayee(
            claims=self._adapters.claims,
            access=self._claims.access,
            payees=self._adapters.workers,
            accounts=self._adapters.payee_accounts,
            index=self._adapters.index,
            pay_again=self.trigger_payout,
        )

    @cached_property
    def count_designated(self) -> CountDesignated:
        from daycover.payouts.designation import CountDesignated

        return CountDesignated(designations=self._adapters.designations, now=self._adapters.now)

    @cached_property
    def designate(self) -> Designate:
        from daycover.payouts.designation import Designate

        return Designate(
            designations=self._adapters.designations,
            workers=self._adapters.workers,
            index=self._adapters.index,
            now=self._adapters.now,
        )

    @cached_property
    def state_beneficiaries(self) -> StateBeneficiaries:
        from daycover.payouts.beneficiaries import StateBeneficiaries

        return StateBeneficiaries(
            claims=self._adapters.claims,
            beneficiaries=self._adapters.beneficiaries,
            documents=self._adapters.documents,
            payouts=self._adapters.payouts,
            designations=self._adapters.designations,
            projects=self._adapters.projects,
            index=self._adapters.index,
            pay_again=self.trigger_payout,
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
            pay_again=self.trigger_payout.again,
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
            notes=self._adapters.payee_checks,
            check_ins=self._adapters.check_ins,
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
            pay=self.pay_obligation,
            noted=self._adapters.moved_money,
            keep_faults=KeepMoneyFaults(keep=self._reporting.keep_breaks),
        )

    @property
    def _claims(self) -> ClaimsWiring:
        from daycover.wiring.claims import ClaimsWiring

        return self._adapters.wired(ClaimsWiring)

    @property
    def _cover(self) -> CoverWiring:
        from daycover.wiring.cover import CoverWiring

        return self._adapters.wired(CoverWiring)

    @property
    def _reporting(self) -> ReportingWiring:
        from daycover.wiring.reporting import ReportingWiring

        return self._adapters.wired(ReportingWiring)


def payouts() -> PayoutsWiring:
    """Give what this container's functions of payouts can do."""
    return wired(PayoutsWiring)
