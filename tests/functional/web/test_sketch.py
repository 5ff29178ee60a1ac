"""The picture of a site's surroundings: to scale, and nothing that is not known."""

import pytest
from playwright.sync_api import Browser, expect

from tests.functional.web.board_pages import BoardPages
from tests.support.browser import DESKTOP, PHONE


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
def test_site_and_distances_are_drawn_to_scale_when_people_were_refused(
    browser: Browser, size: dict[str, int]
) -> None:
    pages = BoardPages(1)
    for number, away in enumerate((400, 410, 800)):
        pages.out(pages.project, number, f"王{number}", distance_m=away)
    tab = pages.foreman(browser, size)
    tab.open(pages.desk_path)
    tab.sees("项目周围", "只画距离")
    sketch = tab.page.locator(".sketch")
    radii = [
        float(r) for r in sketch.locator("circle").evaluate_all("all => all.map(c => c.getAttribute('r'))")
    ]
    site, _, near, far = radii
    assert near / site == pytest.approx(400 / pages.project.site.radius_m, rel=0.01)
    assert far / site == pytest.approx(800 / pages.project.site.radius_m, rel=0.01)
    expect(sketch.locator(".ring-name")).to_have_text(["2 人 · 400 米", "1 人 · 800 米"])
    bar = sketch.locator(".bar").evaluate("path => path.getBBox().width")
    assert bar / site == pytest.approx(
        500 / pages.project.site.radius_m, rel=0.02
    ) or bar / site == pytest.approx(200 / pages.project.site.radius_m, rel=0.02)
    assert tab.fits()
    tab.check()
    tab.close()


def test_circle_alone_is_drawn_when_nobody_was_refused_and_who_is_far_away_is_told_of(
    browser: Browser,
) -> None:
    pages = BoardPages(1)
    tab = pages.foreman(browser, PHONE)
    tab.open(pages.desk_path)
    tab.sees("项目周围")
    expect(tab.page.locator(".sketch .ring")).to_have_count(0)
    pages.out(pages.project, 1, "王一", distance_m=1_200_000)
    tab.page.reload()
    tab.sees("另有 1 人没有画出")
    expect(tab.page.locator(".sketch .ring")).to_have_count(0)
    tab.close()
