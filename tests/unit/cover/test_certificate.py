"""Certificates: genuine, forged or of an unknown key; by the clock; nothing personal; readable by others."""

import base64
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
import qrcode
from hypothesis import example, given
from hypothesis import strategies as st
from jwt.types import Options
from qrcode.constants import ERROR_CORRECT_M

from daycover.api.cover.certificates import (
    CertificateVerificationView,
    ContractView,
    JwksView,
    verification_page,
)
from daycover.cover.archive import PolicyFinder
from daycover.cover.certificate import (
    MASKED_LENGTH,
    MAXIMUM_LENGTH,
    Certificate,
    CertificateReading,
    CertificateVerdict,
    PublicKey,
    read,
    write,
)
from daycover.cover.certify import CertificateUnavailableError, IssueCertificate, VerifyCertificate
from daycover.cover.disclosure import INSURER_ADDRESS, INSURER_NAME
from daycover.cover.master_policy import master_of
from daycover.cover.period import COVER, Period
from daycover.cover.policy import Policy, PolicyNotFoundError, PolicyStatus, mask_name
from daycover.cover.read import ReadPolicies
from daycover.cover.terms import reference, terms
from daycover.platform.signing import Ed25519Key, verify_ed25519
from daycover.projects.company import Company
from daycover.projects.project import Exclusion
from tests.support.builders import NOW, WORKER, a_policy, a_project, a_worker, an_identity
from tests.support.enrolled import enrol
from tests.support.fakes.archive import FakeArchive
from tests.support.fakes.cover import FakePolicies
from tests.support.fakes.identity import FakeWorkers
from tests.support.fakes.port import Clock
from tests.support.fakes.projects import FakeCompanies, FakeProjects

KEY = Ed25519Key(bytes(range(32)))
NEXT_KEY = Ed25519Key(bytes(range(1, 33)))
# hypothesis wants naive limits
instants = st.datetimes(datetime(2026, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC))
SECOND = timedelta(seconds=1)
TICK = timedelta(microseconds=1)


class FakeCertificateKeys:
    """Implements `cover.certificate.CertificateKeys`."""

    def __init__(self, *keys: Ed25519Key) -> None:
        self._keys = {key.key_id: key for key in (PublicKey.of(key.x) for key in keys)}

    def find(self, key_id: str) -> PublicKey | None:
        return self._keys.get(key_id)

    def list_all(self) -> list[PublicKey]:
        return list(self._keys.values())

    def publish(self, key: PublicKey) -> None:
        self._keys.setdefault(key.key_id, key)


KEYS = FakeCertificateKeys(KEY)
CERTIFICATE = Certificate.of(a_policy())
CREDENTIAL = write(CERTIFICATE, KEY)


def verified(credential: str, keys: FakeCertificateKeys = KEYS) -> CertificateReading:
    return read(credential, keys.find, verify_ed25519)


def verification_at(at: datetime, *policies: Policy, credential: str = CREDENTIAL) -> Any:
    return VerifyCertificate(
        keys=KEYS,
        verify_signature=verify_ed25519,
        policies=PolicyFinder(hot=FakePolicies(*policies), archive=FakeArchive()),
        now=lambda: at,
    )(credential)


def signed(header: Any, claims: Any, key: Ed25519Key = KEY) -> str:
    parts = (part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, claims))
    text = ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
    return f"{text}.{base64.urlsafe_b64encode(key.sign(text.encode())).rstrip(b'=').decode()}"


def claims_of(credential: str) -> dict[str, Any]:
    body = credential.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return claims


# ---- round trip and forgery --------------------------------------------------------------------------


@given(
    start=instants,
    early=st.timedeltas(timedelta(0), timedelta(minutes=120)),
    name=st.text(st.characters(codec="utf-8"), min_size=1, max_size=6),
    plan_id=st.sampled_from(["T1", "T4"]),
)
def test_certificate_comes_back_to_the_microsecond_when_read(
    start: datetime, early: timedelta, name: str, plan_id: str
) -> None:
    policy = a_policy(start, issued_at=start - early, insured_name=name, plan_id=plan_id)
    reading = verified(write(Certificate.of(policy), KEY))
    assert reading == CertificateReading(CertificateVerdict.GENUINE, Certificate.of(policy))


def test_credential_is_the_same_text_when_issued_again() -> None:
    assert write(CERTIFICATE, KEY) == CREDENTIAL


def test_credential_is_never_genuine_when_any_character_is_another() -> None:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
    for place, right in enumerate(CREDENTIAL):
        for wrong in alphabet + "=+/ 王":
            if wrong != right:
                reading = verified(CREDENTIAL[:place] + wrong + CREDENTIAL[place + 1 :])
                assert reading.verdict is not CertificateVerdict.GENUINE, (place, wrong)
                assert reading.certificate is None


def test_credential_is_forged_when_any_byte_of_content_or_signature_is_flipped() -> None:
    header, *others = CREDENTIAL.split(".")
    for number, part in enumerate(others):
        raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
        for place in range(len(raw)):
            for bit in range(8):
                flipped = raw[:place] + bytes([raw[place] ^ (1 << bit)]) + raw[place + 1 :]
                parts = list(others)
                parts[number] = base64.urlsafe_b64encode(flipped).rstrip(b"=").decode()
                assert verified(".".join([header, *parts])) == CertificateReading(CertificateVerdict.FORGED)


@pytest.mark.parametrize(
    "credential",
    [
        "",
        ".",
        "..",
        "...",
        "not a credential",
        CREDENTIAL + ".",
        "." + CREDENTIAL,
        CREDENTIAL + "=",
        CREDENTIAL.rpartition(".")[0],
        CREDENTIAL.rpartition(".")[0] + ".",
        CREDENTIAL + "A" * MAXIMUM_LENGTH,
        CREDENTIAL.replace(".", ".\ud800"),
        "王" * 20,
        signed({"alg": "none", "kid": "AAAAAAAA"}, {}),
        signed([], {}),
        signed(b"\xff", {}),
        signed({"alg": "EdDSA"}, claims_of(CREDENTIAL)),
    ],
)
def test_credential_is_forged_when_it_has_another_form(credential: str) -> None:
    assert verified(credential) == CertificateReading(CertificateVerdict.FORGED)


@given(st.text(max_size=200))
def test_credential_is_never_genuine_and_never_an_error_when_it_is_anything(text: str) -> None:
    assert verified(text).verdict is not CertificateVerdict.GENUINE
    assert verified(CREDENTIAL + text).verdict is CertificateVerdict.GENUINE or text


@pytest.mark.parametrize(
    "alteration",
    [{"nbf": "soon"}, {"nbf": 1e300}, {"sum": 1.5}, {"pln": "T2"}, {"pln": "a@b@c"}, {"role": "staff"}],
)
def test_credential_is_forged_when_our_key_signed_something_else(alteration: dict[str, Any]) -> None:
    header = {"alg": "EdDSA", "kid": PublicKey.of(KEY.x).key_id}
    assert verified(signed(header, claims_of(CREDENTIAL) | alteration)).verdict is CertificateVerdict.FORGED
    assert verified(signed(header, [])).verdict is CertificateVerdict.FORGED
    assert verified(signed(header, claims_of(CREDENTIAL))).verdict is CertificateVerdict.GENUINE


@pytest.mark.parametrize("alg", ["none", "HS256", "eddsa", "EdDSA "])
def test_credential_is_forged_when_its_header_names_another_algorithm(alg: str) -> None:
    header = {"alg": alg, "kid": PublicKey.of(KEY.x).key_id}
    assert verified(signed(header, claims_of(CREDENTIAL))).verdict is CertificateVerdict.FORGED


# ---- keys --------------------------------------------------------------------------------------------


def test_key_is_unknown_when_it_was_never_published() -> None:
    assert verified(write(CERTIFICATE, NEXT_KEY)) == CertificateReading(CertificateVerdict.UNKNOWN_KEY)


def test_credential_is_forged_when_another_key_signed_under_our_key_s_name() -> None:
    header = {"alg": "EdDSA", "kid": PublicKey.of(KEY.x).key_id}
    assert verified(signed(header, claims_of(CREDENTIAL), NEXT_KEY)).verdict is CertificateVerdict.FORGED


def test_key_is_named_by_its_thumbprint_when_published() -> None:
    # RFC 8037, appendix A.2 and A.3: an Ed25519 key and its RFC 7638 thumbprint
    key = PublicKey.of("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
    assert key.key_id == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"[:8]


def outside(credential: str, keys: Iterable[PublicKey]) -> dict[str, Any]:
    """What somebody else does with PyJWT and a saved copy of the published keys."""
    jwks = jwt.PyJWKSet.from_dict(JwksView.of(keys).model_dump())
    key = jwks[jwt.get_unverified_header(credential)["kid"]]
    unclocked: Options = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
    claims: dict[str, Any] = jwt.decode(credential, key, algorithms=["EdDSA"], options=unclocked)
    return claims


def test_old_credential_still_verifies_when_the_key_was_rotated() -> None:
    keys = FakeCertificateKeys(KEY)
    keys.publish(PublicKey.of(NEXT_KEY.x))
    new = write(Certificate.of(a_policy(sequence=2)), NEXT_KEY)
    assert verified(CREDENTIAL, keys).verdict is verified(new, keys).verdict is CertificateVerdict.GENUINE
    assert outside(CREDENTIAL, keys.list_all())["sub"] == a_policy().policy_no
    assert outside(new, keys.list_all())["sub"] == a_policy(sequence=2).policy_no


def test_other_libraries_read_period_plan_and_sum_when_they_have_the_published_keys() -> None:
    claims = outside(CREDENTIAL, KEYS.list_all())
    assert datetime.fromtimestamp(claims["nbf"], UTC) == a_policy().period.start
    assert datetime.fromtimestamp(claims["exp"], UTC) == a_policy().period.end
    assert (claims["pln"], claims["sum"], claims["nam"]) == ("T2@2026-11", 30_000_000, "王**")


def test_other_libraries_refuse_when_a_character_is_another() -> None:
    body = (
        CREDENTIAL.replace(".e", ".f", 1) if ".e" in CREDENTIAL else CREDENTIAL[:60] + "A" + CREDENTIAL[61:]
    )
    with pytest.raises(jwt.PyJWTError):
        outside(body, KEYS.list_all())


# ---- what is in it -----------------------------------------------------------------------------------


def test_payload_has_nothing_of_the_person_but_the_masked_name() -> None:
    policy = a_policy()
    claims = claims_of(CREDENTIAL)
    assert set(claims) == {"sub", "nbf", "exp", "iat", "pln", "sum", "nam"}
    text = json.dumps(claims, ensure_ascii=False)
    identity = an_identity()
    for personal in (
        identity.name,
        identity.id_number,
        policy.worker_id,
        policy.project_id,
        policy.company_id,
    ):
        assert personal not in text
    assert claims["nam"] == "王**"


SCANNED_FROM = ("https://daycover.cn", "https://abcdefghij.execute-api.us-east-1.amazonaws.com/live")
"""A domain, and what API Gateway gives where there is none. In mainland China a filed domain is a must."""
LONGEST_VERSION = 15


@given(
    name=st.one_of(
        st.text(st.characters(codec="utf-8"), min_size=1, max_size=128),
        st.from_regex(r"[A-Z]{1,20}( [A-Z]{1,20}){1,6}", fullmatch=True),
        st.text("阿卜杜热西提·艾合麦提江𠮷", min_size=1, max_size=60),
    ),
    base=st.sampled_from(SCANNED_FROM),
)
@example(name="\x00" * 128, base=SCANNED_FROM[1])
@example(name="𠮷" * 128, base=SCANNED_FROM[1])
def test_code_stays_scannable_and_the_name_the_same_when_the_name_is_anything(name: str, base: str) -> None:
    odd = NOW.replace(microsecond=123457)
    policy = a_policy(odd, issued_at=odd - SECOND, insured_name=mask_name(name), sum_insured_fen=80_000_000)
    credential = write(Certificate.of(policy), KEY)
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M)
    code.add_data(f"{base}/c/{credential}")
    assert code.best_fit() <= LONGEST_VERSION
    assert write(Certificate.of(policy), KEY) == credential
    read_name = verified(credential).certificate
    assert read_name is not None
    assert read_name.insured_name == mask_name(name)[:MASKED_LENGTH]
    assert read_name.insured_name[0] == name[0]


def test_credential_is_short_enough_to_scan_when_every_member_is_long() -> None:
    odd = NOW.replace(microsecond=123457)
    policy = a_policy(odd, issued_at=odd - SECOND, insured_name="欧" + "*" * 49, sum_insured_fen=80_000_000)
    assert len(write(Certificate.of(policy), KEY)) <= 346
    assert len(CREDENTIAL) <= 320


@pytest.mark.parametrize("name", ["王**", "欧***", "A***"])
def test_paper_code_and_record_say_the_same_name_when_verified(name: str) -> None:
    policy = a_policy(insured_name=name if name != "A***" else mask_name("ABDUREXIT HEMETJAN"))
    certificate, credential = issuing(policy)(WORKER, policy.policy_no)[:2]
    assert certificate.insured_name == name
    for records in ((policy,), ()):
        assert verification_at(NOW, *records, credential=credential).certificate.insured_name == name


# ---- clock and status --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "in_force"),
    [(NOW - TICK, False), (NOW, True), (NOW + COVER - TICK, True), (NOW + COVER, False)],
)
@pytest.mark.parametrize("records", [(a_policy(),), ()], ids=["record", "no record"])
def test_certificate_is_in_force_from_start_until_just_before_the_end(
    at: datetime, in_force: bool, records: tuple[Policy, ...]
) -> None:
    verification = verification_at(at, *records)
    assert verification.verdict is CertificateVerdict.GENUINE
    assert verification.in_force is in_force


def test_certificate_is_genuine_when_no_record_is_at_hand() -> None:
    view = CertificateVerificationView.of(verification_at(NOW + timedelta(days=700)))
    assert (view.verdict, view.genuine, view.record_at_hand, view.status) == ("GENUINE", True, False, None)
    assert view.certificate is not None
    assert view.certificate.policy_no == a_policy().policy_no


@pytest.mark.parametrize("status", [PolicyStatus.VOIDED, PolicyStatus.TERMINATED, PolicyStatus.CANCELLED])
def test_certificate_is_genuine_but_not_in_force_when_the_policy_was_withdrawn(status: PolicyStatus) -> None:
    verification = verification_at(NOW, a_policy(status=status))
    assert (verification.verdict, verification.status) == (CertificateVerdict.GENUINE, status)
    assert not verification.in_force
    name, values = verification_page(verification, NOW)
    assert (name, values["tone"]) == ("genuine.html", "bad")


def test_record_counts_when_it_says_something_else_than_the_certificate() -> None:
    shorter = Period(start=NOW, end=NOW + timedelta(hours=1))
    verification = verification_at(NOW + timedelta(hours=2), a_policy(period=shorter))
    assert verification.certificate.period == shorter
    assert not verification.in_force


@pytest.mark.parametrize(
    ("at", "records", "zh"),
    [
        (NOW, (a_policy(),), "真实有效，保障中"),
        (NOW, (), "真实有效，保障中"),
        (NOW - SECOND, (a_policy(),), "凭证真实，保障尚未开始"),
        (NOW + COVER, (), "凭证真实，保障已结束"),
        (NOW, (a_policy(status=PolicyStatus.VOIDED),), "凭证真实，但保单已作废"),
    ],
)
def test_page_says_first_what_matters_most(at: datetime, records: tuple[Policy, ...], zh: str) -> None:
    name, values = verification_page(verification_at(at, *records), at)
    assert (name, values["zh"]) == ("genuine.html", zh)


@pytest.mark.parametrize(
    ("credential", "zh"),
    [("abc", "不是真实的凭证"), (write(CERTIFICATE, NEXT_KEY), "无法确认真伪")],
)
def test_page_shows_no_facts_when_nothing_is_proved(credential: str, zh: str) -> None:
    name, values = verification_page(verification_at(NOW, a_policy(), credential=credential), NOW)
    assert (name, values["zh"], values["tone"]) == ("not_genuine.html", zh, "bad")
    assert a_policy().policy_no not in "".join(values.values())


# ---- issuing -----------------------------------------------------------------------------------------


OWN_EXCLUSION = Exclusion(
    code="HEIGHT", text_zh="未系安全带登高作业", text_en="work at height without a harness"
)
A_SITE = a_project(name="浦东工地", occupation_zh="架子工", exclusions=(OWN_EXCLUSION,))


def issuing(*policies: Policy, worker_id: str = WORKER) -> IssueCertificate:
    worker = a_worker(worker_id=worker_id).model_copy(update=dict(an_identity()))
    finder = PolicyFinder(hot=FakePolicies(), archive=FakeArchive(*policies))
    companies = FakeCompanies()
    enrol(
        companies, Company(company_id="C1", name="浦江劳务", sub_mchid="19", credit_code="91310000MA1FL0000N")
    )
    return IssueCertificate(
        policies=ReadPolicies(workers=FakeWorkers(worker), policies=finder, projects=FakeProjects(A_SITE)),
        companies=companies,
        designated={a_policy().person_id: 2}.__getitem__,
        key=KEY,
    )


def test_worker_gets_the_certificate_of_their_own_policy_when_the_hot_table_forgot_it() -> None:
    issued = issuing(a_policy())(WORKER, a_policy().policy_no)
    assert issued[:2] == (CERTIFICATE, CREDENTIAL)
    assert (issued.insured, issued.designated) == (an_identity().name, 2)
    assert issued.policyholder is not None
    assert issued.policyholder.name == "浦江劳务"


def contract_of(policy: Policy, **changes: Any) -> ContractView:
    issued = issuing(policy)(WORKER, policy.policy_no)._replace(**changes)
    return ContractView.of(issued, lambda version: reference(version, "F-1", "https://daycover.example"))


def test_contract_has_all_that_the_law_asks_for_when_shown_to_the_insured() -> None:
    """Insurance Law art. 18, no. 1 to 8."""
    shown = contract_of(a_policy())
    assert (shown.insurer, shown.insurer_address) == (INSURER_NAME, INSURER_ADDRESS)
    assert (shown.policyholder, shown.policyholder_credit_code) == ("浦江劳务", "91310000MA1FL0000N")
    assert shown.insured == an_identity().name
    assert shown.beneficiary == "身故、猝死:被保险人指定的 2 人;其他保险金:被保险人本人。"
    assert shown.subject == "被保险人的身体和生命"
    assert "300,000 元" in shown.benefits
    assert shown.exclusions == [*terms("2026-11").exclusions, OWN_EXCLUSION.text_zh]
    assert (shown.project, shown.occupation, shown.occupation_class) == ("浦东工地", "架子工", 3)
    assert shown.premium_fen == a_policy().premium_fen
    assert shown.premium.startswith("保险费由投保人承担")
    assert shown.payment.startswith("支付方式")
    assert "违约责任" in shown.disputes
    assert shown.concluded_at == a_policy().issued_at
    assert shown.master_policy_no == "DM-PAIC-2026-C1"
    assert (shown.terms.version, shown.terms.filing_no) == ("2026-11", "F-1")


def test_heirs_and_master_policy_are_named_when_nobody_is_designated_and_the_company_is_gone() -> None:
    shown = contract_of(a_policy(), designated=0, policyholder=None, project=None)
    assert (shown.project, shown.occupation) == (None, None)
    assert shown.exclusions == list(terms("2026-11").exclusions)
    assert "未指定,为被保险人的法定继承人" in shown.beneficiary
    assert (shown.policyholder, shown.policyholder_address) == (None, None)


@pytest.mark.parametrize(
    ("issued_at", "year"),
    [
        (datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC), 2026),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), 2027),
    ],
)
def test_policy_hangs_under_the_master_policy_of_its_day_of_issue_in_china(
    issued_at: datetime, year: int
) -> None:
    """Also where its cover begins or ends in the next year."""
    later = Period(start=issued_at + timedelta(hours=1), end=issued_at + timedelta(hours=25))
    assert master_of(a_policy(issued_at=issued_at, period=later)) == f"DM-PAIC-{year}-C1"


def test_the_code_says_nothing_of_the_contract_when_anybody_scans_it() -> None:
    claims = json.loads(base64.urlsafe_b64decode(CREDENTIAL.split(".")[1] + "=="))
    assert set(claims) == {"sub", "nbf", "exp", "iat", "pln", "sum", "nam"}


def test_certificate_is_not_found_when_the_policy_is_somebody_else_s() -> None:
    other = a_policy(person_id="0" * 20)
    with pytest.raises(PolicyNotFoundError):
        issuing(other)(WORKER, other.policy_no)


@pytest.mark.parametrize("status", [PolicyStatus.VOIDED, PolicyStatus.TERMINATED, PolicyStatus.CANCELLED])
def test_certificate_is_refused_when_the_policy_was_withdrawn(status: PolicyStatus) -> None:
    policy = a_policy(status=status)
    with pytest.raises(CertificateUnavailableError) as refused:
        issuing(policy)(WORKER, policy.policy_no)
    assert refused.value.facts == {"policy_status": status}


def test_clock_moves_a_certificate_out_of_force_when_time_passes() -> None:
    now = Clock(NOW)
    verify = VerifyCertificate(
        keys=KEYS,
        verify_signature=verify_ed25519,
        policies=PolicyFinder(hot=FakePolicies(a_policy()), archive=FakeArchive()),
        now=now,
    )
    assert verify(CREDENTIAL).in_force
    now.at = NOW + COVER
    assert not verify(CREDENTIAL).in_force
