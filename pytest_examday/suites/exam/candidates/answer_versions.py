"""The version of each answer, for a platform that takes a change only with the version that was read last (optimistic
locking)."""

from typing import Any

from pytest_examday.contract.operation import Operation


class AnswerVersions:
    """The versions of one exam's answers, by the id of the question as a text."""

    def __init__(self, known: dict[str, Any] | None = None) -> None:
        self._known = dict(known or {})

    def copy(self) -> "AnswerVersions":
        """The versions as they are now."""
        return AnswerVersions(self._known)

    def shown(self, operation: Operation, reply: Any) -> None:
        """Keep the versions that the start of an exam, or the exam read back, gives as `[{question, value}]`."""
        for entry in _entries(operation.find("versions", reply)):
            self._known[str(entry["question"])] = entry.get("value")

    def saved(self, operation: Operation, question: str, reply: Any) -> None:
        """Keep the version that a saved answer has now."""
        version = operation.find("version", reply)
        if version is not None:
            self._known[question] = version

    def of(self, question: str) -> Any:
        """The version to send with the next answer to the question; None if none is known."""
        return self._known.get(question)


def _entries(found: Any) -> list[dict[str, Any]]:
    return (
        [entry for entry in found if isinstance(entry, dict) and "question" in entry] if isinstance(found, list) else []
    )
