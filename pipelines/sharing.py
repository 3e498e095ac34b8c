"""What is done to many cases at once, and sharing them out: an order to assign that names nobody gives each case to
whoever may and can do it and has the lightest load by then.
"""

from collections.abc import Sequence
from decimal import Decimal
from secrets import token_urlsafe

from cases.errors import NotAllowed
from cases.people import in_turn, weight
from cases.store.queue import CaseLine
from cases.store.store import Store
from pipelines import bulk
from pipelines.assigning import needs_of
from pipelines.bulk import MOST, Act, Done, Hand, Item, Order, Picked, Result
from pipelines.house import House


def rehearse(house: House, hand: Hand, order: Order, picked: Sequence[Picked]) -> tuple[Item, ...]:
    """As pipelines.bulk, also for an order that shares out."""
    if not _shares_out(order):
        return bulk.rehearse(house, hand, order, picked)
    found: dict[str, Item] = {}
    shares, left = _shares(house, hand, picked)
    for name, some in shares.items():
        found |= {item.reference: item for item in bulk.rehearse(house, hand, Order(Act.ASSIGN, name), some)}
    return _in_order(picked, found, left)


def carry_out(house: House, hand: Hand, order: Order, picked: Sequence[Picked]) -> Done:
    """As pipelines.bulk, also for an order that shares out: one act to take back."""
    if not _shares_out(order):
        return bulk.carry_out(house, hand, order, picked)
    act, found, did = token_urlsafe(12), dict[str, Item](), False
    shares, left = _shares(house, hand, picked)
    for name, some in shares.items():
        done = bulk.carry_out(house, hand, Order(Act.ASSIGN, name), some, act=act)
        found |= {item.reference: item for item in done.items}
        did = did or bool(done.act)
    return Done(_in_order(picked, found, left), act if did else "")


def _shares_out(order: Order) -> bool:
    return order.act is Act.ASSIGN and not order.to


def _shares(house: House, hand: Hand, picked: Sequence[Picked]) -> tuple[dict[str, list[Picked]], dict[str, Item]]:
    """The cases of each colleague, and those that are nobody's. What is shared anew weighs on nobody at first."""
    picked = list({one.reference: one for one in picked}.values())
    if len(picked) > MOST:
        raise NotAllowed(f"sharing out {len(picked)} cases at once", f"{MOST} is the most; narrow the list")
    within, now = hand.user.lines_seen, house.now()
    shares: dict[str, list[Picked]] = {}
    left: dict[str, Item] = {}
    with house.database.reading() as store:
        lines = store.queue.of_references([one.reference for one in picked])
        lines = {
            name: line
            for name, line in lines.items()
            if not line.erased and (within is None or line.line_of_business in within)
        }
        loads = _loads_without(store, list(lines.values()))
        users = store.people.users()
        for one in picked:
            line = lines.get(one.reference)
            fit = in_turn(users, needs_of(house, store, line), loads, now=now) if line else []
            if line is None or not fit:
                left[one.reference] = Item(one.reference, Result.NOBODY if line else Result.MISSING)
                continue
            name = fit[0].name
            loads[name] = loads.get(name, Decimal()) + _weight(line)
            shares.setdefault(name, []).append(one)
    return shares, left


def _loads_without(store: Store, lines: Sequence[CaseLine]) -> dict[str, Decimal]:
    loads = store.people.loads()
    for line in lines:
        if line.assignee in loads and line.closed_at is None:
            loads[line.assignee] -= _weight(line)
    return loads


def _weight(line: CaseLine) -> Decimal:
    return weight(waiting_on=line.waiting_on, channel=line.channel, danger=line.danger)


def _in_order(picked: Sequence[Picked], found: dict[str, Item], left: dict[str, Item]) -> tuple[Item, ...]:
    every = found | left
    return tuple(every[one] for one in dict.fromkeys(one.reference for one in picked))
