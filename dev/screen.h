// The screen: VGA text, 80 columns by 25 rows.
#pragma once

// Clears it and registers it as a sink.
void screen_init(void);
