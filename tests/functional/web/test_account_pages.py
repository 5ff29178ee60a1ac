"""Finance looks over every company's account, and pays several statements by one bank transfer."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, Locator, Route

from daycover.errors import DaycoverError
from daycover.platform.callers import Duty
from daycover.projects.company import Company
from tests.functional.web.test_money_pages import TODAY, Money
from tests.support.browser import Tab
from tests.support.builders import a_line
from tests.support.enrolled import enrol
from tests.support.fakes.store import StoreDownError

YESTERDAY = TODAY - timedelta(days=1)
SIZES = [{"width": 240, "height": 480}, {"width": 360, "height": 740}, {"width": 1366, "height": 768}]
