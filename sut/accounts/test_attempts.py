"""Failed sign-ins shut a door for a while: a person's, an account's, an address's."""

from sut.accounts.attempts import (
    ALLOWED_ACCOUNT,
    ALLOWED_ADDRESS,
    ALLOWED_PAIR,
    WINDOW_S,
    Attempts,
    SignInAttempts,
)

ADA, BOB = "ada@example.com", "bob@example.com"
HERE, THERE = "192.0.2.1", "192.0.2.2"


class Clock:
    """A clock that is set by hand."""

    now = 1000.0

    def __call__(self) -> float:
        """Return the time it was set to."""
        return self.now


def _failing(attempts: SignInAttempts, times: int, email: str = ADA, address: str = HERE) -> None:
    for _ in range(times):
        attempts.failed(email, address)


def test_one_failure_too_few_leaves_the_door_open() -> None:
    """Mistyping a password now and then has no consequence."""
    attempts = SignInAttempts(Clock())

    _failing(attempts, ALLOWED_PAIR - 1)

    assert attempts.wait_s(ADA, HERE) == 0


def test_too_many_failures_shut_the_door_for_a_minute_at_most() -> None:
    """After ten failures nobody is heard until the first of them is a minute old."""
    clock = Clock()
    attempts = SignInAttempts(clock)
    _failing(attempts, ALLOWED_PAIR)

    wait_s = attempts.wait_s(ADA, HERE)
    clock.now += wait_s

    assert 0 < wait_s <= WINDOW_S + 1
    assert attempts.wait_s(ADA, HERE) == 0


def test_failures_at_one_account_shut_neither_another_nor_another_place() -> None:
    """Who attacks one account locks out neither others nor its owner elsewhere."""
    attempts = SignInAttempts(Clock())

    _failing(attempts, ALLOWED_PAIR)

    assert attempts.wait_s(BOB, HERE) == attempts.wait_s(ADA, THERE) == 0


def test_guesses_from_many_addresses_shut_the_account() -> None:
    """Spreading guesses over many addresses does not make them unlimited."""
    attempts = SignInAttempts(Clock())

    for number in range(ALLOWED_ACCOUNT):
        attempts.failed(ADA, f"192.0.2.{number}")

    assert attempts.wait_s(ADA, "198.51.100.1") > 0
    assert attempts.wait_s(BOB, "198.51.100.1") == 0


def test_guesses_at_many_accounts_shut_the_address() -> None:
    """Trying one password on everybody ends after thirty people."""
    attempts = SignInAttempts(Clock())

    for number in range(ALLOWED_ADDRESS):
        attempts.failed(f"{number}@example.com", HERE)

    assert attempts.wait_s(ADA, HERE) > 0
    assert attempts.wait_s(ADA, THERE) == 0


def test_success_forgets_what_was_mistyped_here_alone() -> None:
    """Signing in starts the person's count anew, and no attacker's."""
    attempts = SignInAttempts(Clock())
    _failing(attempts, ALLOWED_PAIR - 1)
    _failing(attempts, ALLOWED_PAIR, address=THERE)

    attempts.succeeded(ADA, HERE)
    _failing(attempts, 1)

    assert attempts.wait_s(ADA, HERE) == 0
    assert attempts.wait_s(ADA, THERE) > 0


def test_memory_is_bounded_whatever_is_tried() -> None:
    """A million made-up e-mails do not fill the memory."""
    attempts = Attempts(ALLOWED_PAIR, Clock())

    for number in range(10_050):
        attempts.failed(f"{number}@example.com")

    assert len(attempts._failures) == 10_000
