"""Answers to underwriting questions: complete, of the right kind, and such that the occupation fits them."""

from collections.abc import Mapping

from daycover.cover.occupation import Answer, Occupation, OccupationTable
from daycover.errors import DaycoverError, ErrorKind
from daycover.projects.project import Answered


class OccupationAnswersError(DaycoverError):
    """A question of the occupation is not answered, an answer is not one of its kind, or nothing like it is asked.

    What to do: Answer the questions in `questions_en` and no others; `GET /v1/occupations` has choices and units.
    含义:该工种的问题没有答全,答案不符合问题的形式,或回答了没有问的问题。
    处理:只回答 `questions_zh` 中的问题;选项和单位见 `GET /v1/occupations`。
    """

    kind = ErrorKind.INVALID
    title = "请回答该工种的核保问题", "Answer the occupation's questions"
    detail = (
        "该工种要回答的问题:{questions_zh}。请在选项或注明的范围内作答。",
        "This occupation asks: {questions_en} Answer with a choice or a number within the range.",
    )


class OccupationDoesNotFitError(DaycoverError):
    """By the answers the work is another occupation of the same family: `fitting_code`.

    What to do: Open the project with that occupation, or correct the answer.
    含义:按所答内容,应当是同类中的另一个工种(`fitting_code`)。
    处理:改选该工种,或更正答案。
    """

    kind = ErrorKind.INVALID
    title = "所选工种与答案不符", "The occupation does not fit the answers"
    detail = (
        "按所答内容,应选“{fitting_zh}”({fitting_code})。请改选,或更正答案。",
        "By the answers it is “{fitting_en}” ({fitting_code}). Choose that one, or correct the answer.",
    )


def check_answers(
    table: OccupationTable, row: Occupation, given: Mapping[str, Answer]
) -> tuple[Answered, ...]:
    """Give the answers with their questions, as a project keeps them.

    Raises OccupationAnswersError, OccupationDoesNotFitError.
    """
    questions = table.questions_of(row.family)
    answered = []
    for asked in questions:
        words = asked.words_of(given[asked.code]) if asked.code in given else None
        if words is not None:
            answered.append(
                Answered(
                    code=asked.code,
                    text_zh=asked.text_zh,
                    text_en=asked.text_en,
                    answer=given[asked.code],
                    answer_zh=words[0],
                    answer_en=words[1],
                )
            )
    if len(answered) < len(questions) or len(given) > len(questions):
        raise OccupationAnswersError(
            questions_zh=" ".join(asked.text_zh for asked in questions) or "无",
            questions_en=" ".join(asked.text_en for asked in questions) or "nothing.",
        )
    if row.family is not None and not row.takes(given):
        fitting = next(other for other in table.rows_of(row.family) if other.takes(given))
        raise OccupationDoesNotFitError(
            fitting_code=fitting.code, fitting_zh=fitting.name_zh, fitting_en=fitting.name_en
        )
    return tuple(answered)
