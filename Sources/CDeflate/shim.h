// libdeflate, for CRC-32.
#pragma once
#include <libdeflate.h>
