"""All keys of both tables. Nothing else builds a key string.

PoliciesTable
    PERSON#<person_id>                POLICY#<sequence>          policy, or a stop of the person's (TTL, stream)
    PERSON#<person_id>                PUT_BACK#<policy_no>       policy voided after TTL took its place (TTL, stream)

OperationsTable
    PROVIDER#<provider_id>            PROVIDER                   service provider, hashes of its client secrets
    PROVIDER#<provider_id>            COMPANY#<company_id>       authorisation of one labour company
    PROVIDERS                         PROVIDER#<provider_id>     list entry of a provider
    PROPOSALS                         PROPOSAL#<proposal_id>     what one of the staff asked for and another decided
    COMPANY#<company_id>              PROFILE                    labour company and its contracts
    COMPANY#<company_id>              PROVIDER#<provider_id>     list entry of an authorisation
    COMPANY#<company_id>              OPERATOR#<operator_id>     operator of the company (name encrypted)
    COMPANY#<company_id>              INVITATION#<id>            invitation of an operator, hash of its token
    COMPANY#<company_id>#DEEDS        <at>#<request_id>          what somebody asked for in its name, append-only
    OPERATOR#<operator_id>            COMPANY#<company_id>       list entry of a company that somebody joined
    CREDIT_CODE#<credit_code>         COMPANY                    that the code is a company's: one code, one company
    COMPANIES                         COMPANY#<company_id>       list for the day's close
    PROJECT#<project_id>              PROJECT                    project
    COMPANY#<company_id>              PROJECT#<project_id>       list entry of a project
    WORKER#<worker_id>                PROFILE                    worker, verified identity (encrypted)
    WORKER#<worker_id>                CONSENT#<project>#<plan>   consents to a plan's texts, their history inside
    WORKER#<worker_id>                CHECKIN#<yyyymmdd>-<nn>    check-in; what issued nothing goes after 90 days
    DEVICE#<device_id>                WORKER#<worker_id>         last check-in of a worker with a phone (TTL)
    CODE#<code_id>                    WORKER#<worker_id>         the same with a screen's code (TTL)
    SIGNALS#<project_id>              <check_in_id>#<worker_id>  list entry of a check-in with signals (TTL)
    VISITS#<project_id>#<date>        WORKER#<worker_id>         when and why uninsured a worker was seen (TTL)
    REFUSED#<project_id>#<date>       WORKER#<worker_id>         that a worker refused for the place is counted (TTL)
    REFUSED#<project_id>#<date>       SPOT#<latitude>,<longitude>  how many were refused about there (TTL)
    COMPANY#<company_id>#DAY#<date>   POLICY#<project>#<policy>  cover line: roster and statement
    COMPANY#<id>#DAY#<date>#<n>       POLICY#<project>#<policy>  the same of projects spread to partition n (contract)
    COMPANY#<id>#DAY#<date>#COUNT#<project>#<n>  COUNT            covers of a large project by minute (TTL), 16 a day
    COMPANY#<company_id>              STATEMENT#<date>#<rev>     daily premium statement
    COMPANY#<company_id>              MASTER#<year>              master policy, never changed
    COMPANY#<company_id>              ENDORSEMENT#<year>#<number>  endorsement to it, never changed
    COMPANY#<company_id>              ENDORSED#<date>            the newest endorsement of a day
    COMPANY#<company_id>              PAYMENT#<date>             that the statement was paid
    COMPANY#<company_id>              CREDIT#<date>              what an unpaid day comes to
    COMPANY#<company_id>              DEPOSIT                    what is left of what it paid in
    COMPANY#<company_id>              DEPOSIT#<number>           one movement of its deposit
    COMPANY#<company_id>              DEPOSITED#<kind>#<ref>     the movement under its bank reference
    SETTLEMENT#<date>                 <position>                 what was transferred between us and the insurer
    BOOK#<date>                       COMPANY#<company_id>       the statement again, for the insurer's book
    JOURNAL#<company_id>#<date>#<n>   <project>#<source>#<kind>  journal entry, append-only, 8 a day and partition
    JOURNAL#<company_id>#<date>#LATE  <project>#<source>#<kind>  the same on the later day that bills it
    CLAIM#<claim_no>                  CLAIM                      claim (health data encrypted)
    CLAIM#<claim_no>                  HISTORY#<version>          one line of its history, append-only
    CLAIM#<claim_no>                  ASSESSMENT#<version>       one assessment, never changed (encrypted)
    CLAIM#<claim_no>                  SHEET#<version>            a version of its loss sheet, never changed (encrypted)
    CLAIM#<claim_no>                  DOCUMENT#<document_id>     one document
    CLAIM#<claim_no or report_no>     LOOK#<request_id>#<what>   who was shown its health data, append-only
    CLAIMED#<dimension>#<id>          <date>#<claim_no>          mark of a claim: company, project, clinic, phone (TTL)
    SPENT#PROJECT#<id>, #COMPANY#<id>  <date>                    what the machine approved of it on a day (TTL)
    SPENT#ALL                         <date>                     the same over all
    CLAIM#<claim_no>                  TOKEN#<step>               task token of the step that waits
    PERSON#<person_id>                CLAIM#<claim_no>           list entry of a claim
    WORKER#<worker_id>                REPRESENTS#<claim_no>      list entry of a claim that the account asked to act on
    WORKER#<worker_id>                ASKED#<yyyy-mm-dd>         how often the account asked to act on a claim (TTL)
    WORKER#<worker_id>                NOTICE#<report_no>         list entry of a loss notice that the account made
    PERSON#<person_id>                NOTICE#<report_no>         list entry of a loss notice about the person
    CLAIM#<claim_no>                  ASKED#<yyyy-mm-dd>         how often somebody asked to act on this number (TTL)
    EXPOSURE#<policy_no>              EXPOSURE                   what a policy's claims hold of its limits
    REPORT#<report_no>                NOTICE                     loss notice that matched no policy
    CERTIFICATE_KEYS                  KEY#<key_id>               public key of certificates, for ever
    STAFF#<queue>                     <due>#<number>             staff queue entry of a claim or notice
    STAFF#FOLLOW                      <time>#<claim_no>#<version>  history line from which nothing has followed yet
    INVOICE#<invoice_no>              INVOICE                    the document that an invoice stands in
    FILE#<sha256>                     FILE                       the first document that is this file
    SERVICE#<company_id>#<yyyy-mm>    <claim_no>#<version>       a claim's payment, breach or decision
    SERVICE#<yyyy-mm>                 <claim_no>#<version>       the same over all companies
    PAYOUT#<payout_id>                PAYOUT                     payout
    CLAIM#<claim_no>                  PAYEE                      bank account for its payout (encrypted)
    CLAIM#<claim_no>                  IDENTITY#<payee>           identity checks of a payee (launch token encrypted)
    PERSON#<person_id>                DESIGNATION#<version>      whom the insured designates (encrypted), append-only
    CLAIM#<claim_no>                  BENEFICIARIES              who is paid of a death claim (encrypted)
    CLAIM#<claim_no>                  NOTICE#<number>            one notice, never changed (encrypted)
    CLAIM#<claim_no>                  DELIVERY#<version>         what became of the notice of a history line
    MINI_PROGRAM#<appid>              ACCESS_TOKEN               WeChat's access token (encrypted)
    FAILURES#<id of a place>          WINDOW#<epoch seconds>     failures to sign in from there (TTL)
    ID_TOKEN#<sha256>                 SPENT                      an id token of staff that was used (TTL)
    BANK_ACCOUNT#<account_id>         PERSON                     the person whom an account pays
    PAYOUT#<payout_id>                MOVED                      money that left, as a file of WeChat or the bank says
    MONEY_FILE#<channel>              <date>                     that a day's file was read whole
    PAYOUT#<payout_id>                NOTICE#<event_id>          WeChat's notice of a final state
    PAYOUT#<payout_id>                TOKEN#<step>               task token of the step that waits
    DATA_KEYS                         KEY#<period>               key that fields are sealed with, wrapped, never deleted
    DAY_KEYS                          DAY#<yyyymmdd>             key that the day's positions are sealed with
    ERASURES                          DUE#<date>#<worker_id>     erasure request that waits for a retention
    REFERRAL#<referral_id>            REFERRAL                   referral (identity encrypted)
    WORKER#<id>, PROJECT#<id>         REFERRAL#<referral_id>     list entry of a referral
    STAFF#REFERRAL                    REFERRAL#<referral_id>     referral that waits for staff (TTL)
    COMPANY#<company_id>              WORK#<referral_id>         work that the table does not list, and its answer
    STAFF#OCCUPATION                  <due>#<company>#<id>       the same while it waits for its answer
    SWEEP#ARCHIVE                     SEGMENT#<n>/<of>           how far a segment of the sweep has come
    REPORTS#<company_id>#<date>#<n>   <row_id>                   row reported to the insurer, 8 a day and partition
    REPORTS#<company_id>#<date>#TAKEN  <first row_id>            rows that the insurer took together, never changed
    WAITING#<n>                       <row_id>                   row that the insurer has not answered, 768 shards
    INSURER_FILE#<company_id>         <date>                     latest state of a day's file for the insurer
    TABLES                            INDEX                      which versions of dated tables are approved
    TABLES                            VERSION#<table>#<version>  what became of a version, and who decided it
    TABLES                            CONTENT#<table>#<version>  its content (compressed), never changed
    BREAK#<break_id>                  BREAK                      break of the reconciliation
    BREAKS#<status>                   <found_at>#<break_id>      list entry of a break

ArchiveBucket
    policies/<person_id>/<place>-<policy_no>.json                policy; `place` counts down, newest first
"""

import zlib
from datetime import date, timedelta
from typing import NamedTuple

from daycover import crockford
from daycover.cover.policy import EPOCH, locate, place_in_time

JOURNAL_SHARDS = 8
"""For each partition of the company's contract. Never changes: a source must lead to its entry for ever."""


class Key(NamedTuple):
    """Partition and sort key of one item."""

    pk: str
    sk: str


def policy(person_id: str, sequence: int) -> Key:
    return Key(f"PERSON#{person_id}", f"POLICY#{sequence:06d}")


def policies(person_id: str) -> Key:
    """Partition and sort-key prefix of a person's policies."""
    return Key(f"PERSON#{person_id}", "POLICY#")


def policy_put_back(person_id: str, policy_no: str) -> Key:
    return Key(f"PERSON#{person_id}", f"PUT_BACK#{policy_no}")


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


def archived_policies(person_id: str = "") -> str:
    """S3 prefix of a person's policies, or of everybody's. The person id is a hash: it spreads the writes over
    partitions."""
    return f"policies/{person_id}{'/' if person_id else ''}"


def archived_below(person_id: str, place: int) -> str:
    """S3 key after which the policies of places in time below `place` stand."""
    return f"{archived_policies(person_id)}{_counted_down(place)}~"


def archived_number(key: str) -> str:
    """Give the policy number of an S3 key."""
    return key.rpartition("-")[2].removesuffix(".json")


ARCHIVE_PARTS = 32
"""Never change: by the first character of a person's id, a hash."""


def archive_part(policy_no: str) -> int:
    return crockford.decode(policy_no[2])


def day_of_issue(policy_no: str) -> date:
    """The UTC day that a number tells."""
    return day_of_place(place_in_time(policy_no))


def day_of_place(place: int) -> date:
    """The UTC day of issue of a place in time (`first_place`)."""
    return (EPOCH + timedelta(days=place >> 20)).date()


def archived_batch(slot: str, digest: str) -> str:
    """S3 key of a batch of policies that were issued in one UTC hour (yyyymmddhh), made of its content."""
    return f"{archived_batches(slot[:8])}{slot[8:]}/{digest}.jsonl"


def archived_batches(slot: str) -> str:
    """S3 prefix of the batches of a UTC day (yyyymmdd) or hour (yyyymmddhh)."""
    return f"batches/{slot[:8]}/{slot[8:]}{'/' if slot[8:] else ''}"


def archive_index(part: int, period: str) -> str:
    """S3 key of one part of the index of a UTC day (yyyymmdd) or month (yyyymm)."""
    return f"{archive_indexes(part, is_month=len(period) == 6)}{period}.txt"


def archive_indexes(part: int, *, is_month: bool) -> str:
    """S3 prefix of one part of the index of all days, or of all months."""
    return f"index/{part:02d}/{'months' if is_month else 'days'}/"


def _counted_down(place: int) -> str:
    """S3 lists in ascending order only; the complement puts the newest first."""
    return crockford.encode(~place, 7)


def provider(provider_id: str) -> Key:
    return Key(f"PROVIDER#{provider_id}", "PROVIDER")


def provider_entry(provider_id: str) -> Key:
    return Key("PROVIDERS", f"PROVIDER#{provider_id}")


def provider_entries() -> Key:
    """Partition and prefix of the list of providers."""
    return Key("PROVIDERS", "PROVIDER#")


def proposal(proposal_id: str) -> Key:
    return Key("PROPOSALS", f"PROPOSAL#{proposal_id}")


def proposals() -> Key:
    """Partition and prefix of all proposals."""
    return Key("PROPOSALS", "PROPOSAL#")


def company_provider(company_id: str, provider_id: str) -> Key:
    return Key(f"COMPANY#{company_id}", f"PROVIDER#{provider_id}")


def company_providers(company_id: str) -> Key:
    """Partition and prefix of the providers that a company ever authorised."""
    return Key(f"COMPANY#{company_id}", "PROVIDER#")


def credit_code(code: str) -> Key:
    return Key(f"CREDIT_CODE#{code}", "COMPANY")


def operator(company_id: str, operator_id: str) -> Key:
    return Key(f"COMPANY#{company_id}", f"OPERATOR#{operator_id}")


def operators(company_id: str) -> Key:
    """Partition and prefix of a company's operators."""
    return Key(f"COMPANY#{company_id}", "OPERATOR#")


def operator_company(operator_id: str, company_id: str) -> Key:
    return Key(f"OPERATOR#{operator_id}", f"COMPANY#{company_id}")


def operator_companies(operator_id: str) -> Key:
    """Partition and prefix of the companies that somebody joined."""
    return Key(f"OPERATOR#{operator_id}", "COMPANY#")


def invitation(company_id: str, invitation_id: str) -> Key:
    return Key(f"COMPANY#{company_id}", f"INVITATION#{invitation_id}")


def invitations(company_id: str) -> Key:
    """Partition and prefix of a company's invitations."""
    return Key(f"COMPANY#{company_id}", "INVITATION#")


def deed(company_id: str, at: str, request_id: str) -> Key:
    """`at`: an instant in UTC, as text that sorts by time."""
    return Key(f"COMPANY#{company_id}#DEEDS", f"{at}#{request_id}")


def deeds(company_id: str) -> str:
    """Partition of a company's trail."""
    return f"COMPANY#{company_id}#DEEDS"


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


def consents_to(worker_id: str, project_id: str, plan: str) -> Key:
    return Key(f"WORKER#{worker_id}", f"CONSENT#{project_id}#{plan}")


def consents(worker_id: str, project_id: str | None = None) -> Key:
    """Partition and prefix of a worker's consents, to one project or to all."""
    return Key(f"WORKER#{worker_id}", f"CONSENT#{project_id}#" if project_id else "CONSENT#")


def referral(referral_id: str) -> Key:
    return Key(f"REFERRAL#{referral_id}", "REFERRAL")


def referral_look(referral_id: str, request_id: str, what: str) -> Key:
    return Key(f"REFERRAL#{referral_id}", f"LOOK#{request_id}#{what}")


def referral_looks(referral_id: str) -> Key:
    """Partition and prefix of the looks at a referral."""
    return Key(f"REFERRAL#{referral_id}", "LOOK#")


def referral_of_worker(worker_id: str, referral_id: str) -> Key:
    """With an empty id the partition and prefix of all."""
    return Key(f"WORKER#{worker_id}", f"REFERRAL#{referral_id}")


def referral_of_project(project_id: str, referral_id: str) -> Key:
    """With an empty id the partition and prefix of all."""
    return Key(f"PROJECT#{project_id}", f"REFERRAL#{referral_id}")


def referral_queue(referral_id: str) -> Key:
    """With an empty id the partition and prefix of all."""
    return Key("STAFF#REFERRAL", f"REFERRAL#{referral_id}")


def tables_index() -> Key:
    return Key("TABLES", "INDEX")


def table_version(table: str, version: str) -> Key:
    """With an empty version the partition and prefix of all."""
    return Key("TABLES", f"VERSION#{table}#{version}")


def table_content(table: str, version: str) -> Key:
    return Key("TABLES", f"CONTENT#{table}#{version}")


def data_key(period: str) -> Key:
    return Key("DATA_KEYS", f"KEY#{period}")


def day_key(day: str) -> Key:
    return Key("DAY_KEYS", f"DAY#{day}")


def day_keys() -> Key:
    """Partition and prefix of the keys of days."""
    return Key("DAY_KEYS", "DAY#")


def erasure(due: str, worker_id: str) -> Key:
    return Key("ERASURES", f"DUE#{due}#{worker_id}")


def erasures() -> Key:
    """Partition and prefix of the erasure requests that wait, the next one due first."""
    return Key("ERASURES", "DUE#")


def check_in_of(pk: str, sk: str) -> tuple[str, str]:
    """The worker and the check-in that a key is of."""
    return pk.removeprefix("WORKER#"), sk.removeprefix("CHECKIN#")


def check_in(worker_id: str, check_in_id: str) -> Key:
    return Key(f"WORKER#{worker_id}", f"CHECKIN#{check_in_id}")


def check_ins(worker_id: str) -> Key:
    """Partition and prefix of all check-ins of a worker."""
    return Key(f"WORKER#{worker_id}", "CHECKIN#")


def sighting(via: str, id_: str, worker_id: str) -> Key:
    """`via` is DEVICE or CODE."""
    return Key(f"{via}#{id_}", f"WORKER#{worker_id}")


def sightings(via: str, id_: str) -> Key:
    """Partition and prefix of the workers seen with a phone or a code."""
    return Key(f"{via}#{id_}", "WORKER#")


def flagged_check_in(project_id: str, check_in_id: str, worker_id: str) -> Key:
    return Key(f"SIGNALS#{project_id}", f"{check_in_id}#{worker_id}")


def flagged_check_ins(project_id: str) -> Key:
    """Partition of a project's check-ins with signals; the sort keys begin with the day."""
    return Key(f"SIGNALS#{project_id}", "")


def visit(project_id: str, day: str, worker_id: str) -> Key:
    return Key(f"VISITS#{project_id}#{day}", f"WORKER#{worker_id}")


def visits(project_id: str, day: str) -> Key:
    """Partition and prefix of the workers seen on a project on a +08:00 day."""
    return Key(f"VISITS#{project_id}#{day}", "WORKER#")


def refused_worker(project_id: str, day: str, worker_id: str) -> Key:
    return Key(f"REFUSED#{project_id}#{day}", f"WORKER#{worker_id}")


def refused_spot(project_id: str, day: str, latitude: float, longitude: float) -> Key:
    return Key(f"REFUSED#{project_id}#{day}", f"SPOT#{latitude:.4f},{longitude:.4f}")


def refused_spots(project_id: str, day: str) -> Key:
    """Partition and prefix of the spots where workers were refused on a +08:00 day."""
    return Key(f"REFUSED#{project_id}#{day}", "SPOT#")


def check_ins_of_day(worker_id: str, day: str) -> Key:
    """Partition and prefix of a worker's check-ins of one +08:00 day (yyyymmdd)."""
    return Key(f"WORKER#{worker_id}", f"CHECKIN#{day}-")


def _of_digest(text: str, count: int) -> int:
    return zlib.crc32(text.encode()) % count


def company_day(company_id: str, day: str, partition: int) -> Key:
    """One of the partitions of a company's day, and the prefix of its cover lines. Most companies have the first
    alone, and it has no number."""
    return Key(f"COMPANY#{company_id}#DAY#{day}" + (f"#{partition}" if partition else ""), "POLICY#")


def cover_line(company_id: str, day: str, project_id: str, policy_no: str, partitions: int) -> Key:
    """`partitions`: over how many the company's day is spread."""
    return Key(cover_lines(company_id, day, project_id, partitions).pk, f"POLICY#{project_id}#{policy_no}")


def cover_lines(company_id: str, day: str, project_id: str, partitions: int) -> Key:
    """Partition and prefix of a project's cover lines of a day.

    A project stands in one partition, whatever its company is spread over: its roster is one query a day. The
    largest that may be planned, 100,000 people in a quarter of an hour, is a third of what a partition takes.
    """
    partition = company_day(company_id, day, _of_digest(project_id, partitions)).pk
    return Key(partition, f"POLICY#{project_id}#")


COUNT_SHARDS = 16
"""Never changes: what a line's beginning added, its ending takes back from the same item."""


def cover_count(company_id: str, day: str, project_id: str, shard: int) -> Key:
    return Key(f"COMPANY#{company_id}#DAY#{day}#COUNT#{project_id}#{shard:02d}", "COUNT")


def count_of_policy(company_id: str, day: str, project_id: str, policy_no: str) -> Key:
    return cover_count(company_id, day, project_id, _of_digest(policy_no, COUNT_SHARDS))


def statement(company_id: str, day: str, revision: int) -> Key:
    return Key(f"COMPANY#{company_id}", f"STATEMENT#{day}#{revision:03d}")


def statements(company_id: str, day: str) -> Key:
    """Partition and prefix of the revisions of a company's statement of a day."""
    return Key(f"COMPANY#{company_id}", f"STATEMENT#{day}#")


def statements_of_month(company_id: str, month: str) -> Key:
    """Partition and prefix of the revisions of a company's statements of a month (yyyy-mm)."""
    return Key(f"COMPANY#{company_id}", f"STATEMENT#{month}-")


def statement_sheet(company_id: str, day: str, revision: int, mark: str, extension: str) -> str:
    """S3 key of a sheet of one revision; `mark` is made of its content."""
    return f"statements/{company_id}/{day}/{revision:03d}-{mark}.{extension}"


def master_policy(company_id: str, year: int) -> Key:
    return Key(f"COMPANY#{company_id}", f"MASTER#{year:04d}")


def endorsement(company_id: str, year: int, number: int) -> Key:
    return Key(f"COMPANY#{company_id}", f"ENDORSEMENT#{year:04d}#{number:06d}")


def endorsements(company_id: str, year: int) -> Key:
    """Partition and prefix of the endorsements of a company's master policy."""
    return Key(f"COMPANY#{company_id}", f"ENDORSEMENT#{year:04d}#")


def endorsed_day(company_id: str, day: str) -> Key:
    return Key(f"COMPANY#{company_id}", f"ENDORSED#{day}")


def payment(company_id: str, day: str) -> Key:
    return Key(f"COMPANY#{company_id}", f"PAYMENT#{day}")


def payments_of_month(company_id: str, month: str) -> Key:
    """Partition and prefix of what a company paid for its statements of a month (yyyy-mm)."""
    return Key(f"COMPANY#{company_id}", f"PAYMENT#{month}-")


def credit_day(company_id: str, day: str) -> Key:
    return Key(f"COMPANY#{company_id}", f"CREDIT#{day}")


def credit_days(company_id: str) -> Key:
    """Partition and prefix of the days that a company has not paid."""
    return Key(f"COMPANY#{company_id}", "CREDIT#")


def deposit(company_id: str) -> Key:
    return Key(f"COMPANY#{company_id}", "DEPOSIT")


def deposit_movement(company_id: str, number: int) -> Key:
    return Key(f"COMPANY#{company_id}", f"DEPOSIT#{number:010d}")


def deposit_movements(company_id: str) -> Key:
    """Partition and prefix of what moved a deposit, by number."""
    return Key(f"COMPANY#{company_id}", "DEPOSIT#")


def deposit_reference(company_id: str, kind: str, reference: str) -> Key:
    return Key(f"COMPANY#{company_id}", f"DEPOSITED#{kind}#{reference}")


def settlement(day: str, position: str) -> Key:
    return Key(f"SETTLEMENT#{day}", position)


def book_entry(day: str, company_id: str) -> Key:
    return Key(f"BOOK#{day}", f"COMPANY#{company_id}")


def book_entries(day: str) -> Key:
    """Partition and prefix of the statements of a day."""
    return Key(f"BOOK#{day}", "COMPANY#")


def journal(company_id: str, day: str, shard: int) -> str:
    """Partition of one shard of a company's journal of a day."""
    return f"JOURNAL#{company_id}#{day}#{shard}"


def late_journal(company_id: str, statement_day: str) -> str:
    """Partition of what a statement carries of earlier days' journals."""
    return f"JOURNAL#{company_id}#{statement_day}#LATE"


def journal_entry(
    company_id: str, day: str, project_id: str, source_id: str, event: str, *, partitions: int = 1
) -> Key:
    """`event` is the entry's kind, and its version where it may happen again; `partitions`: over how many the
    company's day is spread."""
    shard = _of_digest(source_id, JOURNAL_SHARDS * partitions)
    return Key(journal(company_id, day, shard), f"{project_id}#{source_id}#{event}")


def claim(claim_no: str) -> Key:
    return Key(f"CLAIM#{claim_no}", "CLAIM")


def claim_history(claim_no: str, version: int) -> Key:
    return Key(f"CLAIM#{claim_no}", f"HISTORY#{version:06d}")


def claim_histories(claim_no: str) -> Key:
    """Partition and prefix of the lines of a claim's history."""
    return Key(f"CLAIM#{claim_no}", "HISTORY#")


def claim_assessment(claim_no: str, version: int) -> Key:
    return Key(f"CLAIM#{claim_no}", f"ASSESSMENT#{version:06d}")


def claim_assessments(claim_no: str) -> Key:
    """Partition and prefix of a claim's assessments."""
    return Key(f"CLAIM#{claim_no}", "ASSESSMENT#")


def loss_sheet(claim_no: str, version: int) -> Key:
    return Key(f"CLAIM#{claim_no}", f"SHEET#{version:06d}")


def loss_sheets(claim_no: str) -> Key:
    """Partition and prefix of the versions of a claim's loss sheet."""
    return Key(f"CLAIM#{claim_no}", "SHEET#")


def claim_notice(claim_no: str, number: str) -> Key:
    return Key(f"CLAIM#{claim_no}", f"NOTICE#{number}")


def claim_notices(claim_no: str) -> Key:
    """Partition and prefix of a claim's notices."""
    return Key(f"CLAIM#{claim_no}", "NOTICE#")


def claim_mark(dimension: str, id_: str, day: str, claim_no: str) -> Key:
    return Key(f"CLAIMED#{dimension}#{id_}", f"{day}#{claim_no}")


def spent_of_project(project_id: str, day: str) -> Key:
    return Key(f"SPENT#PROJECT#{project_id}", day)


def spent_of_company(company_id: str, day: str) -> Key:
    return Key(f"SPENT#COMPANY#{company_id}", day)


def spent_of_all(day: str) -> Key:
    return Key("SPENT#ALL", day)


def services_of(company_id: str, month: str) -> str:
    """Partition of a company's service records of a month (yyyy-mm)."""
    return f"SERVICE#{company_id}#{month}"


def services_of_month(month: str) -> str:
    """Partition of all service records of a month."""
    return f"SERVICE#{month}"


def service_records(
    company_id: str, month: str, claim_no: str, version: int, is_review: bool
) -> tuple[Key, Key]:
    sk = f"{claim_no}#{version:06d}{'#REVIEW' if is_review else ''}"
    return Key(services_of(company_id, month), sk), Key(services_of_month(month), sk)


def claim_document(claim_no: str, document_id: str) -> Key:
    return Key(f"CLAIM#{claim_no}", f"DOCUMENT#{document_id}")


def claim_documents(claim_no: str) -> Key:
    """Partition and prefix of a claim's documents."""
    return Key(f"CLAIM#{claim_no}", "DOCUMENT#")


def claim_look(number: str, request_id: str, what: str) -> Key:
    return Key(f"CLAIM#{number}", f"LOOK#{request_id}#{what}")


def claim_looks(number: str) -> Key:
    """Partition and prefix of the looks at a claim, or at a report that has none yet."""
    return Key(f"CLAIM#{number}", "LOOK#")


def claim_token(claim_no: str, step: str) -> Key:
    return Key(f"CLAIM#{claim_no}", f"TOKEN#{step}")


def claim_entry(person_id: str, claim_no: str) -> Key:
    return Key(f"PERSON#{person_id}", f"CLAIM#{claim_no}")


def claims_of(person_id: str) -> Key:
    """Partition and prefix of the list of a person's claims."""
    return Key(f"PERSON#{person_id}", "CLAIM#")


def represented_entry(worker_id: str, claim_no: str) -> Key:
    return Key(f"WORKER#{worker_id}", f"REPRESENTS#{claim_no}")


def represented_by(worker_id: str) -> Key:
    """Partition and prefix of the list of claims that an account asked to act on."""
    return Key(f"WORKER#{worker_id}", "REPRESENTS#")


def asked_by(worker_id: str, day: str) -> Key:
    return Key(f"WORKER#{worker_id}", f"ASKED#{day}")


def asked_of(claim_no: str, day: str) -> Key:
    return Key(f"CLAIM#{claim_no}", f"ASKED#{day}")


def failures(place_id: str, window: int) -> Key:
    return Key(f"FAILURES#{place_id}", f"WINDOW#{window}")


def spent_id_token(token_id: str) -> Key:
    return Key(f"ID_TOKEN#{token_id}", "SPENT")


def exposure(policy_no: str) -> Key:
    return Key(f"EXPOSURE#{policy_no}", "EXPOSURE")


def loss_notice(report_no: str) -> Key:
    return Key(f"REPORT#{report_no}", "NOTICE")


def notice_of_worker(worker_id: str, report_no: str) -> Key:
    return Key(f"WORKER#{worker_id}", f"NOTICE#{report_no}")


def notices_of_worker(worker_id: str) -> Key:
    """Partition and prefix of the loss notices that an account made."""
    return Key(f"WORKER#{worker_id}", "NOTICE#")


def notice_of_person(person_id: str, report_no: str) -> Key:
    return Key(f"PERSON#{person_id}", f"NOTICE#{report_no}")


def notices_of_person(person_id: str) -> Key:
    """Partition and prefix of the loss notices about a person."""
    return Key(f"PERSON#{person_id}", "NOTICE#")


def occupation_referral(company_id: str, referral_id: str) -> Key:
    """With an empty id the partition and prefix of all, with a work's id those of one name."""
    return Key(f"COMPANY#{company_id}", f"WORK#{referral_id}")


def staff_entry(queue: str, due: str, number: str) -> Key:
    return Key(f"STAFF#{queue}", f"{due}#{number}")


def staff_queue(queue: str) -> str:
    """Partition of one queue of staff; the sort keys begin with the time due."""
    return f"STAFF#{queue}"


def open_line(claim_no: str, version: int, at: str) -> Key:
    """`at` sorts by time."""
    return Key(open_lines(), f"{at}#{claim_no}#{version:06d}")


def open_lines() -> str:
    """Partition of the history lines from which nothing has followed yet, the earliest first."""
    return "STAFF#FOLLOW"


def invoice(invoice_no: str) -> Key:
    return Key(f"INVOICE#{invoice_no}", "INVOICE")


def claim_file(sha256: str) -> Key:
    return Key(f"FILE#{sha256}", "FILE")


def payout(payout_id: str) -> Key:
    return Key(f"PAYOUT#{payout_id}", "PAYOUT")


def payout_moved(payout_id: str) -> Key:
    return Key(f"PAYOUT#{payout_id}", "MOVED")


def payout_of(key: Key) -> str:
    """The payout whose item a key names."""
    return key.pk.removeprefix("PAYOUT#")


def money_file(channel: str, day: str) -> Key:
    return Key(f"MONEY_FILE#{channel}", day)


def claim_payee(claim_no: str) -> Key:
    return Key(f"CLAIM#{claim_no}", "PAYEE")


def payee_identity(claim_no: str, payee: str) -> Key:
    return Key(f"CLAIM#{claim_no}", f"IDENTITY#{payee}")


def claim_beneficiaries(claim_no: str) -> Key:
    return Key(f"CLAIM#{claim_no}", "BENEFICIARIES")


def designation(person_id: str, version: int) -> Key:
    return Key(f"PERSON#{person_id}", f"DESIGNATION#{version:06d}")


def designations_of(person_id: str) -> Key:
    """Partition and prefix of the versions of a person's designation."""
    return Key(f"PERSON#{person_id}", "DESIGNATION#")


def claim_delivery(claim_no: str, version: int) -> Key:
    return Key(f"CLAIM#{claim_no}", f"DELIVERY#{version:06d}")


def access_token(appid: str) -> Key:
    return Key(f"MINI_PROGRAM#{appid}", "ACCESS_TOKEN")


def bank_account(account_id: str) -> Key:
    return Key(f"BANK_ACCOUNT#{account_id}", "PERSON")


def payout_notice(payout_id: str, event_id: str) -> Key:
    return Key(f"PAYOUT#{payout_id}", f"NOTICE#{event_id}")


def payout_notices(payout_id: str) -> Key:
    """Partition and prefix of WeChat's notices of a payout."""
    return Key(f"PAYOUT#{payout_id}", "NOTICE#")


def payout_token(payout_id: str, step: str) -> Key:
    return Key(f"PAYOUT#{payout_id}", f"TOKEN#{step}")


REPORT_SHARDS, WAITING_SHARDS = 8, 768
"""Never change: a row's id must lead to its item for ever. Those of reports are for each partition of the company's
contract; those of waiting rows bear a nation whose insurer answers late, 51 rows a second each."""


def reports(company_id: str, day: str, shard: int) -> str:
    """Partition of one shard of what was reported of a company's day."""
    return f"REPORTS#{company_id}#{day}#{shard}"


def reports_taken(company_id: str, day: str, first_row_id: str = "") -> Key:
    """Rows of a company's day that were acknowledged together; with no row the partition and prefix of all."""
    return Key(f"REPORTS#{company_id}#{day}#TAKEN", first_row_id)


def report(company_id: str, day: str, row_id: str, partitions: int) -> Key:
    """`partitions`: over how many the company's day is spread."""
    return Key(reports(company_id, day, _of_digest(row_id, REPORT_SHARDS * partitions)), row_id)


def waiting(shard: int) -> str:
    """Partition of one shard of the rows without an answer."""
    return f"WAITING#{shard:03d}"


def waiting_row(row_id: str) -> Key:
    return Key(waiting(_of_digest(row_id, WAITING_SHARDS)), row_id)


def insurer_file(company_id: str, day: str, file_id: str) -> str:
    """S3 key of a daily file; its id holds the content's hash."""
    return f"insurer/{company_id}/{day}/{file_id}.jsonl"


def insurer_file_entry(company_id: str, day: str) -> Key:
    return Key(f"INSURER_FILE#{company_id}", day)


def break_item(break_id: str) -> Key:
    return Key(f"BREAK#{break_id}", "BREAK")


def break_entry(status: str, found_at: str, break_id: str) -> Key:
    return Key(f"BREAKS#{status}", f"{found_at}#{break_id}")


def breaks(status: str) -> Key:
    """Partition of the breaks of one status; the sort keys begin with the time found."""
    return Key(f"BREAKS#{status}", "")
