"""KMS and Secrets Manager in memory: what a wrong key, context or stage gets, and the product's own use of them."""

import random
from base64 import b64decode, b64encode
from typing import Any

import pytest

from daycover.platform.security import FieldCipher, KeyRing
from daycover.store.aws import AwsError
from daycover.store.secrets import StoredSecrets
from tests.simulation.aws.kms import Keys
from tests.simulation.aws.scripted import Line
from tests.simulation.aws.secrets import Secrets

KEY = {"KeyId": "k", "KeySpec": "AES_256"}


def kms() -> Keys:
    keys = Keys(random.Random(5))
    keys.create("k")
    keys.create("other")
    return keys


def code_of(keys: Any, operation: str, **request: Any) -> str:
    with pytest.raises(AwsError) as raised:
        keys.call(operation, **request)
    return raised.value.code


def test_data_key_comes_back_when_its_ciphertext_is_opened() -> None:
    keys = kms()
    made = keys.call("GenerateDataKey", **KEY, EncryptionContext={"a": "1", "b": "2"})
    assert len(b64decode(made["Plaintext"])) == 32
    wrapped = {"CiphertextBlob": made["CiphertextBlob"]}
    opened = keys.call("Decrypt", **wrapped, KeyId=made["KeyId"], EncryptionContext={"b": "2", "a": "1"})
    assert opened == {"Plaintext": made["Plaintext"], "KeyId": made["KeyId"]}
    assert made["Plaintext"] != keys.call("GenerateDataKey", **KEY)["Plaintext"]
    assert made["Plaintext"] == kms().call("GenerateDataKey", **KEY)["Plaintext"], "the seed is the same"


def test_ciphertext_stays_closed_when_anything_is_another() -> None:
    keys = kms()
    made = keys.call("GenerateDataKey", **KEY, EncryptionContext={"a": "1"})
    blob, context = {"CiphertextBlob": made["CiphertextBlob"]}, {"EncryptionContext": {"a": "1"}}
    invalid = "InvalidCiphertextException"
    assert code_of(keys, "Decrypt", **blob, KeyId="k") == invalid
    assert code_of(keys, "Decrypt", **blob, KeyId="k", EncryptionContext={"a": "2"}) == invalid
    assert code_of(keys, "Decrypt", CiphertextBlob="AAAA", KeyId="k", **context) == invalid
    bits = bytearray(b64decode(made["CiphertextBlob"]))
    bits[-1] ^= 1
    changed = b64encode(bits).decode()
    assert code_of(keys, "Decrypt", CiphertextBlob=changed, KeyId="k", **context) == invalid
    assert code_of(keys, "Decrypt", **blob, KeyId="other", **context) == "IncorrectKeyException"
    assert code_of(keys, "Decrypt", **blob, KeyId="none", **context) == "NotFoundException"
    assert code_of(keys, "GenerateDataKey", KeyId="none", KeySpec="AES_256") == "NotFoundException"
    keys.disable("k")
    assert code_of(keys, "Decrypt", **blob, **context) == "DisabledException"
    keys.enable("k")
    assert keys.call("Decrypt", **blob, **context)["Plaintext"] == made["Plaintext"]


def test_operation_is_refused_when_it_is_not_played() -> None:
    with pytest.raises(NotImplementedError):
        kms().call("Encrypt", KeyId="k", Plaintext="")
    with pytest.raises(NotImplementedError):
        kms().call("GenerateDataKey", **KEY, GrantTokens=[])
    with pytest.raises(NotImplementedError):
        kms().call("GenerateDataKey", KeyId="k", KeySpec="AES_128")


class StoredKeys(dict[str, str]):
    def find(self, key_id: str) -> str | None:
        return self.get(key_id)

    def add(self, key_id: str, wrapped: str) -> str:
        return self.setdefault(key_id, wrapped)


def test_field_opens_in_another_container_when_it_was_sealed() -> None:
    keys, stored = kms(), StoredKeys()

    def cipher() -> FieldCipher:
        return FieldCipher(KeyRing(keys, "k", stored), lambda: "20261124")

    sealed = cipher().seal("王小明", "CL1")
    assert cipher().open(sealed, "CL1") == "王小明"
    assert len(stored) == 1


def test_value_moves_on_when_a_secret_gets_another() -> None:
    secrets = Secrets(Line().now, random.Random(5))
    arn = secrets.create("token")
    stored = StoredSecrets(secrets)
    assert code_of(secrets, "GetSecretValue", SecretId="token") == "ResourceNotFoundException"
    secrets.put("token", "one")
    assert (stored.current("token"), stored.previous("token")) == ("one", None)
    secrets.put("token", "two")
    assert (stored.current(arn), stored.previous(arn)) == ("two", "one")
    secrets.put("token", "three")
    assert (stored.current("token"), stored.previous("token")) == ("three", "two")
    assert code_of(secrets, "GetSecretValue", SecretId="none") == "ResourceNotFoundException"
    with pytest.raises(NotImplementedError):
        secrets.call("GetSecretValue", SecretId="token", VersionId="x")
