"""Text as people type it: which characters may stand in it, and the half-width form of numbers and codes.

What passes can be printed, sent to a bank or to WeChat, and written into XML (1.0, production 2) as it is.
"""

import unicodedata


def half_width(typed: str) -> str:
    """Give a number or code without spaces and invisible signs, its full-width forms as ASCII.

    Nothing is refused here: whoever asks for the form of a number finds what is left of other scripts.
    """
    text = unicodedata.normalize("NFKC", typed)
    return "".join(s for s in text if not s.isspace() and unicodedata.category(s) != "Cf")
