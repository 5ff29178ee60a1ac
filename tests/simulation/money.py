"""What WeChat, its users and the bank do with transfers, and who is out for a while."""

from collections.abc import Callable
from random import Random

from daycover.payouts.notice import ReceiveTransferNotice
from daycover.payouts.transfer import Channel, TransferState
from tests.simulation.claimant import DAY, HOUR, payouts_of
from tests.simulation.history import History, act

# ---- money -------------------------------------------------------------------------------------------


@act(9)
def move_money(history: History, luck: Random) -> None:
    """For some days users confirm at WeChat and banks settle."""
    for _ in range(luck.randint(2, 8)):
        own = Random(luck.random())
        history.later(luck.uniform(0, 4 * DAY), "money moves", _move_money, history, own)


def _move_money(history: History, luck: Random) -> None:
    """WeChat's user confirms, lets it lapse, or the bank sends money back; notices come, twice or not at all."""
    world = history.world
    for channel in luck.sample(list(Channel), 2):
        outside = world.outside.wallet if channel is Channel.WALLET else world.outside.bank
        for number in sorted(outside.bills):
            bill = outside.bills[number]
            if bill.state in {
                TransferState.WAIT_USER_CONFIRM,
                TransferState.PROCESSING,
                TransferState.ACCEPTED,
            }:
                state = TransferState.SUCCESS if luck.random() < 0.8 else TransferState.FAIL
                outside.finish(number, state)
            elif bill.state is TransferState.SUCCESS and luck.random() < 0.15:
                outside.return_money(number)
            else:
                continue
            for _ in range(luck.choice((0, 1, 1, 2))):
                history.later(
                    luck.uniform(0, 600),
                    "notice",
                    _notice,
                    history,
                    number,
                )
            if luck.random() < 0.7:
                return


def _notice(history: History, number: str) -> None:
    """WeChat's notice, as the door hands it on once it has proved and read it."""
    bill = history.world.outside.wallet.bills.get(number)
    if bill is None:
        return  # the bank sends none
    history.world.perform(
        "wechat",
        "receive_transfer_notice",
        lambda p: _receive(payouts_of(p).receive_transfer_notice)(
            number, f"EV-{number}-{bill.state}", bill.state.value
        ),
    )


def _receive(door: ReceiveTransferNotice) -> Callable[[str, str, str], None]:
    return door.receive


@act(4)
def be_refused_by_wechat(history: History, luck: Random) -> None:
    """For a while the merchant's account is empty, or WeChat answers that it failed."""
    outside = history.world.outside.wallet
    outside.refuses = luck.choice(("NOT_ENOUGH", "SYSTEM_ERROR", "FREQUENCY_LIMITED", "NO_AUTH"))
    history.later(luck.uniform(60, 4 * HOUR), "answer again", setattr, outside, "refuses", None)


@act(3)
def be_out(history: History, luck: Random) -> None:
    """Somebody outside, or a service of AWS, answers nothing for a while."""
    out = history.world.faults.out
    name = luck.choice(
        ("card", "wallet", "bank", "insurer", "platform", "messages", "sqs", "states", "s3", "kms")
    )
    out.add(name)
    history.later(luck.uniform(30, 3 * HOUR), "answer again", out.discard, name)
