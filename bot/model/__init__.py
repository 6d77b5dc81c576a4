"""The words of BART as frozen records, and the rules that hold without any I/O. Standard library only."""
