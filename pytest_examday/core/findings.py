"""What a judge finds about one line."""

from dataclasses import dataclass, field


@dataclass
class Findings:
    """Collects failures, doubts and facts. A line with a failure fails; a line with a doubt and no failure is
    inconclusive."""

    failures: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)

    @property
    def intact(self) -> bool:
        """Whether failures, doubts and facts are still lists: a user's judge may have assigned something else."""
        return all(isinstance(notes, list) for notes in (self.failures, self.doubts, self.facts))

    def fail(self, text: str) -> None:
        """Note a reason why the line fails."""
        self.failures.append(as_entry(text))

    def fail_if(self, wrong: bool, text: str) -> None:
        """Note a reason why the line fails, if `wrong` is true."""
        if wrong:
            self.fail(text)

    def doubt(self, text: str) -> None:
        """Note something that was not measured; the line then does not pass."""
        self.doubts.append(as_entry(text))

    def doubt_if(self, unmeasured: bool, text: str) -> None:
        """Note something that was not measured, if `unmeasured` is true."""
        if unmeasured:
            self.doubt(text)

    def add_fact(self, fact: str) -> None:
        """Note a figure that was found; it does not change the outcome."""
        self.facts.append(as_entry(fact))


def as_entry(text: object) -> str:
    """The text on one line. Reasons are put into lists and tables, where a second line would look like another
    entry."""
    return " ".join(str(text).split()) or "no reason given"
