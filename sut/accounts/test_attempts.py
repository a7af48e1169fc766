"""Failed sign-ins shut an account's door for a while."""

from sut.accounts.attempts import ALLOWED, WINDOW_S, Attempts


class Clock:
    """A clock that is set by hand."""

    now = 1000.0

    def __call__(self) -> float:
        """Return the time it was set to."""
        return self.now


def _failing(attempts: Attempts, times: int, email: str = "ada@example.com") -> None:
    for _ in range(times):
        attempts.failed(email)


def test_one_failure_too_few_leaves_the_door_open() -> None:
    """Mistyping a password now and then has no consequence."""
    attempts = Attempts(Clock())

    _failing(attempts, ALLOWED - 1)

    assert attempts.wait_s("ada@example.com") == 0


def test_too_many_failures_shut_the_door_for_a_minute_at_most() -> None:
    """After ten failures nobody is heard until the first of them is a minute old."""
    clock = Clock()
    attempts = Attempts(clock)
    _failing(attempts, ALLOWED)

    wait_s = attempts.wait_s("ada@example.com")
    clock.now += wait_s

    assert 0 < wait_s <= WINDOW_S + 1
    assert attempts.wait_s("ada@example.com") == 0


def test_failures_of_one_account_do_not_shut_another() -> None:
    """Who attacks one account does not lock everybody out."""
    attempts = Attempts(Clock())

    _failing(attempts, ALLOWED)

    assert attempts.wait_s("bob@example.com") == 0


def test_success_forgets_earlier_failures() -> None:
    """Signing in starts the count anew."""
    attempts = Attempts(Clock())
    _failing(attempts, ALLOWED - 1)

    attempts.succeeded("ada@example.com")
    _failing(attempts, 1)

    assert attempts.wait_s("ada@example.com") == 0


def test_memory_is_bounded_whatever_is_tried() -> None:
    """A million made-up e-mails do not fill the memory."""
    attempts = Attempts(Clock())

    for number in range(10_050):
        attempts.failed(f"{number}@example.com")

    assert len(attempts._failures) == 10_000
