"""How a bot gets its updates: getUpdates with its offset, or a webhook, never both."""

from __future__ import annotations

from sandbox.errors import Refused, bad_request
from sandbox.params import Json, Params, flag, integer, structure, text
from sandbox.state import Bot, Event, State

WEBHOOK_IS_SET = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)


def get_updates(state: State, bot: Bot, params: Params) -> list[Json]:
    """getUpdates: what waits right now. The waiting of a long poll is the server's affair."""
    if bot.webhook:
        raise Refused(409, WEBHOOK_IS_SET)
    _allow(bot, params)
    return bot.updates.take(state.now(), offset=integer(params, "offset"), limit=integer(params, "limit", 100))


def set_webhook(state: State, bot: Bot, params: Params) -> bool:
    """setWebhook; without an address it takes the webhook away."""
    url = text(params, "url")
    if not url:
        return delete_webhook(state, bot, params)
    if not url.startswith(("http://", "https://")):
        raise bad_request("bad webhook: invalid URL")
    _allow(bot, params)
    if flag(params, "drop_pending_updates"):
        bot.updates.drop()
    bot.webhook = {"url": url, "secret_token": text(params, "secret_token")}
    state.tell(Event(kind="webhook", token=bot.token))
    return True


def delete_webhook(state: State, bot: Bot, params: Params) -> bool:
    """deleteWebhook."""
    if flag(params, "drop_pending_updates"):
        bot.updates.drop()
    if bot.webhook:  # without one nothing changes, and no poll under way is ended
        bot.webhook = {}
        state.tell(Event(kind="webhook", token=bot.token))
    return True


def get_webhook_info(state: State, bot: Bot, params: Params) -> Json:
    """getWebhookInfo."""
    waiting = len(bot.updates)
    return {"url": bot.webhook.get("url", ""), "has_custom_certificate": False, "pending_update_count": waiting}


def _allow(bot: Bot, params: Params) -> None:
    kinds = structure(params, "allowed_updates")
    if isinstance(kinds, list):
        bot.updates.allow([str(kind) for kind in kinds])
