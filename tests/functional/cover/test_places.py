"""A position is sealed with the key of its day, and nobody can open it once that key is gone."""

import pytest
from cryptography.exceptions import InvalidTag

from daycover.platform.security import DayCipher
from daycover.store.day_keys import StoredDayKeys
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
