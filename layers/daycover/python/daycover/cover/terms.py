"""The insurance terms (保险条款) in full: published versions, each a file that is never edited again.

The Chinese text binds; the English is for the reader. A clause that limits what is paid bears a mark, because it binds
only where it was prompted (Insurance Law art. 17; Interpretation II art. 9, 11). Which terms a policy has follows from
the version of its plan (`Plan.terms`): whoever consented to the plan was shown these, and a policy needs no more.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from daycover.cover.versions import TABLES
from daycover.errors import DaycoverError, ErrorKind

LIMITS = "【免除或减轻责任】"
"""Stands before every clause that exempts or limits."""
EXCLUSIONS_PART = "责任免除"
PUBLISHED: Mapping[str, str] = MappingProxyType(
    {"2026-11": "234cc9e879ab2608b2ce1f317de0adfde5debe733b8a097c86d2b5546d86cd0b"}
)
"""SHA-256 of the Chinese text of each version. A change of terms is a new version beside these, under a new tariff."""
HASH_IN_ADDRESS = 16
NAME_ZH = "日结意外伤害保险条款"


class TermsNotFoundError(DaycoverError):
    """There are no terms of this version and hash.

    What to do: Follow the link of the scan, the policy or the certificate as it is.
    含义:没有该版本和校验值的条款。
    处理:请使用扫码页、保单或凭证上的完整链接。
    """

    kind = ErrorKind.NOT_FOUND
    title = "没有找到该版本条款", "No such terms"


class TermsChangedError(ValueError):
    """The file of a published version is not what was published. Nothing is shown of it."""


class TermsReference(NamedTuple):
    """What a scan, a policy or a certificate says of its terms."""

    version: str
    name_zh: str
    sha256: str
    filing_no: str
    """备案号, as configured."""
    link: str
    """Public, readable for ever."""


class TermsClause(NamedTuple):
    """One numbered clause; `exempts` where it limits what is paid."""

    number: str
    zh: str
    en: str
    exempts: bool
    key: str | None
    """PAYMENT, DISPUTE, PREMIUM: what a certificate says as well."""


class TermsPart(NamedTuple):
    title_zh: str
    title_en: str
    clauses: tuple[TermsClause, ...]


class InsuranceTerms(NamedTuple):
    """One version of the terms."""

    version: str
    name_zh: str
    name_en: str
    parts: tuple[TermsPart, ...]

    @property
    def text_zh(self) -> str:
        """The binding text, a line a clause: what the hash is made of."""
        lines = [self.name_zh]
        for place, part in enumerate(self.parts, start=1):
            lines += ["", f"{place} {part.title_zh}"]
            lines += [f"{c.number} {LIMITS if c.exempts else ''}{c.zh}" for c in part.clauses]
        return "\n".join(lines) + "\n"

    @property
    def text_en(self) -> str:
        """The same in English, without force."""
        lines = [self.name_en]
        for place, part in enumerate(self.parts, start=1):
            lines += ["", f"{place} {part.title_en}"]
            lines += [
                f"{c.number} {'[limits what is paid] ' if c.exempts else ''}{c.en}" for c in part.clauses
            ]
        return "\n".join(lines) + "\n"

    @property
    def sha256(self) -> str:
        return PUBLISHED[self.version]

    @property
    def terms_id(self) -> str:
        """Version and the beginning of its hash: what the text is found by, for ever."""
        return _id_of(self.version)

    @property
    def limits(self) -> tuple[TermsClause, ...]:
        """Every clause that exempts or limits."""
        return tuple(clause for part in self.parts for clause in part.clauses if clause.exempts)

    def clause(self, key: str) -> TermsClause:
        """Give the clause that bears a key."""
        return next(clause for part in self.parts for clause in part.clauses if clause.key == key)

    @property
    def exclusions(self) -> tuple[str, ...]:
        """What is not covered, in Chinese, a line each."""
        return tuple(clause.zh for clause in self._excluding)

    @property
    def exclusions_en(self) -> tuple[str, ...]:
        """The same lines in English, without force."""
        return tuple(clause.en for clause in self._excluding)

    @property
    def _excluding(self) -> tuple[TermsClause, ...]:
        excluding = next(part for part in self.parts if part.title_zh == EXCLUSIONS_PART)
        return tuple(clause for clause in excluding.clauses if clause.exempts)


@cache
def terms(version: str) -> InsuranceTerms:
    """Give the terms of a version, however old. Raises TermsNotFoundError, TermsChangedError."""
    if version not in PUBLISHED:
        raise TermsNotFoundError
    found = read_terms(TABLES / f"terms.{version}.json")
    if text_hash(found) != PUBLISHED[version]:
        raise TermsChangedError(version)
    return found


def terms_by_id(terms_id: str) -> InsuranceTerms:
    """Give the terms that an address names. Raises TermsNotFoundError, also for the hash of another text."""
    found = terms(terms_id.rpartition("-")[0])
    if found.terms_id != terms_id:
        raise TermsNotFoundError
    return found


def reference(version: str, filing_no: str, public_url: str) -> TermsReference:
    """Say what terms these are and where they are read; the text itself is not opened."""
    link = f"{public_url.rstrip('/')}/v1/terms/{_id_of(version)}"
    return TermsReference(version, NAME_ZH, PUBLISHED[version], filing_no, link)


def _id_of(version: str) -> str:
    return f"{version}-{PUBLISHED[version][:HASH_IN_ADDRESS]}"


def read_terms(path: Path) -> InsuranceTerms:
    """Read a version's file. Clauses are numbered by their place."""
    read = json.loads(path.read_text(encoding="utf-8"))
    return InsuranceTerms(
        read["version"],
        read["name_zh"],
        read["name_en"],
        tuple(
            TermsPart(
                part["title_zh"],
                part["title_en"],
                tuple(
                    TermsClause(
                        f"{place}.{number}",
                        clause["zh"],
                        clause["en"],
                        clause.get("exempts", False),
                        clause.get("key"),
                    )
                    for number, clause in enumerate(part["clauses"], start=1)
                ),
            )
            for place, part in enumerate(read["parts"], start=1)
        ),
    )


def text_hash(of: InsuranceTerms) -> str:
    """Give the SHA-256 of the binding text."""
    return hashlib.sha256(of.text_zh.encode()).hexdigest()
