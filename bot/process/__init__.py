"""What BART does with what happens, step by step; pure: (what is known, what happened) → (changes, effects).

The chain, in the order `bot.process.chain` runs it:

    monitor → interpret → consent → enrich → route → register → amend → follow → publish → notify

Beside it: `rights` (opt out) and the tables `policy` (who may press what) and `quiet` (when to keep silent).
"""
