"""What a worker consents to, in English, for whoever does not read Chinese: an explanation without force.

The Chinese text is the one that is accepted, hashed and stored (`cover/disclosure.py`); what limits or exempts is
said whole in both.
"""

from collections.abc import Mapping

from daycover.cover.disclosure import HOTLINE, INSURER_EN, PLACES_KEPT_DAYS, percent, yuan
from daycover.cover.plan import Plan
from daycover.cover.terms import terms
from daycover.identity.consent import ConsentKind
from daycover.projects.project import Project


def exclusions_in_english(project: Project | None, plan: Plan) -> list[str]:
    """All that is not insured on a project: line by line what `exclusions_of` says in Chinese."""
    own = () if project is None else project.exclusions
    return [*terms(plan.terms).exclusions_en, *(exclusion.text_en for exclusion in own)]


def benefits_in_english(plan: Plan) -> str:
    """Say what the plan pays: every sum, limit, deductible, ratio and count of days. Sums in yuan."""
    pays = plan.benefits
    lost_income = (
        f"lost income CNY {yuan(pays.lost_income_daily_fen)} a day"
        if pays.lost_income_daily_fen
        else "no lost income"
    )
    social = "less what social medical insurance has paid, " if pays.nets_social_insurance else ""
    return (
        f"accidental death and disability CNY {yuan(plan.sum_insured_fen)} (disability 100% to 10% by grade); "
        f"sudden death up to CNY {yuan(pays.sudden_death_fen)}; "
        f"medical costs of each accident above a deductible of CNY {yuan(pays.medical_deductible_fen)} at "
        f"{percent(pays.medical_ratio_bps)}, {social}up to CNY {yuan(pays.medical_limit_fen)}; "
        f"hospital allowance CNY {yuan(pays.hospital_daily_fen)} a day, {lost_income}, each without the first "
        f"{pays.waiting_days} days and for at most {pays.days_per_accident} days an accident; "
        f"ambulance up to CNY {yuan(pays.ambulance_limit_fen)}."
    )


def consents_in_english(project: Project, plan: Plan) -> Mapping[ConsentKind, str]:
    """Give the four texts of one project and plan by their kind."""
    limits = "".join(f"\n{clause.number} {clause.en}" for clause in terms(plan.terms).limits)
    own = "".join(f"\n{number}. {own.text_en}" for number, own in enumerate(project.exclusions, start=1))
    at_this_work = f"\nAt this work ({project.occupation_en}) this is not covered either:{own}" if own else ""
    return {
        ConsentKind.TERMS_SHOWN: (
            f"I have read the insurance terms (version {plan.terms}; this page opens the whole text). This plan, "
            f"{plan.plan_id}: {benefits_in_english(plan)} I have taken note of these clauses, which exempt the "
            f"insurer or limit what it pays (numbered as in the whole text):{limits}{at_this_work}"
        ),
        ConsentKind.SUM_INSURED: (
            f"I agree that {project.company_name}, as policyholder, insures me by the day against accidents (plan "
            f"{plan.plan_id}), and to a death benefit of CNY {yuan(plan.sum_insured_fen)}. The policyholder bears the "
            "premium; nothing is taken out of my wages. Each check-in covers 24 hours. I may designate close "
            "relatives to receive the death benefit, and change or revoke that at any time; without it, it goes to my "
            "legal heirs."
        ),
        ConsentKind.SENSITIVE_DATA: (
            "I separately agree that this sensitive data of mine is processed to verify who I am, to insure me and to "
            "administer the policy: name, kind and number of my document (with the date of birth), the result of the "
            "work card's face check, where I checked in, and what I hand in when I ask for a referral. Why it is "
            "needed: insurance by name takes proof that I am on site myself. What it means for me: a leak could "
            "endanger my person and property, so it is stored encrypted. The face check takes place in the work "
            "card; this service neither receives nor keeps pictures of my face, and if I do not want one, staff can "
            f"look at my document instead. Places are deleted after {PLACES_KEPT_DAYS} days. I may withdraw this at "
            "any time; the cover on this project then ends, and accidents before that are still paid. Health data and "
            "bank accounts are not part of this consent: at a claim I am asked for each separately."
        ),
        ConsentKind.SHARE_WITH_INSURER: (
            "I separately agree that my name, the kind and number of my document, the record of this consent, the "
            "work project, the occupation class, and my policies and claims are given to "
            f"{INSURER_EN} (phone {HOTLINE}), for underwriting and claims alone."
        ),
    }
