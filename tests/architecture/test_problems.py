"""An error's class tells its whole story: who meets it, what the document says, what `docs/problems.md` explains."""

import inspect
import json
import re
from string import Formatter

from daycover.errors import ErrorKind
from daycover.platform.http import PROBLEM_TYPE
from daycover.platform.problems import PROBLEM_BASE, STATUS, slug_of, status_of
from daycover.platform.replies import EVERYWHERE
from tests.architecture.source import PACKAGE, ROOT, of_each
from tests.support.problems import DOCUMENT, error_classes, text
from tests.support.template import template

INTERNAL_ERRORS = {
    "DaycoverError": "the base of all",
    "ConditionFailedError": "the store's own; each repository turns it into the capability's error",
    "PolicyExistsError": "a lost race; IssuePolicy reads again",
    "TokenInvalidError": "the authorizer turns it into API Gateway's 401",
    "ArchiveConflictError": "the stream and the sweeper; an alarm, no caller",
    "ClaimExistsError": "ReportClaim gives the claim that stands there",
    "NoticeForgedError": "WeChat's callback has an answer of its own shape",
    "NoticeUnreadableError": "WeChat's callback has an answer of its own shape",
    "PayeeUnknownError": "the payout workflow; it ends in a recorded state",
    "AnswerForgedError": "the insurer's callback has an answer of its own shape",
    "AnswerUnreadableError": "the insurer's callback has an answer of its own shape",
    "InsurerRefusedError": "ReportEvents makes it a rejected row, SendDailyFile a refused file",
    "InsurerRetryError": "the queue or the schedule brings the call again",
    "InsurerUnknownError": "the rows wait and are asked about; the workflow announces a file again",
    "NoticeUnavailableError": "the stream of histories; retried, then kept aside",
    "BankStatementDamagedError": "the daily reconciliation; an alarm, no caller",
    "BankStatementUnavailableError": "the daily reconciliation; an alarm, no caller",
    "FundFlowDamagedError": "the daily reconciliation; an alarm, no caller",
    "FundFlowUnavailableError": "the daily reconciliation; an alarm, no caller",
    "MovedMoneyUnknownError": "the reconciliation of a company's day; an alarm, no caller",
    "TransferPostponedError": "the payout workflow; the same number goes again later",
    "TransferRefusedError": "the payout workflow; it ends in a recorded state",
    "TransferUnknownError": "the payout workflow; it ends in a recorded state",
}
"""Errors that no caller meets under their own name, and why."""
CLASSES = error_classes()
MET = {name: item for name, item in CLASSES.items() if item.kind is not None}
PROBLEMS = {slug_of(item): item for item in MET.values()}


def test_page_is_what_the_classes_say() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == text(), "run `make problems`"


def test_errors_without_a_kind_are_those_that_no_caller_meets() -> None:
    assert set(CLASSES) - set(MET) == set(INTERNAL_ERRORS), "a class without a kind would answer 500"


@of_each(sorted(CLASSES))
def test_error_says_what_is_wrong_when_named(name: str) -> None:
    assert name.endswith("Error")
    assert inspect.getdoc(CLASSES[name]), f"{name} has no docstring"


@of_each(sorted(CLASSES))
def test_words_stand_in_the_class_itself_when_a_caller_meets_it(name: str) -> None:
    own = {
        key for key in ("kind", "title", "detail", "retry_after", "counted_as") if key in vars(CLASSES[name])
    }
    if name in MET:
        assert {"kind", "title"} <= own
    elif name != "DaycoverError":
        assert own == set(), "nobody would read them"


@of_each(sorted(MET))
def test_texts_say_the_same_in_both_languages_when_read(name: str) -> None:
    title, detail = MET[name].title, MET[name].detail
    assert all(title)
    assert [bool(part) for part in detail] in ([True, True], [False, False])
    for chinese, english in (title, detail):
        assert bool(chinese) is any("\u4e00" <= character <= "\u9fff" for character in chinese)
        assert not any("\u4e00" <= character <= "\u9fff" for character in english)
    if name != "AccidentOutsideCoverError":  # the Chinese period is one text, the English two instants
        assert _is_filled_by(detail[0]) == _is_filled_by(detail[1])


def test_every_kind_has_its_own_status_when_derived() -> None:
    assert set(STATUS) == set(ErrorKind)
    assert len(set(STATUS.values())) == len(STATUS)
    assert {item.kind for item in MET.values()} == set(ErrorKind)


def test_statuses_of_errors_stand_in_one_table() -> None:
    elsewhere = [
        path.name
        for path in PACKAGE.rglob("*.py")
        if re.search(r"ErrorKind\.\w+\s*[:=]+\s*\d", path.read_text(encoding="utf-8"))
    ]
    assert elsewhere == ["problems.py"]


def test_gateway_says_what_the_classes_say_when_it_refuses_itself() -> None:
    text = (ROOT / "template.yaml").read_text(encoding="utf-8")
    said = re.findall(r'{"type":.*"instance":"\$context\.extendedRequestId"}', text)
    assert said
    for document in map(json.loads, said):
        item = PROBLEMS[document["type"].removeprefix(PROBLEM_BASE)]
        assert document["title"] == " / ".join(item.title)
        assert document.get("status", status_of(item)) == status_of(item)


def test_gateway_says_to_browsers_what_every_answer_of_ours_says() -> None:
    answers = template()["Resources"]["Api"]["Properties"]["GatewayResponses"]
    for kind, answer in answers.items():
        said = {name: text.strip("'") for name, text in answer["ResponseParameters"]["Headers"].items()}
        assert said.pop("Content-Type") == PROBLEM_TYPE, kind
        # what passes by itself says when to try again
        passes = kind in {"DEFAULT_5XX", "THROTTLED"}
        assert (said.pop("Retry-After", None) == "2") is passes, kind
        assert said == EVERYWHERE, kind


def _is_filled_by(template: str) -> set[str]:
    """The facts of a text; what differs by language alone (`reason_zh`, `reason_en`) counts as one."""
    return {re.sub("_(zh|en)$", "", name) for _, name, _, _ in Formatter().parse(template) if name}
