"""The mock-dialogue exam: scenarios, the scripted customer, attempts and their results. Pure; no clock, no chance."""
