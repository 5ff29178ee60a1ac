"""People find their work by what they say."""

import pytest

from daycover.cover.occupation import OCCUPATION_TABLES, Occupation
from daycover.cover.spoken import fold, said, search

(TABLE,) = OCCUPATION_TABLES
ROWS = TABLE.occupations
BY_CODE = {row.code: row for row in ROWS}
SAID = """
开滴滴 RIDE_HAILING_DRIVER
滴滴司机 RIDE_HAILING_DRIVER
我是开滴滴的 RIDE_HAILING_DRIVER
跑网约车 RIDE_HAILING_DRIVER
網約車 RIDE_HAILING_DRIVER
开出租 TAXI_DRIVER
的哥 TAXI_DRIVER
代驾 DESIGNATED_DRIVER
开货车 VAN_DRIVER
貨車司機 VAN_DRIVER
货拉拉 VAN_DRIVER
跑长途 VAN_DRIVER
开渣土车 DUMP_TRUCK_DRIVER
拉渣土的 DUMP_TRUCK_DRIVER
搅拌车司机 MIXER_TRUCK_DRIVER
开大巴 COACH_DRIVER
油罐车司机 HAZARDOUS_GOODS_DRIVER
搬砖 SITE_LABOURER
搬砖的 SITE_LABOURER
工地小工 SITE_LABOURER
工地上搬砖 SITE_LABOURER
小工 SITE_LABOURER
杂工 SITE_LABOURER
钢筋工 REBAR_WORKER
绑钢筋的 REBAR_WORKER
鋼筋工 REBAR_WORKER
木工 FORMWORK_CARPENTER
支模板 FORMWORK_CARPENTER
打混凝土 CONCRETE_WORKER
泥工 BRICKLAYER
砌墙 BRICKLAYER
抹灰 PLASTERER
刷墙 PAINTER
刷墙的 PAINTER
工地上刷墙的 PAINTER
刮大白 PAINTER
油漆工 PAINTER
做防水 WATERPROOFER
搭脚手架 SCAFFOLDER
架子工 SCAFFOLDER
烧电焊 WELDER
電焊 WELDER
电焊工 WELDER
电工 ELECTRICIAN
水电工 PLUMBER_ELECTRICIAN
水管工 PIPE_FITTER
开塔吊 TOWER_CRANE_OPERATOR
开挖机 EXCAVATOR_OPERATOR
开挖掘机的 EXCAVATOR_OPERATOR
开铲车 LOADER_OPERATOR
叉车 FORKLIFT_DRIVER
开叉车 FORKLIFT_DRIVER
叉車工 FORKLIFT_DRIVER
吊车司机 CRANE_OPERATOR
贴瓷砖 TILER
装修 RENOVATION_LABOURER
装空调 AIR_CONDITIONING_FITTER
装窗户 WINDOW_FITTER
砸墙 DEMOLITION_LABOURER
拆房子 DEMOLITION_LABOURER
爆破 DEMOLITION
挖煤 UNDERGROUND_MINER
修路 ROAD_WORKER
分拣 PARCEL_SORTER
分拣的 PARCEL_SORTER
快递分拣 PARCEL_SORTER
打包的 PACKER
打包 PACKER
扛包 PORTER
卸货 PORTER
装卸工 PORTER
搬家 REMOVAL_WORKER
仓管 WAREHOUSE_KEEPER
拣货 ORDER_PICKER
冷库 COLD_STORE_WORKER
送快递 COURIER
快递小哥 COURIER
送快件 COURIER
小哥 RIDER
送外卖 RIDER
送外卖的 RIDER
外 卖 RIDER
外賣小哥 RIDER
美团骑手 RIDER
跑腿 ERRAND_RUNNER
送水 WATER_DELIVERER
送煤气罐 GAS_CYLINDER_DELIVERER
洗碗 DISHWASHER
洗碗的 DISHWASHER
端盘子 RESTAURANT_SERVER
服务员 RESTAURANT_SERVER
后厨 COOK
切菜 KITCHEN_HAND
摇奶茶 DRINKS_SHOP_STAFF
打扫客房 HOTEL_ATTENDANT
酒店前台 HOTEL_RECEPTIONIST
保洁 HOUSEKEEPER
保洁阿姨 HOUSEKEEPER
打扫卫生 HOUSEKEEPER
扫马路 STREET_SWEEPER
环卫工 STREET_SWEEPER
收垃圾 REFUSE_COLLECTOR
洗外墙 EXTERIOR_WALL_CLEANER
蜘蛛人 EXTERIOR_WALL_CLEANER
擦玻璃 WINDOW_CLEANER
通下水道 DRAIN_CLEANER
收银 RETAIL_CLERK
超市理货 RETAIL_CLERK
发传单 LEAFLET_DISTRIBUTOR
促销 SALES_PROMOTER
摘果 FRUIT_PICKER
摘苹果的 FRUIT_PICKER
采茶 FRUIT_PICKER
干农活 FARM_LABOURER
喂猪 LIVESTOCK_WORKER
砍树 TREE_FELLER
出海打鱼 COASTAL_FISHER
电子厂普工 ELECTRONICS_ASSEMBLER
电子厂 ELECTRONICS_ASSEMBLER
普工 MACHINE_OPERATOR
进厂打螺丝 MACHINE_OPERATOR
冲床 STAMPING_OPERATOR
注塑工 INJECTION_MOULDER
踩缝纫机 SEWING_OPERATOR
搭舞台 STAGE_BUILDER
搭展台 STAGE_BUILDER
群演 FILM_EXTRA
礼仪小姐 HOSTESS
护工 CAREGIVER
照顾病人 CAREGIVER
月嫂 MATERNITY_NURSE
保姆 NANNY
带孩子 NANNY
保安 SECURITY_GUARD
当保安 SECURITY_GUARD
小区保安 SECURITY_GUARD
保安隊 SECURITY_GUARD
看大门 GATE_GUARD
顺丰小哥 COURIER
京东快递员 COURIER
极兔 COURIER
盒马 GROCERY_DELIVERER
盒马拣货 ORDER_PICKER
达达 RIDER
饿了吗 RIDER
骑车送饭 RIDER
美团单车 SHARED_BIKE_KEEPER
高德打车 RIDE_HAILING_DRIVER
滴滴货运 VAN_DRIVER
送货司机 VAN_DRIVER
冷链司机 VAN_DRIVER
校车司机 COACH_DRIVER
摩的 MOTORCYCLE_TAXI_DRIVER
信号工 RIGGER
吊车工 CRANE_OPERATOR
旋挖机 PILING_WORKER
铁工 REBAR_WORKER
桩基工 PILING_WORKER
弱电工 LOW_VOLTAGE_FITTER
拉电缆 CABLE_LAYER
挖坑 EARTHWORK_LABOURER
非开挖 MUNICIPAL_PIPE_LAYER
人工挖孔桩 CONFINED_SPACE_WORKER
外墙喷漆 EXTERIOR_WALL_WORKER
真石漆 EXTERIOR_WALL_WORKER
擦外墙 EXTERIOR_WALL_CLEANER
高空保洁 EXTERIOR_WALL_CLEANER
厂房屋顶换瓦 ROOFER
修桥 BRIDGE_WORKER
消防员 FIREFIGHTER
危化品司机 HAZARDOUS_GOODS_DRIVER
工地保洁 NEW_BUILDING_CLEANER
掰苞米 FARM_LABOURER
挖土豆 FARM_LABOURER
割稻子 FARM_LABOURER
打枣 FRUIT_PICKER
剪枝 TREE_TRIMMER
捡鸡蛋 LIVESTOCK_WORKER
做家务 HOUSEKEEPER
带小孩 NANNY
扫雪 STREET_SWEEPER
捡垃圾 STREET_SWEEPER
扛货 PORTER
棒棒 PORTER
暑假工 GENERAL_LABOURER
充场 EVENT_STAFF
扫楼 LEAFLET_DISTRIBUTOR
墩子 KITCHEN_HAND
端菜 RESTAURANT_SERVER
星巴克 DRINKS_SHOP_STAFF
富士康普工 ELECTRONICS_ASSEMBLER
打磨工 GRINDING_POLISHER
冲床工人 STAMPING_OPERATOR
CNC操作员 CNC_OPERATOR
磨工 CNC_OPERATOR
摘杨桃 FRUIT_PICKER
搬桌子 PORTER
扛麻袋 PORTER
卖袜子 RETAIL_CLERK
种黄瓜 FARM_LABOURER
焊栏杆 WELDER
喂兔子 LIVESTOCK_WORKER
送锦旗 ERRAND_RUNNER
送汽油 HAZARDOUS_GOODS_DRIVER
搬炸药 DEMOLITION
剪叉车 WORK_AT_HEIGHT
幕墙清洗 EXTERIOR_WALL_CLEANER
路灯安装 POWER_LINE_WORKER
混泥土 CONCRETE_WORKER
气焊 WELDER
行吊 CRANE_OPERATOR
土石方 EARTHWORK_LABOURER
贴磁砖 TILER
摘桔子 FRUIT_PICKER
举广告牌 LEAFLET_DISTRIBUTOR
跑单 RIDER
站岗 SECURITY_GUARD
打毛刺 GRINDING_POLISHER
平车 SEWING_OPERATOR
construction worker SITE_LABOURER
sorter PARCEL_SORTER
文员 OFFICE_CLERK
日结工 GENERAL_LABOURER
打零工 GENERAL_LABOURER
truck driver VAN_DRIVER
ＴＲＵＣＫ VAN_DRIVER
forklift FORKLIFT_DRIVER
security guard SECURITY_GUARD
parcel-sorter PARCEL_SORTER
COOK COOK
"""
PHRASES = [tuple(line.rsplit(" ", 1)) for line in SAID.strip().splitlines()]


@pytest.mark.parametrize(("words", "code"), PHRASES)
def test_first_that_is_found_is_the_work_when_people_say_it(words: str, code: str) -> None:
    found = search(ROWS, words)
    assert (found[0].family or found[0].code) == (BY_CODE[code].family or code)


@pytest.mark.parametrize("place", ["外墙", "高空", "屋顶", "吊篮"])
@pytest.mark.parametrize(
    "deed", ["", "保洁", "打扫卫生", "擦玻璃", "刷漆", "喷漆", "补漏", "打胶", "安装", "作业"]
)
def test_work_high_up_is_not_first_offered_as_work_on_the_ground(place: str, deed: str) -> None:
    first = search(ROWS, place + deed)[0]
    asked = {question.code for question in TABLE.questions_of(first.family)}
    assert first.occupation_class >= 5 or "HEIGHT" in asked, first.name_zh


def test_more_than_a_hundred_phrases_are_tried_when_the_table_is_searched() -> None:
    assert len(PHRASES) > 100


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.code)
def test_row_comes_first_when_called_by_its_name(row: Occupation) -> None:
    best = search(ROWS, row.name_zh)[0]
    assert best == row


@pytest.mark.parametrize("words", ["工", "司", "a", "e", "人", "员", "机", "driver", "工人", "司机"])
def test_no_flood_comes_when_the_words_are_few(words: str) -> None:
    assert len(search(ROWS, words)) <= 20


@pytest.mark.parametrize("words", ["宇航员", "sorter astronaut", "!!!", "——", "zzz", "量子物理", "㋿"])
def test_nothing_is_found_when_nothing_is_called_so(words: str) -> None:
    assert search(ROWS, words) == []


@pytest.mark.parametrize("words", ["", " ", "\u3000"])
def test_all_are_given_in_their_order_when_nothing_is_said(words: str) -> None:
    assert search(ROWS, words) == list(ROWS)


def test_better_name_comes_first_when_several_contain_the_words() -> None:
    codes = [row.code for row in search(ROWS, "外墙")]
    assert set(codes) == {"EXTERIOR_WALL_WORKER", "EXTERIOR_WALL_CLEANER"}
    cooks = [row.code for row in search(ROWS, "做饭")]
    assert cooks[0] == "COOK", "an alias that is just that goes before one that contains it"
    assert "NANNY" in cooks


def test_whole_family_is_there_when_one_of_it_is_found() -> None:
    assert [row.code for row in search(ROWS, "长途货车司机")][:1] == ["LONG_HAUL_TRUCK_DRIVER"]
    assert {row.code for row in search(ROWS, "长途货车司机")} >= {"VAN_DRIVER", "TRUCK_DRIVER"}


@pytest.mark.parametrize(
    ("written", "one"),
    [
        ("電 焊 工", "电焊工"),
        ("ＣＮＣ", "cnc"),
        ("货车司机(4 吨)", "货车司机4吨"),
        ("Truck_Driver", "truckdriver"),
    ],
)
def test_forms_of_writing_are_one_when_compared(written: str, one: str) -> None:
    assert said(written) == one


def test_characters_of_the_table_are_simplified_when_folded() -> None:
    for row in ROWS:
        for name in row.names:
            assert said(name) == said(fold(name))


def test_table_is_not_compared_again_when_it_was_once() -> None:
    """Counts, not times: the second search folds the words and nothing else."""
    search(ROWS, "分拣")
    before = fold.cache_info().misses
    search(ROWS, "量子物理实验员")
    assert fold.cache_info().misses - before <= 1
