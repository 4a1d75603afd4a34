"""Lists as assistants write them when they are asked what they know, and people's own files."""

CLAUDE_PROMPT = """Sure! Here is everything I have stored:

```
**Instructions**
[2026-01-02] - Always answer in metric units
[unknown] - Never use emojis

**Personal details**
[2025-11-30] - Lives in Utrecht
[2025-11-30] - Works as a hydrologist

**Projects and goals**
[2026-02-01] - Building a rain gauge

**Tools, languages and frameworks**
[date unknown] - Writes Python

**Preferences and corrections**
[2026-02-03] - Prefers short answers
```

That is the complete set. Let me know if you need more.
"""
GEMINI_PROMPT = """1. Demographics Information

* The user's name is Ana.
    * Evidence: User said "call me Ana". Date: [2026-01-02].
* The user is a hydrologist.
    * Evidence: User said "as a hydrologist, I". Date: [2025-12-01].

2. Interests & Preferences
* The user likes rye bread.
    * Evidence: User said "I love rye". Date: [2026-03-01].

3. Relationships
* The user's partner is called Ben.

4. Dated Events, Projects & Plans
* 2026-05: The user moves to Delft.

5. Instructions
* Always use metric units.
    * Evidence: User said "always metric". Date: [2026-01-02].

Imported from: ChatGPT
"""
CHATGPT_SAVED = """1. [2025-05-02]. The user lives in Utrecht.
2. [2025-05-03]. The user has two cats: Tom and Tim.
3. [2025-06-01]. The user prefers tea.
"""
NOTE = """---
title: Cooking
created: 2025-04-01
tags: [food]
---
# Bread
Use a hot oven. #bread

Steam helps, see [[Ovens]].

## Starters
- Feed the rye starter daily
  - with 50 g of flour
- [x] Buy a scale
"""
