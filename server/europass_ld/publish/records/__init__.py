"""A resource and everything about it: forms, profiles, links, history, what is not there."""
