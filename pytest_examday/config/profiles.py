"""How much load, how long, how many candidates: the profiles `smoke`, `standard` and `full`."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from pytest_examday.contract.model import Record

ProfileName = Literal["smoke", "standard", "full"]
PROFILE_NAMES: tuple[ProfileName, ...] = ("smoke", "standard", "full")

Share = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]


class Habits(Record, allow_inf_nan=False):
    """How a candidate behaves while sitting the exam."""

    think_seconds: tuple[Annotated[float, Field(ge=0)], Annotated[float, Field(ge=0)]] = (0.5, 1.5)
    blank_share: Share = 0.1
    change_share: Share = 0.15
    double_click_share: Share = 0.25
    resume_share: Share = 0.2
    timeout_seconds: Seconds = 10.0
    patience_seconds: Seconds = Field(60.0, description="how long a candidate retries one action before giving up")

    @model_validator(mode="after")
    def _think_is_a_range(self) -> Self:
        low, high = self.think_seconds
        if low > high:
            raise ValueError(f"think_seconds starts at {low} and ends at {high}; the first must be the smaller")
        return self


class LoadProfile(Record, allow_inf_nan=False):
    """Phase 2: candidates who arrive, answer every question and submit."""

    candidates: int = Field(40, ge=1)
    arrive_seconds: Seconds = 8.0
    questions: int = Field(12, ge=1)
    ramp_seconds: float = Field(3.0, ge=0)
    window_seconds: Seconds = 2.0
    habits: Habits = Habits()

    @property
    def expected_seconds(self) -> float:
        """When the last candidate should be gone, on average."""
        habits = self.habits
        steps = self.questions * (1 - habits.blank_share) * (1 + habits.change_share)
        return self.arrive_seconds + steps * sum(habits.think_seconds) / 2

    @property
    def longest_seconds(self) -> float:
        """When the last candidate should be gone if everything answers at once."""
        return self.arrive_seconds + self.questions * (self.habits.think_seconds[1] + 1)


class DrillProfile(Record):
    """Phases 3 and 7: candidates who go on answering while a fault is put in and taken out."""

    candidates: int = Field(10, ge=1)
    questions: int = Field(20, ge=1)
    steady_seconds: Seconds = 3.0
    hold_seconds: Seconds = 5.0
    settle_seconds: Seconds = 4.0
    habits: Habits = Habits(think_seconds=(0.3, 0.9))


class Profile(Record):
    """One named size of a rehearsal."""

    name: ProfileName = "smoke"
    load: LoadProfile = LoadProfile()
    drill: DrillProfile = DrillProfile()


PROFILES: dict[ProfileName, Profile] = {
    "smoke": Profile(),
    "standard": Profile(
        name="standard",
        load=LoadProfile(
            candidates=150,
            arrive_seconds=60,
            questions=20,
            ramp_seconds=15,
            window_seconds=10,
            habits=Habits(think_seconds=(2, 8)),
        ),
        drill=DrillProfile(candidates=30, steady_seconds=10, hold_seconds=30, settle_seconds=15),
    ),
    "full": Profile(
        name="full",
        load=LoadProfile(
            candidates=400,
            arrive_seconds=300,
            questions=60,
            ramp_seconds=60,
            window_seconds=30,
            habits=Habits(think_seconds=(5, 30)),
        ),
        drill=DrillProfile(candidates=100, steady_seconds=30, hold_seconds=60, settle_seconds=60),
    ),
}
"""`full` has the seeds' numbers: 400 candidates create sessions within 5 minutes and think 5 to 30 s (001);
Redis is away for 60 s (001)."""
