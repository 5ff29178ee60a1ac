"""Full years of age (周岁)."""

from datetime import date


def age_on(born: date, day: date) -> int:
    """Full years on `day`: a year is full on the birthday itself; 29 February's on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
