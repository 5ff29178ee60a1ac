"""What the journey tells of its requests: nobody's name or number, and the names of places and firms as they are."""

import pytest

from tests.support.masking import masked

NAMED = {"name": "林志豪", "number": "830000199105123011", "type": "HK_MO_TW_RESIDENCE_PERMIT"}


@pytest.mark.parametrize(
    "told",
    [
        {"identity": {"name": "林志豪", "id_number": "830000199105123011"}},
        {"reason": "DOCUMENT_TYPE", "document": NAMED},
        {"beneficiaries": [{"name": "林志豪", "relation": "CHILD", "document_number": "830000199105123011"}]},
        {"guardian": {"name": "林志豪", "document_number": "830000199105123011"}},
        {"name": "林志豪", "id_number": "830000199105123011"},
        {"payee": {"name": "林志豪", "document_number": "830000199105123011"}},
    ],
)
def test_nobody_is_named(told: object) -> None:
    assert "林志豪" not in str(masked(told))
    assert "830000199105123011" not in str(masked(told))


@pytest.mark.parametrize(
    "told", [{"name": "快递分拣夜班", "site": {"latitude": 30.2}}, {"number": 1, "name_zh": "搬运工"}]
)
def test_what_is_public_stays_as_it_is(told: object) -> None:
    assert masked(told) == told
