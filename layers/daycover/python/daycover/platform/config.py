"""Everything the functions read from their environment; no other module reads it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from urllib.parse import urlsplit


class ConfigError(Exception):
    """A variable is missing or unreadable; the message names it, never its value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """One meaning per variable across all functions. Names are the upper-case field names."""

    policies_table: str
    operations_table: str
    documents_bucket: str
    archive_bucket: str
    check_in_queue_url: str
    insurer_queue_url: str
    ended_policies_queue_url: str
    claim_to_payout_arn: str
    payout_arn: str
    token_secret: str
    qr_secret: str
    index_secret: str
    certificate_secret: str
    wechat_secret: str
    bank_secret: str
    insurer_secret: str
    bill_platforms_secret: str
    personal_data_key: str
    wechat_pay_url: str
    mini_program_url: str
    bank_url: str
    insurer_url: str
    fiscal_platform_url: str
    tax_platform_url: str
    oidc_issuer: str
    oidc_audience: str
    public_url: str
    callback_url: str
    upload_origins: str
    """Where browsers post documents to: origins separated by blanks."""
    wallet_limit_fen: int
    """Above it a payout goes to a bank account."""
    commission_bps: int
    """What the distributor keeps of a premium, in basis points."""
    statement_due_days: int
    machine_approval_fen: int
    """From here on what the machine may not approve (`claims/limits.py` says what each means)."""
    machine_first_claim_fen: int
    machine_sample_bps: int
    machine_near_start_minutes: int
    machine_frequent_person: int
    machine_frequent_phone: int
    machine_frequent_project: int
    machine_frequent_clinic: int
    machine_frequent_company: int
    machine_cap_project_fen: int
    machine_cap_company_fen: int
    machine_cap_all_fen: int
    terms_filings: str
    """Filing number (备案号) of each version of the insurance terms: `<version>=<number>`, separated by blanks."""
    claim_message_template: str
    """Of the subscribe message that tells a worker how the claim stands; empty sends none."""
    clock_offset_seconds: int = 0
    """Shifts the clock of a test stack; the template allows it outside production only."""

    @property
    def oidc_origin(self) -> str:
        """The issuer's origin; its discovery document and token endpoint must be there."""
        issuer = urlsplit(self.oidc_issuer)
        return f"{issuer.scheme}://{issuer.netloc}"

    def filing_no(self, terms_version: str) -> str:
        """Give the filing number of a version of the terms; empty where none is configured."""
        filings = dict(each.split("=", 1) for each in self.terms_filings.split() if "=" in each)
        return filings.get(terms_version, "")

    @property
    def clock_offset(self) -> timedelta:
        return timedelta(seconds=self.clock_offset_seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsAccess:
    """Where AWS is, and as whom a function calls it. Lambda fixes both for the life of a container."""

    region: str
    key_id: str
    secret_key: str = field(repr=False)
    session_token: str | None = field(repr=False)
    endpoints: Mapping[str, str]
    """Of a local AWS: service → address; the empty name stands for all others."""

    def endpoint(self, variable: str) -> str | None:
        return self.endpoints.get(variable) or self.endpoints.get("")


def aws(environ: Mapping[str, str] = os.environ) -> AwsAccess:
    """Read what Lambda puts into every function's environment. Raises ConfigError naming what is missing."""
    prefix = "AWS_ENDPOINT_URL"
    region = environ.get("AWS_DEFAULT_REGION") or environ.get("AWS_REGION")
    for name, value in (
        ("AWS_REGION", region),
        ("AWS_ACCESS_KEY_ID", environ.get("AWS_ACCESS_KEY_ID")),
        ("AWS_SECRET_ACCESS_KEY", environ.get("AWS_SECRET_ACCESS_KEY")),
    ):
        if not value:
            raise ConfigError(f"environment variable {name} is not set")
    return AwsAccess(
        region=region or "",
        key_id=environ["AWS_ACCESS_KEY_ID"],
        secret_key=environ["AWS_SECRET_ACCESS_KEY"],
        session_token=environ.get("AWS_SESSION_TOKEN"),
        endpoints={
            name.removeprefix(prefix).removeprefix("_"): url
            for name, url in environ.items()
            if name.startswith(prefix) and url
        },
    )


def load(environ: Mapping[str, str] = os.environ) -> Config:
    """Read the configuration. Raises ConfigError naming what is missing."""
    values: dict[str, str | int] = {}
    for known in fields(Config):
        name = known.name.upper()
        if name in environ:
            values[known.name] = _number(name, environ[name]) if known.type in (int, "int") else environ[name]
        elif known.name != "clock_offset_seconds":
            raise ConfigError(f"environment variable {name} is not set")
    return Config(**values)  # type: ignore[arg-type]


def function_name(environ: Mapping[str, str] = os.environ) -> str | None:
    """Give the name of the function that runs; None outside Lambda."""
    return environ.get("AWS_LAMBDA_FUNCTION_NAME")


def stack_name(environ: Mapping[str, str] = os.environ) -> str:
    """Give the name of the stack that runs, by which its metrics are told from another's; a test's own has none."""
    return environ.get("STACK_NAME", "daycover")


def trace_id(environ: Mapping[str, str] = os.environ) -> str | None:
    """Give the id under which Lambda itself traces this invocation; None where it does not."""
    root = environ.get("_X_AMZN_TRACE_ID", "").split(";")[0]
    return root.removeprefix("Root=") or None


def _number(name: str, value: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise ConfigError(f"environment variable {name} is not a whole number") from None
