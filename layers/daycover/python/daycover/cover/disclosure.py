"""What a worker must see before consenting: what is paid, every clause that limits it, and the four texts.

Exclusions, deductibles and ratios are exemption clauses: they bind only where they were prompted and explained
(Interpretation II, art. 9). So each of them stands in the text that is accepted, with the hash of the whole terms.
"""

from daycover.cover.plan import Plan
from daycover.cover.terms import NAME_ZH, PUBLISHED, terms
from daycover.identity.consent import ConsentKind, ConsentText
from daycover.projects.project import Project

TEXTS_VERSION = "2026-11-29"
INSURER = "平安产险"
INSURER_EN = "Ping An P&C"
INSURER_NAME = "中国平安财产保险股份有限公司"
INSURER_ADDRESS = "深圳市福田区益田路5033号平安金融中心"
INSURER_CODE = "PAIC"
HOTLINE = "95511"
PLACES_KEPT_DAYS = 30
"""Consented to; `cover/erase.py` keeps to it."""


def yuan(fen: int) -> str:
    """Write fen as yuan for people: 30 → 0.30, 80000000 → 800,000."""
    return f"{fen // 100:,}" if fen % 100 == 0 and fen >= 100 else f"{fen / 100:,.2f}"


def exclusions_of(project: Project | None, plan: Plan) -> list[str]:
    """All that is not insured on a project, in Chinese: what never is, and what is not at its occupation.

    Of a policy whose project is no longer known (None) the second part is in the consent that its worker gave.
    """
    own = () if project is None else project.exclusions
    return [*terms(plan.terms).exclusions, *(exclusion.text_zh for exclusion in own)]


def percent(bps: int) -> str:
    return f"{bps / 100:g}%"


def benefits_text(plan: Plan) -> str:
    """Say what the plan pays: every sum, limit, deductible, ratio and count of days."""
    pays = plan.benefits
    lost_income = (
        f"误工津贴每天 {yuan(pays.lost_income_daily_fen)} 元"
        if pays.lost_income_daily_fen
        else "不含误工津贴"
    )
    social = "扣除社会医疗保险已支付的部分;" if pays.nets_social_insurance else ""
    return (
        f"意外身故、意外伤残保险金额 {yuan(plan.sum_insured_fen)} 元(伤残按等级 100%至10%);"
        f"猝死限额 {yuan(pays.sudden_death_fen)} 元;"
        f"意外医疗每次事故扣除 {yuan(pays.medical_deductible_fen)} 元免赔额后按 {percent(pays.medical_ratio_bps)} 赔付,"
        f"限额 {yuan(pays.medical_limit_fen)} 元;{social}"
        f"住院津贴每天 {yuan(pays.hospital_daily_fen)} 元,{lost_income},"
        f"各扣除 {pays.waiting_days} 天,每次事故最多 {pays.days_per_accident} 天;"
        f"救护车限额 {yuan(pays.ambulance_limit_fen)} 元。"
    )


def consent_texts(project: Project, plan: Plan) -> list[ConsentText]:
    """The four texts for one project and plan, in the order they are shown."""
    limits = "".join(f"\n{clause.number} {clause.zh}" for clause in terms(plan.terms).limits)
    own = "".join(f"\n{number}. {own.text_zh}" for number, own in enumerate(project.exclusions, start=1))
    at_this_work = f"\n本工种({project.occupation_zh})另有以下情况不赔:{own}" if own else ""
    texts = {
        ConsentKind.TERMS_SHOWN: (
            f"我已阅读《{NAME_ZH}》(版本 {plan.terms},全文可在本页打开,全文校验值 SHA-256 "
            f"{PUBLISHED[plan.terms]})。本计划 {plan.plan_id}:{benefits_text(plan)}"
            f"我特别注意到以下免除或减轻保险公司责任的条款(编号同全文):{limits}{at_this_work}"
        ),
        ConsentKind.SUM_INSURED: (
            f"我同意由{project.company_name}作为投保人为我投保日结意外险(计划 {plan.plan_id}),"
            f"并同意身故保险金额为 {yuan(plan.sum_insured_fen)} 元。保费由投保人承担,不从我的工资中扣除。"
            "每次打卡成功后保障 24 小时。身故受益人由我在近亲属中指定,可以随时指定、变更或撤销;"
            "没有指定的,为我的法定继承人。"
        ),
        ConsentKind.SENSITIVE_DATA: (
            "我单独同意为核实身份、投保和管理保单处理我的以下敏感个人信息:姓名、证件类型和号码(含出生日期)、"
            "微工卡返回的人脸核验结果、打卡位置,以及申请人工核验时提交的材料。必要性:记名投保须确认是本人在现场。"
            "对我的影响:泄露可能危及人身和财产安全,因此加密保存。"
            "人脸核验在微工卡中进行,本服务不接收、不保存人脸图像;不愿人脸核验的,可以申请由工作人员核对证件。"
            f"打卡位置 {PLACES_KEPT_DAYS} 天后删除。我可以随时撤回,撤回后该项目的保障终止,此前的事故照常理赔。"
            "医疗健康信息和银行账户不在本同意之内,理赔时另行征得我的单独同意。"
        ),
        ConsentKind.SHARE_WITH_INSURER: (
            f"我单独同意将我的姓名、证件类型和号码、本同意的记录、用工项目、职业类别、保单和理赔信息提供给{INSURER}"
            f"({INSURER_NAME},电话 {HOTLINE}),仅用于承保和理赔。"
        ),
    }
    return [ConsentText(kind=kind, version=TEXTS_VERSION, text=text) for kind, text in texts.items()]


def plan_key(plan: Plan) -> str:
    """What a consent is bound to besides the project: a tariff change asks for new consents."""
    return f"{plan.plan_id}@{plan.version}"
