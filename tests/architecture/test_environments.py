"""samconfig.toml: what is deployed to a test and to a production account is what the template takes."""

import tomllib
from typing import Any

from tests.architecture.source import ROOT, of_each, resources
from tests.support.template import template

CONFIG: dict[str, Any] = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))
PARAMETERS: dict[str, dict[str, Any]] = template()["Parameters"]
ENVIRONMENTS = ("default", "test", "production")


def overrides(environment: str) -> dict[str, str]:
    given = CONFIG[environment]["deploy"]["parameters"].get("parameter_overrides", [])
    return dict(one.split("=", 1) for one in given)


@of_each(ENVIRONMENTS)
def test_environment_gives_parameters_that_the_template_takes(environment: str) -> None:
    for name, value in overrides(environment).items():
        parameter = PARAMETERS[name]
        assert value in parameter.get("AllowedValues", [value]), name
        if parameter["Type"] == "Number":
            assert int(value) >= parameter.get("MinValue", 0), name


@of_each(ENVIRONMENTS)
def test_environment_is_built_and_deployed_like_the_others(environment: str) -> None:
    """SAM reads one environment alone: what `default` says holds for no other."""
    ours, defaults = CONFIG[environment], CONFIG["default"]
    assert ours["build"] == defaults["build"]
    assert ours["validate"] == defaults["validate"]
    settings = {**ours["deploy"]["parameters"]}
    settings.pop("parameter_overrides", None)
    assert settings == defaults["deploy"]["parameters"]


def test_test_and_production_are_two_stacks_and_know_which() -> None:
    names = [CONFIG[one]["global"]["parameters"]["stack_name"] for one in ("test", "production")]
    assert len(set(names)) == 2
    assert overrides("test")["Stage"] == "test"
    assert overrides("production")["Stage"] == "production"
    assert "ClockOffsetSeconds" not in overrides("production")
    assert int(overrides("production")["LogRetentionDays"]) >= 180


def test_archive_is_locked_only_by_what_its_first_deploy_says() -> None:
    bucket = resources("AWS::S3::Bucket")["ArchiveBucket"]
    assert bucket["UpdateReplacePolicy"] == "Retain"
    properties = bucket["Properties"]
    assert properties["ObjectLockEnabled"] == {"If": ["LocksArchive", True, {"Ref": "AWS::NoValue"}]}
    condition, lock, otherwise = properties["ObjectLockConfiguration"]["If"]
    assert (condition, otherwise) == ("LocksArchive", {"Ref": "AWS::NoValue"})
    assert lock["Rule"] == {
        "DefaultRetention": {"Mode": {"Ref": "ArchiveLockMode"}, "Days": {"Ref": "ArchiveLockDays"}}
    }
    assert PARAMETERS["ArchiveLockDays"]["Default"] == 0


def test_nobody_deletes_in_the_archive_which_a_lock_would_refuse() -> None:
    for name, item in resources("AWS::Serverless::Function").items():
        for policy in item["Properties"].get("Policies", []):
            for statement in policy.get("Statement", []) if isinstance(policy, dict) else []:
                actions = statement["Action"]
                deletes = [
                    action for action in actions if action.startswith("s3:Delete") or "Retention" in action
                ]
                assert not deletes or "ArchiveBucket" not in str(statement["Resource"]), name


def test_every_table_is_touched_by_a_deployment_that_follows_its_restore() -> None:
    for name, table in resources("AWS::DynamoDB::Table").items():
        tag = {"Key": "restore-number", "Value": {"Ref": "RestoreNumber"}}
        assert tag in table["Properties"]["Tags"], name


def test_links_lead_to_the_domain_unless_told_otherwise_and_to_nobody_else_s_address() -> None:
    variables = template()["Globals"]["Function"]["Environment"]["Variables"]
    domain, nowhere = {"Sub": "https://${DomainName}"}, "https://public-url-not-set.invalid"
    public = {"If": ["HasPublicUrl", {"Ref": "PublicUrl"}, {"If": ["HasDomain", domain, nowhere]}]}
    assert variables["PUBLIC_URL"] == public
    assert variables["CALLBACK_URL"] == {"If": ["HasCallbackUrl", {"Ref": "CallbackUrl"}, public]}
    assert PARAMETERS["PublicUrl"]["Default"] == PARAMETERS["CallbackUrl"]["Default"] == ""
