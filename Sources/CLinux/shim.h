// Linux calls that glibc hides behind _GNU_SOURCE, which Swift's Glibc module does not define.
#pragma once

#include <spawn.h>
#include <sys/prctl.h>

extern int memfd_create(const char *name, unsigned int flags);
extern int renameat2(int oldDirectory, const char *oldPath, int newDirectory, const char *newPath, unsigned int flags);
extern int syncfs(int descriptor);
extern int pipe2(int ends[2], int flags);
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);
extern int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *actions, const char *path);

// prctl takes a variable number of arguments, which Swift cannot call.
static inline int shim_keep_undumpable(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

static const unsigned int shim_MFD_CLOEXEC = 1;
static const unsigned int shim_RENAME_NOREPLACE = 1;
