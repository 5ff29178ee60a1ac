"""Checking in with phones as they are: no position, no random ids, no storage, errors of our own, the wrong site."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Dialog, Route, expect

from daycover.identity.work_card import WorkCardUnavailableError
from daycover.projects.place import Datum, OutsideGeofenceError, Point, from_wgs84
from tests.functional.web.gate_pages import GatePages
from tests.support.browser import DESKTOP, PHONE, Tab
from tests.support.builders import METRE, NOW, SITE, a_place, a_project, a_site, an_id_number

GATE = (SITE.latitude, SITE.longitude)
NEVER = "navigator.geolocation.getCurrentPosition = () => {};"
LATER = "navigator.geolocation.getCurrentPosition = (found) => setTimeout(() => found(%s), 50);"
NO_RANDOM_ID = "delete Crypto.prototype.randomUUID;"
NO_CRYPTO = "Object.defineProperty(window, 'crypto', { get: () => undefined });"
OLD = """
for (const [owner, names] of [
  [Array.prototype, ["at", "findLast", "findLastIndex", "toSorted", "toReversed", "toSpliced", "with"]],
  [String.prototype, ["at", "isWellFormed", "toWellFormed"]],
  [Object, ["hasOwn", "groupBy"]],
  [Promise, ["any", "withResolvers", "try"]],
  [AbortSignal, ["timeout", "any"]],
  [HTMLFormElement.prototype, ["requestSubmit"]],
  [window, ["structuredClone", "HTMLDialogElement", "reportError", "createImageBitmap", "scheduler"]],
]) names.forEach((name) => { delete owner[name]; });
Intl.DateTimeFormat = function () { throw new RangeError("no such time zone"); };
"""
"""What Chrome 86 and iOS 14 lack, and a browser that knows no time zones."""
NO_STORES = """
for (const store of ["localStorage", "sessionStorage"]) {
  Object.defineProperty(window, store, { get() { throw new DOMException("denied", "SecurityError"); } });
}
"""
FULL_STORE = 'Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };'
DEVICE_ID = r"h5-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


def fails(code: int) -> str:
    return f"navigator.geolocation.getCurrentPosition = (_, failed) => failed({{ code: {code} }});"


def fixed(**coords: object) -> str:
    facts = {"latitude": SITE.latitude, "longitude": SITE.longitude, "accuracy": 15} | coords
    stated = ", ".join(f"{name}: {value}" for name, value in facts.items() if name != "timestamp")
    at = facts.get("timestamp", "Date.now()")
    return (
        "navigator.geolocation.getCurrentPosition = (found) => "
        f"found({{ coords: {{ {stated} }}, timestamp: {at} }});"
    )


@pytest.fixture
def pages() -> GatePages:
    return GatePages()


def consent(tab: Tab, pages: GatePages, query: str = "") -> None:
    """Open the scan and accept every text."""
    tab.open(pages.scanned + query)
    tab.sees("这些情况不赔")
    for box in tab.page.locator("[name=consent]").all():
        box.check()


def name_oneself(tab: Tab) -> None:
    tab.press("同意并打卡")
    tab.sees("请填写姓名和身份证号码，再点一次。")
    tab.fill(name="王小明", id_number=an_id_number())


def check_in(tab: Tab, pages: GatePages) -> None:
    consent(tab, pages)
    name_oneself(tab)
    tab.press("同意并打卡")


def test_worker_checks_in_with_the_phones_position_when_it_comes(browser: Browser, pages: GatePages) -> None:
    tab = pages.worker(browser, PHONE, position=GATE)
    check_in(tab, pages)
    tab.sees("还差一步：人脸核验")
    assert pages.place is not None
    assert (pages.place["datum"], pages.place["latitude"]) == ("WGS84", SITE.latitude)
    tab.does_not_see("没有定位")
    tab.check(refusals=[422])
    tab.close()


def test_worker_checks_in_without_a_position_when_it_never_comes(browser: Browser, pages: GatePages) -> None:
    tab = pages.worker(browser, PHONE, NEVER)
    tab.page.clock.install(time=NOW)
    consent(tab, pages)
    tab.page.clock.pause_at(NOW + timedelta(hours=1))
    tab.press("同意并打卡")
    tab.sees("正在定位，最多 8 秒…")
    tab.page.clock.run_for(7_900)
    expect(tab.page.get_by_text("正在定位，最多 8 秒…")).to_be_visible()
    tab.page.clock.run_for(200)
    tab.sees("请填写姓名和身份证号码，再点一次。")
    tab.fill(name="王小明", id_number=an_id_number())
    tab.press("同意并打卡")  # and it is not waited for again
    tab.sees("还差一步：人脸核验", "没有定位，已照常打卡，会留下记录。手机 8 秒内没有给出位置")
    assert pages.place is None
    tab.check(refusals=[422])
    tab.close()


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (fails(1), "没有允许定位，请在手机设置里允许微信使用位置"),
        (fails(2), "手机没有给出位置，请打开定位服务"),
        (fails(3), "手机 8 秒内没有给出位置"),
        (
            "Object.defineProperty(Navigator.prototype, 'geolocation', { get: () => undefined });",
            "没有定位功能",
        ),
        ("Object.defineProperty(window, 'isSecureContext', { get: () => false });", "不是加密连接"),
        (
            "navigator.geolocation.getCurrentPosition = () => { throw new Error('broken'); };",
            "手机没有给出位置",
        ),
        (
            "Object.defineProperty(Navigator.prototype, 'geolocation', { get() { throw new Error('no'); } });",
            "手机没有给出位置",
        ),
        (
            fails(2) + "const told = navigator.geolocation.getCurrentPosition;"
            "navigator.geolocation.getCurrentPosition = (found, failed) => { told(found, failed); "
            "found({ coords: { latitude: 0, longitude: 0, accuracy: 1 }, timestamp: 0 }); };",
            "手机没有给出位置",
        ),
        (fixed(accuracy="NaN"), "手机没有给出位置"),
        (fixed(accuracy=-1), "手机没有给出位置"),
        (fixed(latitude=91), "手机没有给出位置"),
        (fixed(longitude=-180.5), "手机没有给出位置"),
        (fixed(latitude=0, longitude=0), "手机没有给出位置"),
        (
            LATER % "{ coords: null }",
            "手机没有给出位置",
        ),
        (LATER % "", "手机没有给出位置"),
    ],
    ids=[
        "denied",
        "unavailable",
        "timeout",
        "missing",
        "insecure",
        "throws",
        "forbidden",
        "answers twice",
        "nonsense",
        "negative",
        "off the earth",
        "round the earth",
        "nowhere",
        "empty",
        "nothing",
    ],
)
def test_worker_is_told_why_there_was_no_position_when_checked_in(
    browser: Browser, pages: GatePages, script: str, said: str
) -> None:
    tab = pages.worker(browser, PHONE, script)
    check_in(tab, pages)
    tab.sees("还差一步：人脸核验", "没有定位，已照常打卡，会留下记录。", said)
    assert pages.place is None
    tab.check(refusals=[422])
    tab.close()


@pytest.mark.parametrize(
    ("script", "accuracy"),
    [(fixed(accuracy=250_000), 100_000), (fixed(timestamp=12), 15)],
    ids=["vague", "clock"],
)
def test_check_in_is_taken_when_the_phone_states_its_position_oddly(
    browser: Browser, pages: GatePages, script: str, accuracy: int
) -> None:
    tab = pages.worker(browser, PHONE, script)
    check_in(tab, pages)
    tab.sees("还差一步：人脸核验")
    assert pages.place is not None
    assert pages.place["accuracy_m"] == accuracy
    assert not pages.place["fixed_at"].startswith("1970")
    tab.close()


@pytest.mark.parametrize(
    "scripts",
    [(NO_RANDOM_ID,), (NO_CRYPTO,), (NO_STORES,), (FULL_STORE,), (NO_RANDOM_ID, NO_STORES), (OLD, NO_CRYPTO)],
    ids=["no randomUUID", "no crypto", "stores forbidden", "stores full", "neither", "old"],
)
def test_worker_checks_in_when_the_browser_lacks_what_others_have(
    browser: Browser, pages: GatePages, scripts: tuple[str, ...]
) -> None:
    signed_in = f"?code={'c' * 32}" if scripts != (NO_RANDOM_ID,) else ""
    tab = pages.worker(browser, PHONE, *scripts, position=GATE)
    consent(tab, pages, signed_in)
    name_oneself(tab)
    tab.press("同意并打卡")
    tab.sees("还差一步：人脸核验")
    devices = {body["device"]["id"] for _, path, body in pages.calls if path == "/v1/check-ins"}
    assert len(devices) == 1, "the phone is one, as long as the page stands"
    assert re.fullmatch(DEVICE_ID, devices.pop())
    assert tab.complaints == []
    tab.close()


def test_error_of_the_page_is_not_called_the_networks_when_a_press_meets_it(
    browser: Browser, pages: GatePages
) -> None:
    tab = pages.worker(browser, PHONE, position=GATE)
    consent(tab, pages)
    tab.page.evaluate("() => { window.Request = undefined; }")
    tab.press("同意并打卡")
    tab.sees("页面出错了", "不是您的网络问题", "编号 i-")
    tab.does_not_see("连接不上")
    assert any("TypeError" in complaint for complaint in tab.complaints)
    tab.press("重新载入页面")
    tab.sees("这些情况不赔")
    tab.close()


def test_error_of_the_page_is_told_when_nobody_caught_it(browser: Browser, pages: GatePages) -> None:
    tab = pages.worker(browser, PHONE, position=GATE)
    tab.open(pages.scanned)
    tab.sees("这些情况不赔")
    foreign = "setTimeout(() => { throw new TypeError('of another script'); }, 0)"
    tab.page.evaluate(foreign)
    tab.page.evaluate("() => { void Promise.reject(new TypeError('of another script')); }")
    tab.page.evaluate("() => new Promise((done) => { setTimeout(done, 50); })")
    assert len(tab.complaints) == 2, "both came to the page"
    tab.does_not_see("页面出错了")
    for kind in ("error", "unhandledrejection"):
        tab.page.evaluate(
            """(kind) => {
              const error = new ReferenceError("gone");
              error.stack = "ReferenceError: gone\\n at https://daycover.test/static/worker.js:1:1";
              const event = new Event(kind);
              event.error = event.reason = error;
              dispatchEvent(event);
            }""",
            kind,
        )
        tab.sees("页面出错了")
        assert tab.page.locator(".fault").count() == 1
    tab.close()


def test_lost_connection_is_told_once_when_every_letter_of_a_search_meets_it(
    browser: Browser, pages: GatePages
) -> None:
    tab = pages.operator(browser, DESKTOP)
    tab.open("/desk#/new")
    tab.fill(name="双十一分拣")
    tab.page.route("**/v1/occupations?*", lambda route: route.abort("internetdisconnected"))
    for query in ("快", "快递", "快递分"):
        with tab.page.expect_event("requestfailed"):
            tab.fill(query=query)
        tab.sees("连接不上")
    assert tab.page.get_by_text("连接不上").count() == 1
    tab.does_not_see("页面出错了")
    expect(tab.page.locator("[name=name]")).to_have_value("双十一分拣")
    tab.close()


def test_lost_connection_is_called_that_when_nothing_is_exchanged(browser: Browser, pages: GatePages) -> None:
    tab = pages.worker(browser, PHONE, position=GATE)
    consent(tab, pages)
    tab.page.route("**/v1/consents", lambda route: route.abort("internetdisconnected"))
    tab.press("同意并打卡")
    tab.sees("连接不上", "请检查网络后重试。")
    tab.does_not_see("页面出错了")
    tab.page.unroute("**/v1/consents")
    name_oneself(tab)
    tab.close()


def test_connection_is_given_up_when_nothing_ever_answers(browser: Browser, pages: GatePages) -> None:
    tab = pages.worker(browser, PHONE, position=GATE)
    tab.page.clock.install(time=NOW)
    consent(tab, pages)
    tab.page.clock.pause_at(NOW + timedelta(hours=1))
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    tab.page.route("**/v1/check-ins", hold)
    tab.press("同意并打卡")
    tab.sees("正在打卡…")
    tab.page.clock.run_for(59_000)
    tab.sees("正在打卡…")
    tab.page.clock.run_for(2_000)
    tab.sees("连接不上")
    tab.page.unroute("**/v1/check-ins")
    name_oneself(tab)
    held[0].abort()
    tab.close()


@pytest.mark.parametrize(("seconds", "said"), [("45", "请 45 秒后再试。"), ("600", "请 10 分钟后再试。")])
def test_reader_is_told_how_long_when_the_answer_says_to_come_back_later(
    browser: Browser, pages: GatePages, seconds: str, said: str
) -> None:
    tab = pages.worker(browser, PHONE)

    def later(route: Route) -> None:
        headers = {"content-type": "application/problem+json", "retry-after": seconds}
        route.fulfill(status=503, headers=headers, body='{"title": "系统繁忙", "status": 503}')

    tab.page.route("**/v1/scan/*", later)
    tab.open(pages.scanned)
    tab.sees("打不开这一页", "系统繁忙", said)
    tab.close()


def test_worker_is_told_how_long_when_lost_numbers_are_spaced(browser: Browser, pages: GatePages) -> None:
    tab = pages.worker(browser, PHONE, position=GATE)
    consent(tab, pages)
    name_oneself(tab)
    pages.world.work_card.refusal = WorkCardUnavailableError(may_have_counted=False, retry_after=240)
    tab.press("同意并打卡")
    tab.sees("微工卡暂时不可用", "请 4 分钟后再试。")
    expect(tab.page.locator("[name=name]")).to_have_value("王小明")
    tab.close()


def test_face_is_awaited_on_when_the_connection_was_lost_meanwhile(
    browser: Browser, pages: GatePages
) -> None:
    tab = pages.worker(browser, PHONE, position=GATE)
    check_in(tab, pages)
    tab.sees("等待人脸核验…")
    tab.page.route("**/v1/check-ins/*/policy", lambda route: route.abort("internetdisconnected"))
    tab.sees("连接断了，恢复后这一页会自动继续")
    tab.does_not_see("页面出错了")
    (opened,) = pages.world.check_ins.of_day(pages.worker_id, "20261124")
    tab.page.unroute("**/v1/check-ins/*/policy")
    tab.page.evaluate("() => { dispatchEvent(new Event('online')); }")
    tab.sees("等待人脸核验…")
    pages.world.work_card.show_face(opened.authenticate_number)
    tab.page.wait_for_url("**#/policies/*")
    tab.close()


def test_check_in_is_sent_once_and_what_was_typed_stays_when_pressed_twice_or_refused(
    browser: Browser, pages: GatePages
) -> None:
    tab = pages.worker(browser, PHONE, position=GATE)
    consent(tab, pages)
    tab.page.get_by_role("button", name="同意并打卡").dblclick()
    tab.sees("请填写姓名和身份证号码，再点一次。")
    assert [path for _, path, _ in pages.calls] == ["/v1/consents", "/v1/check-ins"]
    typed = {"name": "王小明", "id_number": "110105194912310021"}
    tab.fill(**typed)
    tab.page.route("**/v1/check-ins", lambda route: route.abort("internetdisconnected"))
    tab.press("同意并打卡")
    tab.sees("连接不上")
    tab.page.unroute("**/v1/check-ins")
    tab.press("同意并打卡")  # the number's check digit is wrong
    tab.page.locator(".problem:not(:has-text('连接不上'))").wait_for()
    for name, value in typed.items():
        expect(tab.page.locator(f"[name={name}]")).to_have_value(value)
    tab.fill(id_number=an_id_number())
    tab.page.locator("[name=id_number]").press("Enter")
    tab.page.keyboard.press("Enter")  # wherever the page is by then
    tab.sees("还差一步：人脸核验")
    assert len(pages.world.check_ins.of_day(pages.worker_id, "20261124")) == 1
    tab.close()


def test_damaged_answer_is_no_lost_connection_when_it_arrived(browser: Browser, pages: GatePages) -> None:
    tab = pages.worker(browser, PHONE, position=GATE)

    def damaged(route: Route) -> None:
        headers = {"content-type": "application/json", "x-amzn-requestid": "r-77"}
        route.fulfill(status=200, headers=headers, body='{"consents": [')

    tab.page.route("**/v1/scan/*", damaged)
    tab.open(pages.scanned)
    tab.sees("打不开这一页", "页面出错了", "编号 r-77")
    tab.does_not_see("连接不上")
    tab.close()


def test_worker_reads_the_distance_when_refused_and_the_desk_sees_it(
    browser: Browser, pages: GatePages
) -> None:
    tab = pages.worker(browser, PHONE, position=(SITE.latitude + 487 * METRE, SITE.longitude))
    check_in(tab, pages)
    tab.sees("不在项目现场", "您距离项目现场约 487 米,允许范围为 200 米")
    assert tab.fits()
    tab.check(refusals=[422, 422])
    tab.close()
    desk = pages.operator(browser, PHONE)
    desk.open(pages.desk_path)
    desk.sees("不在现场", "487 米外")
    desk.check()
    desk.close()


def test_times_are_china_s_when_the_browser_knows_no_zones(browser: Browser, pages: GatePages) -> None:
    tab = pages.worker(browser, PHONE, OLD)
    tab.open(pages.scanned)
    tab.sees("这些情况不赔")
    said = "async (instant) => (await import('/static/current/client.js')).moment(instant)"
    assert tab.page.evaluate(said, "2026-11-23T16:30:59.999Z") == "2026-11-24 00:30"
    assert tab.page.evaluate(said, "2026-12-31T23:59:00+08:00") == "2026-12-31 23:59"
    assert tab.page.evaluate(said, None) == "—"
    tab.close()


# ---- the desk


def refused_at(pages: GatePages, point: Point) -> None:
    for number in range(3):
        worker = pages.world.worker(f"o-{number}", pages.project)
        place = a_place(latitude=point.latitude, longitude=point.longitude)
        with pytest.raises(OutsideGeofenceError):
            pages.world.scan(worker, pages.project, place=place)


def test_operator_moves_the_site_by_one_press_when_its_datum_was_the_wrong_one(browser: Browser) -> None:
    shown = from_wgs84(Point(*GATE), Datum.GCJ02)
    pages = GatePages(a_project(site=a_site(*shown, radius_m=300)))
    tab = pages.operator(browser, PHONE)
    tab.open(pages.desk_path)
    tab.sees("现在没有人在保。", "GPS 坐标（WGS-84）")
    tab.does_not_see("项目位置可能填错了")
    refused_at(pages, Point(*GATE))  # seen at the roster's next round, without loading the page
    tab.sees("项目位置可能填错了", "3 名工人在离项目位置约 481 米的同一处打卡被拒。")
    assert tab.fits()
    tab.press("是的，坐标来自高德地图、腾讯地图、谷歌中国地图")
    tab.sees("高德、腾讯坐标（GCJ-02）", "GPS（WGS-84）：121.4737,31.2304")
    tab.does_not_see("项目位置可能填错了")
    pages.world.projects.get(pages.project.project_id).site.check_place(a_place(accuracy_m=0))
    tab.check()
    tab.close()


def test_operator_corrects_the_place_when_standing_at_the_gate(browser: Browser) -> None:
    pages = GatePages(a_project(site=a_site(31.4)))
    tab = pages.operator(browser, PHONE, position=GATE)
    tab.open(pages.desk_path)
    tab.page.locator("summary", has_text="更正位置").click()
    tab.press("我就在现场：用手机定位")
    tab.sees("北纬 31.2304°，东经 121.4737°（手机定位，误差约 15 米）")
    expect(tab.page.locator("[name=datum]")).to_have_value("WGS84")
    tab.press("保存位置")
    tab.sees("121.4737,31.2304 · GPS 坐标（WGS-84）")
    tab.check()
    tab.close()


@pytest.mark.parametrize(
    ("script", "said"),
    [(fails(1), "没有允许定位"), (fixed(accuracy=420), "手机定位误差约 420 米，不够准")],
    ids=["denied", "vague"],
)
def test_operator_is_told_when_the_phones_position_can_set_no_site(
    browser: Browser, pages: GatePages, script: str, said: str
) -> None:
    tab = pages.operator(browser, PHONE, script)
    tab.open("/desk#/new")
    tab.press("我就在现场：用手机定位")
    tab.sees(said)
    expect(tab.page.locator("[name=point]")).to_have_value("")
    tab.close()


def test_new_project_names_its_datum_and_takes_a_pasted_pair_in_any_order(
    browser: Browser, pages: GatePages
) -> None:
    shown = from_wgs84(Point(*GATE), Datum.BD09)
    tab = pages.operator(browser, DESKTOP)
    tab.open("/desk#/new")
    tab.fill(query="快递分拣", name="双十一分拣", employer_name="东方物流")
    tab.page.locator(".occupation input:enabled").first.check()
    tab.page.locator("[name=plan_id]").select_option("T2")
    first = (NOW + timedelta(days=1)).date().isoformat()
    tab.fill(starts_on=first, ends_on=first, point=f"{shown.longitude:.6f}, {shown.latitude:.6f}")
    expect(tab.page.locator("[name=datum]")).to_have_value("")
    tab.press("创建并开放")
    assert tab.page.locator("[name=datum]").evaluate("(one) => one.validity.valueMissing"), "none is guessed"
    assert pages.calls == []
    tab.page.locator("[name=datum]").select_option("BD09")
    tab.press("创建并开放")
    tab.sees("百度坐标（BD-09）", "GPS（WGS-84）：121.4737,31.2304")
    (_, _, body) = next(call for call in pages.calls if call[1].endswith("/projects"))
    assert body["site"] == {
        "datum": "BD09",
        "latitude": round(shown.latitude, 6),
        "longitude": round(shown.longitude, 6),
        "radius_m": 300,
    }
    tab.check()
    tab.close()


def test_question_is_asked_by_the_browser_when_it_has_no_dialogs(browser: Browser, pages: GatePages) -> None:
    tab = pages.operator(browser, PHONE, "delete window.HTMLDialogElement;")
    asked: list[str] = []

    def no(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    tab.page.on("dialog", no)
    tab.open(pages.desk_path)
    tab.press("暂停")
    assert asked == ["暂停后不再接受新打卡，已出的保单不受影响。"]
    assert pages.calls == []
    tab.check()
    tab.close()


READ = "async (text) => (await import('/static/current/place.js')).pointOf(text)"


def test_pair_is_read_as_people_write_it_when_in_china(browser: Browser, pages: GatePages) -> None:
    tab = pages.operator(browser, DESKTOP)
    tab.open("/desk#/new")
    beijing = {"latitude": 39.909, "longitude": 116.397}
    for text in (
        "116.397, 39.909",
        "39.909,116.397",
        "39.909，116.397",
        "１１６．３９７，３９．９０９",
        "116.397 39.909",
        "116.397\t39.909",
        "(39.909, 116.397)",
        "lng: 116.397 lat: 39.909",
        "经度：116.397、纬度：39.909",
        "39.909°N 116.397°E",
        "https://uri.amap.com/marker?position=116.397,39.909&zoom=17",
        "https://www.google.com/maps/@39.909,116.397,17z",
        "https://www.google.com/maps/@39.909,116.397,17.25z",
        "https://www.google.com/maps/@39.909,116.397,1234m/data=!3m1!1e3",
        "http://api.map.baidu.com/marker?location=39.909%2C116.397&title=%E5%A4%A7%E9%97%A8",
        "geo:39.909,116.397?z=17",
        "北纬39.909度，东经116.397度",
    ):
        assert tab.page.evaluate(READ, text) == beijing, text
    urumqi = {"latitude": 43.825, "longitude": 87.617}  # both could be a latitude
    assert tab.page.evaluate(READ, "43.825,87.617") == tab.page.evaluate(READ, "87.617,43.825") == urumqi
    for text, wrong in (
        ("116.397", "两个数"),
        ("北京市东城区", "两个数"),
        ("116.397,39.909,12.5", "两个数"),
        ("39°54'32\" 116°23'49\"", "小数形式"),
        ("39度54分 116度23分", "小数形式"),
        ("48.8584,2.2945", "不是中国境内"),
        ("-33.856,151.215", "不是中国境内"),
        ("39.909 S 116.397 E", "不是中国境内"),
        ("39.909°N 116.397°W", "不是中国境内"),
        ("南纬39.909 西经116.397", "不是中国境内"),
        ("39.9,116.4", "小数位太少"),
    ):
        assert wrong in tab.page.evaluate(READ, text)["wrong"], text
        if '"' not in text:
            tab.fill(point=text)
            tab.sees(wrong)
            assert not tab.page.locator("[name=point]").evaluate("(one) => one.checkValidity()")
    tab.fill(point="39.909,116.397")
    tab.sees("北纬 39.909°，东经 116.397°")
    assert tab.page.locator("[name=point]").evaluate("(one) => one.checkValidity()")
    tab.close()


BROKEN_OFF = """
  const asked = window.fetch;
  window.fetch = (where, how) => (String(where).endsWith("openid-configuration")
    ? Promise.resolve(new Response(new ReadableStream({ start(body) { body.error(new TypeError("cut")); } })))
    : asked(where, how));
"""
"""An issuer whose answer begins and never ends."""


def test_staff_are_told_of_the_connection_when_the_issuers_answer_breaks_off(
    browser: Browser, pages: GatePages
) -> None:
    signed_out = 'sessionStorage.removeItem("daycover.staff")'
    tab = pages.tab(browser, DESKTOP, "staff", {}, (signed_out, BROKEN_OFF))
    tab.open("/staff")
    tab.press("登录")
    tab.sees("连接不上")
    tab.does_not_see("页面出错了")
    tab.close()
