"""The project's own sample conversations: dialogues written by hand, and seeded variations around them."""

from qaplatform.samples.building import build_samples
from qaplatform.samples.world import World, WrittenDialogue, load_world, load_written

__all__ = ["World", "WrittenDialogue", "build_samples", "load_world", "load_written"]
