"""Training in the browser, for those who learn, accompany and lead."""
