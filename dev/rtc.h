// The date: a PC's clock that runs on a battery, an MC146818 (Intel 82371SB
// data sheet, 3.7; its registers are bytes of the CMOS memory).
#pragma once
#include "abi/info.h"

// The time now: what the clock said when somebody first asked, and the ticks
// since.
struct wall_time rtc_time(void);
