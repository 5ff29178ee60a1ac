"""All keys of both tables. Nothing else builds a key string.

PoliciesTable
    PERSON#<person_id>                POLICY#<sequence>          policy (TTL, stream)

OperationsTable
    PROVIDER#<provider_id>            CLIENT                     client credentials of a service provider
    PROVIDER#<provider_id>            COMPANY#<company_id>       authorisation of one labour company
    COMPANY#<company_id>              PROFILE                    labour company
    COMPANIES                         COMPANY#<company_id>       list for the day's close
    PROJECT#<project_id>              PROJECT                    project
    COMPANY#<company_id>              PROJECT#<project_id>       list entry of a project
    WORKER#<worker_id>                PROFILE                    worker, verified identity (encrypted)
    WORKER#<worker_id>                CONSENT#<project>#<plan>#<kind>   consent record
    WORKER#<worker_id>                CHECKIN#<yyyymmdd>-<nn>    check-in
    COMPANY#<company_id>#DAY#<date>   POLICY#<project>#<policy>  cover line: roster and statement
    COMPANY#<company_id>              STATEMENT#<date>#<rev>     daily premium statement
    CLAIM#<claim_no>                  CLAIM                      claim (health data encrypted)
    CLAIM#<claim_no>                  HISTORY#<version>          one line of its history, append-only
    CLAIM#<claim_no>                  DOCUMENT#<document_id>     one document
    CLAIM#<claim_no>                  TOKEN#<step>               task token of the step that waits
    PERSON#<person_id>                CLAIM#<claim_no>           list entry of a claim
    REPORT#<report_no>                NOTICE                     loss notice that matched no policy
    CERTIFICATE_KEYS                  KEY#<key_id>               public key of certificates, for ever
    STAFF#<queue>                     <due>#<number>             staff queue entry of a claim or notice
    INVOICE#<invoice_no>              INVOICE                    the document that an invoice stands in
    PAYOUT#<payout_id>                PAYOUT                     payout
    PAYOUT#<payout_id>                POSTING                    its money record, append-only
    PAYOUT#<payout_id>                NOTICE#<event_id>          WeChat's notice of a final state
    PAYOUT#<payout_id>                TOKEN#<step>               task token of the step that waits
    SWEEP#ARCHIVE                     SEGMENT#<n>/<of>           how far a segment of the sweep has come

ArchiveBucket
    policies/<person_id>/<place>-<policy_no>.json                policy; `place` counts down, newest first
"""

from typing import NamedTuple

from daycover import crockford
from daycover.cover.policy import locate, place_in_time


class Key(NamedTuple):
    """Partition and sort key of one item."""

    pk: str
    sk: str


def policy(person_id: str, sequence: int) -> Key:
    return Key(f"PERSON#{person_id}", f"POLICY#{sequence:06d}")


def policies(person_id: str) -> Key:
    """Partition and sort-key prefix of a person's policies."""
    return Key(f"PERSON#{person_id}", "POLICY#")


def certificate_key(key_id: str) -> Key:
    return Key("CERTIFICATE_KEYS", f"KEY#{key_id}")


def certificate_keys() -> Key:
    """Partition and prefix of the public keys of certificates."""
    return Key("CERTIFICATE_KEYS", "KEY#")


def sweep(segment: int, segments: int) -> Key:
    return Key("SWEEP#ARCHIVE", f"SEGMENT#{segment}/{segments}")


def archived_policy(policy_no: str) -> str:
    """S3 key of a policy, made of its number alone. Raises PolicyNotFoundError for a mistyped one."""
    person_id, _ = locate(policy_no)
    place = _counted_down(place_in_time(policy_no))
    return f"{archived_policies(person_id)}{place}-{policy_no.strip().upper()}.json"


def archived_policies(person_id: str) -> str:
    """S3 prefix of a person's policies. The person id is a hash: it spreads the writes over partitions."""
    return f"policies/{person_id}/"


def archived_below(person_id: str, place: int) -> str:
    """S3 key after which the policies of places in time below `place` stand."""
    return f"{archived_policies(person_id)}{_counted_down(place)}~"


def archived_number(key: str) -> str:
    """Give the policy number of an S3 key."""
    return key.rpartition("-")[2].removesuffix(".json")


def _counted_down(place: int) -> str:
    """S3 lists in ascending order only; the complement puts the newest first."""
    return crockford.encode(~place, 7)


def provider_client(provider_id: str) -> Key:
    return Key(f"PROVIDER#{provider_id}", "CLIENT")


def provider_company(provider_id: str, company_id: str) -> Key:
    return Key(f"PROVIDER#{provider_id}", f"COMPANY#{company_id}")


def company(company_id: str) -> Key:
    return Key(f"COMPANY#{company_id}", "PROFILE")


def company_entry(company_id: str) -> Key:
    return Key("COMPANIES", f"COMPANY#{company_id}")


def company_entries() -> Key:
    """Partition and prefix of the list of companies."""
    return Key("COMPANIES", "COMPANY#")


def project(project_id: str) -> Key:
    return Key(f"PROJECT#{project_id}", "PROJECT")


def project_entry(company_id: str, project_id: str) -> Key:
    return Key(f"COMPANY#{company_id}", f"PROJECT#{project_id}")


def project_entries(company_id: str) -> Key:
    """Partition and prefix of a company's list of projects."""
    return Key(f"COMPANY#{company_id}", "PROJECT#")


def worker(worker_id: str) -> Key:
    return Key(f"WORKER#{worker_id}", "PROFILE")


def consent(worker_id: str, project_id: str, plan: str, kind: str) -> Key:
    return Key(f"WORKER#{worker_id}", f"CONSENT#{project_id}#{plan}#{kind}")


def check_in(worker_id: str, check_in_id: str) -> Key:
    return Key(f"WORKER#{worker_id}", f"CHECKIN#{check_in_id}")


def check_ins_of_day(worker_id: str, day: str) -> Key:
    """Partition and prefix of a worker's check-ins of one +08:00 day (yyyymmdd)."""
    return Key(f"WORKER#{worker_id}", f"CHECKIN#{day}-")


def cover_line(company_id: str, day: str, project_id: str, policy_no: str) -> Key:
    return Key(f"COMPANY#{company_id}#DAY#{day}", f"POLICY#{project_id}#{policy_no}")


def cover_lines(company_id: str, day: str, project_id: str | None = None) -> Key:
    """Partition and prefix of a company's cover lines of a day, of one project or of all."""
    return Key(f"COMPANY#{company_id}#DAY#{day}", f"POLICY#{project_id}#" if project_id else "POLICY#")


def statement(company_id: str, day: str, revision: int) -> Key:
    return Key(f"COMPANY#{company_id}", f"STATEMENT#{day}#{revision:03d}")


def statements(company_id: str, day: str) -> Key:
    """Partition and prefix of the revisions of a company's statement of a day."""
    return Key(f"COMPANY#{company_id}", f"STATEMENT#{day}#")


def statement_lines(company_id: str, day: str, revision: int, mark: str) -> str:
    """S3 key of the lines of one revision."""
    return f"statements/{company_id}/{day}/{revision:03d}-{mark}.json"


def claim(claim_no: str) -> Key:
    return Key(f"CLAIM#{claim_no}", "CLAIM")


def claim_history(claim_no: str, version: int) -> Key:
    return Key(f"CLAIM#{claim_no}", f"HISTORY#{version:06d}")


def claim_document(claim_no: str, document_id: str) -> Key:
    return Key(f"CLAIM#{claim_no}", f"DOCUMENT#{document_id}")


def claim_token(claim_no: str, step: str) -> Key:
    return Key(f"CLAIM#{claim_no}", f"TOKEN#{step}")


def claim_entry(person_id: str, claim_no: str) -> Key:
    return Key(f"PERSON#{person_id}", f"CLAIM#{claim_no}")


def loss_notice(report_no: str) -> Key:
    return Key(f"REPORT#{report_no}", "NOTICE")


def staff_entry(queue: str, due: str, number: str) -> Key:
    return Key(f"STAFF#{queue}", f"{due}#{number}")


def invoice(invoice_no: str) -> Key:
    return Key(f"INVOICE#{invoice_no}", "INVOICE")


def payout(payout_id: str) -> Key:
    return Key(f"PAYOUT#{payout_id}", "PAYOUT")


def payout_posting(payout_id: str) -> Key:
    return Key(f"PAYOUT#{payout_id}", "POSTING")


def payout_notice(payout_id: str, event_id: str) -> Key:
    return Key(f"PAYOUT#{payout_id}", f"NOTICE#{event_id}")


def payout_token(payout_id: str, step: str) -> Key:
    return Key(f"PAYOUT#{payout_id}", f"TOKEN#{step}")
