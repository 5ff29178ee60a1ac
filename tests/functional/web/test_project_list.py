"""The desk's list of projects in a browser, and a new project that is like one before."""

from datetime import date

import pytest
from playwright.sync_api import Browser, Locator, expect

from daycover.projects.project import ProjectStatus
from daycover.projects.roles import OperatorRole
from tests.functional.web.board_pages import BoardPages
from tests.support.browser import DESKTOP, PHONE, Tab


@pytest.fixture
def pages() -> BoardPages:
    found = BoardPages(4)
    closed = found.gates[3]
    found.world.projects.save(closed.moved_to(ProjectStatus.CLOSED))
    return found


def listed(pages: BoardPages, browser: Browser, size: dict[str, int] = DESKTOP) -> Tab:
    tab = pages.foreman(browser, size)
    tab.open("/desk#/projects")
    tab.sees("用工项目")
    return tab


def names(tab: Tab) -> list[str]:
    return tab.page.locator("tbody tr td:first-child").all_inner_texts()


def cell(tab: Tab, project: str) -> Locator:
    return tab.page.locator("tbody tr", has_text=project).locator("td").nth(1)


def test_covered_of_headcount_stands_in_the_list_when_a_project_runs(
    pages: BoardPages, browser: Browser
) -> None:
    for number in range(3):
        pages.insured(pages.gates[1], number)
    pages.out(pages.gates[1], 1, "王小明")
    tab = listed(pages, browser)
    expect(cell(tab, "2号门")).to_have_text("3 / 40 1 未投保")
    expect(cell(tab, "3号门")).to_have_text("0 / 40")
    expect(cell(tab, "4号门")).to_have_text("— / 40")
    tab.check()
    tab.close()


def test_list_is_sorted_by_cover_and_back_when_a_column_is_pressed_twice(
    pages: BoardPages, browser: Browser
) -> None:
    for number in range(20):
        pages.insured(pages.gates[1], number)
    pages.insured(pages.gates[2], 1)
    tab = listed(pages, browser)
    expect(cell(tab, "2号门")).to_contain_text("20 / 40")
    head = tab.page.get_by_role("button", name="在保 / 计划人数")
    head.click()
    assert names(tab) == ["双十一分拣", "3号门", "2号门", "4号门"]
    expect(tab.page.locator("th").nth(1)).to_have_attribute("aria-sort", "ascending")
    expect(head).to_be_focused()
    head.press("Enter")
    assert names(tab) == ["4号门", "2号门", "3号门", "双十一分拣"]
    expect(tab.page.locator("th").nth(1)).to_have_attribute("aria-sort", "descending")
    tab.close()


def test_project_is_found_by_name_employer_and_state_when_there_are_eighty_five(browser: Browser) -> None:
    pages = BoardPages(85)
    pages.world.projects.save(pages.gates[11].moved_to(ProjectStatus.PAUSED))
    tab = listed(pages, browser, PHONE)
    expect(tab.page.locator("tbody tr")).to_have_count(85)
    tab.page.get_by_label("查找").fill("12 号")
    expect(tab.page.locator("tbody tr")).to_have_count(1)
    tab.sees("1 个，共 85 个")
    tab.page.get_by_label("查找").fill("东方物流")
    expect(tab.page.locator("tbody tr")).to_have_count(85)
    tab.page.get_by_label("状态").select_option("PAUSED")
    expect(tab.page.locator("tbody tr")).to_have_count(1)
    assert names(tab) == ["12号门"]
    assert tab.fits()
    tab.check()
    tab.close()


def test_new_project_asks_for_name_and_dates_alone_when_it_is_like_one_before(
    pages: BoardPages, browser: Browser
) -> None:
    tab = listed(pages, browser)
    tab.follow("新建项目")
    tab.sees("照以前的项目新建")
    tab.page.locator("li", has_text="3号门").get_by_role("link", name="照此新建").click()
    tab.sees("照此新建项目", "快递分拣员 · 3 类")
    visible = tab.page.locator("form input").filter(visible=True)
    assert [field.get_attribute("name") for field in visible.all()] == ["name", "starts_on", "ends_on"]
    tab.fill(name="双十二分拣", starts_on="2026-12-10", ends_on="2026-12-14")
    tab.press("创建并开放")
    tab.sees("双十二分拣", "开放打卡")
    (call,) = (body for _, path, body in pages.calls if path.endswith("/projects"))
    made, source = pages.world.projects.get("P-NEW"), pages.gates[2]
    same = ("employer_name", "site", "scene", "occupation_code", "plan_id", "shift", "headcount", "answered")
    assert {name: getattr(made, name) for name in same} == {name: getattr(source, name) for name in same}
    assert (made.starts_on, made.ends_on) == (date(2026, 12, 10), date(2026, 12, 14))
    assert call["name"] == "双十二分拣"
    tab.check()
    tab.close()


def test_copy_stands_elsewhere_when_the_place_is_the_phone_s(pages: BoardPages, browser: Browser) -> None:
    tab = pages.operator(browser, PHONE, position=(29.9016, 121.8432))
    tab.open(f"/desk#/new/{pages.project.project_id}")
    tab.page.locator("summary", has_text="位置不同").click()
    tab.press("我就在现场：用手机定位")
    tab.sees("北纬 29.9016°")
    tab.press("创建并开放")
    tab.sees("开放打卡")
    site = pages.world.projects.get("P-NEW").site
    assert (round(site.latitude, 4), round(site.longitude, 4)) == (29.9016, 121.8432)
    assert site.radius_m == pages.project.site.radius_m
    tab.check()
    tab.close()


def test_nobody_is_offered_a_new_project_when_they_keep_the_books(browser: Browser) -> None:
    pages = BoardPages(role=OperatorRole.AUDITOR)
    tab = listed(pages, browser)
    expect(tab.page.locator("tbody tr")).to_have_count(3)
    assert tab.page.get_by_role("link", name="照此新建").count() == 0
    assert tab.page.get_by_role("link", name="新建项目").count() == 0
    tab.close()
