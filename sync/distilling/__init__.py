"""Distilling: a model of the owner's choice reads conversations and proposes memories for review.

`model` is that model as it is kept, `choice` and `wire` how it is asked, `prompt` and `answers`
what it is told and what is believed of its answer; `selecting` which conversations, `pieces` their
turns as it gets them; `runs` is what the owner does, `work` and `reading` what the worker does.
"""
