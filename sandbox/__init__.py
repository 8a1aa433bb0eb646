"""A local Telegram: the Bot API over HTTP and a page of phones, for the demo, tests and rehearsals."""
