"""A whole clinic in one process under a virtual clock: phones, bot, tick and database, no network and no waiting."""

from tests.world.clinic import World, opened
from tests.world.phone import Message, Phone

__all__ = ["Message", "Phone", "World", "opened"]
