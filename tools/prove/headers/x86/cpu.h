// The CPU: switching to a directory is outside of the proof.
#pragma once
void cpu_irq_off(void);
void cpu_irq_on(void);
void cpu_load_space(unsigned cr3);
