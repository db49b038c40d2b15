#pragma once

// Only fcgiapp.h: fcgi_stdio.h redefines printf and FILE for everyone who includes it.
#include <fcgiapp.h>
