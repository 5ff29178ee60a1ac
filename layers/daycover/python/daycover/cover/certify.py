"""Issuing the certificate of a policy to its worker, and verifying it for anybody who holds one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from daycover.cover.certificate import (
    Certificate,
    CertificateKeys,
    CertificateReading,
    CertificateVerdict,
    PublicKey,
    SigningKey,
    VerifySignature,
    read,
    write,
)
from daycover.cover.plan import Plan, plan
from daycover.cover.policy import KeptPolicies, Policy, PolicyNotFoundError, PolicyStatus
from daycover.cover.read import ReadPolicies
from daycover.errors import DaycoverError, ErrorKind
from daycover.projects.company import Companies, Company, CompanyNotAuthorisedError
from daycover.projects.project import Project


class CertificateUnavailableError(DaycoverError):
    """The policy is `policy_status`, gives no cover and so has no certificate.

    What to do: If in doubt call 95511.
    含义:保单状态为 `policy_status`,不提供保障,因此没有凭证。
    处理:如有疑问拨打 95511。
    """

    kind = ErrorKind.CONFLICT
    title = "该保单不能出具凭证", "This policy has no certificate"
    detail = (
        "保单状态为 {policy_status},不再提供保障。如有疑问请拨打 95511。",
        "The policy is {policy_status} and gives no cover. If in doubt call 95511.",
    )


@dataclass(frozen=True, slots=True)
class Verification:
    """What is known of a credential.

    `certificate` is None unless it is genuine. `status` is that of our record, None where no record is at
    hand: that never makes a genuine certificate less genuine.
    """

    verdict: CertificateVerdict
    certificate: Certificate | None = None
    status: PolicyStatus | None = None
    in_force: bool = False


def published(key: SigningKey, keys: CertificateKeys) -> SigningKey:
    """Give the key once anybody can verify by it: published before its first signature in a container."""
    keys.publish(PublicKey.of(key.x))
    return key


class IssuedCertificate(NamedTuple):
    """A certificate with what the contract says beside it (Insurance Law art. 18): for the insured alone."""

    certificate: Certificate
    credential: str
    policy: Policy
    insured: str
    """The full name."""
    project: Project | None
    """None where it is no longer known."""
    policyholder: Company | None
    """None where the company is no longer known here; the master policy names it."""
    designated: int
    """How many people the insured designates as beneficiaries now; 0: the legal heirs."""

    @property
    def plan(self) -> Plan:
        return plan(self.policy.plan_id, self.policy.plan_version)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueCertificate:
    """GET /v1/policies/{policy_no}/certificate."""

    policies: ReadPolicies
    companies: Companies
    designated: Callable[[str], int]
    """How many beneficiaries a person designates."""
    key: SigningKey

    def __call__(self, worker_id: str, policy_no: str) -> IssuedCertificate:
        """Give the worker's certificate and its credential, during cover and for ever after it.

        Raises PolicyNotFoundError, CertificateUnavailableError.
        """
        policy = self.policies.one_of(worker_id, policy_no)
        if policy.status is not PolicyStatus.ISSUED:
            raise CertificateUnavailableError(policy_status=policy.status)
        certificate = Certificate.of(policy)
        return IssuedCertificate(
            certificate,
            write(certificate, self.key),
            policy,
            self.policies.workers.get(worker_id).name or policy.insured_name,
            self.policies.project_of(policy),
            self._policyholder(policy.company_id),
            self.designated(policy.person_id),
        )

    def _policyholder(self, company_id: str) -> Company | None:
        try:
            return self.companies.get(company_id)
        except CompanyNotAuthorisedError:  # the policy outlives its company
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyCertificate:
    """GET /v1/certificates/{credential} and /c/{credential}."""

    keys: CertificateKeys
    verify_signature: VerifySignature
    policies: KeptPolicies
    now: Callable[[], datetime]

    def __call__(self, credential: str) -> Verification:
        """Verify by signature, then look the policy up; where there is a record, it is what counts."""
        reading = read(credential, self.keys.find, self.verify_signature)
        if reading.certificate is None:
            return Verification(reading.verdict)
        return self._online(reading, reading.certificate)

    def _online(self, reading: CertificateReading, certificate: Certificate) -> Verification:
        try:
            policy = self.policies.get(certificate.policy_no)
        except PolicyNotFoundError:
            in_force = certificate.period.covers(self.now())
            return Verification(reading.verdict, certificate, in_force=in_force)
        in_force = policy.in_force(self.now())
        return Verification(reading.verdict, Certificate.of(policy), policy.status, in_force)
