"""The alerts that are drilled; it imports nothing, as the command line names them before the set-up."""

#: A dead letter's order is also lost until the letter is replayed.
CHAINS: tuple[tuple[str, ...], ...] = (
    ("ServiceDown",),
    ("OutboxStuck",),
    ("PricingBacklog",),
    ("DeadLetters", "OrderLost"),
    ("OrderLate",),
    ("PartnerSlaBurn",),
    ("DashboardSlow",),
)
ALERTS = tuple(alert for chain in CHAINS for alert in chain)
