"""What stands before every source: checks of its answers, time limits, circuit breaker, turns.
It knows no kind of register."""
