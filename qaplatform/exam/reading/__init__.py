"""Reading what a reply does with a small network that ships: word pieces, the network, and what it says of a reply."""
