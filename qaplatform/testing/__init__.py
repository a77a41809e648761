"""What tests, of this project and of whoever builds on it, may need: a server that plays a language model, with faults."""
