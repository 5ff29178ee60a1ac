"""POST /v1/check-ins: from a scanned code to the pre-order at the work card, once every condition is met."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from daycover.china_time import china_day, seconds_left_of_day
from daycover.cover.application import terms_of
from daycover.cover.check_in import (
    CheckIn,
    CheckInExistsError,
    CheckIns,
    CheckInStatus,
    Context,
    Device,
    Opened,
    Reminders,
    ScannedCode,
    evidence_at_scan,
    open_code,
)
from daycover.cover.disclosure import consent_texts, plan_key
from daycover.cover.evidence import evaluate
from daycover.cover.occupation import check_not_referred
from daycover.cover.period import next_period
from daycover.cover.plan import Plan
from daycover.cover.policy import Policies, Policy, latest_of
from daycover.cover.presence import WHY_BY_ERROR, Typed, Visits, Why, visit_of
from daycover.cover.site_offer import RefusedPlaces, spot_of
from daycover.cover.underwriting import check_age
from daycover.errors import DaycoverError, ErrorKind
from daycover.identity.attempt import (
    DayUse,
    ask,
    check_spacing,
    day_key,
    digest_of,
    way_on,
)
from daycover.identity.consent import check_complete, missing, references
from daycover.identity.document import DocumentReferredError, IdDocumentType, id_document, indexed
from daycover.identity.name import same_person_name
from daycover.identity.work_card import PRE_ORDER_SECONDS, PreOrder, WorkCard, WorkCardLimitError
from daycover.identity.worker import (
    Identity,
    NameMismatchError,
    PayeeChecks,
    PersonalDataLockedError,
    PersonIndex,
    Worker,
)
from daycover.projects.code import CodeKey
from daycover.projects.place import Place, distance_m
from daycover.projects.project import Project, Projects

NUMBERS_PER_DAY = 99
"""An id has two digits for them. Only what WeChat may have counted counts, so there may be more than its 20."""


class IdentityRequiredError(DaycoverError):
    """The person is not proved yet; name and ID number must be stated.

    What to do: State both and check in again.
    含义:本人尚未通过核验,必须填写姓名和身份证号码。
    处理:填写后重新打卡。
    """

    kind = ErrorKind.INVALID
    title = "需要姓名和身份证号码", "Name and resident ID number are needed"
    detail = "首次打卡请填写姓名和身份证号码。", "The first check-in needs your name and resident ID number."


@dataclass(frozen=True, slots=True, kw_only=True)
class StartCheckIn:
    """POST /v1/check-ins."""

    now: Callable[[], datetime]
    projects: Projects
    code_key: CodeKey
    check_ins: CheckIns
    policies: Policies
    index: PersonIndex
    work_card: WorkCard
    reminders: Reminders
    visits: Visits
    refused: RefusedPlaces

    def __call__(
        self,
        worker_id: str,
        qr_token: str,
        stated: tuple[str, str] | None,
        place: Place | None,
        device: Device,
        *,
        phone: str | None = None,
    ) -> CheckIn | Policy:
        """Begin a check-in, go on with an open one, or give the policy that already covers the worker here.

        `stated` is (name, ID number); a person that the work card has proved before need not state them.
        The attempt is stored before the work card is asked, so that parallel scans share one attempt and
        use up one of the day's pre-orders; its token is None while another scan is still asking. One whose token
        never came is asked for again under its number. A refusal is noted as a visit, so that the foreman sees
        who is on site uninsured; success notes nothing, unless it brings a `phone` for the site to reach them by.

        Raises what `open_code` raises, CoverNotAvailableError, CheckInTooEarlyError, OutsideGeofenceError,
        IdentityRequiredError, ResidentIdError, DocumentReferredError, NameMismatchError, AgeOutOfRangeError,
        ConsentMissingError, WorkCardLimitError, FacesUsedUpError, WorkCardRefusedError, WorkCardUnavailableError,
        and OccupationReferredError, before WeChat is asked anything, where an underwriter decides about each
        worker (`cover/referral.py`).
        """
        now = self.now()
        opened = open_code(qr_token, self.projects, self.code_key, now)
        context = self.check_ins.context(worker_id, opened.project.project_id, plan_key(opened.plan))
        if context.worker.locked_at is not None:
            raise PersonalDataLockedError(locked_at=context.worker.locked_at)
        device = device.model_copy(update={"id": self.index.device_id(device.id)})
        told = Typed(None if stated is None else stated[0], phone)
        try:
            outcome = self._start(opened, context, stated, place=place, device=device, now=now)
        except DaycoverError as refusal:
            why = WHY_BY_ERROR.get(type(refusal).__name__)
            if why is not None:
                self._note(why, context, opened, told, place=place, now=now)
            raise
        if phone is not None and isinstance(outcome, CheckIn):
            self._note(Why.FACE_PENDING, context, opened, told, place=place, now=now)
        return outcome

    def _note(
        self, why: Why, context: Context, opened: Opened, told: Typed, *, place: Place | None, now: datetime
    ) -> None:
        """Tell the foreman, and count who was refused for the place: the site may be what is wrong."""
        worker, project = context.worker, opened.project
        consented = not missing(consent_texts(project, opened.plan), context.consents)
        if why is not Why.OUTSIDE_SITE or place is None:
            self.visits.record(visit_of(worker, project, why, now, consented=consented, told=told))
            return
        away_m = round(distance_m(project.site, place))
        self.visits.record(visit_of(worker, project, why, now, away_m, consented=consented, told=told))
        spot = spot_of(project.site, place)
        if spot is not None:
            self.refused.count(project.project_id, china_day(now), worker.worker_id, spot)

    def _start(
        self,
        opened: Opened,
        context: Context,
        stated: tuple[str, str] | None,
        *,
        place: Place | None,
        device: Device,
        now: datetime,
    ) -> CheckIn | Policy:
        project, chosen, code = opened
        identity = self._identify(context.worker, stated, now)
        starts_at = now
        if context.worker.person_id == identity.person_id:  # only the proved person sees their policy
            latest = latest_of(self.policies.recent(identity.person_id, now), project.project_id)
            next_ = next_period(now, None if latest is None else latest.period)
            if latest is not None and next_ is None:
                return latest
            starts_at = now if next_ is None else next_.start
        check_age(identity.birth_date, china_day(starts_at), project.occupation_class)
        project.check_credit()  # only after the look for cover in force, which a block does not touch
        shift_ends_at = project.check_shift(now)
        project.site.check_place(place)
        check_complete(consent_texts(project, chosen), context.consents)
        check_not_referred(project)  # last: who is sent to the two people meets every other condition

        draft = _draft(context, identity, project, chosen, code=code, place=place, device=device, now=now)
        draft = draft.model_copy(update={"shift_ends_at": shift_ends_at.astimezone(UTC)})
        while True:
            check_in, is_mine = self._open_attempt(draft, context.worker.payee_checks)
            if not is_mine:
                return check_in
            order = _order(check_in, project)
            answered = ask(self.work_card, order, check_in, now)
            check_in = check_in.model_copy(update=answered.changes)
            if check_in.token is not None:
                return self._pre_ordered(check_in)
            self.check_ins.unanswered(check_in)
            if answered.error is not None:
                raise answered.error

    def _pre_ordered(self, check_in: CheckIn) -> CheckIn:
        ready = check_in.model_copy(update={"status": CheckInStatus.PRE_ORDERED})
        # the reminder goes first: without a stored token it does no harm, but a worker who has the token,
        # shows their face and never comes back must not be forgotten
        self.reminders.ask_later(check_in.worker_id, check_in.check_in_id, 0)
        self.check_ins.pre_ordered(ready)
        return ready

    def _identify(self, worker: Worker, stated: tuple[str, str] | None, now: datetime) -> Identity:
        if stated is not None:
            shown = id_document(IdDocumentType.RESIDENT_ID, stated[1], china_day(now))
            if shown.type is not IdDocumentType.RESIDENT_ID:
                raise DocumentReferredError
            person_id = self.index.person_id(indexed(shown.type, shown.number))
            identity = Identity.of(stated[0], shown, person_id)
            if worker.identity is None:
                return identity
            if not _is_same(worker.identity, identity):
                raise NameMismatchError  # the work card would say so too, after a face and an attempt
            return worker.identity  # as it was proved, dots and all
        if worker.identity is None:
            raise IdentityRequiredError
        if worker.identity.document_type is not IdDocumentType.RESIDENT_ID:
            raise DocumentReferredError
        return worker.identity

    def _open_attempt(self, draft: CheckIn, payee: PayeeChecks | None) -> tuple[CheckIn, bool]:
        """Store the attempt to ask WeChat for, or give the one to go on with, also a parallel scan's, with False."""
        while True:
            today = self.check_ins.of_day(draft.worker_id, draft.day)
            way = way_on([c for c in today if _same_cause(c, draft)], draft.order_digest, draft.at)
            if way.attempt is not None and not way.ask:
                return way.attempt, False
            number = None if way.attempt is None else way.attempt.authenticate_number
            DayUse.of(today, payee, draft.at, beside=number).check(draft.at)
            try:
                if way.attempt is not None:
                    taken_over = {"check_in_id": way.attempt.check_in_id, **way.attempt.asked_again()}
                    again = draft.model_copy(update=taken_over)
                    self.check_ins.ask_again(again, way.attempt)
                    return again, True
                check_spacing(today, draft.at)
                check_in = _numbered(draft, today)
                self.check_ins.add(check_in)
            except CheckInExistsError:  # a parallel scan, perhaps of another project's code
                continue
            return check_in, True


def _is_same(proved: Identity, stated: Identity) -> bool:
    return proved.person_id == stated.person_id and same_person_name(proved.name, stated.name)


def _same_cause(one: CheckIn, other: CheckIn) -> bool:
    return one.is_open and (one.project_id, one.identity) == (other.project_id, other.identity)


def _numbered(draft: CheckIn, today: Sequence[CheckIn]) -> CheckIn:
    number = int(today[-1].check_in_id[-2:]) + 1 if today else 1
    if number > NUMBERS_PER_DAY:
        raise WorkCardLimitError(retry_after=seconds_left_of_day(draft.at))
    return draft.model_copy(update=_numbers(draft.worker_id, draft.day, number))


def _numbers(worker_id: str, day: str, number: int) -> dict[str, str]:
    return {
        "check_in_id": f"{day}-{number:02d}",
        "authenticate_number": f"{worker_id}{day}{number:02d}",
    }


def _order(check_in: CheckIn, project: Project) -> PreOrder:
    return PreOrder(
        authenticate_number=check_in.authenticate_number,
        openid=check_in.openid,
        sub_mchid=project.sub_mchid,
        project_name=project.name,
        employer_name=project.employer_name,
        name=check_in.identity.name,
        id_number=check_in.identity.id_number,
    )


def _draft(
    context: Context,
    identity: Identity,
    project: Project,
    chosen: Plan,
    *,
    code: ScannedCode,
    place: Place | None,
    device: Device,
    now: datetime,
) -> CheckIn:
    """Give the check-in as the first attempt of its day, with the signals that the scan alone gives."""
    worker = context.worker
    check_in = CheckIn(
        **_numbers(worker.worker_id, day_key(now), 1),
        worker_id=worker.worker_id,
        openid=worker.openid,
        identity=identity,
        is_proved=worker.person_id == identity.person_id,
        order_digest=digest_of(project.sub_mchid, project.name, project.employer_name),
        status=CheckInStatus.STARTED,
        at=now,
        token_ends_at=now + timedelta(seconds=PRE_ORDER_SECONDS),
        device=device,
        code=code,
        place=place,
        distance_m=None if place is None else round(distance_m(project.site, place)),
        radius_m=project.site.radius_m,
        consents=references(context.consents),
        **terms_of(project, chosen),
    )
    return check_in.model_copy(update={"signals": evaluate(evidence_at_scan(check_in, project))})
