"""How dates are written where we want it otherwise than Django: by language, a module `formats`."""
