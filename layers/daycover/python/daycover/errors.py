"""The base of every error that is part of the product's contract."""


class DaycoverError(Exception):
    """A named refusal or failure; the class name is API (problem types, `Retry` and `Catch` use it).

    `facts` are the values a caller may see in the problem document. They never hold personal data.
    """

    def __init__(self, **facts: object) -> None:
        super().__init__(type(self).__name__)
        self.facts = facts


class ConcurrentChangeError(DaycoverError):
    """Somebody else changed the same thing in the meantime; read again, then repeat."""
