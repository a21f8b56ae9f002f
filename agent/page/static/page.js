// What the page does faster with a script; everything works without it.
"use strict";
