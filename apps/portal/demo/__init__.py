"""The demo park: an invented city whose published figures come out of the program itself.

`plan` decides who is there and what became of them (pure data), the other modules write it down through the
services or, where rows are many, in bulk with the same end state. Every day is counted from the day of loading.
"""
