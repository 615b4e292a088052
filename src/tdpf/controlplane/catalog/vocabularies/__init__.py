"""The controlled vocabularies of dataset descriptions; every code has a name in Japanese and in English."""
