"""Evidence of a check-in (打卡证据), weighed: the fraud reference's checks that apply here, as a table.

A signal is a reason to look, never a reason to refuse: what a worker loses by a wrong refusal is the cover of
a day. Only the rows marked HARD block, and they do so where the fact arises (the code, the site, the work
card); here they are kept for whoever reads the file. Pure: evidence in, signals out, the same every time.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel

from daycover.projects.code import SCREEN_STEP_SECONDS
from daycover.projects.place import Place, Site, distance_m

STALE_FIX = timedelta(seconds=120)
DEVICE_SKEW = timedelta(seconds=120)
BEST_ACCURACY_M = 1.0
"""No phone places itself better than this in the open; forged fixes often say 0."""
SCREEN_CODE = timedelta(seconds=2 * SCREEN_STEP_SECONDS)
"""A code with no more life than this at the scan was on a foreman's screen."""
QUEUE_AT_A_SCREEN = 30
"""More people than this do not scan one screen within its half minute."""
DEVICE_MEMORY = timedelta(hours=24)
BURST = timedelta(minutes=10)
BURST_WORKERS = 4
CROWD_WORKERS = 10
"""Workers of one phone in a day: slow enough to be no burst, too many to be one crew's spare phone."""
ALWAYS_BORROWED = 3
"""Check-ins before this one, all with the phone of others: a worker who never comes with one of their own."""
PHONES_OF_A_WORKER = 3
"""As many in the last few check-ins are unusual."""
FASTEST_TRAIN_KMH = 400
FASTEST_ROAD_KMH = 120
"""Door to door, for somebody who is also to have worked in between."""


class SignalWeight(StrEnum):
    HARD = "HARD"
    REVIEW = "REVIEW"


class Signal(BaseModel, frozen=True, defer_build=True):
    """One finding. `evidence` are ids (check-ins, policies, codes) that a person may look up."""

    code: str
    check: str
    score: int
    weight: SignalWeight
    evidence: tuple[str, ...] = ()


class Trace(BaseModel, frozen=True, defer_build=True):
    """Somebody was somewhere: a check-in or a policy, of this worker, this person, or this phone.

    `site` is where it took place: a fix outside it was refused, so the site is as good as the fix, and no
    sealed position need be opened to compare two of them.
    """

    id: str
    worker_id: str
    at: datetime
    device_id: str | None = None
    site: Site | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known of one check-in. The first part at the scan, the rest once the work card has answered."""

    at: datetime
    """Server time; everything else is measured against it."""
    worker_id: str
    device_time: datetime
    device_id: str
    place: Place | None
    distance_m: int | None
    site: Site
    occupation_class: int
    scene_class: int
    """The lowest class that is usual in the project's scene."""
    code_id: str | None = None
    code_ends_at: datetime | None = None
    # ---- afterwards
    face_failed: bool = False
    wrong_person: bool = False
    same_device: Sequence[Trace] = ()
    same_code: Sequence[Trace] = ()
    past: Sequence[Trace] = ()
    """The worker's check-ins before this one, newest first."""
    elsewhere: Sequence[Trace] = ()
    """Cover of the same person on other projects, whatever account it was taken with."""

    @property
    def fresh_code(self) -> bool:
        return self.code_ends_at is not None and self.code_ends_at - self.at <= SCREEN_CODE


Found = Sequence[str] | None
"""None where a check finds nothing, else the ids that prove it (perhaps none)."""


@dataclass(frozen=True, slots=True)
class EvidenceCheck:
    """One row. `told` rows are shown to the worker, who can put them right at the next check-in."""

    code: str
    check: str
    what_zh: str
    what_en: str
    score: int
    weight: SignalWeight
    source: str
    find: Callable[[Evidence], Found]
    told: bool = False


def _when(condition: bool) -> Found:
    return () if condition else None


def _expired_code(e: Evidence) -> Found:
    return _when(e.code_ends_at is not None and e.code_ends_at <= e.at)


def _late_code(e: Evidence) -> Found:
    step = timedelta(seconds=SCREEN_STEP_SECONDS)
    return _when(e.fresh_code and e.code_ends_at is not None and e.code_ends_at - e.at <= step)


def _shared_code(e: Evidence) -> Found:
    if not e.fresh_code:
        return None
    users = {trace.worker_id for trace in e.same_code} - {e.worker_id}
    return (str(e.code_id),) if len(users) >= QUEUE_AT_A_SCREEN else None


def _stale(e: Evidence) -> Found:
    return _when(e.place is not None and e.at - e.place.fixed_at > STALE_FIX)


def _future(e: Evidence) -> Found:
    """More than the skew that a phone's clock is allowed."""
    return _when(e.place is not None and e.place.fixed_at - e.at > DEVICE_SKEW)


def _poor_accuracy(e: Evidence) -> Found:
    return _when(e.place is not None and not e.place.is_usable)


def _impossible_accuracy(e: Evidence) -> Found:
    return _when(e.place is not None and e.place.accuracy_m < BEST_ACCURACY_M)


def _far_outside(e: Evidence) -> Found:
    if e.place is None or e.distance_m is None or not e.place.is_usable:
        return None
    return _when(e.distance_m > e.site.radius_m + e.place.accuracy_m)


def _perhaps_outside(e: Evidence) -> Found:
    if e.place is None or e.distance_m is None or not e.place.is_usable:
        return None
    return _when(e.site.radius_m < e.distance_m <= e.site.radius_m + e.place.accuracy_m)


def _teleport(e: Evidence) -> Found:
    return _too_far(e, (trace for trace in e.past[:1]), FASTEST_TRAIN_KMH)


def _two_places(e: Evidence) -> Found:
    return _too_far(e, e.elsewhere, FASTEST_ROAD_KMH)


def _clock_skew(e: Evidence) -> Found:
    return _when(abs(e.at - e.device_time) > DEVICE_SKEW)


def _below_scene(e: Evidence) -> Found:
    return _when(e.occupation_class < e.scene_class)


def _too_far(e: Evidence, traces: Iterable[Trace], kmh: int) -> Found:
    ids = [trace.id for trace in traces if trace.site is not None and _speed_kmh(e, trace, trace.site) > kmh]
    return ids or None


def _speed_kmh(e: Evidence, trace: Trace, site: Site) -> float:
    """The least speed that takes somebody from the edge of one site to the edge of the other."""
    metres = max(0.0, distance_m(site, e.site) - site.radius_m - e.site.radius_m)
    return metres / max(1.0, abs((e.at - trace.at).total_seconds())) * 3.6


def _others(e: Evidence, within: timedelta) -> list[Trace]:
    """Check-ins of other workers with this phone, near in time."""
    return [
        trace for trace in e.same_device if trace.worker_id != e.worker_id and abs(e.at - trace.at) <= within
    ]


def _shared_device(e: Evidence) -> Found:
    return [trace.id for trace in _others(e, DEVICE_MEMORY)] or None


def _burst(e: Evidence) -> Found:
    others = _others(e, BURST)
    return [trace.id for trace in others] if len(others) + 1 >= BURST_WORKERS else None


def _crowd(e: Evidence) -> Found:
    """The ids are those of DEVICE_SHARED."""
    return _when(len(_others(e, DEVICE_MEMORY)) + 1 >= CROWD_WORKERS)


def _always_borrowed(e: Evidence) -> Found:
    used = [trace for trace in e.past if trace.device_id is not None]
    if len(used) < ALWAYS_BORROWED or any(trace.device_id != e.device_id for trace in used):
        return None
    return [trace.id for trace in used] if len(_others(e, DEVICE_MEMORY)) + 1 >= BURST_WORKERS else None


def _many_devices(e: Evidence) -> Found:
    phones = {e.device_id: "", **{trace.device_id: trace.id for trace in reversed(e.past) if trace.device_id}}
    phones[e.device_id] = ""
    return [id_ for id_ in phones.values() if id_] if len(phones) >= PHONES_OF_A_WORKER else None


CHECKS: Sequence[EvidenceCheck] = (
    EvidenceCheck("CODE_EXPIRED", "F3", "二维码已过期", "the code's time was over",
          100, SignalWeight.HARD, "MOO640; refused by `projects.code.read_token`", _expired_code),
    EvidenceCheck("CODE_LATE", "F3", "现场屏幕码在下一周期才使用", "a screen's code was used in its step of grace",
          5, SignalWeight.REVIEW, "MOO640", _late_code),
    EvidenceCheck("CODE_SHARED", "F3", "同一屏幕码被过多人使用", "one screen's code was used by too many people",
          40, SignalWeight.REVIEW, "MOO640; 30 is an assumption", _shared_code),
    EvidenceCheck("MOCK_POSITION", "F5", "手机报告为模拟定位", "the phone says that its position is a mock",
          60, SignalWeight.REVIEW, "HR1329", lambda e: _when(e.place is not None and e.place.is_mock)),
    EvidenceCheck("STALE_POSITION", "F5", "定位时间过旧", "the fix was older than two minutes",
          10, SignalWeight.REVIEW, "HR1899", _stale, told=True),
    EvidenceCheck("FUTURE_POSITION", "F5", "定位时间晚于服务器时间", "the fix is dated in the future",
          20, SignalWeight.REVIEW, "HR1899", _future),
    EvidenceCheck("IMPOSSIBLE_ACCURACY", "F5", "定位精度不合常理", "the fix is better than any phone's",
          30, SignalWeight.REVIEW, "HR1329; 1 m is an assumption", _impossible_accuracy),
    EvidenceCheck("TELEPORT", "F5", "与上次打卡地点之间移动过快", "too fast from the worker's last check-in",
          50, SignalWeight.REVIEW, "HR1329; 400 km/h is an assumption", _teleport),
    EvidenceCheck("FAR_OUTSIDE", "F6", "定位可靠且在工地之外", "a good fix is outside the site",
          100, SignalWeight.HARD, "LEO, CONN1; refused by `Site.check_place`", _far_outside),
    EvidenceCheck("POOR_ACCURACY", "F6", "定位误差过大,不能作为位置依据", "a fix too poor to count as one",
          15, SignalWeight.REVIEW, "LEO; 500 m is an assumption", _poor_accuracy, told=True),
    EvidenceCheck("PERHAPS_OUTSIDE", "F6", "定位误差大,可能在工地外", "the fix is too poor to tell in from out",
          15, SignalWeight.REVIEW, "LEO", _perhaps_outside),
    EvidenceCheck("NO_POSITION", "F6", "没有定位", "no position was given",
          10, SignalWeight.REVIEW, "LEO, HR1899", lambda e: _when(e.place is None), told=True),
    EvidenceCheck("DEVICE_SHARED", "F7", "同一手机为多人打卡", "one phone, more than one worker",
          20, SignalWeight.REVIEW, "JIB1, MOO", _shared_device),
    EvidenceCheck("MANY_DEVICES", "F7", "同一人近期使用多部手机", "one worker, several phones",
          15, SignalWeight.REVIEW, "JIB1", _many_devices),
    EvidenceCheck("FACE_FAILED", "F8", "微工卡人脸核验未通过", "the work card's face check failed",
          30, SignalWeight.HARD, "HR5114; refused by `IssuePolicy`", lambda e: _when(e.face_failed)),
    EvidenceCheck("DEVICE_CLOCK_SKEW", "F9", "手机时间不准", "the phone's clock is more than two minutes off",
          10, SignalWeight.REVIEW, "HR4251", _clock_skew, told=True),
    EvidenceCheck("IDENTITY_MISMATCH", "F10", "与微信实名不一致", "name or ID number are not the owner's",
          100, SignalWeight.HARD, "WX7; refused by `IssuePolicy`", lambda e: _when(e.wrong_person)),
    EvidenceCheck("TWO_PLACES", "F11", "同一人几乎同时在两处", "at two sites sooner than one can travel",
          50, SignalWeight.REVIEW, "120 km/h is an assumption", _two_places),
    EvidenceCheck("DEVICE_BURST", "F12", "同一手机短时间内集中打卡", "a burst of workers from one phone",
          60, SignalWeight.REVIEW, "4 in 10 minutes is an assumption", _burst),
    EvidenceCheck("DEVICE_CROWD", "F12", "同一手机一天内为过多人打卡", "too many workers from one phone in a day",
          40, SignalWeight.REVIEW, "10 in 24 hours is an assumption", _crowd),
    EvidenceCheck("ALWAYS_BORROWED_PHONE", "F12", "从不使用自己的手机打卡", "never with a phone of their own",
          20, SignalWeight.REVIEW, "4 workers a phone and 3 earlier check-ins are assumptions", _always_borrowed),
    EvidenceCheck("CLASS_BELOW_SCENE", "F14", "职业类别低于该场景常见类别", "the class is below the scene's usual",
          20, SignalWeight.REVIEW, "CT6, CT7; never cuts a benefit", _below_scene),
)  # fmt: skip
"""Checks F1, F2 and F15 on belong to claims; F4 is met by the code's 128 bits; F13 is of a whole project
(`cover.roster`), and F12 of a whole company too (`cover.stuffing`). Sources are those of the reference."""
BY_CODE = {check.code: check for check in CHECKS}


def evaluate(evidence: Evidence) -> tuple[Signal, ...]:
    """Give every signal that the evidence holds, in the order of the table."""
    found = ((check, check.find(evidence)) for check in CHECKS)
    return tuple(
        Signal(
            code=check.code,
            check=check.check,
            score=check.score,
            weight=check.weight,
            evidence=tuple(ids),
        )
        for check, ids in found
        if ids is not None
    )


def score_of(signals: Iterable[Signal]) -> int:
    """Give the sum, 100 at most."""
    return min(100, sum(signal.score for signal in signals))
