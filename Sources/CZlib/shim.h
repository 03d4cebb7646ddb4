// zlib, for DEFLATE that streams; libdeflate needs all of input and output in memory.
#pragma once
#include <zlib.h>
