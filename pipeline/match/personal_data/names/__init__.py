"""Finds names of persons in running text, by the words of a tokenizer and rules over what stands around them."""
