"""What `make mutate` is told: modules and tests that exist, survivors of those modules, a page that is theirs."""

from tests.architecture.source import ROOT
from tests.mutation.report import PAGE, Mutant, classes, figures_of, total_of, unexplained
from tests.mutation.run import configured

PACKAGE = ROOT / "layers" / "daycover" / "python" / "daycover"


def test_modules_and_their_tests_exist_when_mutants_are_configured() -> None:
    for module, tests in configured().items():
        assert (PACKAGE / module).is_file(), module
        assert tests
        for test in tests:
            assert (ROOT / "tests" / "unit" / test).is_file(), test


def test_survivors_are_of_configured_modules_and_have_a_reason_when_listed() -> None:
    assert len({one.name for one in classes()}) == len(classes())
    for one in classes():
        assert one.why.endswith(".")
        assert one.keys.keys() <= configured().keys()


def test_page_names_every_module_when_it_is_written() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert all(f"| `{module}` |" in text for module in configured())


def test_survivor_without_a_reason_is_told_when_figures_are_judged() -> None:
    mutants = [
        Mutant("daycover.cover.period.x_next_period__mutmut_1", "survived", "- a\n+ nobody explains this"),
        Mutant("daycover.cover.period.xǁPeriodǁcovers__mutmut_2", "killed", ""),
        Mutant("daycover.cover.period.xǁPeriodǁcovers__mutmut_3", "timeout", ""),
        Mutant("daycover.cover.period.x_next_period__mutmut_4", "no tests", "- only this is gone"),
    ]
    figures = figures_of(mutants, 1.0)
    assert (figures["killed"], figures["timeouts"], figures["survived"], figures["score"]) == (1, 1, 2, 0.5)
    assert unexplained({"cover/period.py": figures}) == [
        "cover/period.py next_period: - only this is gone",
        "cover/period.py next_period: nobody explains this",
    ]
    assert total_of({"a": figures, "b": figures})["score"] == 0.5
    assert mutants[1].function == "Period.covers"
