"""Reads every form of file that holds pictures, sound or pages: what it says of itself, its thumbnail, its pixels."""

from agent.photos.readers.read import header, tell, thumbnail, views
from agent.photos.readers.told import Told

__all__ = ["Told", "header", "tell", "thumbnail", "views"]
