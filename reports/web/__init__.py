"""What the console and the clinician's own page share: answers, bounds, words, templates, one style sheet."""
