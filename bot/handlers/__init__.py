"""What each command, button and message does: a handler reads the update and calls one service."""
