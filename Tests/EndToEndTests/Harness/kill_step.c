// Loaded into a gateway before the C library (LD_PRELOAD): numbers the calls that make something durable, over all
// threads, writes each into the file KILL_STEP_LOG before it is made, and kills the process instead of making number
// KILL_STEP_AT. strace counts per thread and cannot name the N-th call of a process.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_long steps;


static void step(const char *call, const char *path) {
    const char *log = getenv("KILL_STEP_LOG");
    const char *at = getenv("KILL_STEP_AT");
    if (!log || !at) return;
    long number = atomic_fetch_add(&steps, 1) + 1;
    char line[4400];
    int length = snprintf(line, sizeof line, "%ld %s %s\n", number, call, path);
    int file = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file >= 0) {
        if (write(file, line, length < (int)sizeof line ? length : (int)sizeof line - 1) < 0) abort();
        close(file);
    }
    if (number == atol(at)) {
        kill(getpid(), SIGKILL);
        for (;;) pause();
    }
}

static void step_of(const char *call, int descriptor) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    path[length > 0 ? length : 0] = 0;
    step(call, path);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int fsync(int descriptor) {
    step_of("fsync", descriptor);
    return NEXT(fsync)(descriptor);
}
int fdatasync(int descriptor) {
    step_of("fdatasync", descriptor);
    return NEXT(fdatasync)(descriptor);
}
int syncfs(int descriptor) {
    step_of("syncfs", descriptor);
    return NEXT(syncfs)(descriptor);
}
int rename(const char *from, const char *to) {
    step("rename", to);
    return NEXT(rename)(from, to);
}
int renameat(int from_directory, const char *from, int to_directory, const char *to) {
    step("rename", to);
    return NEXT(renameat)(from_directory, from, to_directory, to);
}
int renameat2(int from_directory, const char *from, int to_directory, const char *to, unsigned int flags) {
    step("rename", to);
    return NEXT(renameat2)(from_directory, from, to_directory, to, flags);
}
int link(const char *from, const char *to) {
    step("link", to);
    return NEXT(link)(from, to);
}
int linkat(int from_directory, const char *from, int to_directory, const char *to, int flags) {
    step("link", to);
    return NEXT(linkat)(from_directory, from, to_directory, to, flags);
}
int unlink(const char *path) {
    step("unlink", path);
    return NEXT(unlink)(path);
}
