// Linux calls that glibc hides behind _GNU_SOURCE, which Swift's Glibc module does not define.
#pragma once

extern int memfd_create(const char *name, unsigned int flags);
extern int renameat2(int oldDirectory, const char *oldPath, int newDirectory, const char *newPath, unsigned int flags);
extern int syncfs(int descriptor);

static const unsigned int shim_MFD_CLOEXEC = 1;
static const unsigned int shim_RENAME_NOREPLACE = 1;
