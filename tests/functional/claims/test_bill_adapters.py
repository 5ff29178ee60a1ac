"""What the wiring makes of the configuration: a reader, and a platform whose keys come from the secret store."""

import dataclasses
import json
from pathlib import Path

import boto3
import pytest

from daycover.claims.bill import BillFamily, BillPlatformUnavailableError, BillState
from daycover.file_kind import FileKind
from daycover.wiring.adapters import Adapters
from tests.functional.claims.aws import local_aws
from tests.simulators.credentials import BILLS_FILE
from tests.simulators.suite import Simulators
from tests.support.bills import a_fiscal_bill, a_tax_bill, fiscal_elements, fiscal_xml
from tests.support.simulated import Simulated


def test_bill_is_read_and_asked_for_with_the_keys_of_the_secret_store(
    tmp_path: Path,
) -> None:
    with Simulators(tmp_path) as simulators:
        addresses = simulators.base_urls
        config = dataclasses.replace(
            local_aws(), fiscal_platform_url=addresses["fiscal"], tax_platform_url=addresses["tax"]
        )
        secret = (tmp_path / BILLS_FILE).read_text(encoding="utf-8")
        assert set(json.loads(secret)) == {"fiscal", "tax"}
        boto3.client("secretsmanager").create_secret(Name=config.bill_platforms_secret, SecretString=secret)
        adapters, outside = Adapters(config), Simulated(addresses)
        (elements,) = adapters.bill_reader(fiscal_xml(), FileKind.XML).bills
        assert adapters.bill_platform.check(elements).state is BillState.UNKNOWN

        bill, invoice = a_fiscal_bill(), a_tax_bill()
        outside.know_bill(bill)
        outside.know_bill(invoice)
        assert adapters.bill_platform.check(elements) == bill
        assert adapters.bill_platform.check(invoice.elements).is_genuine
        outside.change_bill(elements, "exchange", "0011111111")
        assert adapters.bill_platform.check(fiscal_elements()).state is BillState.EXCHANGED
        outside.change_bill(invoice.elements, "reverse", "26332000000999999999")
        assert adapters.bill_platform.check(invoice.elements).related_no == "26332000000999999999"
        outside.set_bill_outage(BillFamily.FISCAL, True)
        with pytest.raises(BillPlatformUnavailableError):
            adapters.bill_platform.check(elements)
        outside.set_bill_outage(BillFamily.FISCAL, False)
        assert adapters.bill_platform.check(elements).state is BillState.EXCHANGED
