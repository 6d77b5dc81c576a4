"""Working adapters that `bart adapter new` writes out under a name of your own."""
