"""Text of pages and articles: language, sentences, furniture, fingerprints."""
