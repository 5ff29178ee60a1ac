"""The people and companies of the simulated world; shared by the payroll card and the transfers."""

import threading
from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    """Who stands behind an openid, as WeChat Pay's real-name check knows them."""

    openid: str
    name: str
    id_number: str

    def is_named(self, name: str, id_number: str) -> bool:
        """Compare with a claimed identity; the check letter of an ID number may be in either case."""
        return self.name == name and self.id_number.upper() == id_number.upper()


@dataclass(frozen=True)
class Company:
    """A labour company (特约商户) and whether it authorised the service provider's product."""

    sub_mchid: str
    authorised: bool
    sub_appids: frozenset[str] = frozenset()


class People:
    """Known people by openid and companies by sub_mchid; seeding again replaces."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._people: dict[str, Person] = {}
        self._companies: dict[str, Company] = {}

    def seed_person(self, person: Person) -> None:
        with self._lock:
            self._people[person.openid] = person

    def seed_company(self, company: Company) -> None:
        with self._lock:
            self._companies[company.sub_mchid] = company

    def find_person(self, openid: str) -> Person | None:
        with self._lock:
            return self._people.get(openid)

    def find_company(self, sub_mchid: str) -> Company | None:
        with self._lock:
            return self._companies.get(sub_mchid)

    def list_people(self) -> list[Person]:
        with self._lock:
            return list(self._people.values())
