"""OAI-PMH 2.0 as a view of the record log: <https://www.openarchives.org/OAI/openarchivesprotocol.html>.

An item is a record of a dataset: of a record that two datasets describe there are two. Nothing is
kept between requests; a resumption token says where in the order of the log a list goes on.
"""

from .answers import Repository

__all__ = ["Repository"]
