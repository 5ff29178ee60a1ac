"""What workers and their foremen do: scan, consent, show a face, cancel, withdraw, erase; close, rotate, move."""

from datetime import datetime, timedelta
from random import Random

from daycover.cover.check_in import CheckIn, Device
from daycover.cover.policy import EndReason, Policy
from daycover.identity.consent import ConsentKind
from daycover.projects.place import Place
from daycover.projects.project import ProjectStatus
from daycover.wiring.access import AccessWiring
from daycover.wiring.cover import CoverWiring
from daycover.wiring.projects import ProjectsWiring
from tests.simulation.cast import PROVIDER, SITE, Clerk, Somebody, open_project, wanted_project
from tests.simulation.history import History, act
from tests.simulation.processes import SimulatedAdapters


def signed_in(history: History, somebody: Somebody, openid: str) -> str | None:
    """Give the worker id of an account; None where signing in did not work this time."""
    known = somebody.worker_ids.get(openid)
    if known is not None:
        return known
    told = history.world.perform(
        openid, "sign_in_worker", lambda process: process.wired(AccessWiring).sign_in_worker(openid)
    )
    if told.is_ok:
        somebody.worker_ids[openid] = told.result
        return str(told.result)
    return None


def an_account(history: History, somebody: Somebody, luck: Random) -> tuple[str, str] | None:
    """One of a person's accounts, signed in: openid and worker id."""
    openid = luck.choice(somebody.openids)
    worker_id = signed_in(history, somebody, openid)
    return None if worker_id is None else (openid, worker_id)


def proved_to_be(history: History, worker_id: str) -> str | None:
    """Which person an account is bound to: whoever showed a colleague's face for theirs is that colleague to us."""
    worker = history.world.observer.workers.find(worker_id)
    return None if worker is None else worker.person_id


@act(12)
def arrive(history: History, luck: Random) -> None:
    """Come to a gate, or renew there: scan, consent, check in, show a face."""
    somebody = history.cast.somebody(luck)
    account = an_account(history, somebody, luck)
    if account is not None:
        _, project_id = luck.choice(history.cast.projects)
        scan(history, luck, somebody, account, luck.choice(history.cast.codes[project_id][-2:]))


@act(6)
def arrive_twice_at_once(history: History, luck: Random) -> None:
    """The same person at two gates, or with two phones, and both apps ask in the same moment."""
    somebody = history.cast.somebody(luck)
    moment = history.world.now() + timedelta(seconds=luck.uniform(10, 60))
    gates = luck.sample(history.cast.projects, min(2, len(history.cast.projects)))
    for place, openid in enumerate(luck.sample((*somebody.openids, *somebody.openids), 2)):
        worker_id = signed_in(history, somebody, openid)
        if worker_id is None:
            return
        code = history.cast.codes[gates[place % len(gates)][1]][-1]
        own = Random(luck.random())
        history.later(
            luck.random(), "arrive", scan, history, own, somebody, (openid, worker_id), code, 0, moment
        )


@act(5)
def arrive_every_day(history: History, luck: Random) -> None:
    """Work for the same company day after day, so that cover adjoins cover."""
    somebody = history.cast.somebody(luck)
    account = an_account(history, somebody, luck)
    if account is None:
        return
    _, project_id = luck.choice(history.cast.projects)
    for day in range(luck.randint(2, 6)):
        own = Random(luck.random())
        after = day * 86_400 - day * luck.choice((300, 3_600, 7_000))
        code = history.cast.codes[project_id][-1]
        history.later(after, "arrive", scan, history, own, somebody, account, code)
        if luck.random() < 0.5:  # bought, and not begun: now it may be cancelled, by those who may
            history.later(after + luck.uniform(90, 290), "cancel", cancel_of, history, own, somebody)


def scan(
    history: History,
    luck: Random,
    somebody: Somebody,
    account: tuple[str, str],
    code: str,
    attempt: int = 0,
    moment: datetime | None = None,
) -> None:
    """Go through the gate; whoever gets no answer taps again. `moment`: when the app asks for the policy."""
    openid, worker_id = account
    world, now = history.world, history.world.now()

    def again() -> None:
        seconds, of = luck.uniform(1, 20), (history, luck, somebody, account, code, attempt + 1)
        history.later(seconds, "scan again", scan, *of)

    preview = world.perform(
        openid, "preview_cover", lambda process: process.wired(CoverWiring).preview_cover(worker_id, code)
    )
    if not preview.is_ok:
        if preview.is_unknown and attempt < 2:
            again()
        return
    shown = preview.result
    if not shown.is_complete:
        accepted = {text.kind: (text.sha256, now) for text in shown.texts}
        given = world.perform(
            openid,
            "give_consents",
            lambda process: process.wired(CoverWiring).preview_cover.accept(worker_id, code, accepted),
        )
        if not given.is_ok and not given.is_unknown:
            return
    is_known = bool(history.watch.policies_of(somebody))
    stated = None if luck.random() < (0.5 if is_known else 0.03) else (somebody.name, somebody.id_number)
    if stated is not None and luck.random() < 0.04:
        other = history.cast.somebody(luck)
        stated = other.name, other.id_number  # a colleague's phone, or a colleague's number
    place = Place(latitude=SITE.latitude, longitude=SITE.longitude, accuracy_m=15.0, fixed_at=now)
    device = Device(id=luck.choice((openid, "a-shared-phone")), time=now)
    told = world.perform(
        openid,
        "start_check_in",
        lambda process: process.wired(CoverWiring).start_check_in(worker_id, code, stated, place, device),
    )
    if told.is_unknown and attempt < 2:
        again()
    if isinstance(told.result, CheckIn):
        check_in = told.result
        if luck.random() < 0.9:
            failed = None if luck.random() < 0.93 else "COMPARE_FAILED"
            history.later(luck.uniform(4, 60), "show a face", show_face, history, check_in, failed)
        if moment is not None:
            history.later(1, "show a face", show_face, history, check_in, None)
            seconds = (moment - world.now()).total_seconds()
            history.later(max(2, seconds), "ask for the policy", prove, history, openid, worker_id, check_in)
        elif luck.random() < 0.8:  # else the app never comes back, and the queue asks
            for seconds in sorted(luck.uniform(3, 90) for _ in range(luck.randint(1, 3))):
                history.later(seconds, "ask for the policy", prove, history, openid, worker_id, check_in)


def show_face(history: History, check_in: CheckIn, failed: str | None) -> None:
    card = history.world.outside.card
    number = check_in.authenticate_number
    if number in card.orders and number not in card._results:
        card.show_face(number, failed=failed)


def prove(history: History, openid: str, worker_id: str, check_in: CheckIn) -> None:
    history.world.perform(
        openid,
        "issue_policy",
        lambda process: process.wired(CoverWiring).prove_check_in(worker_id, check_in.check_in_id),
    )


def a_policy_of(history: History, somebody: Somebody, luck: Random) -> Policy | None:
    """One of a person's latest policies, as the app shows them."""
    known = history.watch.policies_of(somebody)
    return luck.choice(known[-3:]) if known else None


@act(3)
def cancel(history: History, luck: Random) -> None:
    """The worker, the company or somebody else wants a policy cancelled."""
    cancel_of(history, luck, history.cast.somebody(luck))


def cancel_of(history: History, luck: Random, somebody: Somebody) -> None:
    policy = a_policy_of(history, somebody, luck)
    if policy is None:
        return
    latest = history.watch.policies_of(somebody)[-1]
    policy = latest if latest.period.start > history.world.now() else policy  # not begun: it may be cancelled
    reason = luck.choice((EndReason.NOT_NEEDED, EndReason.MISTAKE))
    who = luck.random()
    if who < 0.4:
        account = an_account(history, somebody, luck)
        if account is not None:
            openid, worker_id = account
            history.world.perform(
                openid,
                "cancel_policy",
                lambda process: process.wired(CoverWiring).cancel_policy.by_worker(
                    worker_id, policy.policy_no, reason
                ),
            )
    elif who < 0.7:
        clerk = Clerk("company", policy.company_id, PROVIDER)
        history.world.perform(
            policy.company_id,
            "cancel_policy",
            lambda process: process.wired(CoverWiring).cancel_policy.by_company(
                clerk, policy.company_id, policy.policy_no, EndReason.SHIFT_CANCELLED
            ),
        )
    else:
        stranger = history.cast.somebody(luck)
        account = an_account(history, stranger, luck)
        if account is not None and stranger is not somebody:
            was = proved_to_be(history, account[1])
            told = history.world.perform(
                account[0],
                "cancel_policy of another",
                lambda process: process.wired(CoverWiring).cancel_policy.by_worker(
                    account[1], policy.policy_no, reason
                ),
            )
            if policy.person_id not in {was, proved_to_be(history, account[1])}:
                history.watch.must_be_refused(told, "cancelling another person's policy")


@act(2)
def void(history: History, luck: Random) -> None:
    """Staff find that there never was cover, now or long after it."""
    policy = a_policy_of(history, history.cast.somebody(luck), luck)
    if policy is not None:
        reason = luck.choice(
            (EndReason.NO_CONSENT, EndReason.IDENTITY_THEFT, EndReason.NO_INSURABLE_INTEREST)
        )
        void_of(history, policy.policy_no, reason)


def void_of(history: History, policy_no: str, reason: EndReason) -> None:
    history.world.perform(
        "uw-1",
        "void_policy",
        lambda process: process.wired(CoverWiring).void_policy("uw-1", policy_no, reason),
    )


@act(2)
def withdraw_consents(history: History, luck: Random) -> None:
    """Take consents back, for a project or a whole company."""
    somebody = history.cast.somebody(luck)
    account = an_account(history, somebody, luck)
    if account is None:
        return
    company_id, project_id = luck.choice(history.cast.projects)
    where = {"project_id": project_id} if luck.random() < 0.5 else {"company_id": company_id}
    kinds = list(ConsentKind) if luck.random() < 0.7 else [ConsentKind.SENSITIVE_DATA]
    withdraw(history, account, kinds, where)


def withdraw(
    history: History, account: tuple[str, str], kinds: list[ConsentKind], where: dict[str, str]
) -> None:
    asked = history.world.now()
    with history.world.outside.card.given_up(account[0]):
        told = history.world.perform(
            account[0],
            "withdraw_consents",
            lambda process: process.wired(CoverWiring).withdraw_consents(account[1], kinds, **where),
        )
    if told.is_ok:
        history.watch.withdrawn(account[1], where, asked)


@act(5)
def change_ones_mind(history: History, luck: Random) -> None:
    """Scan, and withdraw or ask for erasure before there is a policy, or in the moment in which there is one."""
    somebody = history.cast.somebody(luck)
    account = an_account(history, somebody, luck)
    if account is None:
        return
    company_id, project_id = luck.choice(history.cast.projects)
    scan(history, luck, somebody, account, history.cast.codes[project_id][-1])
    after = luck.uniform(1, 90)
    if luck.random() < 0.5:
        where = {"project_id": project_id} if luck.random() < 0.5 else {"company_id": company_id}
        history.later(after, "withdraw", withdraw, history, account, list(ConsentKind), where)
    else:
        history.later(after, "erase", ask_for_erasure, history, luck, account)


@act(2)
def erase(history: History, luck: Random) -> None:
    """Ask for erasure, and perhaps take it back."""
    account = an_account(history, history.cast.somebody(luck), luck)
    if account is not None:
        ask_for_erasure(history, luck, account)


def ask_for_erasure(history: History, luck: Random, account: tuple[str, str]) -> None:
    asked = history.world.now()
    with history.world.outside.card.given_up(account[0]):
        told = history.world.perform(
            account[0],
            "erase_worker",
            lambda process: process.wired(CoverWiring).erase_worker.request(account[1]),
        )
    if told.is_ok:
        history.watch.erased(account[1], asked)
    if luck.random() < 0.5:
        history.later(
            luck.uniform(1, 7_200),
            "take erasure back",
            lambda: history.watch.unlocked(
                account[1],
                history.world.perform(
                    account[0],
                    "erase_worker back",
                    lambda process: process.wired(CoverWiring).erase_worker.withdraw(account[1]),
                ),
            ),
        )


@act(2)
def run_project(history: History, luck: Random) -> None:
    """The foreman pauses, closes or opens a project, or hangs up another code."""
    company_id, project_id = luck.choice(history.cast.projects)
    world = history.world

    def run(process: SimulatedAdapters) -> object:
        return process.wired(ProjectsWiring).run_projects

    match luck.choice(("pause", "close", "open", "open", "rotate", "revoke", "new")):
        case "pause":
            world.perform(
                company_id, "pause", lambda p: _run(p).move(company_id, project_id, ProjectStatus.PAUSED)
            )
        case "close":
            world.perform(
                company_id, "close", lambda p: _run(p).move(company_id, project_id, ProjectStatus.CLOSED)
            )
        case "open":
            world.perform(
                company_id, "open", lambda p: _run(p).move(company_id, project_id, ProjectStatus.OPEN)
            )
        case "rotate":
            rotate(history, company_id, project_id)
        case "revoke":
            world.perform(company_id, "revoke", lambda p: _run(p).revoke_code(company_id, project_id))
            history.later(600, "rotate", rotate, history, company_id, project_id)
        case "new":
            days = timedelta(days=history.script.days).days
            wanted = wanted_project(luck, world.observer, days=days)
            world.perform(
                company_id, "open_project", lambda p: open_project(history.cast, p, company_id, wanted)
            )


def rotate(history: History, company_id: str, project_id: str) -> None:
    world = history.world
    world.perform(company_id, "rotate_code", lambda p: _run(p).rotate_code(company_id, project_id))
    told = world.perform(company_id, "code", lambda p: _run(p).code(company_id, project_id)[0])
    if told.is_ok:
        history.cast.codes[project_id].append(told.result)


def _run(process: SimulatedAdapters):  # type: ignore[no-untyped-def]
    return process.wired(ProjectsWiring).run_projects
