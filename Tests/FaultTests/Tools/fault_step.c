// Loaded into a gateway before the C library (LD_PRELOAD): numbers the calls that make something durable or write it,
// over all threads, writes each into the file FAULT_STEP_LOG before it is made, and does something else instead of
// call number FAULT_STEP_AT: kills the process, or lets the call fail. strace counts per thread and cannot name the N-th
// call of a process.
//
// FAULT_STEP_ERROR  an errno's number: the call fails with it, once; without it the process is killed
// FAULT_STEP_BELOW  with an error: only calls on files below this directory count, writes among them
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static atomic_long steps;

// Whether the call is to fail; errno is set then.
static int step(const char *call, const char *path) {
    const char *log = getenv("FAULT_STEP_LOG");
    const char *at = getenv("FAULT_STEP_AT");
    const char *error = getenv("FAULT_STEP_ERROR");
    const char *below = getenv("FAULT_STEP_BELOW");
    if (!log || !at) return 0;
    if (error && below && strncmp(path, below, strlen(below)) != 0) return 0;
    long number = atomic_fetch_add(&steps, 1) + 1;
    char line[4400];
    int length = snprintf(line, sizeof line, "%ld %s %s\n", number, call, path);
    int file = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file >= 0) {
        if (NEXT(write)(file, line, length < (int)sizeof line ? length : (int)sizeof line - 1) < 0) abort();
        close(file);
    }
    if (number != atol(at)) return 0;
    if (error) {
        errno = atoi(error);
        return 1;
    }
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

static int step_of(const char *call, int descriptor) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    path[length > 0 ? length : 0] = 0;
    return step(call, path);
}

// Writes count only when they are to fail: a killed process leaves the kernel's pages as they are.
static int write_of(const char *call, int descriptor) {
    return getenv("FAULT_STEP_ERROR") ? step_of(call, descriptor) : 0;
}

int fsync(int descriptor) { return step_of("fsync", descriptor) ? -1 : NEXT(fsync)(descriptor); }
int fdatasync(int descriptor) { return step_of("fdatasync", descriptor) ? -1 : NEXT(fdatasync)(descriptor); }
int syncfs(int descriptor) { return step_of("syncfs", descriptor) ? -1 : NEXT(syncfs)(descriptor); }
int rename(const char *from, const char *to) { return step("rename", to) ? -1 : NEXT(rename)(from, to); }
int renameat(int from_directory, const char *from, int to_directory, const char *to) {
    return step("rename", to) ? -1 : NEXT(renameat)(from_directory, from, to_directory, to);
}
int renameat2(int from_directory, const char *from, int to_directory, const char *to, unsigned int flags) {
    return step("rename", to) ? -1 : NEXT(renameat2)(from_directory, from, to_directory, to, flags);
}
int link(const char *from, const char *to) { return step("link", to) ? -1 : NEXT(link)(from, to); }
int linkat(int from_directory, const char *from, int to_directory, const char *to, int flags) {
    return step("link", to) ? -1 : NEXT(linkat)(from_directory, from, to_directory, to, flags);
}
int unlink(const char *path) { return step("unlink", path) ? -1 : NEXT(unlink)(path); }

ssize_t write(int descriptor, const void *bytes, size_t count) {
    return write_of("write", descriptor) ? -1 : NEXT(write)(descriptor, bytes, count);
}
ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
    return write_of("pwrite", descriptor) ? -1 : NEXT(pwrite)(descriptor, bytes, count, offset);
}
ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) {
    return write_of("pwrite", descriptor) ? -1 : NEXT(pwrite64)(descriptor, bytes, count, offset);
}
int ftruncate(int descriptor, off_t length) {
    return write_of("ftruncate", descriptor) ? -1 : NEXT(ftruncate)(descriptor, length);
}
int ftruncate64(int descriptor, off64_t length) {
    return write_of("ftruncate", descriptor) ? -1 : NEXT(ftruncate64)(descriptor, length);
}
int posix_fallocate(int descriptor, off_t offset, off_t length) {
    return write_of("fallocate", descriptor) ? errno : NEXT(posix_fallocate)(descriptor, offset, length);
}
int fallocate(int descriptor, int mode, off_t offset, off_t length) {
    return write_of("fallocate", descriptor) ? -1 : NEXT(fallocate)(descriptor, mode, offset, length);
}
