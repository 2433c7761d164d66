"""The phases of the report template (source document 000)."""

PHASES = {
    1: "Pre-Exam Freeze",
    2: "Load Generation",
    3: "Failure Injection",
    4: "Data Integrity Verification",
    5: "User Experience Validation",
    6: "Observability Review",
    7: "Recovery Drill",
}
