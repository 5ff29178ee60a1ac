"""How what people say finds an occupation: 开滴滴, 搬砖, 送外卖的, 電焊, truck driver.

Written forms are made one (width, case, traditional characters, spaces, punctuation). Then what is called exactly
so comes first, also without the word for whoever does it (冲床工人, 吊车工), then what begins so, then what contains
it; where nothing does, the names that what was said contains, and last what is written most like it. Pinyin finds
nothing: whoever types on a Chinese phone or desk types characters, and English names are there for the others
(docs/decisions/0141).
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from daycover.cover.occupation import Occupation

FOUND = 20
ALIKE = 0.5
"""Dice's coefficient of the pairs of characters, from which on two words are like each other."""
DEED = 0.4
"""How alike is what begins with a deed of one sign that is a name (搬, 摘, 焊): 搬桌子, 摘杨桃. Less than any other."""
HEIGHT, HIGH = "HEIGHT", "HEIGHT_CERTIFICATE"
"""The question how high work is, and the exclusion of the work that is high by its nature, in the table."""
_WHO = re.compile("(?:操作[工员]|工人|人员|师傅|司机|兼职|临时工|[工员人手机的])+$")
"""Whoever does it, at the end of what is said: a name of two signs that it makes (吊车工 has 车工) is chance."""
_TRADITIONAL = str.maketrans(
    "萬東專絲業兩嚴喪個豐臨為麗舉麼義烏樂喬習鄉書買亂爭於虧雲亞產親億僅從侖倉儀們價眾優夥會傘偉傳傷倫偽體餘傭俠"
    "侶僑偵側債傾儲兒兌黨蘭關興養獸內岡冊寫軍農馮沖決況凍淨涼減湊凜幾鳳憑凱擊鑿劃劉則剛創刪別剎劑劍劇勸辦務動"
    "勵勁勞勢勻區醫華協單賣盧衛卻廠廳歷厲壓廁廂廈廚縣參雙發變敘葉號嘆嚇嗎啟吳員響啞嘩園圍圖圓聖場壞塊堅壇壩墳"
    "墜墾壘牆壯聲殼處備復夠頭誇夾奪奮獎婦媽嫵孫學寧寶實審憲宮寬賓對尋導將爾塵嘗屍盡層屜屬歲豈島嶺峽幣帥師帳"
    "簾帶幫幹並廣莊慶廬庫應廟龐廢開異棄張彌彎彈強歸當錄徹徑憶懷態憐總戀惡懸驚慘慣憤願懶戲戰戶撲執擴掃揚擾撫拋"
    "搶護報擔擬攏揀擁攔擰撥擇掛摯撓擋掙擠揮撈損撿換據擄擲攙攪攜攝擺搖攤撐敵斂數齋鬥斬斷無舊時曠曬曉暈暫術機殺雜"
    "權條來楊極構樞棗槍楓櫃標棧欄樹棲樣橋樁橫檢樓歐殘毆毀畢氈氣漢湯溝沒瀝淪滄滬潑澤潔灑淺漿澆濁測濟瀏渾濃濤"
    "澇潤澗漲澀淵漁滲溫灣濕潰濺滾滯滿濾濫濱灘滅燈靈災爐燉煉爛煙煩燒燙熱煥愛爺牆犧狀猶獨獄獅豬貓獻瑪環現瓊電畫"
    "暢瘋癢療瘍癱監蓋盤盜眾睜矚矯礦碼磚硯礎碩確磚礙禮禪離禿稈種積稱穩穀窩窮竄窺競篤筆築篩籃簽簡簽籌籠糧糞緊纖"
    "紅約級紀紋紡紙紛線練組細織終經結繞給絡絕統絹繡繼績緒續綿網維綠綱縫縮縱繩繪繳編緣總罐羅罰羨翹聯聰聲職腎腫脹"
    "脈腦臉臘臟腸膠膚膩艦艙艱艷藝節蘇蘋莖蔥蓮薦藥蘿蔔蘆虧蟲蝦蠶蠟螞補裝褲襪襯見觀規視覺覽觸訂計討讓訓議訊記講許"
    "論設訪證評識診詞試詩話該詳語誤說請諸課調談謀謝譯護讀貝負財貢貨責敗賬質販貪貧購貯貫貼貴費賀賊賃賄資賓賞賠賴"
    "賺贈贊趕跡踐躍車軌軋軍輪軟轉輕載較輔輛輩輝輯輸轄轟辭邊遼達遷過邁運還這進遠違連遲適選遞邏遺郵鄰醬醞釀釋裏釘針"
    "鈕釣鈔鋼鈣鉤鉗鑽鐵鉛銀銅鋁銑鏟銷鎖鋰鋤鍋鋸錘錢鍛鍍鏡鏈鑄鋪鎮長門閃閉問間閱隊陽陰陣陳險隨隱難雞霧靜韓頁頂項順"
    "須頓頭預領頸頻題顏願顧類風飛飯飲飾飼餃餅餓館餵饅駕騎驗驛駐駁馬騙鬆魚鮮鯨鳥鴨鵝麥黃齊齒龍龜鹽麵臺檯颱週後"
    "裡鬧髮餐闆灑氬櫥澱璃",
    "万东专丝业两严丧个丰临为丽举么义乌乐乔习乡书买乱争于亏云亚产亲亿仅从仑仓仪们价众优伙会伞伟传伤伦伪体余佣侠"
    "侣侨侦侧债倾储儿兑党兰关兴养兽内冈册写军农冯冲决况冻净凉减凑凛几凤凭凯击凿划刘则刚创删别刹剂剑剧劝办务动"
    "励劲劳势匀区医华协单卖卢卫却厂厅历厉压厕厢厦厨县参双发变叙叶号叹吓吗启吴员响哑哗园围图圆圣场坏块坚坛坝坟"
    "坠垦垒墙壮声壳处备复够头夸夹夺奋奖妇妈妩孙学宁宝实审宪宫宽宾对寻导将尔尘尝尸尽层屉属岁岂岛岭峡币帅师帐"
    "帘带帮干并广庄庆庐库应庙庞废开异弃张弥弯弹强归当录彻径忆怀态怜总恋恶悬惊惨惯愤愿懒戏战户扑执扩扫扬扰抚抛"
    "抢护报担拟拢拣拥拦拧拨择挂挚挠挡挣挤挥捞损捡换据掳掷搀搅携摄摆摇摊撑敌敛数斋斗斩断无旧时旷晒晓晕暂术机杀杂"
    "权条来杨极构枢枣枪枫柜标栈栏树栖样桥桩横检楼欧残殴毁毕毡气汉汤沟没沥沦沧沪泼泽洁洒浅浆浇浊测济浏浑浓涛"
    "涝润涧涨涩渊渔渗温湾湿溃溅滚滞满滤滥滨滩灭灯灵灾炉炖炼烂烟烦烧烫热焕爱爷墙牺状犹独狱狮猪猫献玛环现琼电画"
    "畅疯痒疗疡瘫监盖盘盗众睁瞩矫矿码砖砚础硕确砖碍礼禅离秃秆种积称稳谷窝穷窜窥竞笃笔筑筛篮签简签筹笼粮粪紧纤"
    "红约级纪纹纺纸纷线练组细织终经结绕给络绝统绢绣继绩绪续绵网维绿纲缝缩纵绳绘缴编缘总罐罗罚羡翘联聪声职肾肿胀"
    "脉脑脸腊脏肠胶肤腻舰舱艰艳艺节苏苹茎葱莲荐药萝卜芦亏虫虾蚕蜡蚂补装裤袜衬见观规视觉览触订计讨让训议讯记讲许"
    "论设访证评识诊词试诗话该详语误说请诸课调谈谋谢译护读贝负财贡货责败账质贩贪贫购贮贯贴贵费贺贼赁贿资宾赏赔赖"
    "赚赠赞赶迹践跃车轨轧军轮软转轻载较辅辆辈辉辑输辖轰辞边辽达迁过迈运还这进远违连迟适选递逻遗邮邻酱酝酿释里钉针"
    "钮钓钞钢钙钩钳钻铁铅银铜铝铣铲销锁锂锄锅锯锤钱锻镀镜链铸铺镇长门闪闭问间阅队阳阴阵陈险随隐难鸡雾静韩页顶项顺"
    "须顿头预领颈频题颜愿顾类风飞饭饮饰饲饺饼饿馆喂馒驾骑验驿驻驳马骗松鱼鲜鲸鸟鸭鹅麦黄齐齿龙龟盐面台台台周后"
    "里闹发餐板洒氩橱淀璃",
)


@lru_cache(maxsize=8192)
def fold(words: str) -> str:
    """Give the one form of what is written in several: half width, small, simplified, words apart by one space."""
    plain = unicodedata.normalize("NFKC", words).casefold().translate(_TRADITIONAL)
    return " ".join("".join(sign if unicodedata.category(sign)[0] in "LN" else " " for sign in plain).split())


def said(words: str) -> str:
    """The same without spaces: 外 卖 is 外卖."""
    return fold(words).replace(" ", "")


def by_name(rows: Iterable[Occupation]) -> dict[str, Occupation]:
    """The rows by each name and alias as it is said; of a family the first."""
    named: dict[str, Occupation] = {}
    for row in rows:
        for name in row.names:
            named.setdefault(said(name), row)
    return named


def search(
    rows: Sequence[Occupation], words: str, also: Mapping[str, Iterable[str]] | None = None
) -> list[Occupation]:
    """Give at most 20 rows that are called so, the best first; all of them for no words.

    A row brings its family with it, because questions decide among them. `also`: further names by code.
    """
    query = said(words)
    if not query:
        return [] if words.strip() else list(rows)
    bare, ranked = _WHO.sub("", query), []
    for place, row in enumerate(rows):
        names = [*row.names, *(also or {}).get(row.code, ())]
        rank = _rank([said(name) for name in names], query, bare, fold(words).split())
        if rank is not None:
            ranked.append((rank, place, row))
    ranked.sort(key=lambda found: found[:2])
    best = [row for (tier, _), _, row in ranked if tier <= _CONTAINED]
    found = best or _high_first([row for (tier, _), _, row in ranked if tier == _SAID])
    found = found or [row for _, _, row in ranked]
    return _with_families(rows, found)[:FOUND]


_EXACT, _BEGINS, _CONTAINED, _SAID, _LIKE = range(5)


def _rank(names: Sequence[str], query: str, bare: str, words: Sequence[str]) -> tuple[int, float] | None:
    """How well names answer: a tier, and a place within it. One letter is too little to be contained."""
    if query not in names and len(bare) > 1 and bare in names:
        return _EXACT, 1
    best = min(filter(None, (_rank_of(name, query) for name in names)), default=None)
    if best is not None and best[0] <= _CONTAINED:
        return best
    together = " ".join(names)
    if len(query) > 1 and all(word in together for word in words):
        return _CONTAINED, 99
    return best


def _rank_of(name: str, query: str) -> tuple[int, float] | None:
    if name == query:
        return _EXACT, 0
    if name.startswith(query):
        return _BEGINS, len(name)
    if len(query) > 1 and query in name:
        return _CONTAINED, len(name)
    if len(name) == 1 and query.startswith(name):
        return _LIKE, -DEED
    return None if min(len(name), len(query)) < 2 or name.isascii() else _rank_of_part(name, query)


def _rank_of_part(name: str, query: str) -> tuple[int, float] | None:
    """For Chinese: a part of what was said, the longest first and of two the later (工地上刷墙的 paints); or alike."""
    if name in query:
        return _SAID, -len(name) - query.rindex(name) / 100
    likeness = _likeness(name, query)
    return (_LIKE, -likeness) if likeness >= ALIKE else None


def _likeness(one: str, other: str) -> float:
    pairs, others = ({word[at : at + 2] for at in range(len(word) - 1)} for word in (one, other))
    return 2 * len(pairs & others) / (len(pairs) + len(others))


def _high_first(found: list[Occupation]) -> list[Occupation]:
    """高空打扫卫生 is work high up, whatever is done there; unless how high it is will be asked anyway."""
    if not found or HEIGHT in found[0].fits:
        return found
    return sorted(
        found, key=lambda row: row.family is not None or all(own.code != HIGH for own in row.exclusions)
    )


def _with_families(rows: Sequence[Occupation], found: Iterable[Occupation]) -> list[Occupation]:
    whole: dict[str, Occupation] = {}
    for row in found:
        whole.setdefault(row.code, row)
        if row.family is not None:
            whole.update({other.code: other for other in rows if other.family == row.family})
    return list(whole.values())
