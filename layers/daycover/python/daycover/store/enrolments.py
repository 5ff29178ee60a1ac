"""Proposals of the staff, and the providers, companies, authorisations and first invitations that they bring about."""

from typing import Any

from daycover.errors import ConcurrentChangeError
from daycover.projects.company import Authorisation, Company
from daycover.projects.enrol import (
    AlreadyEnrolledError,
    Enrolled,
    Proposal,
    ProposalStatus,
)
from daycover.projects.operator import Invitation
from daycover.projects.provider import Provider
from daycover.store import keys
from daycover.store.companies import StoredCompanies
from daycover.store.dynamodb import ABSENT, ConditionFailedError, Put, Table, Update, Write
from daycover.store.operators import invitation_put

SCHEMA_VERSION = 1


class StoredEnrolments:
    """Implements `projects.enrol.Enrolments`."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._companies = StoredCompanies(table)

    def add(self, proposal: Proposal) -> None:
        """Access: PutItem (PROPOSALS, PROPOSAL#id). Condition: absent. Cost: 1 write unit per KB.

        What stands is the same proposal where the answer to the put was lost: it is as it was asked for.
        """
        try:
            self._table.put(Put(keys.proposal(proposal.proposal_id), _item(proposal)))
        except ConditionFailedError as error:
            if error.item is None or Proposal.model_validate(error.item) != proposal:
                raise ConcurrentChangeError from error

    def find(self, proposal_id: str) -> Proposal | None:
        """Access: GetItem (PROPOSALS, PROPOSAL#id), strong. Cost: 1 read unit."""
        item = self._table.get(keys.proposal(proposal_id), strong=True)
        return None if item is None else Proposal.model_validate(item)

    def list_proposals(self, token: str | None, limit: int) -> tuple[list[Proposal], str | None]:
        """Access: Query (PROPOSALS, PROPOSAL#), newest first, strong. Cost: 1 read unit per 4 KB, about 6."""
        page = self._table.query(*keys.proposals(), limit=limit, token=token, newest_first=True, strong=True)
        return [Proposal.model_validate(item) for item in page.items], page.next_token

    def settle(self, settled: Proposal, enrolled: Enrolled | None = None) -> None:
        """Access: transaction of the proposal and of what it brings about (1 to 3 items).

        Condition: the proposal is open, and for an approval somebody else made it; what is new is absent, what is
        changed has the revision before. Cost: 2 write units per item and KB.
        """
        condition, values = "#status = :open", {":open": ProposalStatus.PROPOSED.value}
        if settled.status is ProposalStatus.APPROVED:
            condition += " AND proposed_by <> :by"
            values[":by"] = settled.settled_by or ""
        proposal = Put(
            keys.proposal(settled.proposal_id),
            _item(settled),
            condition=condition,
            values=values,
            names={"#status": "status"},
        )
        try:
            self._table.write(proposal, *_writes(enrolled))
        except ConditionFailedError as error:
            is_new = isinstance(enrolled, Authorisation) or (
                isinstance(enrolled, Provider | Company) and enrolled.revision == 1
            )
            if is_new and error.reasons[:1] == ("None",):
                raise AlreadyEnrolledError from error
            raise ConcurrentChangeError from error

    def find_provider(self, provider_id: str) -> Provider | None:
        """Access: GetItem (PROVIDER#id, PROVIDER), strong. Cost: 1 read unit."""
        return self._companies.find_provider(provider_id)

    def save_provider(self, provider: Provider) -> None:
        """Access: PutItem (PROVIDER#id, PROVIDER). Condition: the revision before. Cost: 1 write unit."""
        try:
            self._table.put(_provider_put(provider))
        except ConditionFailedError as error:
            raise ConcurrentChangeError from error

    def find_company(self, company_id: str) -> Company | None:
        """Access: GetItem (COMPANY#id, PROFILE), strong. Cost: 1 read unit."""
        item = self._table.get(keys.company(company_id), strong=True)
        return None if item is None else Company.model_validate(item)

    def has_credit_code(self, credit_code: str) -> bool:
        """Access: GetItem (CREDIT_CODE#code, COMPANY), strong. Cost: 1 read unit."""
        return self._table.get(keys.credit_code(credit_code), strong=True) is not None

    def find_authorisation(self, provider_id: str, company_id: str) -> Authorisation | None:
        """Access: GetItem (PROVIDER#id, COMPANY#id), strong. Cost: 1 read unit."""
        return self._companies.find_authorisation(provider_id, company_id)

    def withdraw_authorisation(self, withdrawn: Authorisation) -> None:
        """Access: transaction of two puts. Condition: the same grant stands. Cost: 4 write units."""
        standing = {
            "condition": "granted_at = :granted AND attribute_not_exists(withdrawn_at)",
            "values": {":granted": _item(withdrawn)["granted_at"]},
        }
        try:
            self._table.write(*(_authorisation_puts(withdrawn, **standing)))
        except ConditionFailedError as error:
            raise ConcurrentChangeError from error

    def authorisations_of(self, company_id: str) -> list[Authorisation]:
        """Access: Query (COMPANY#id, PROVIDER#), strong. Cost: 1 read unit per 4 KB, about 25."""
        items = self._table.query_all(*keys.company_providers(company_id), strong=True)
        return [Authorisation.model_validate(item) for item in items]

    def list_providers(self, token: str | None, limit: int) -> tuple[list[Provider], str | None]:
        """Access: Query (PROVIDERS, PROVIDER#) and a batch of what it names. Cost: 0.5 read units a provider."""
        page = self._table.query(*keys.provider_entries(), limit=limit, token=token)
        wanted = [keys.provider(item["provider_id"]) for item in page.items]
        found = self._table.get_many(wanted)
        return [Provider.model_validate(found[key]) for key in wanted if key in found], page.next_token

    def list_companies(self, token: str | None, limit: int) -> tuple[list[Company], str | None]:
        """Access: Query (COMPANIES, COMPANY#) and a batch of what it names. Cost: 0.5 read units a company."""
        ids, next_token = self._companies.list_page(token, limit)
        wanted = [keys.company(company_id) for company_id in ids]
        found = self._table.get_many(wanted)
        return [Company.model_validate(found[key]) for key in wanted if key in found], next_token


def _writes(enrolled: Enrolled | None) -> list[Write]:
    match enrolled:
        case Provider():
            entry = {"provider_id": enrolled.provider_id, "schema_version": SCHEMA_VERSION}
            new: list[Write] = [Put(keys.provider_entry(enrolled.provider_id), entry)]
            return [_provider_put(enrolled), *(new if enrolled.revision == 1 else [])]
        case Company() if enrolled.revision == 1:
            return _company_puts(enrolled)
        case Company():
            return [_contracts_update(enrolled)]
        case Authorisation():
            # granted first, or anew after a withdrawal
            again = "attribute_not_exists(pk) OR attribute_exists(withdrawn_at)"
            return list(_authorisation_puts(enrolled, condition=again))
        case Invitation():
            return [invitation_put(enrolled)]
        case None:
            return []


def _provider_put(provider: Provider) -> Put:
    first = provider.revision == 1
    return Put(
        keys.provider(provider.provider_id),
        _item(provider),
        condition=ABSENT if first else "revision = :before",
        values=None if first else {":before": provider.revision - 1},
    )


def _company_puts(company: Company) -> list[Write]:
    named = {"company_id": company.company_id, "schema_version": SCHEMA_VERSION}
    code = [] if company.credit_code is None else [Put(keys.credit_code(company.credit_code), named)]
    return [
        Put(keys.company(company.company_id), _item(company)),
        Put(keys.company_entry(company.company_id), named),
        *code,
    ]


def _contracts_update(company: Company) -> Update:
    """Only the contracts: what finance and the credit watch set beside them stays."""
    values = {
        ":contracts": _item(company)["contracts"],
        ":revision": company.revision,
        ":before": company.revision - 1,
    }
    return Update(
        keys.company(company.company_id),
        "SET contracts = :contracts, revision = :revision",
        values,
        condition="revision = :before",
    )


def _authorisation_puts(authorisation: Authorisation, **condition: Any) -> tuple[Put, Put]:
    """The grant as the gate reads it, and as its company lists it; both change together."""
    provider_id, company_id = authorisation.provider_id, authorisation.company_id
    item = _item(authorisation)
    return (
        Put(keys.provider_company(provider_id, company_id), item, **condition),
        Put(keys.company_provider(company_id, provider_id), item, **condition),
    )


def _item(noun: Proposal | Provider | Company | Authorisation) -> dict[str, Any]:
    return noun.model_dump(mode="json", exclude_none=True) | {"schema_version": SCHEMA_VERSION}
