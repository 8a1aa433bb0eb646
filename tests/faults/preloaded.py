"""What an engine has in memory when it has started: whatever is forked from a process with it starts at once."""

import app.cli
import app.running  # noqa: F401
from content import instruments, screening

screening.load()
instruments.load()
