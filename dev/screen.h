// The screen: VGA text, 80 columns by 25 rows.
#pragma once

// Clears the screen and registers it as a sink of printk.
void screen_init(void);
