"""What a partner's list of its latest orders must show: pure."""

from collections.abc import Collection, Sequence


def left_out(
    known: Sequence[str], listed: Collection[str], limit: int, *, attempted: int, shared: bool
) -> list[str]:
    """Return the latest of the orders that were accepted which a list must show and does not.

    A full list proves nothing where newer orders may have taken their place: those `attempted` meanwhile, or
    those of somebody else where the partner is `shared`.
    """
    all_fit = len(listed) < limit or (attempted < limit and not shared)
    return [order for order in known[-limit:] if all_fit and order not in listed]
