"""What a scan shows before anything is asked of the worker."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from daycover.cover.check_in import CheckIns, open_code
from daycover.cover.disclosure import consent_texts, plan_key
from daycover.cover.occupation import work_to_refer
from daycover.cover.period import next_period
from daycover.cover.plan import Plan
from daycover.cover.policy import Policies, Policy, latest_of
from daycover.cover.presence import Visit, Visits, Why, visit_of, why_at_scan
from daycover.identity.consent import Consent, ConsentKind, Consents, ConsentText, accept
from daycover.identity.worker import Worker
from daycover.projects.code import CodeKey
from daycover.projects.project import Project, Projects


@dataclass(frozen=True, slots=True)
class Preview:
    """Project, plan and the four texts with what the worker has accepted of them."""

    project: Project
    plan: Plan
    texts: Sequence[ConsentText]
    given: Sequence[Consent]
    cover: Policy | None = None
    """The worker's policy here that stands, or begins later."""
    renewable: bool = False
    """A check-in now would buy the cover that follows on `cover`."""

    @property
    def premium_fen(self) -> int:
        """Of 24 hours, as sold now. Raises PlanNotOfferedError."""
        return self.plan.premium_fen(self.project.occupation_class)

    def is_given(self, text: ConsentText) -> bool:
        return any((consent.kind, consent.sha256) == (text.kind, text.sha256) for consent in self.given)

    @property
    def is_complete(self) -> bool:
        return all(self.is_given(text) for text in self.texts)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewCover:
    """GET /v1/scan/{token}: show, and note that the worker was seen. Raises what `open_code` raises."""

    now: Callable[[], datetime]
    projects: Projects
    code_key: CodeKey
    check_ins: CheckIns
    consents: Consents
    visits: Visits
    policies: Policies

    def __call__(self, worker_id: str, qr_token: str) -> Preview:
        now = self.now()
        project, chosen, _ = open_code(qr_token, self.projects, self.code_key, now)
        context = self.check_ins.context(worker_id, project.project_id, plan_key(chosen))
        cover = self._cover(context.worker, project, now)
        renewable = cover is not None and next_period(now, cover.period) is not None
        texts = consent_texts(project, chosen)
        preview = Preview(project, chosen, texts, context.consents, cover, renewable)
        why = why_at_scan(context.worker, project, now, consented=preview.is_complete)
        self.visits.record(visit_of(context.worker, project, why, now))
        return preview

    def _cover(self, worker: Worker, project: Project, now: datetime) -> Policy | None:
        """Only the proved person sees their policy."""
        if worker.person_id is None:
            return None
        latest = latest_of(self.policies.recent(worker.person_id, now), project.project_id)
        return latest if latest is not None and now < latest.period.end else None

    def accept(
        self, worker_id: str, qr_token: str, accepted: dict[ConsentKind, tuple[str, datetime]]
    ) -> Sequence[Consent]:
        """POST /v1/consents: record accepted texts by their hash. Raises ConsentTextChangedError too."""
        now = self.now()
        project, chosen, _ = open_code(qr_token, self.projects, self.code_key, now)
        records = accept(consent_texts(project, chosen), accepted, now)
        self.consents.add(worker_id, project.project_id, plan_key(chosen), records)
        if set(accepted) == set(ConsentKind):
            why = Why.NOT_CHECKED_IN if work_to_refer(project) is None else Why.OCCUPATION_REFERRED
            seen = Visit(project_id=project.project_id, worker_id=worker_id, seen_at=now, why=why)
            self.visits.record(seen)
        return records
