"""The interpreter as a spaCy pipeline: registered components that `spacy.load` finds in a saved pipeline."""
