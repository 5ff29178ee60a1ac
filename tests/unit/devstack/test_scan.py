"""What checkov finds and is meant: nothing else passes, and nothing that is no longer found stays accepted."""

from tests.devstack.scan import Finding, accepted, faults

OPEN_BUCKET = Finding("CKV_AWS_53", "AWS::S3::Bucket.ArchiveBucket", "Ensure S3 bucket blocks public ACLs")
MEANT = {"CKV_AWS_18": {"resources": ["AWS::S3::Bucket.*"], "reason": "meant"}}
LOGS = Finding("CKV_AWS_18", "AWS::S3::Bucket.ArchiveBucket", "Ensure the S3 bucket has access logging")


def test_finding_is_wrong_when_nobody_accepted_it() -> None:
    assert faults([LOGS, OPEN_BUCKET], MEANT) == [
        "CKV_AWS_53 AWS::S3::Bucket.ArchiveBucket: Ensure S3 bucket blocks public ACLs"
    ]


def test_finding_is_wrong_when_it_is_accepted_of_another_resource() -> None:
    assert len(faults([LOGS, LOGS._replace(resource="AWS::SQS::Queue.Q")], MEANT)) == 1


def test_acceptance_is_wrong_when_nothing_is_found_any_more() -> None:
    assert faults([], MEANT) == [
        "CKV_AWS_18 AWS::S3::Bucket.*: accepted in accepted_findings.toml, but not found"
    ]


def test_every_acceptance_says_why_and_of_what() -> None:
    for check, entry in accepted().items():
        assert set(entry) == {"resources", "reason"}, check
        assert len(entry["reason"].split()) > 8, check
        assert "*" not in entry["resources"], check
