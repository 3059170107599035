"""Files as everybody may have put them there: read within bounds, written whole or not at all."""
