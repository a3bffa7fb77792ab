// Kinds of characters, of ASCII (ISO C 7.4).
#pragma once
int isalpha(int c), isdigit(int c), isalnum(int c), isspace(int c);
int isprint(int c), isupper(int c), islower(int c), iscntrl(int c);
int isgraph(int c), ispunct(int c), isxdigit(int c), isblank(int c);
int toupper(int c), tolower(int c);
int isascii(int c), toascii(int c);
