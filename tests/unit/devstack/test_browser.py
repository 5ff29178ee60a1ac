"""What a machine without a browser is told."""

import pytest

from tests.support.browser import NoBrowserError, executable


def test_what_to_install_is_said_in_one_line_when_there_is_no_browser(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NoBrowserError, match=r"apt-get install chromium") as error:
        executable()
    assert "\n" not in str(error.value)
