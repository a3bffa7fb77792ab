// The compiler's header: the proof knows no other truth values than 0 and 1.
typedef int bool;
#define true 1
#define false 0
