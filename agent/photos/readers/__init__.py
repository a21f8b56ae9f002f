"""Reads every form of file that holds pictures, sound or pages: what it says of itself, its thumbnail, its pixels."""

from agent.photos.readers.read import header, thumbnail, views

__all__ = ["header", "thumbnail", "views"]
