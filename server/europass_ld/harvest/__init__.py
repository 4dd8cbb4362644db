"""What aggregators harvest: views of the record log, as files and feeds.

No Flask here: `publish` sends what this package makes. See README.md.
"""
