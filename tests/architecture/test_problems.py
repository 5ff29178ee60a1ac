"""Errors, the catalogue and `docs/problems.md` tell one story."""

import importlib
import inspect
import re

import pytest

from daycover.errors import DaycoverError
from daycover.platform.catalogue import BY_CLASS, GENERAL, INTERNAL, INVALID, MALFORMED, TOO_LARGE
from daycover.platform.problems import slug_of
from tests.architecture.source import MODULES, ROOT, name_of

INTERNAL_ERRORS = {
    "DaycoverError": "the base of all",
    "ConditionFailedError": "the store's own; each repository turns it into the capability's error",
    "PolicyExistsError": "a lost race; IssuePolicy reads again",
    "TokenInvalidError": "the authorizer turns it into API Gateway's 401",
    "ForbiddenError": "the HTTP entry answers it with `forbidden`",
    "ArchiveConflictError": "the stream and the sweeper; an alarm, no caller",
    "ClaimExistsError": "ReportClaim gives the claim that stands there",
    "DisabilityGradeError": "grades are checked when a document's facts are taken",
    "NoticeForgedError": "WeChat's callback has an answer of its own shape",
    "NoticeUnreadableError": "WeChat's callback has an answer of its own shape",
    "PayeeUnknownError": "the payout workflow; it ends in a recorded state",
    "AnswerForgedError": "the insurer's callback has an answer of its own shape",
    "AnswerUnreadableError": "the insurer's callback has an answer of its own shape",
    "InsurerRefusedError": "ReportEvents makes it a rejected row, SendDailyFile a refused file",
    "InsurerRetryError": "the queue or the schedule brings the call again",
    "InsurerUnknownError": "the rows wait and are asked about; the workflow announces a file again",
    "TransferNotCancellableError": "the payout workflow; it ends in a recorded state",
    "NoticeUnavailableError": "the stream of histories; retried, then kept aside",
    "BankStatementDamagedError": "the daily reconciliation; an alarm, no caller",
    "BankStatementUnavailableError": "the daily reconciliation; an alarm, no caller",
    "FundFlowDamagedError": "the daily reconciliation; an alarm, no caller",
    "FundFlowUnavailableError": "the daily reconciliation; an alarm, no caller",
    "MovedMoneyUnknownError": "the reconciliation of a company's day; an alarm, no caller",
    "TransferRefusedError": "the payout workflow; it ends in a recorded state",
    "TransferUnknownError": "the payout workflow; it ends in a recorded state",
}
"""Errors that no caller meets under their own name, and why."""
DOCUMENT = (ROOT / "docs" / "problems.md").read_text(encoding="utf-8")
SECTIONS = {part.split("\n", 1)[0].strip(): part for part in re.split(r"^### ", DOCUMENT, flags=re.M)[1:]}
FIXED = {
    "malformed-json": MALFORMED,
    "invalid-content": INVALID,
    "internal": INTERNAL,
    "body-too-large": TOO_LARGE,
}
PROBLEMS = FIXED | dict(GENERAL.values()) | {slug_of(name): problem for name, problem in BY_CLASS.items()}
HTTP_SOURCE = (ROOT / "layers/daycover/python/daycover/platform/http.py").read_text(encoding="utf-8")


def error_classes() -> dict[str, type[DaycoverError]]:
    found: dict[str, type[DaycoverError]] = {}
    for path in MODULES:
        module = importlib.import_module(name_of(path))
        for name, item in inspect.getmembers(module, inspect.isclass):
            if issubclass(item, DaycoverError):
                assert found.setdefault(name, item) is item, f"two errors are called {name}"
    return found


CLASSES = error_classes()


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_error_has_a_row_when_a_caller_can_meet_it(name: str) -> None:
    if name in INTERNAL_ERRORS:
        assert name not in BY_CLASS, f"{name} has a row and is called internal"
    else:
        assert name in BY_CLASS, f"{name} would answer 500"


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_error_says_what_is_wrong_when_named(name: str) -> None:
    assert name.endswith("Error")
    assert inspect.getdoc(CLASSES[name]), f"{name} has no docstring"


def test_row_has_its_error_when_in_the_catalogue() -> None:
    assert set(BY_CLASS) <= set(CLASSES)


def test_internal_errors_exist_when_listed() -> None:
    assert set(INTERNAL_ERRORS) <= set(CLASSES)


def test_sections_are_those_of_the_catalogue_when_read() -> None:
    assert set(SECTIONS) == set(PROBLEMS)


@pytest.mark.parametrize("slug", sorted(PROBLEMS))
def test_section_says_status_meaning_and_what_to_do_in_both_languages(slug: str) -> None:
    section, problem = SECTIONS[slug], PROBLEMS[slug]
    for needed in (
        str(problem.status),
        problem.title_zh,
        problem.title_en,
        "含义",
        "处理",
        "Meaning",
        "What to do",
    ):
        assert needed in section, needed


def test_slugs_of_the_http_entry_are_explained_when_literal() -> None:
    literal = set(re.findall(r'"([a-z]+(?:-[a-z]+)+)"', HTTP_SOURCE)) - {
        "accept-language",
        "no-store",
        "no-referrer",
    }
    assert literal <= set(PROBLEMS)


def test_gateway_errors_are_explained_when_in_the_template() -> None:
    text = (ROOT / "template.yaml").read_text(encoding="utf-8")
    used = set(re.findall(r"daycover\.cn/problems/([a-z-]+)", text))
    assert used
    assert used <= set(PROBLEMS)
