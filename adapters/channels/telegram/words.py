"""What the channel says by itself, and its commands as Telegram lists them. All else comes from the texts."""

from __future__ import annotations

from telegram import BotCommand

COMMANDS = (
    BotCommand("meld", "Meld iets, bijvoorbeeld: /meld lantaarnpaal stuk op het Parijsplein"),
    BotCommand("status", "Hoe staat het met jouw meldingen?"),
    BotCommand("buurt", "Wat is er gemeld in deze buurt?"),
    BotCommand("heropen", "Het is toch niet opgelost: /heropen en het nummer"),
    BotCommand("mijngegevens", "Wat bewaart BART over jou?"),
    BotCommand("nietvoormij", "BART slaat jouw berichten over"),
    BotCommand("welvoormij", "BART leest jouw berichten weer mee"),
    BotCommand("huisregels", "Hoe BART zich gedraagt in de groep"),
    BotCommand("help", "Wat kan BART voor je doen?"),
    BotCommand("stop", "Beheerder: BART stopt. Anderen: BART slaat jou over"),
)

PRIVATE_HELLO = (
    "Hoi, ik ben BART. Ik werk in buurtgroepen: voeg mij toe aan een groep om te beginnen.\n"
    "Zit ik al in jouw groep? Druk daar op een knop bij een bericht van mij. Dan weet ik om welke groep het gaat."
)
"""To somebody who writes privately and whose group is not known."""

LAPSED = "Dit bericht is vervallen."
"""In the place of an own post that Telegram does not let a bot delete any more (48 hours)."""

GROUP_UNNAMED = "je buurtgroep"
