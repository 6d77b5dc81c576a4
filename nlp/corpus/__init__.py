"""The project's own labelled neighbourhood chats: reading, checking and counting them.

`read("train")` gives the messages of one part of the corpus; parts never share a writer.
"""

from nlp.corpus.reading import Labelled, parts, read, read_file

__all__ = ["Labelled", "parts", "read", "read_file"]
