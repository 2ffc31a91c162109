"""Every write of the census, by noun."""

from .answers import answer_unchanged, save_draft, standing_facts, submit, withdraw
from .importing import import_answers
from .reviews import approve, approve_all, send_back
from .rounds import add_arrivals, close_round, open_round, reopen_returns, tend_rounds

__all__ = [
    "add_arrivals",
    "answer_unchanged",
    "approve",
    "approve_all",
    "close_round",
    "import_answers",
    "open_round",
    "reopen_returns",
    "save_draft",
    "send_back",
    "standing_facts",
    "submit",
    "tend_rounds",
    "withdraw",
]
