"""The profiles `smoke`, `standard` and `full`: the size and duration of the load and of the drills."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from pytest_examday.config.suite_names import refuse_unknown
from pytest_examday.record import Record

ProfileName = Literal["smoke", "standard", "full"]
PROFILE_NAMES: tuple[ProfileName, ...] = ("smoke", "standard", "full")

Shape = Literal["exam", "start", "sessions", "answers", "submit"]
"""What candidates do in a load.

`exam`: they arrive, answer, and submit in the last part, before the deadline. `start`: the same, with all sessions
created at one moment (the failure of Moodle STACK issue 709). `sessions`, `answers` and `submit`: the three loads of
source document 001, one at a time.
"""
ANSWERING: frozenset[Shape] = frozenset({"exam", "start", "answers"})
"""Shapes whose candidates answer questions."""
SUBMITTING: frozenset[Shape] = frozenset({"exam", "start", "submit"})
"""Shapes whose candidates submit."""

Share = Annotated[float, Field(ge=0, le=1)]
PositiveSeconds = Annotated[float, Field(gt=0, le=86_400)]
NonNegativeSeconds = Annotated[float, Field(ge=0, le=86_400)]

ALL, STANDARD = "all", "standard"
"""Words for several drills in a profile's list of drills: every drill, or the drills of the size `standard`."""
_LEAST_ACCOUNTS, _SPARE_ACCOUNTS = 600, 50
"""The fewest accounts that an embedded platform makes, and those that no activity of the rehearsal uses."""
_PROBERS = 2
"""Beside the candidates of a drill: one whose operations are tried, and one whose exam goes on after the fault."""
_MOST_ACTORS, _MOST_QUESTIONS = 1_000_000, 10_000
_CANDIDATES_PER_PROCESS = 2_500
"""A process can serve more candidates; above this number a second core is worth the start of another process."""


class Habits(Record, allow_inf_nan=False):
    """How a candidate behaves in an exam.

    `think_seconds` is the range of the pause before each answer. The shares go from 0 to 1: `blank_share` of the
    questions stay blank, `change_share` of the answers are followed by a change, `double_click_share` of the candidates
    submit with a double click, `resume_share` of them reload the exam once. `timeout_seconds` limits one request;
    `patience_seconds` limits one action with its retries.
    """

    think_seconds: tuple[NonNegativeSeconds, NonNegativeSeconds] = (0.5, 1.5)
    blank_share: Share = 0.1
    change_share: Share = 0.15
    double_click_share: Share = 0.25
    resume_share: Share = 0.2
    timeout_seconds: PositiveSeconds = 10.0
    patience_seconds: PositiveSeconds = Field(
        60.0, description="how long a candidate retries one action before giving up"
    )

    @model_validator(mode="after")
    def _think_is_a_range(self) -> Self:
        low, high = self.think_seconds
        if low > high:
            raise ValueError(f"think_seconds starts at {low} and ends at {high}; the first must be the smaller")
        return self


class LoadProfile(Record, allow_inf_nan=False):
    """The load of phase 2: candidates arrive, answer, and submit before the deadline.

    The exam lasts `arrive_seconds`, then `answer_seconds`, then `submit_seconds`; a part that the shape does not
    have takes no time. `ramp_seconds` at the beginning are not judged for latency. `window_seconds` is the length of
    one window in which p95 is computed.
    """

    shape: Shape = "exam"
    candidates: int = Field(40, ge=1, le=_MOST_ACTORS)
    arrive_seconds: PositiveSeconds = 8.0
    answer_seconds: NonNegativeSeconds = 14.0
    submit_seconds: PositiveSeconds = 4.0
    questions: int = Field(12, ge=1, le=_MOST_QUESTIONS)
    ramp_seconds: float = Field(3.0, ge=0, le=86_400)
    window_seconds: PositiveSeconds = 2.0
    processes: int | None = Field(None, ge=1, le=64, description="load processes; None: chosen by candidates and cores")
    habits: Habits = Habits()

    @model_validator(mode="after")
    def _somebody_answers(self) -> Self:
        longest = self.habits.think_seconds[1]
        if self.answers and longest >= self.exam_seconds - self.arrive_seconds:
            raise ValueError(
                f"habits.think_seconds goes up to {longest:g} s and the exam leaves {self._sitting_seconds:g} s "
                "after the arrivals: some would never answer; think less, or raise answer_seconds"
            )
        if self.ramp_seconds >= self.exam_seconds:
            raise ValueError(
                f"ramp_seconds ({self.ramp_seconds:g}) leaves nothing of the {self.exam_seconds:g} s of the load"
            )
        return self

    @property
    def answers(self) -> bool:
        """Whether candidates of this shape answer questions."""
        return self.shape in ANSWERING

    @property
    def submits(self) -> bool:
        """Whether candidates of this shape submit."""
        return self.shape in SUBMITTING

    @property
    def last_part_begins(self) -> float:
        """Seconds from the first arrival to the beginning of the last part."""
        return self.arrive_seconds + (self.answer_seconds if self.answers else 0.0)

    @property
    def exam_seconds(self) -> float:
        """Seconds from the first arrival to the deadline."""
        return self.last_part_begins + (self.submit_seconds if self.submits else 0.0)

    @property
    def _sitting_seconds(self) -> float:
        return self.exam_seconds - self.arrive_seconds

    def processes_on(self, cores: int) -> int:
        """The number of load processes on a machine with this many cores."""
        processes = self.processes or min(cores, -(-self.candidates // _CANDIDATES_PER_PROCESS))
        return min(processes, self.candidates)


class DrillProfile(Record, allow_inf_nan=False):
    """The drills of phases 3 and 7: candidates go on answering while a fault is put in and taken out.

    `drills` adds to the drills that are part of every rehearsal. It holds names, `all`, or `standard` for the drills of
    the profile of that name. The suites of the run define the names.

    A fault is taken out early if the platform suffers more than one of the `stop_…` limits allows:
    `stop_error_rate`, the share of failed requests since the fault went in; `stop_harmed`, the number of candidates who
    wait longer than the threshold `drill_wait_seconds`; `stop_health_failures`, the number of health probes that fail
    in a row.
    """

    candidates: int = Field(10, ge=1, le=_MOST_ACTORS)
    questions: int = Field(20, ge=1, le=_MOST_QUESTIONS)
    steady_seconds: PositiveSeconds = 3.0
    hold_seconds: PositiveSeconds = 5.0
    settle_seconds: PositiveSeconds = 4.0
    drills: tuple[str, ...] = ()
    delay_ms: int = Field(
        500, ge=1, le=60_000, description="what network_delay adds to every packet (source document 001)"
    )
    jitter_ms: int = Field(100, ge=0, le=60_000, description="jitter of network_delay")
    slow_database_ms: int = Field(100, ge=1, le=60_000, description="what slow_database adds to every reply")
    stop_error_rate: float = Field(0.5, gt=0, le=1)
    stop_harmed: int = Field(1, ge=1, le=_MOST_ACTORS)
    stop_health_failures: int = Field(8, ge=1, le=1_000_000)
    habits: Habits = Habits(think_seconds=(0.3, 0.9))

    @field_validator("drills", mode="before")
    @classmethod
    def _one_word_or_names(cls, drills: object) -> object:
        """Accept a single word for several drills in place of a list."""
        if isinstance(drills, str) and drills not in (ALL, STANDARD):
            raise ValueError(f'must be a list of names, "{ALL}" or "{STANDARD}"')
        return (drills,) if isinstance(drills, str) else drills

    @field_validator("drills")
    @classmethod
    def _drills_are_known(cls, drills: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        return refuse_unknown("drills", drills, info, ALL, STANDARD)

    @model_validator(mode="after")
    def _no_negative_delay(self) -> Self:
        if self.jitter_ms > self.delay_ms:
            raise ValueError(f"jitter_ms ({self.jitter_ms}) is more than delay_ms ({self.delay_ms})")
        return self


class EmbeddedNeeds(Record):
    """What a rehearsal needs of the embedded platform.

    `links` puts TCP links in front of PostgreSQL and Redis; `proxy` puts one in front of the API workers. `accounts` is
    the number of candidates' accounts: every activity uses accounts of its own.
    """

    links: bool = False
    proxy: bool = False
    accounts: int = _LEAST_ACCOUNTS


class Profile(Record):
    """One named size of a rehearsal. `embedded` is computed from the other figures and the drills of the run."""

    SET_BY_PLUGIN: ClassVar[tuple[str, ...]] = ("name", "embedded")

    name: ProfileName = "smoke"
    load: LoadProfile = LoadProfile()
    drill: DrillProfile = DrillProfile()
    embedded: EmbeddedNeeds = EmbeddedNeeds()

    def needed_accounts(self, drills: int) -> int:
        """The number of candidates' accounts that a rehearsal with this many drills uses, with some to spare."""
        return self.load.candidates + drills * (self.drill.candidates + _PROBERS) + _SPARE_ACCOUNTS

    def accounts_for(self, drills: int) -> int:
        """The number of candidates' accounts that an embedded platform makes for a rehearsal with this many drills."""
        return max(_LEAST_ACCOUNTS, self.needed_accounts(drills))


PROFILES: dict[ProfileName, Profile] = {
    "smoke": Profile(),
    "standard": Profile(
        name="standard",
        load=LoadProfile(
            candidates=150,
            arrive_seconds=60,
            answer_seconds=120,
            submit_seconds=30,
            questions=20,
            ramp_seconds=15,
            window_seconds=10,
            habits=Habits(think_seconds=(2, 8)),
        ),
        drill=DrillProfile(
            candidates=30,
            steady_seconds=10,
            hold_seconds=30,
            settle_seconds=15,
            drills=(STANDARD,),
        ),
    ),
    "full": Profile(
        name="full",
        load=LoadProfile(
            candidates=400,
            arrive_seconds=300,
            answer_seconds=1800,
            submit_seconds=600,
            questions=60,
            ramp_seconds=60,
            window_seconds=30,
            habits=Habits(think_seconds=(5, 30)),
        ),
        drill=DrillProfile(candidates=100, steady_seconds=30, hold_seconds=60, settle_seconds=60, drills=(ALL,)),
    ),
}
"""`full` has the figures of source document 001: 400 candidates create sessions within 5 minutes, answer for 30 minutes
with 5 to 30 s of thought, and submit in the last 10 minutes; Redis is stopped for 60 s."""
