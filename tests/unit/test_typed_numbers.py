"""Numbers that people type or paste: one form, and digits of no other script."""

import pytest
from pydantic import ValidationError

from daycover.api.payouts.payees import PayeeBody
from daycover.claims.evidence import InvoiceFacts
from daycover.text import plain_digits

LINES = [{"item": "医疗费", "amount_fen": 1}]


def account(typed: object) -> str:
    """Give the number that the insured's own account is kept by."""
    said = {"name": "王小明", "account_no": typed, "bank_name": "示例银行"}
    return PayeeBody.model_validate(said).account_no


@pytest.mark.parametrize(
    "typed",
    [
        "6222020200112233",
        "6222 0202 0011 2233",
        "6222-0202-0011-2233",
        "６２２２０２０２００１１２２３３",
        "６２２２－０２０２－００１１－２２３３",
        "6222–0202—0011−2233",
        "6222\u20110202\u20090011\t2233",
        "\ufeff6222020200112233\u200b",
        "\u202a6222020200112233\u202c",
        "6222\u00a00202\u30000011\u202f2233",
    ],
)
def test_account_is_one_when_its_digits_are_typed_or_pasted_in_groups(typed: str) -> None:
    assert account(typed) == "6222020200112233"


@pytest.mark.parametrize(
    "typed",
    [
        "62220202001",
        "6" * 33,
        "٦٢٢٢٠٢٠٢٠٠١١٢٢٣٣",
        "६२२२०२०२००११२२३३",
        "622202020011223三",
        "6222.0202.0011.2233",
        "账号6222020200112233",
        "6222020200112233\x00",
        "\ud800" + "6" * 16,
        6222020200112233,
        ["6222020200112233"],
        None,
    ],
)
def test_account_is_refused_when_it_is_no_digits_of_ours(typed: object) -> None:
    with pytest.raises(ValidationError) as refused:
        account(typed)
    assert [one["loc"] for one in refused.value.errors()] == [("account_no",)]


def test_codes_of_a_bill_are_read_when_they_are_printed_in_groups_or_typed_full_width() -> None:
    facts = InvoiceFacts(
        invoice_no="12345678", code="０１１００ １９００-１０４", check_code="12345 67890 ａｂ", lines=LINES
    )
    assert (facts.code, facts.check_code) == ("011001900104", "1234567890ab")
    with pytest.raises(ValidationError):
        InvoiceFacts(invoice_no="12345678", code="٠١١٠٠١٩٠٠١٠٤", lines=LINES)


@pytest.mark.parametrize("said", [None, 12, 1.5, [], {}, True])
def test_what_is_no_text_is_left_to_the_rule_when_digits_are_plain(said: object) -> None:
    assert plain_digits(said) is said
