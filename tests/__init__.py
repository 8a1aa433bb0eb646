"""The tests, which mirror the packages; scenarios tell one story a promise."""
