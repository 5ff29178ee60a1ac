"""Body and answer of the payee: a bank account in the insured's own name."""

from daycover.api.fields import AccountNumber, BankName, PersonName
from daycover.payouts.transfer import BankAccount
from daycover.platform.http import Body, View


class PayeeBody(Body):
    name: PersonName
    account_no: AccountNumber
    bank_name: BankName

    def account(self) -> BankAccount:
        return BankAccount(holder=self.name, account_no=self.account_no, bank_name=self.bank_name)


class PayeeView(View):
    """The account number shows its last four digits only; the name is known to who stated it."""

    claim_no: str
    bank_name: str
    account_no: str

    @classmethod
    def of(cls, claim_no: str, account: BankAccount) -> "PayeeView":
        return cls(claim_no=claim_no, bank_name=account.bank_name, account_no=account.masked)
