// Keys, as a terminal sends them.
#include "user/lib/linekeys.h"
#include "user/user.h"

int
key_byte(void)
{
	uchar c;

	return read(0, &c, 1) == 1 ? c : KEY_EOF;
}

int
key_escape(void)
{
	static const struct {
		char code;
		int key;
	} keys[] = {
		{ 'A', KEY_UP },   { 'B', KEY_DOWN }, { 'C', KEY_RIGHT },
		{ 'D', KEY_LEFT }, { 'H', KEY_HOME }, { 'F', KEY_END },
		{ '1', KEY_HOME }, { '7', KEY_HOME }, { '4', KEY_END },
		{'8', KEY_END},	      {'3', KEY_DEL},  {'5', KEY_PAGE_UP},
		{'6', KEY_PAGE_DOWN},
	};
	int c = key_byte(), last;

	if (c != '[' && c != 'O')
		return KEY_NONE;
	c = last = key_byte();
	while (isdigit(last) || last == ';')
		last = key_byte();
	for (uint i = 0; i < countof(keys); i++)
		if (keys[i].code == c)
			return keys[i].key;
	return KEY_NONE;
}
