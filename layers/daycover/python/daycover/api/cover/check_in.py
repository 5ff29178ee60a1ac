"""Body and answers of checking in."""

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from daycover.api.cover.policies import PolicyView
from daycover.api.cover.work_card import CARD_APP_ID, FACE_PAGE, Merchant, WorkCardLaunch
from daycover.api.fields import DocumentNumber, Line, PersonName, Phone, QrToken
from daycover.cover.check_in import CheckIn, Device
from daycover.cover.evidence import BY_CODE
from daycover.cover.policy import Policy
from daycover.identity.document import DocumentReferredError, IdDocumentType
from daycover.platform.http import Body, View
from daycover.projects.place import Datum, Place, Point, to_wgs84


class IdentityBody(Body):
    name: PersonName
    id_number: DocumentNumber
    document_type: IdDocumentType = IdDocumentType.RESIDENT_ID


class PlaceBody(Body):
    """Browsers and `wx.getLocation` of type `wgs84` (its default) give WGS-84; type `gcj02` must be named.

    A position of another datum that is taken for WGS-84 stands some 500 m beside the site.
    """

    datum: Datum = Datum.WGS84
    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]
    accuracy_m: Annotated[float, Field(ge=0, le=100_000)]
    fixed_at: AwareDatetime
    is_mock: bool = False


class DeviceBody(Body):
    id: Annotated[Line, Field(min_length=1, max_length=64)]
    time: AwareDatetime


class CheckInBody(Body):
    """`phone`: left freely, for the site to call somebody who has no cover yet; kept with that note, for three days."""

    qr_token: QrToken
    phone: Phone | None = None
    identity: IdentityBody | None = None
    place: PlaceBody | None = None
    device: DeviceBody

    def stated(self) -> tuple[str, str] | None:
        """Raises DocumentReferredError: the work card knows resident IDs only."""
        if self.identity is None:
            return None
        if self.identity.document_type is not IdDocumentType.RESIDENT_ID:
            raise DocumentReferredError
        return self.identity.name, self.identity.id_number

    def reached_by(self) -> str | None:
        """Give the phone in one form. Raises PhoneNumberError."""
        if self.phone is None:
            return None
        # few leave one, and every check-in would load it
        from daycover.identity.phone import phone_number  # noqa: PLC0415

        return phone_number(self.phone)

    def at_place(self) -> Place | None:
        """Give the position in WGS-84, the only form in which it is kept."""
        if self.place is None:
            return None
        stated = dict(self.place)
        here = to_wgs84(Point(self.place.latitude, self.place.longitude), stated.pop("datum"))
        return Place(**{name: _metre(value) for name, value in (stated | here._asdict()).items()})

    def on_device(self) -> Device:
        return Device(**dict(self.device))


class CheckInView(View):
    """`signals` are those that the worker can put right next time; the rest is between us and the insurer.

    `token` in `work_card` is None while a parallel scan of the same worker is still asking for it.
    """

    check_in_id: str
    status: str
    expires_at: datetime
    signals: tuple[str, ...]
    work_card: WorkCardLaunch

    @classmethod
    def of(cls, check_in: CheckIn, mchid: str, appid: str) -> "CheckInView":
        return cls(
            check_in_id=check_in.check_in_id,
            status=check_in.status,
            expires_at=check_in.token_ends_at,
            signals=tuple(signal.code for signal in check_in.signals if BY_CODE[signal.code].told),
            work_card=WorkCardLaunch(
                app_id=CARD_APP_ID,
                path=FACE_PAGE,
                mchid=mchid,
                sub_mchid=check_in.sub_mchid,
                appid=appid,
                authenticate_number=check_in.authenticate_number,
                token=check_in.token,
            ),
        )


class CoveredView(View):
    status: str = "COVERED"
    policy: PolicyView


def answer_check_in(
    outcome: CheckIn | Policy, merchant: Merchant, now: datetime
) -> tuple[int, CoveredView | CheckInView]:
    """201 for an attempt of this scan, 200 for the policy that already covers the worker."""
    if isinstance(outcome, Policy):
        return 200, CoveredView(policy=PolicyView.of(outcome, now))
    return 201, CheckInView.of(outcome, merchant.mchid, merchant.appid)


def _metre(value: object) -> object:
    """Numbers to 6 decimals (0.1 m of a degree): finer is noise, and no store takes a float of 1e-300."""
    return round(value, 6) if isinstance(value, float) else value
