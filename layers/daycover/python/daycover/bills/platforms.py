"""The platforms behind one port: whichever knows a bill's family is asked."""

from daycover.bills import fiscal, tax
from daycover.bills.fiscal import FiscalPlatform
from daycover.bills.signed import BillCredentials, SignedPlatform
from daycover.bills.tax import TaxPlatform
from daycover.claims.bill import BillElements, BillFamily, BillPlatform, CheckedBill


class BillPlatforms:
    """The port (`claims.bill.BillPlatform`) for both families."""

    def __init__(self, fiscal_platform: BillPlatform, tax_platform: BillPlatform) -> None:
        self._by_family = {BillFamily.FISCAL: fiscal_platform, BillFamily.TAX: tax_platform}

    def check(self, elements: BillElements) -> CheckedBill:
        """Raises BillPlatformUnavailableError."""
        return self._by_family[elements.family].check(elements)


def bill_platforms(credentials: BillCredentials, *, fiscal_url: str, tax_url: str) -> BillPlatforms:
    """Give the port over HTTPS. The URLs are the platforms' origins."""
    return BillPlatforms(
        FiscalPlatform(
            SignedPlatform(BillFamily.FISCAL, credentials.fiscal, fiscal_url.rstrip("/") + fiscal.PATH)
        ),
        TaxPlatform(SignedPlatform(BillFamily.TAX, credentials.tax, tax_url.rstrip("/") + tax.PATH)),
    )
