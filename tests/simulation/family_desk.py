"""What the insurer's staff do about deaths and disabilities: judge who is kin, fill the sheet, state and confirm the
beneficiaries, decide, see their documents, pay again."""

from collections.abc import Callable
from fractions import Fraction
from random import Random

from daycover.china_time import china_day
from daycover.claims.answer import AnswerKind
from daycover.claims.claim import Actor, Claim
from daycover.claims.decide import Verdict
from daycover.claims.disability import BodySide, DisabilitySite
from daycover.claims.documents import ClaimType, DocumentStatus, DocumentType
from daycover.claims.judge import DocumentVerdict
from daycover.claims.lifecycle import ClaimStatus, Decision
from daycover.claims.represent import Judgement, RepresentativeVerdict
from daycover.claims.representative import Representative, RepresentativeStatus
from daycover.claims.sheet import Appraisal, Death, DeathCause, Source, SourceKind
from daycover.claims.standing import POLICY_NOT_STANDING
from daycover.cover.policy import EndReason
from daycover.identity.document import IdDocumentType
from daycover.payouts.beneficiary import Basis, Beneficiary, Guardian, Holder, LossOfRight, Relation
from daycover.payouts.designation import Designation
from daycover.payouts.obligations import PAYABLE
from tests.simulation.cast import ADJUSTERS, FINANCE, SENIORS, Relative, Somebody
from tests.simulation.claimant import claims_of, payouts_of, send
from tests.simulation.gate import void_of
from tests.simulation.history import History
from tests.simulation.kin import RESIDENT, SHARES, family_of, proofs_of
from tests.simulation.processes import SimulatedAdapters

INTAKE = "int-1", "int-2"
GRADES = 10, 9, 7, 4, 1
REVIEWED = {ClaimStatus.IN_REVIEW, ClaimStatus.INVESTIGATING}
LUMP = {ClaimType.DEATH, ClaimType.SUDDEN_DEATH, ClaimType.DISABILITY}


def _say(history: History, who: str, what: str, doing: Callable[[SimulatedAdapters], object]) -> bool:
    return history.world.perform(who, what, doing).is_ok


def _as_it_stands(history: History, claim_no: str) -> Claim:
    """The file as the console shows it when it is loaded again."""
    return history.world.observer.claims.get(claim_no)


# ---- deaths ------------------------------------------------------------------------------------------


def staff_see_to(history: History, luck: Random, somebody: Somebody, claim_no: str) -> None:
    """One go through a death claim: what its status asks for, and sometimes what it does not."""
    for asking in _as_it_stands(history, claim_no).representatives:
        if asking.status is RepresentativeStatus.REQUESTED and luck.random() < 0.8:
            _judge_representative(history, luck, claim_no, asking)
        elif asking.is_accepted and luck.random() < 0.01:
            revoked = RepresentativeVerdict(Judgement.REVOKE, "证明系伪造")
            _judge(history, luck, claim_no, asking, revoked, "revoke_representative")
    claim = _as_it_stands(history, claim_no)
    if claim.status in {ClaimStatus.IN_REVIEW, ClaimStatus.DECIDED, ClaimStatus.ACKNOWLEDGED, *PAYABLE}:
        _see_to_beneficiaries(history, luck, somebody, claim)
    match claim.status:
        case ClaimStatus.AWAITING_DOCS if luck.random() < 0.2:
            _file_for_the_family(history, luck, claim)
        case ClaimStatus.IN_REVIEW | ClaimStatus.INVESTIGATING:
            review(history, luck, claim)
        case ClaimStatus.DECIDED:
            acknowledge(history, luck, claim)
        case ClaimStatus.ACKNOWLEDGED if luck.random() < 0.3:
            staff = luck.choice((*INTAKE, *ADJUSTERS))
            _say(
                history,
                staff,
                "answer_for_beneficiaries",
                lambda p: payouts_of(p).answer_for_beneficiaries(
                    staff, claim_no, AnswerKind.ACCEPT, "签署协议"
                ),
            )
        case ClaimStatus.AGREED | ClaimStatus.PAYING:
            pay(history, luck, claim)
        case ClaimStatus.CLOSED | ClaimStatus.WITHDRAWN if luck.random() < 0.2:
            staff = luck.choice(ADJUSTERS)
            _say(
                history,
                staff,
                "reopen a death claim",
                lambda p: claims_of(p).review_claim.reopen(staff, claim_no, "NEW_PAPERS", "补交材料"),
            )
        case _:
            pass


def _judge_representative(history: History, luck: Random, claim_no: str, asking: Representative) -> None:
    """Accept whoever sent their own proof, refuse the neighbour; sometimes the wrong way round."""
    own = [one for one in proofs_of(history, claim_no) if asking.worker_id in one.announced_by]
    is_kin = asking.said.relation != Relation.OTHER.value
    if is_kin is (luck.random() < 0.95):
        chance = luck.random()
        proof = [] if chance > 0.88 else (own or proofs_of(history, claim_no))[:1]
        verdict = RepresentativeVerdict(
            Judgement.ACCEPT,
            "户口簿原件已核对",
            proof[0].document_id if proof else None,
            for_all_heirs=chance < 0.25,
        )
        _judge(history, luck, claim_no, asking, verdict, "accept_representative")
    elif luck.random() < 0.5:
        refused = RepresentativeVerdict(Judgement.REFUSE, "不是近亲属")
        _judge(history, luck, claim_no, asking, refused, "refuse_representative")


def _judge(
    history: History,
    luck: Random,
    claim_no: str,
    asking: Representative,
    verdict: RepresentativeVerdict,
    what: str,
) -> None:
    staff = luck.choice(INTAKE)
    _say(
        history,
        staff,
        what,
        lambda p: claims_of(p).judge_representative(staff, claim_no, asking.number, verdict),
    )


def _file_for_the_family(history: History, luck: Random, claim: Claim) -> None:
    """A clerk scans what the family brought to the counter."""
    staff = luck.choice(INTAKE)
    kind = luck.choice((DocumentType.RELATION_PROOF, DocumentType.DEATH_CERTIFICATE, DocumentType.CLAIM_FORM))
    send(history, (staff, staff), claim.claim_no, kind, None, " of the counter", Actor.staff(staff))


# ---- who is entitled ---------------------------------------------------------------------------------


def _see_to_beneficiaries(history: History, luck: Random, somebody: Somebody, claim: Claim) -> None:
    """State them where nobody has, or anew; and have the statement confirmed, by another or by the same one."""
    claim_no = claim.claim_no
    found = history.world.observer.beneficiaries.find(claim_no)
    failed = any(owed.attention is not None for owed in claim.round.decided_obligations)
    if found.version == 0 or luck.random() < (0.4 if failed else 0.15):
        _accept_a_proof(history, luck, claim)
        _state(history, luck, somebody, claim)
        found = history.world.observer.beneficiaries.find(claim_no)
    if found.version and found.confirmed_by is None and luck.random() < 0.85:
        staff = luck.choice((*SENIORS, *FINANCE))
        version = found.version if luck.random() < 0.95 else found.version - 1
        _say(
            history,
            staff,
            "confirm_beneficiaries",
            lambda p: payouts_of(p).state_beneficiaries.confirm(staff, claim_no, version),
        )


def _accept_a_proof(history: History, luck: Random, claim: Claim) -> None:
    proofs = proofs_of(history, claim.claim_no)
    if not proofs or any(one.status is DocumentStatus.ACCEPTED for one in proofs):
        return
    staff, proof = luck.choice(ADJUSTERS), luck.choice(proofs)
    verdict = DocumentVerdict(DocumentStatus.ACCEPTED, "GENUINE", "原件无误")
    _say(
        history,
        staff,
        "accept the proof of relation",
        lambda p: claims_of(p).judge_document(staff, claim.claim_no, proof.document_id, verdict),
    )


def _state(history: History, luck: Random, somebody: Somebody, claim: Claim) -> None:
    staff, claim_no = luck.choice(ADJUSTERS), claim.claim_no
    told = history.world.perform(
        staff, "read_beneficiaries", lambda p: payouts_of(p).state_beneficiaries.read(claim_no)
    )
    if not told.is_ok:
        return
    family, stated = family_of(history, somebody), told.result
    known = stated.beneficiaries.people
    designation = stated.later or stated.designation
    failed = any(owed.attention is not None for owed in claim.round.decided_obligations)
    if known and luck.random() < (0.9 if failed else 0.6):
        people = _other_account(luck, family, known)
        basis = stated.beneficiaries.basis
    elif designation is not None and luck.random() < 0.7:
        people, basis = _as_designated(luck, family, designation), Basis.DESIGNATED
    else:
        people, basis = _heirs(luck, family), Basis.STATUTORY
    because = "全体继承人书面同意" if luck.random() < 0.6 else None
    _say(
        history,
        staff,
        "state_beneficiaries" if not known else "state_beneficiaries anew",
        lambda p: payouts_of(p).state_beneficiaries.state(staff, claim_no, people, basis, because),
    )


def _heirs(luck: Random, family: list[Relative]) -> tuple[Beneficiary, ...]:
    """Some of the family by shares; sometimes one who loses the right, or the neighbour."""
    shares = luck.choice(SHARES)
    named = luck.sample(family if luck.random() < 0.1 else family[:4], len(shares))
    people = [
        _beneficiary(luck, family, one, Fraction(share)) for one, share in zip(named, shares, strict=True)
    ]
    if len(people) > 1 and luck.random() < 0.2:
        loses = {"loses": luck.choice(list(LossOfRight)), "loses_reason": "法院判决"}
        people[0] = people[0].model_copy(update=loses)
    return tuple(people)


def _beneficiary(luck: Random, family: list[Relative], one: Relative, share: Fraction) -> Beneficiary:
    """A relative with an account of theirs; a minor's guardian is the spouse, into whose account it may go."""
    spouse, born = family[0], int(one.id_number[6:10])
    guardian, holder, accounts = None, Holder.OWN, one.accounts
    if born > 2010:
        guardian = Guardian(
            name=spouse.name, document_type=RESIDENT, document_number=spouse.id_number, relation="母亲"
        )
        holder = luck.choice(list(Holder))
        accounts = spouse.accounts[1:] if holder is Holder.GUARDIAN else accounts
    account = luck.choice(accounts if luck.random() < 0.95 else family[-1].accounts)
    return Beneficiary(
        name=one.name,
        document_type=RESIDENT,
        document_number=one.id_number,
        relation=one.relation,
        share=share,
        account_no=account,
        bank_name="工商银行",
        guardian=guardian,
        holder=holder,
    )


def _as_designated(luck: Random, family: list[Relative], designation: Designation) -> tuple[Beneficiary, ...]:
    by_number = {one.id_number: one for one in family}
    return tuple(
        _beneficiary(luck, family, by_number[one.document_number], one.share)
        for one in designation.people
        if one.document_number in by_number
    )


def _other_account(
    luck: Random, family: list[Relative], known: tuple[Beneficiary, ...]
) -> tuple[Beneficiary, ...]:
    """The same people by the same shares, and another account of one of them."""
    by_number = {one.id_number: one for one in family}
    place = luck.randrange(len(known))
    changed = known[place]
    owner = by_number.get(changed.document_number, family[0])
    anew = _beneficiary(luck, family, owner, changed.share)
    lost = {"loses": changed.loses, "loses_reason": changed.loses_reason}
    return (*known[:place], anew.model_copy(update=lost), *known[place + 1 :])


# ---- the decision ------------------------------------------------------------------------------------


def review(history: History, luck: Random, claim: Claim) -> None:
    """Fill the sheet where it lacks the death or the grade, then decide."""
    staff, claim_no = luck.choice(ADJUSTERS), claim.claim_no
    if claim.status is ClaimStatus.INVESTIGATING:
        _say(
            history,
            staff,
            "close_investigation",
            lambda p: claims_of(p).review_claim.close_investigation(staff, claim_no, "DONE", "属实"),
        )
        return
    fill_sheet(history, luck, claim, staff)
    if luck.random() < 0.2:
        return
    verdict = _verdict(luck, claim)
    is_decided = _say(
        history,
        staff,
        "decide a death or disability",
        lambda p: claims_of(p).decide_claim(staff, claim_no, verdict),
    )
    if is_decided and luck.random() < 0.6:
        acknowledge(history, luck, claim)


def _verdict(luck: Random, claim: Claim) -> Verdict:
    chosen = luck.random()
    if POLICY_NOT_STANDING in claim.round.referred_for and luck.random() < 0.6:
        return Verdict(Decision.DECLINED, None, "NO_COVER", "保单无效")
    if chosen < 0.7:
        return Verdict(Decision.APPROVED, None, "WITHIN_TERMS", "按条款核定")
    if chosen < 0.8:
        return Verdict(Decision.PARTIAL, luck.choice((100_001, 2_000_003)), "CAUSATION", "部分因果关系")
    if chosen < 0.95:
        sum_fen = claim.policy.sum_insured_fen
        lump = luck.choice([t for t in claim.claim_types if t in LUMP] or list(claim.claim_types))
        fen = luck.choice((sum_fen, sum_fen // 2 + 1, sum_fen + 1))
        return Verdict(Decision.GOODWILL, fen, "GOODWILL", "通融赔付", {lump: fen})
    return Verdict(Decision.DECLINED, None, "OUTSIDE_TERMS", "不属于保险责任")


def fill_sheet(history: History, luck: Random, claim: Claim, staff: str) -> None:
    """Enter the death or the appraisal of the papers; sometimes another grade than before."""
    world = history.world
    sheet = world.observer.sheets.find(claim.claim_no, claim.round.sheet)
    source = Source(kind=SourceKind.ADJUSTER, by=staff, at=world.now())
    day = china_day(claim.accident.occurred_at)
    entries: dict[str, Appraisal | Death] = {}
    if claim.goes_to_beneficiaries and sheet.death is None:
        is_sudden = ClaimType.SUDDEN_DEATH in claim.claim_types
        cause = DeathCause.SUDDEN if is_sudden else DeathCause.ACCIDENT
        entries["death"] = Death(died_on=day, cause=cause, onset_on=day if is_sudden else None, source=source)
    if ClaimType.DISABILITY in claim.claim_types and (sheet.appraisal is None or luck.random() < 0.1):
        site = DisabilitySite(part="FOOT", side=luck.choice(list(BodySide)), grade=luck.choice(GRADES))
        entries["appraisal"] = Appraisal(
            appraised_on=day, body="市司法鉴定中心", sites=(site,), source=source
        )
    if entries:
        entered = sheet.model_copy(update=entries)
        world.perform(
            staff,
            "fill_sheet",
            lambda p: claims_of(p).fill_sheet(
                staff, claim.claim_no, claim.round.sheet, entered, "按原件录入"
            ),
        )


def acknowledge(history: History, luck: Random, claim: Claim) -> None:
    senior = luck.choice((*SENIORS, "sen-1"))
    yes = luck.random() < 0.9
    _say(
        history,
        senior,
        "acknowledge a death or disability",
        lambda p: claims_of(p).acknowledge_decision(senior, claim.claim_no, yes, None if yes else "再核一次"),
    )


# ---- the money ---------------------------------------------------------------------------------------


def pay(history: History, luck: Random, claim: Claim) -> None:
    """Two people see the document of each who is owed; whose money came back or never left is paid again."""
    claim_no = claim.claim_no
    for owed in claim.round.decided_obligations:
        for staff in luck.sample((*FINANCE, *INTAKE), 2) if luck.random() < 0.8 else ():
            _say(
                history,
                staff,
                "confirm_identity of a payee",
                lambda p, staff=staff, payee=owed.payee: payouts_of(p).confirm_identity(  # type: ignore[misc]
                    staff, claim_no, IdDocumentType.RESIDENT_ID, payee
                ),
            )
        if owed.attention is not None and luck.random() < 0.5:
            finance = luck.choice(FINANCE)
            _say(
                history,
                finance,
                "pay a share again",
                lambda p, number=owed.number: payouts_of(p).trigger_payout(claim_no, number),  # type: ignore[misc]
            )
    if not claim.round.decided_obligations and luck.random() < 0.4:
        _say(
            history,
            luck.choice(FINANCE),
            "pay a death claim",
            lambda p: payouts_of(p).trigger_payout(claim_no),
        )


def void_under(history: History, luck: Random, claim: Claim) -> None:
    """The policy of a claim turns out never to have been one."""
    number = claim.policy.policy_no
    reason = luck.choice((EndReason.IDENTITY_THEFT, EndReason.NO_INSURABLE_INTEREST))
    void_of(history, number, reason)


# ---- disabilities ------------------------------------------------------------------------------------


def staff_see_to_the_disabled(history: History, luck: Random, somebody: Somebody) -> None:
    """One go through a person's disability claims, from the sheet to the money."""
    person_id = history.world.observer.index.person_id(somebody.id_number)
    for claim_no in sorted(history.watch.claims):
        claim = _as_it_stands(history, claim_no)
        is_theirs = claim.belongs_to(person_id) and ClaimType.DISABILITY in claim.claim_types
        if not is_theirs or claim.goes_to_beneficiaries:
            continue
        if claim.status in REVIEWED:
            review(history, luck, claim)
        elif claim.status is ClaimStatus.DECIDED:
            acknowledge(history, luck, claim)
        elif claim.status in PAYABLE:
            pay(history, luck, claim)
        elif claim.status is ClaimStatus.CLOSED and luck.random() < 0.2:
            added = luck.choice(((), (ClaimType.DEATH,)))
            staff = luck.choice(ADJUSTERS)
            _say(
                history,
                staff,
                "reopen a disability claim",
                lambda p, no=claim_no, staff=staff, added=added: claims_of(p).review_claim.reopen(  # type: ignore[misc]
                    staff, no, "WORSENED", "伤情加重", added
                ),
            )
