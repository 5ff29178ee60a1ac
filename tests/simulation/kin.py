"""A worker's relatives, and what they do once the worker has died: report, prove who they are, file, answer."""

from fractions import Fraction
from random import Random

from daycover.claims.answer import AnswerKind
from daycover.claims.claim import Accident, Actor, Claim
from daycover.claims.consents import ClaimConsentKind, standing
from daycover.claims.documents import ClaimType, DocumentType, checklist, missing
from daycover.claims.evidence import ClaimDocument, DayFacts, Facts, statuses_of
from daycover.claims.lifecycle import ClaimStatus
from daycover.claims.report import LossReport
from daycover.claims.represent import Insured
from daycover.claims.representative import Particulars, RepresentativeKind
from daycover.identity.document import IdDocumentType
from daycover.payouts.beneficiary import Relation
from daycover.payouts.designation import Designated
from tests.simulation.cast import Relative, Somebody
from tests.simulation.claimant import claims_of, insured_of, send
from tests.simulation.gate import an_account
from tests.simulation.history import History
from tests.support.builders import numbered
from tests.support.claims import accepted, receipt_facts

KIN = (
    ("宇文行舟", "19780502", Relation.SPOUSE),
    ("慕容补天", "20030718", Relation.CHILD),
    ("司徒望归", "20150904", Relation.CHILD),
    ("长孙拾贝", "19550120", Relation.PARENT),
    ("公孙路过", "19800808", Relation.OTHER),
)
"""The third is a minor, whose other parent is the guardian; the last is a neighbour who says to be a brother."""
PHONE = "13800138000"
RESIDENT = IdDocumentType.RESIDENT_ID
SHARES = (("1/1",), ("1/2", "1/2"), ("1/3", "2/3"), ("1/3", "1/3", "1/3"), ("1/7", "2/7", "4/7"))
OVER = {ClaimStatus.PAID, ClaimStatus.CLOSED, ClaimStatus.WITHDRAWN}


def family_of(history: History, somebody: Somebody) -> list[Relative]:
    """The relatives of a person and the neighbour, last; they are the same whenever asked for."""
    families = history.cast.families
    if somebody.id_number not in families:
        place = history.cast.people.index(somebody)
        families[somebody.id_number] = [
            Relative(
                name,
                numbered("119902", born, f"{10 * place + number + 1:03d}"),
                (f"o-kin-{place}-{number}",),
                relation=relation,
                accounts=tuple(f"622202{place:02d}{number:02d}00{copy:03d}" for copy in range(3)),
            )
            for number, (name, born, relation) in enumerate(KIN)
        ]
    return families[somebody.id_number]


def deaths_of(history: History, somebody: Somebody) -> list[Claim]:
    """The death claims of a person, as they stand."""
    person_id = history.world.observer.index.person_id(somebody.id_number)
    known = (history.watch.claims[claim_no] for claim_no in sorted(history.watch.claims))
    return [claim for claim in known if claim.goes_to_beneficiaries and claim.belongs_to(person_id)]


def a_death(history: History, luck: Random) -> tuple[Somebody, Claim] | None:
    known = [claim for one in history.cast.people for claim in deaths_of(history, one)]
    claim = luck.choice(known) if known else None
    somebody = insured_of(history, claim) if claim is not None else None
    return None if claim is None or somebody is None else (somebody, claim)


def report_death(
    history: History,
    luck: Random,
    somebody: Somebody,
    reporter: Relative,
    accident: Accident,
    types: tuple[ClaimType, ...],
) -> None:
    """Report for somebody from one's own account; whoever gets no answer asks again."""
    account = an_account(history, reporter, luck)
    if account is None:
        return
    said = LossReport(
        policy_no=None,
        accident=accident,
        claim_types=types,
        phone=PHONE,
        insured_name=somebody.name,
        relation=reporter.relation.value,
    )
    for _ in range(3):
        told = history.world.perform(
            account[0],
            "report_for_somebody",
            lambda p: claims_of(p).report_for_somebody(account[1], RESIDENT, somebody.id_number, said),
        )
        if not told.is_unknown:
            return


def designated(luck: Random, family: list[Relative]) -> tuple[Designated, ...]:
    """Some of the family; sometimes nobody, or the neighbour, whom the law does not allow."""
    if luck.random() < 0.15:
        return ()
    shares = luck.choice(SHARES)
    named = luck.sample(family if luck.random() < 0.2 else family[:4], len(shares))
    return tuple(
        Designated(
            name=one.name,
            document_type=RESIDENT,
            document_number=one.id_number,
            relation=one.relation,
            share=Fraction(share),
        )
        for one, share in zip(named, shares, strict=True)
    )


# ---- what the relatives do ---------------------------------------------------------------------------


def relatives_see_to(history: History, luck: Random, somebody: Somebody, claim_no: str) -> None:
    """Whoever is left asks to represent, files what is missing, and answers once there is an amount."""
    family = family_of(history, somebody)
    for relative in luck.sample(family, len(family)):
        claim = history.watch.claims[claim_no]
        account = an_account(history, relative, luck)
        if account is None:
            continue
        mine = claim.represented_by(account[1])
        is_kin = relative.relation is not Relation.OTHER
        if (mine is None or not mine.stands) and luck.random() < (0.5 if is_kin else 0.1):
            ask_to_represent(history, luck, somebody, relative, account, claim_no)
        elif mine is not None and mine.is_accepted:
            follow_as_heir(history, luck, account, claim)
        elif not is_kin and luck.random() < 0.1:
            _meddle(history, account, claim)


def ask_to_represent(
    history: History,
    luck: Random,
    somebody: Somebody,
    relative: Relative,
    account: tuple[str, str],
    claim_no: str,
) -> None:
    """Ask to act on the claim, with a proof that is sent in the same hour; or with somebody else's number."""
    kind = RepresentativeKind.HEIR if luck.random() < 0.93 else RepresentativeKind.AGENT
    insured = somebody.id_number if luck.random() < 0.95 else relative.id_number
    said = Particulars(
        kind=kind,
        name=relative.name,
        document_type=RESIDENT,
        document_number=relative.id_number,
        relation=relative.relation.value,
        phone=PHONE,
    )
    told = history.world.perform(
        account[0],
        "ask_to_represent",
        lambda p: claims_of(p).ask_to_represent(account[1], claim_no, said, Insured(RESIDENT, insured)),
    )
    if told.is_ok or told.is_unknown:
        send(history, account, claim_no, DocumentType.RELATION_PROOF, None, f" of {relative.name}")
        if luck.random() < 0.3:
            send(history, account, claim_no, DocumentType.POWER_OF_ATTORNEY, None, f" of {relative.name}")


def follow_as_heir(history: History, luck: Random, account: tuple[str, str], claim: Claim) -> None:
    """What an accepted heir finds to do on the claim as it stands."""
    openid, worker_id = account
    world, claim_no = history.world, claim.claim_no
    if claim.status in {ClaimStatus.REGISTERED, ClaimStatus.AWAITING_DOCS, ClaimStatus.AWAITING_SUPPLEMENT}:
        file_what_is_missing(history, luck, account, claim)
    elif claim.status is ClaimStatus.ACKNOWLEDGED:
        answer = AnswerKind.ACCEPT if luck.random() < 0.9 else AnswerKind.DISPUTE
        for _ in range(luck.choice((1, 1, 2))):
            world.perform(
                openid,
                "answer as an heir",
                lambda p: claims_of(p).answer_claim(worker_id, claim_no, answer, None),
            )
    elif luck.random() < 0.02:
        number = next(r.number for r in claim.representatives if r.worker_id == worker_id and r.stands)
        world.perform(
            openid,
            "end_representation",
            lambda p: claims_of(p).ask_to_represent.end(worker_id, claim_no, number, "由家人办理"),
        )
    elif luck.random() < 0.04:
        told = world.perform(
            openid,
            "withdraw a death claim",
            lambda p: claims_of(p).manage_own_claim.withdraw(worker_id, claim_no, "不申请了"),
        )
        history.watch.must_be_refused(told, "an heir giving a dead person's claim up")


def file_what_is_missing(history: History, luck: Random, account: tuple[str, str], claim: Claim) -> None:
    """Say yes to the use of the papers, send them, and say that it is all."""
    world, claim_no = history.world, claim.claim_no
    if standing(claim.consents, ClaimConsentKind.HEALTH_DATA) is None:
        _say_yes(history, account, claim_no)
    sent = world.observer.documents.list_of(claim_no)
    wanted = missing(checklist(claim.claim_types), statuses_of(claim, sent))
    for kind in dict.fromkeys((*wanted, *claim.round.supplement)):
        facts: Facts | None = None
        if kind is DocumentType.INVOICE:
            facts = receipt_facts(luck.choice((60_000, 900_000)), claim_no)
        elif kind in {DocumentType.SICK_LEAVE_CERTIFICATE, DocumentType.ADMISSION_RECORD}:
            facts = DayFacts(days=12)
        send(history, account, claim_no, kind, facts)
    by = Actor.worker(account[1])
    world.perform(
        account[0], "all_sent for the dead", lambda p: claims_of(p).collect_documents.all_sent(by, claim_no)
    )


def _say_yes(history: History, account: tuple[str, str], claim_no: str) -> None:
    world = history.world
    yes = accepted(ClaimConsentKind.HEALTH_DATA, ClaimConsentKind.BANK_ACCOUNT, at=world.now())
    world.perform(
        account[0],
        "give_consents of the dead",
        lambda p: claims_of(p).consents.give(account[1], claim_no, yes),
    )


def _meddle(history: History, account: tuple[str, str], claim: Claim) -> None:
    """Who was not accepted answers all the same."""
    told = history.world.perform(
        account[0],
        "answer as a stranger",
        lambda p: claims_of(p).answer_claim(account[1], claim.claim_no, AnswerKind.ACCEPT, None),
    )
    found = history.world.observer.claims.get(claim.claim_no).represented_by(account[1])
    if found is None or not found.is_accepted:
        history.watch.must_be_refused(told, "a stranger's answer for the dead")


def proofs_of(history: History, claim_no: str) -> list[ClaimDocument]:
    """The proofs of relation that were announced for a claim."""
    return [
        one
        for one in history.world.observer.documents.list_of(claim_no)
        if one.announced.doc_type is DocumentType.RELATION_PROOF
    ]
