"""A position is sealed with the key of its day, and nobody can open it once that key is gone."""

import re

import boto3
import pytest
from cryptography.exceptions import InvalidTag

from daycover.cover.erase import PLACES_KEPT
from daycover.platform.security import DayCipher
from daycover.store import keys
from daycover.store.day_keys import StoredDayKeys
from daycover.store.dynamodb import Delete
from tests.functional.cover.gate import ROOT
from tests.functional.cover.stores import Store
from tests.support.aws import client_of
from tests.support.builders import WORKER, a_check_in


@pytest.fixture
def day_keys(real_store: Store) -> StoredDayKeys:
    return StoredDayKeys(real_store.tables["OperationsTable"])


def a_cipher(day_keys: StoredDayKeys) -> DayCipher:
    client = client_of("kms")
    return DayCipher(client, client.call("CreateKey")["KeyMetadata"]["KeyId"], day_keys)


def test_position_opens_in_another_container_when_its_day_is_kept(day_keys: StoredDayKeys) -> None:
    one = a_cipher(day_keys)
    other = DayCipher(one._client, one._key_id, day_keys)
    for sealed in (one.seal("31.23", "w", "20261124"), other.seal("31.23", "w", "20261124")):
        assert "31.23" not in sealed
        assert one.open(sealed, "w", "20261124") == other.open(sealed, "w", "20261124") == "31.23"
    with pytest.raises(InvalidTag):
        one.open(one.seal("31.23", "w", "20261124"), "somebody else", "20261124")


def test_position_is_gone_for_good_when_the_key_of_its_day_is_deleted(day_keys: StoredDayKeys) -> None:
    cipher = a_cipher(day_keys)
    old, young = (cipher.seal("31.23", "w", day) for day in ("20261124", "20261125"))
    assert day_keys.delete_before("20261125") == ["20261124"]
    assert day_keys.delete_before("20261125") == []
    fresh = DayCipher(cipher._client, cipher._key_id, day_keys)
    assert fresh.open(old, "w", "20261124") is None
    assert fresh.open(young, "w", "20261125") == "31.23"


def test_two_containers_agree_on_a_day_s_key_when_both_make_one(day_keys: StoredDayKeys) -> None:
    assert day_keys.add("20261124", "first") == "first"
    assert day_keys.add("20261124", "second") == "first"
    assert day_keys.find("20261124") == "first"
    assert day_keys.find("20261125") is None


def test_check_in_stays_whole_without_its_place_when_the_day_is_forgotten(real_store: Store) -> None:
    check_in = a_check_in()
    real_store.check_ins.add(check_in)
    assert real_store.check_ins.get(WORKER, check_in.check_in_id) == check_in
    real_store.check_ins._places.forgotten.add("20261124")
    expected = check_in.model_copy(update={"place": None})
    assert real_store.check_ins.get(WORKER, check_in.check_in_id) == expected


def test_restored_keys_are_dropped_by_the_documented_query_when_a_backup_brought_them_back(
    real_store: Store, day_keys: StoredDayKeys
) -> None:
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    section = text.split("## After a point-in-time restore")[1]
    (condition,) = re.findall(r"--key-condition-expression '([^']+)'", section)
    assert f"{PLACES_KEPT.days} days ago" in section
    cipher = a_cipher(day_keys)
    sealed = {day: cipher.seal("31.23", "w", day) for day in ("20261024", "20261025", "20261124")}
    wrapped = {day: day_keys.find(day) for day in sealed}
    assert day_keys.delete_before("20261025") == ["20261024"]
    day_keys.add("20261024", str(wrapped["20261024"]))  # the restore
    table = real_store.tables["OperationsTable"]
    found = boto3.client("dynamodb", region_name="us-east-1").query(
        TableName=table.name,
        KeyConditionExpression=condition,
        ExpressionAttributeValues={":keys": {"S": "DAY_KEYS"}, ":day": {"S": "DAY#20261025"}},
        ProjectionExpression="sk",
    )["Items"]
    assert [item["sk"]["S"] for item in found] == [keys.day_key("20261024").sk]
    assert {"DAY_KEYS", "DAY#"} == set(keys.day_keys())
    for item in found:
        table.write(Delete(keys.Key("DAY_KEYS", item["sk"]["S"])))
    fresh = DayCipher(cipher._client, cipher._key_id, day_keys)
    opened = {day: fresh.open(text, "w", day) for day, text in sealed.items()}
    assert opened == {"20261024": None, "20261025": "31.23", "20261124": "31.23"}
