"""What clinicians do with a page, and ask of the rota and the caseload."""

from __future__ import annotations

from bot.buttons import Press
from content.messages import say
from services import (
    calendars,
    closing,
    digest,
    drills,
    erasure,
    forms,
    handing_over,
    moving,
    pages,
    preferences,
    presses,
    reveal,
    swaps,
    worklists,
)
from services.turn import Said, Turn


async def on_help(turn: Turn, rest: str) -> None:
    """/help."""
    await worklists.show_help(turn)


async def on_language(turn: Turn, rest: str) -> None:
    """/language, with a language or without."""
    await preferences.set_own_language(turn, rest)


async def on_language_pressed(turn: Turn, press: Press) -> None:
    """One of the languages."""
    await preferences.set_own_language(turn, press.argument)


async def on_oncall(turn: Turn, rest: str) -> None:
    """/oncall: who is on call now."""
    await worklists.show_oncall(turn)


async def on_alerts(turn: Turn, rest: str) -> None:
    """/alerts: what is open."""
    await worklists.show_alerts(turn)


async def on_digest(turn: Turn, rest: str) -> None:
    """/digest: what is unread."""
    await digest.show(turn)


async def on_caseload(turn: Turn, rest: str) -> None:
    """/caseload: who is in a course."""
    await worklists.show_caseload(turn)


async def on_counts(turn: Turn) -> None:
    """Any of these in a group: how many, never who."""
    await worklists.show_counts(turn)


async def on_drill(turn: Turn, rest: str) -> None:
    """/drill: a page without a patient."""
    await drills.send_asked(turn)


async def on_drill_pressed(turn: Turn, press: Press) -> None:
    """I can be reached."""
    await drills.answer_pressed(turn)
    _answer(turn, Said(code="drill"))


async def on_acknowledge_pressed(turn: Turn, press: Press) -> None:
    """Acknowledge."""
    _answer(turn, await presses.acknowledge_pressed(turn, press.subject))


async def on_details_pressed(turn: Turn, press: Press) -> None:
    """Show details: a reveal, logged."""
    _answer(turn, await reveal.show(turn, press.subject))


async def on_called_pressed(turn: Turn, press: Press) -> None:
    """Called the patient."""
    _answer(turn, await presses.called_pressed(turn, press.subject))


async def on_close_pressed(turn: Turn, press: Press) -> None:
    """Close with outcome: ask for the outcome."""
    _answer(turn, await closing.choose_outcome(turn, press.subject))


async def on_outcome_pressed(turn: Turn, press: Press) -> None:
    """One of the outcomes: ask for the sentence."""
    _answer(turn, await closing.outcome_pressed(turn, press.subject, press.argument))


async def on_show_pressed(turn: Turn, press: Press) -> None:
    """Show the alert as it stands."""
    _answer(turn, await pages.show_page(turn, press.subject))


async def on_back_pressed(turn: Turn, press: Press) -> None:
    """Back: the alert in place of the choice."""
    _answer(turn, await pages.show_page(turn, press.subject, in_place=True))


async def on_reopen_pressed(turn: Turn, press: Press) -> None:
    """Reopen."""
    _answer(turn, await presses.reopen_pressed(turn, press.subject))


async def on_hand_over_pressed(turn: Turn, press: Press) -> None:
    """Hand over: ask to whom."""
    _answer(turn, await handing_over.choose_successor(turn, press.subject))


async def on_offer_pressed(turn: Turn, press: Press) -> None:
    """A colleague was chosen."""
    _answer(turn, await handing_over.offer(turn, press.subject, int(press.argument)))


async def on_accept_pressed(turn: Turn, press: Press) -> None:
    """The colleague takes it."""
    _answer(turn, await handing_over.accept(turn, press.subject))


async def on_decline_pressed(turn: Turn, press: Press) -> None:
    """The colleague cannot take it."""
    _answer(turn, await handing_over.decline(turn, press.subject))


async def on_message(turn: Turn) -> None:
    """Words of a staff member: the sentence to an outcome, an answer in a conversation, or nothing that is known."""
    if turn.incoming.kind != "message" or not turn.incoming.text:
        return
    if await closing.take_sentence(turn) or await forms.take_text(turn, turn.incoming.text):
        return
    if not await closing.say_expired(turn) and not turn.replied:
        await worklists.show_help(turn)


async def on_open_digest_pressed(turn: Turn, press: Press) -> None:
    """Open the digest: a reveal, logged."""
    _answer(turn, await digest.open_pressed(turn, press.subject))


async def on_read_digest_pressed(turn: Turn, press: Press) -> None:
    """I have read it."""
    _answer(turn, await digest.read_pressed(turn, press.subject))


async def on_swap_pressed(turn: Turn, press: Press) -> None:
    """Offer a shift: ask which; of the one that was chosen ("name"), whether "all/name" or "part/name"."""
    how, _, name = press.argument.rpartition("/")
    ask = {"all": swaps.offer, "part": forms.begin_part}.get(how, swaps.choose_how)
    _answer(turn, await (ask(turn, name) if name else swaps.choose(turn)))


async def on_calendar_pressed(turn: Turn, press: Press) -> None:
    """My shifts as a calendar."""
    _answer(turn, await calendars.send_own(turn))


async def on_take_pressed(turn: Turn, press: Press) -> None:
    """I take the shift."""
    _answer(turn, await swaps.take(turn, press.subject))


async def on_withdraw_pressed(turn: Turn, press: Press) -> None:
    """Withdraw the offer."""
    _answer(turn, await swaps.withdraw(turn, press.subject))


async def on_erase_pressed(turn: Turn, press: Press) -> None:
    """An admin agrees, as the second person, that a patient is erased."""
    _answer(turn, await erasure.agree_pressed(turn, press.subject))


async def on_move_pressed(turn: Turn, press: Press) -> None:
    """An admin agrees, as the second person, that running courses move to another version of a protocol."""
    _answer(turn, await moving.agree_pressed(turn, press.subject))


def _answer(turn: Turn, said: Said | None) -> None:
    """Answer the press on the spot."""
    if said is not None and turn.member is not None:
        turn.toast = say(
            turn.member.language,
            f"staff.toast_{said.code}" if said.code != "drill" else "staff.drill_toast",
            **said.values,
        )
