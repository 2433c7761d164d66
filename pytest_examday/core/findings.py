"""What speaks for and against one line."""

from dataclasses import dataclass, field


@dataclass
class Findings:
    """Collects what a judge found. A failure outweighs a doubt, and a doubt outweighs every fact."""

    failures: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)

    def fail_if(self, wrong: bool, text: str) -> None:
        """Note a reason for NO-GO."""
        if wrong:
            self.failures.append(text)

    def doubt_if(self, unmeasured: bool, text: str) -> None:
        """Note something that was not measured; nobody may call it good."""
        if unmeasured:
            self.doubts.append(text)

    def tell(self, fact: str) -> None:
        """Note the figure that was found, whatever it means for the outcome."""
        self.facts.append(fact)
