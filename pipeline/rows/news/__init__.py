"""Rows of the formats in which news travels: feeds, NewsML-G2, NITF, ninjs, pages with JSON-LD, web archives."""
