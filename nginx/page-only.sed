# Takes the emulator's and the vault's servers out of nginx/local.conf.in.
/# local$/d
/^    # The lines from here on/,/^    # The end of what may be left out/d
