"""Where BART keeps things: a database behind the ports, and the vault with the keys of what is sealed."""
