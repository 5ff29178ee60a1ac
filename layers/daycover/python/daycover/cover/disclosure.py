"""What a worker must see before consenting: benefits, deductible, ratio, exclusions, and the four texts.

Exclusions, deductibles and ratios are exemption clauses: they bind only where they were prompted and
explained (Interpretation II, art. 9). The list is short on purpose, and every line is shown.
"""

from collections.abc import Sequence

from daycover.cover.plan import Plan
from daycover.identity.consent import ConsentKind, ConsentText
from daycover.projects.project import Project

TEXTS_VERSION = "2026-11"
INSURER = "平安产险"
HOTLINE = "95511"

EXCLUSIONS: Sequence[tuple[str, str]] = (
    ("投保人对被保险人的故意伤害", "Intentional harm to the insured by the policyholder"),
    (
        "被保险人故意犯罪或抗拒依法采取的刑事强制措施",
        "The insured's intentional crime or resisting lawful arrest",
    ),
    ("被保险人自残,或自杀(举证责任在保险公司)", "Self-harm, or suicide (the insurer must prove it)"),
    ("酒后驾驶、无证驾驶、吸食毒品、斗殴", "Drink-driving, driving unlicensed, drugs, brawling"),
    (
        "医疗事故、怀孕分娩、椎间盘突出、非处方用药",
        "Medical error, pregnancy, disc herniation, unprescribed drugs",
    ),
    ("战争、核辐射", "War, nuclear radiation"),
    ("无相应操作证从事特种作业", "Special operations without the required certificate"),
)


def yuan(fen: int) -> str:
    """Write fen as yuan for people: 30 → 0.30, 80000000 → 800,000."""
    return f"{fen // 100:,}" if fen % 100 == 0 and fen >= 100 else f"{fen / 100:,.2f}"


def exclusions_of(project: Project) -> list[tuple[str, str]]:
    """All that is not insured on a project: what never is, and what is not at its occupation."""
    return [*EXCLUSIONS, *((own.text_zh, own.text_en) for own in project.exclusions)]


def consent_texts(project: Project, plan: Plan) -> list[ConsentText]:
    """The four texts for one project and plan, in the order they are shown."""
    benefits = plan.benefits
    exclusions = "".join(
        f"\n{number}. {zh};" for number, (zh, _) in enumerate(exclusions_of(project), start=1)
    )
    texts = {
        ConsentKind.TERMS_SHOWN: (
            f"我已阅读:意外医疗每次扣除 {yuan(benefits.medical_deductible_fen)} 元后按 "
            f"{benefits.medical_ratio_bps // 100}% 赔付,限额 {yuan(benefits.medical_limit_fen)} 元;"
            f"误工和住院津贴扣除 {benefits.waiting_days} 天,每次最多 {benefits.days_per_accident} 天。"
            f"以下情况不赔:{exclusions}"
        ),
        ConsentKind.SUM_INSURED: (
            f"我同意由{project.company_name}作为投保人为我投保日结意外险(计划 {plan.plan_id}),"
            f"并同意身故保险金额为 {yuan(plan.sum_insured_fen)} 元。保费由投保人承担,不从我的工资中扣除。"
            "每次打卡成功后保障 24 小时。身故受益人为我的法定继承人。"
        ),
        ConsentKind.SENSITIVE_DATA: (
            "我单独同意为核实身份、投保和理赔处理我的姓名、身份证号码、人脸核验结果和打卡位置。"
            "人脸核验在微工卡中进行,本服务不保存人脸图像。"
        ),
        ConsentKind.SHARE_WITH_INSURER: (
            f"我单独同意将我的姓名、身份证号码、保单和理赔信息提供给{INSURER}(电话 {HOTLINE}),"
            "仅用于承保和理赔。"
        ),
    }
    return [ConsentText(kind=kind, version=TEXTS_VERSION, text=text) for kind, text in texts.items()]


def plan_key(plan: Plan) -> str:
    """What a consent is bound to besides the project: a tariff change asks for new consents."""
    return f"{plan.plan_id}@{plan.version}"
